/**
 * `GET /api/calcom/health`: always 200, the status is in the body, because a restart of the gateway mends none of what
 * it reports. Holds no personal data: counts, ages and words.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Blocker } from '../live/horizon.ts';
import type { LiveHealth } from '../live/live.ts';
import type { ProofHealth } from '../reconciliation/proven-equal.ts';
import type { Inbox } from '../webhooks/inbox.ts';

export type HealthStatus = 'ok' | 'degraded' | 'down';

export interface Health {
  /** `down`: no database, nothing works. `degraded`: something a person should look at. */
  status: HealthStatus;
  /** Sentences about what is not well; empty when `ok`. */
  problems: string[];
  database: { reachable: boolean; latencyMs: number | null };
  calcom: { reachable: boolean };
  /** Clinicians who have to connect to Cal.com again; null while the database does not answer. */
  reconnect: number | null;
  /** Whether appointments are proven to equal Cal.com's; null while the database does not answer. */
  reconciliation: ProofHealth | null;
  /** Null while the database does not answer. */
  inbox: { unprocessed: number; oldestMs: number; waitingForHost: number; dead: number } | null;
  /** Webhooks that this instance could not record since its start, and how long ago the last one was. */
  refused: { count: number; lastMsAgo: number | null };
  live: {
    streams: number;
    redis: LiveHealth['redis'];
    /** How long something in the change log has been waiting to be delivered, behind an open transaction or here. */
    lagMs: number;
    /** The oldest open write transaction of the cluster: the log is readable only up to its start. */
    heldBackBy: { process: number; application: string; ageMs: number | null } | null;
  } | null;
}

export interface HealthSources {
  clock: Clock;
  backlog: Inbox['backlog'];
  refused: Inbox['refused'];
  blocker: () => Promise<Blocker | null>;
  live: () => LiveHealth | null;
  /** Clinicians whose access at Cal.com has ended. */
  reconnects: () => Promise<number>;
  /** Since when appointments are proven to equal Cal.com's; nothing is said when not given. */
  proof?: () => Promise<ProofHealth>;
  /** What the last look at Cal.com found wrong; none when not given. */
  calcomProblems?: () => Promise<string[]>;
  /** Whether Cal.com answers at all; may take as long as it likes, 2 s are waited. */
  calcomAnswers: (signal: AbortSignal) => Promise<boolean>;
}

const DATABASE_WAIT_MS = 2000;
const CALCOM_WAIT_MS = 2000;
const CALCOM_CACHE_MS = 10_000;
/** Answers within this time are the same one: health must not be a way to load the database. */
const CACHE_MS = 1000;
const INBOX_OLD_MS = 60_000;
const LAG_MS = 10_000;
/** Until then the near-window sweep, every 15 minutes, has found what they were about. */
const REFUSED_LATELY_MS = 20 * 60_000;

export function createHealth(sources: HealthSources): () => Promise<Health> {
  const calcomReachable = cached(sources.clock, CALCOM_CACHE_MS, () =>
    orAfter(CALCOM_WAIT_MS, sources.calcomAnswers(AbortSignal.timeout(CALCOM_WAIT_MS)), false),
  );
  return cached(sources.clock, CACHE_MS, async () => {
    const [database, reachable] = await Promise.all([orAfter(DATABASE_WAIT_MS, askDatabase(sources), null), calcomReachable()]);
    const health: Omit<Health, 'status' | 'problems'> = {
      database: { reachable: database !== null, latencyMs: database?.latencyMs ?? null },
      calcom: { reachable },
      reconnect: database?.reconnect ?? null,
      reconciliation: database?.reconciliation ?? null,
      inbox: database?.inbox ?? null,
      refused: refusedHealth(sources),
      live: liveHealth(sources, database?.blocker ?? null),
    };
    const problems = [...problemsOf(health), ...(database?.calcomProblems ?? [])];
    return { status: health.database.reachable ? (problems.length > 0 ? 'degraded' : 'ok') : 'down', problems, ...health };
  });
}

function problemsOf({ database, calcom, reconnect, reconciliation, inbox, refused, live }: Omit<Health, 'status' | 'problems'>): string[] {
  const problems: string[] = [];
  if (!database.reachable) problems.push('The database does not answer.');
  if (!calcom.reachable) problems.push('Cal.com does not answer.');
  if (reconnect !== null && reconnect > 0)
    problems.push(`${reconnect === 1 ? 'One clinician has' : `${reconnect} clinicians have`} to connect to Cal.com again.`);
  if (reconciliation !== null && reconciliation.overdue > 0)
    problems.push(
      `${reconciliation.overdue === 1 ? 'The appointments of one clinician have' : `The appointments of ${reconciliation.overdue} clinicians have`} not been proven equal to Cal.com's lately: see \`npm run cli -- reconcile\`.`,
    );
  if (inbox !== null && inbox.dead > 0) problems.push(`${inbox.dead} webhook events failed for good: see \`npm run cli -- inbox\`.`);
  if (inbox !== null && inbox.oldestMs > INBOX_OLD_MS) problems.push('Webhook events wait longer than a minute.');
  if (refused.lastMsAgo !== null && refused.lastMsAgo < REFUSED_LATELY_MS)
    problems.push('Webhooks came that could not be recorded: the next sweep finds what they were about.');
  if (live !== null && live.lagMs > LAG_MS) {
    const { heldBackBy } = live;
    problems.push(
      heldBackBy === null ? 'Live updates are late.' : `Live updates are held back by process ${heldBackBy.process} of the database.`,
    );
  }
  if (live?.redis === 'down') problems.push('Redis does not answer: live updates of other instances come a second later.');
  return problems;
}

async function askDatabase({ backlog, blocker, reconnects, proof, calcomProblems }: HealthSources) {
  const startedAt = performance.now();
  const { oldestSeconds, ...inbox } = await backlog();
  const latencyMs = Math.round(performance.now() - startedAt);
  return {
    latencyMs,
    inbox: { ...inbox, oldestMs: Math.round(oldestSeconds * 1000) },
    reconnect: await reconnects(),
    reconciliation: proof === undefined ? null : await proof(),
    blocker: await blocker(),
    calcomProblems: calcomProblems === undefined ? [] : await calcomProblems(),
  };
}

function refusedHealth({ clock, refused }: HealthSources): Health['refused'] {
  const { count, lastAt } = refused();
  return { count, lastMsAgo: lastAt === null ? null : Math.max(0, clock.now().getTime() - lastAt.getTime()) };
}

function liveHealth({ clock, live }: HealthSources, blocker: Blocker | null): Health['live'] {
  const state = live();
  if (state === null) return null;
  const now = clock.now().getTime();
  const age = (since: Date | null) => (since === null ? null : Math.max(0, Math.round(now - since.getTime())));
  return {
    streams: state.streams,
    redis: state.redis,
    lagMs: Math.max(state.unreadMs, age(state.heldBackSince) ?? 0),
    heldBackBy: blocker === null ? null : { process: blocker.pid, application: blocker.applicationName, ageMs: age(blocker.startedAt) },
  };
}

/** One answer for everybody who asks within `ms` of the last one. */
function cached<Value>(clock: Clock, ms: number, read: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  let at = 0;
  return () => {
    const now = clock.now().getTime();
    if (value === undefined || now - at >= ms) {
      at = now;
      value = read();
    }
    return value;
  };
}

/** `otherwise` when the work fails or is not done in time. */
async function orAfter<Value, Otherwise>(ms: number, work: Promise<Value>, otherwise: Otherwise): Promise<Value | Otherwise> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Otherwise>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms);
  });
  try {
    return await Promise.race([work.catch(() => otherwise), late]);
  } finally {
    clearTimeout(timer);
  }
}
