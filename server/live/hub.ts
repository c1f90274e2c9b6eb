/**
 * Fan-out within one instance: takes batches from the tail and gives each subscriber what it may see and asked for.
 *
 * Subscribers are found by topic (everyone, a host, a patient), never by scanning those who may not see the change.
 * A job is a run of changes for subscribers who are up to date, or what one subscriber that joins still misses; jobs are done
 * in order, so a stream has no gap and no duplicate where replay and tail meet.
 */
import pLimit from 'p-limit';
import type { AppointmentRow, AppointmentScope, AppointmentStore } from '../appointments/appointment-store.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AppointmentId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { LiveUpdate } from '../services.ts';
import type { ChangeRow, LogPosition } from './change-log.ts';
import { keepTrying } from './keep-trying.ts';
import { comparePositions } from './log-position.ts';
import { type Delivery, decideDelivery, isInScope, previousFor } from './matching.ts';
import { createRecentChanges } from './recent-changes.ts';
import type { Subscriber } from './subscriber.ts';

export interface Hub {
  /** From the tail: every change after the last batch, up to `upTo`. Resolves when all of it has been given. */
  publish(changes: readonly ChangeRow[], upTo: LogPosition): Promise<void>;
  /** The log is another one: every stream gets RESYNC and goes on from `position`. */
  restart(position: LogPosition): void;
  /** From now on live, complete from the answered position: where the hub is, or `present` when that is known to be later. */
  joinNow(subscriber: Subscriber, present?: LogPosition): LogPosition;
  /**
   * Live from `position`, which the subscriber has been given everything up to; what the hub has read since then comes first,
   * then a mark. False when the hub does not remember that far: read on from the log and try again.
   */
  joinFrom(subscriber: Subscriber, position: LogPosition): boolean;
  leave(subscriber: Subscriber): void;
  /** Gives a subscriber that is not live a run of the log. */
  replay(subscriber: Subscriber, changes: readonly ChangeRow[]): Promise<void>;
  /** Everything up to here has been given to every live subscriber. */
  reached(): LogPosition;
  /** Live subscribers. */
  members(): Iterable<Subscriber>;
  stop(): void;
}

const REMEMBERED_CHANGES = 2_000;
/** A subscriber that misses more than this reads it from the log, where nobody waits for it. */
const MOST_AT_JOIN = 100;
/** About half a minute: longer than PostgreSQL takes to restart. Then whoever waits is told to query again. */
const LOAD_ATTEMPTS = 12;
/** Statements at once, with those of replays: leaves connections of the pool to those who ask. */
const LOADS_AT_ONCE = 4;

interface Membership {
  /** Batches before this one are not for the subscriber. */
  firstBatch: number;
  /** Joined ahead of the tail: changes up to here are known already. */
  ahead: LogPosition | null;
}

/** Null: no longer there. */
type Rows = ReadonlyMap<AppointmentId, AppointmentRow | null>;

interface Job {
  changes: readonly ChangeRow[];
  upTo: LogPosition;
  /** A batch of the tail for everyone, or what one subscriber misses. */
  to: { batch: number } | Subscriber;
}

/** One change for all subscribers of one topic, who may see the same of it. */
interface Gift {
  change: ChangeRow;
  scope: AppointmentScope;
  to: { subscriber: Subscriber; delivery: Delivery }[];
}

export function createHub(options: {
  store: Pick<AppointmentStore, 'byIds'>;
  from: LogPosition;
  clock: Clock;
  log: Log;
  cursorOf: (position: LogPosition) => string;
}): Hub {
  const { store, clock, log, cursorOf } = options;
  const stopping = new AbortController();
  const members = new Map<Subscriber, Membership>();
  const topics = createTopics();
  const loads = pLimit(LOADS_AT_ONCE);
  let recent = createRecentChanges(options.from, REMEMBERED_CHANGES);
  let reached = options.from;
  let batches = 0;
  /** Counts restarts: what was on its way at a restart is of the old log and must not arrive. */
  let era = 0;
  let jobs: Job[] = [];
  let working: Promise<void> | null = null;

  function work(): Promise<void> {
    working ??= (async () => {
      while (jobs.length > 0 && !stopping.signal.aborted) {
        const taken = jobs;
        jobs = [];
        await doJobs(taken);
      }
      // In the same step as the last look at `jobs`: a job that is added later starts a new run.
      working = null;
    })();
    return working;
  }

  async function doJobs(taken: readonly Job[]): Promise<void> {
    const started = era;
    try {
      const gifts = taken.map(giftsOf);
      const rows = await loadRows(gifts.flat());
      if (started !== era) return;
      for (const [index, job] of taken.entries()) {
        deliver(gifts[index] ?? [], rows);
        if ('batch' in job.to) reached = job.upTo;
        else if (members.has(job.to)) job.to.mark(job.upTo);
      }
    } catch (error) {
      if (stopping.signal.aborted || started !== era) return;
      // A change that cannot be delivered must not stop the others for ever; whoever may have missed it asks again.
      log.error('live.delivery-failed', { message: error instanceof Error ? error.message : String(error) });
      for (const job of taken) {
        if ('batch' in job.to) reached = job.upTo;
        for (const subscriber of 'batch' in job.to ? members.keys() : [job.to]) subscriber.resync(recent.end());
      }
    }
  }

  function giftsOf(job: Job): Gift[] {
    const to = job.to;
    if (!('batch' in to)) return job.changes.flatMap((change) => giftOf(change, [to], () => true));
    const { batch } = to;
    return job.changes.flatMap((change) =>
      topics.audiences(change).flatMap((audience) => giftOf(change, audience, (subscriber) => isMeant(subscriber, batch, change))),
    );
  }

  function isMeant(subscriber: Subscriber, batch: number, change: ChangeRow): boolean {
    const membership = members.get(subscriber);
    if (membership === undefined || batch < membership.firstBatch) return false;
    return membership.ahead === null || comparePositions(change.position, membership.ahead) > 0;
  }

  /** None, or one. `audience`: of one topic. */
  function giftOf(change: ChangeRow, audience: Iterable<Subscriber>, meant: (subscriber: Subscriber) => boolean): Gift[] {
    let gift: Gift | null = null;
    for (const subscriber of audience) {
      if (!meant(subscriber)) continue;
      const delivery = decideDelivery(change, subscriber.scope, subscriber.filter);
      if (delivery === null) continue;
      gift ??= { change, scope: subscriber.scope, to: [] };
      gift.to.push({ subscriber, delivery });
    }
    return gift === null ? [] : [gift];
  }

  /**
   * Every row that somebody is to be shown, in one statement; read after the changes, so never older than they are. Whether it is
   * still theirs to see is decided for each scope on the row itself.
   */
  async function loadRows(gifts: readonly Gift[]): Promise<Rows> {
    const shown = gifts.filter(({ to }) => to.some(({ delivery }) => delivery !== 'REMOVED'));
    const ids = [...new Set(shown.map(({ change }) => shownId(change)))];
    if (ids.length === 0) return new Map();
    const rows = await keepTrying(() => loads(() => store.byIds({ all: true }, ids)), {
      signal: stopping.signal,
      failed: loadFailed,
      attempts: LOAD_ATTEMPTS,
    });
    return new Map(ids.map((id, index) => [id, rows[index] ?? null]));
  }

  function loadFailed(error: unknown, failures: number): void {
    if (failures === 1 || failures % 10 === 0) {
      log.warn('live.rows-failed', { failures, message: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Equal deliveries of one change are one object: what is executed for it is executed once (shared-execution). */
  function deliver(gifts: readonly Gift[], rows: Rows): void {
    const publishedAt = clock.now();
    let change: ChangeRow | null = null;
    let cursor = '';
    for (const gift of gifts) {
      if (gift.change !== change) {
        change = gift.change;
        cursor = cursorOf(change.position);
      }
      const loaded = rows.get(shownId(change)) ?? null;
      const row = loaded !== null && isInScope(gift.scope, loaded) ? loaded : null;
      const updates: Partial<Record<Delivery, LiveUpdate>> = {};
      for (const { subscriber, delivery } of gift.to) {
        updates[delivery] ??= updateOf(gift, delivery, delivery === 'REMOVED' ? null : row, cursor, publishedAt);
        subscriber.give(updates[delivery], change.position);
      }
    }
  }

  function admit(subscriber: Subscriber, ahead: LogPosition | null): void {
    if (subscriber.over) return;
    members.set(subscriber, { firstBatch: batches + 1, ahead });
    topics.add(subscriber);
  }

  return {
    publish(changes, upTo) {
      recent.add(changes, upTo);
      batches += 1;
      jobs.push({ changes, upTo, to: { batch: batches } });
      return work();
    },
    restart(position) {
      recent = createRecentChanges(position, REMEMBERED_CHANGES);
      reached = position;
      jobs = [];
      era += 1;
      for (const [subscriber, membership] of members) {
        membership.ahead = null;
        subscriber.resync(position);
      }
    },
    joinNow(subscriber, present) {
      const end = recent.end();
      const ahead = present !== undefined && present.timeline === end.timeline && comparePositions(present, end) > 0 ? present : null;
      admit(subscriber, ahead);
      return ahead ?? end;
    },
    joinFrom(subscriber, position) {
      const end = recent.end();
      if (position.timeline !== end.timeline) return false;
      if (comparePositions(position, end) >= 0) {
        admit(subscriber, position);
        subscriber.mark(position);
        return true;
      }
      const missed = recent.after(position);
      if (missed === null || missed.length > MOST_AT_JOIN) return false;
      admit(subscriber, null);
      if (missed.length === 0) {
        subscriber.mark(end);
        return true;
      }
      jobs.push({ changes: missed, upTo: end, to: subscriber });
      void work();
      return true;
    },
    leave(subscriber) {
      members.delete(subscriber);
      topics.remove(subscriber);
    },
    async replay(subscriber, changes) {
      const gifts = changes.flatMap((change) => giftOf(change, [subscriber], () => true));
      deliver(gifts, await loadRows(gifts));
    },
    reached: () => reached,
    members: () => members.keys(),
    stop() {
      stopping.abort();
      jobs = [];
    },
  };
}

function updateOf({ scope, change }: Gift, delivery: Delivery, row: AppointmentRow | null, cursor: string, publishedAt: Date): LiveUpdate {
  const { receivedAt, recordedAt, appliedAt } = change;
  return {
    kind: delivery === 'DELIVER' ? change.kind : delivery,
    cursor,
    appointmentId: change.appointmentId,
    version: change.version,
    appointment: row,
    changedFields: change.changedFields,
    previous: previousFor(scope, change.before),
    cause: change.cause,
    trace: { receivedAt, recordedAt, appliedAt, publishedAt },
  };
}

/** The appointment an update shows: of a merge, the winner. */
function shownId(change: ChangeRow): AppointmentId {
  return change.mergedIntoId ?? change.appointmentId;
}

/** Subscribers by what lets them see an appointment. */
function createTopics() {
  const topics = new Map<string, Set<Subscriber>>();
  return {
    add(subscriber: Subscriber): void {
      const key = subscriber.topic;
      const topic = topics.get(key) ?? new Set();
      topic.add(subscriber);
      topics.set(key, topic);
    },
    remove(subscriber: Subscriber): void {
      const key = subscriber.topic;
      const topic = topics.get(key);
      topic?.delete(subscriber);
      if (topic?.size === 0) topics.delete(key);
    },
    /** Everyone who may see the appointment before or after the change, by topic. */
    audiences(change: ChangeRow): ReadonlySet<Subscriber>[] {
      const snapshots = change.before === null ? [change.after] : [change.before, change.after];
      const keys = new Set(['all']);
      for (const snapshot of snapshots) {
        for (const id of snapshot.hostIds) keys.add(`host:${id}`);
        for (const id of snapshot.patientIds) keys.add(`patient:${id}`);
      }
      return [...keys].flatMap((key) => topics.get(key) ?? []);
    },
  };
}
