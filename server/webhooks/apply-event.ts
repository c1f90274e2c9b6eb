/**
 * Applies one event of the inbox: what it says is recorded, what it cannot say is read from the API. Idempotent and safe
 * in any order; the inbox row is settled in the transaction that recorded it.
 */
import { oddWebhook } from '../calcom/odd-webhook.ts';
import type { Oddity } from '../calcom/oddity.ts';
import { readWebhook } from '../calcom/webhook-meaning.ts';
import type { Saying } from '../calcom/webhook-saying.ts';
import type { BookingRecorder } from '../appointments/record-booking.ts';
import type { RecordResult } from '../appointments/recording.ts';
import type { Clock } from '../kernel/clock.ts';
import { type BookingUid, bookingUid, type UserId } from '../kernel/ids.ts';
import { type Log, redact } from '../kernel/log.ts';
import { unreachable } from '../kernel/result.ts';
import type pg from 'pg';
import { applyTimeOff } from './apply-time-off.ts';
import type { Inbox, InboxEvent, Settlement, WebhookOutcome } from './inbox.ts';
import { nextTry, waitingForHost } from './next-try.ts';
import type { UpstreamReader } from './read-upstream.ts';

export interface ApplyOptions {
  pool: pg.Pool;
  inbox: Inbox;
  recorder: BookingRecorder;
  reader: UpstreamReader;
  clock: Clock;
  log: Log;
  /** A clinician is away at other times than was known. */
  onBlockedTime?: (clinicianId: UserId) => void;
  /** Told, at the first try of an event, of what it had in it that this release does not know. Must not throw. */
  onOddities?: (oddities: readonly Oddity[]) => void;
}

export type ApplyEvent = (event: InboxEvent) => Promise<WebhookOutcome>;

/**
 * Cal.com tells of a cancellation before it writes it (recordings 138–140, 209, 223), and of a seat's only the answer can be applied:
 * an answer without news is asked for again, this often.
 */
const READS_UNTIL_WRITTEN = 3;

/** Never throws: an unforeseen problem is RETRYING, in the end DEAD. */
export function createApplyEvent(options: ApplyOptions): ApplyEvent {
  const { inbox, pool, log } = options;
  return async (event) => {
    try {
      const settled = await apply(options, event);
      if (settled.late !== null) await inbox.settle(pool, event.id, settled.late);
      log.debug('webhook.applied', { trigger: event.triggerEvent, outcome: settled.outcome, webhookEvent: event.id });
      return settled.outcome;
    } catch (error) {
      const settlement = nextTry(options.clock, event, redact(error instanceof Error ? error.message : String(error)));
      log.error('webhook.apply-failed', {
        trigger: event.triggerEvent,
        webhookEvent: event.id,
        attempt: event.attempts + 1,
        problem: settlement.error,
      });
      // When the database is away this fails too: the row stays unsettled and is a leftover for anybody.
      await inbox
        .settle(pool, event.id, settlement)
        .catch((problem: unknown) => log.error('webhook.not-settled', { webhookEvent: event.id, problem: String(problem) }));
      return settlement.outcome;
    }
  };
}

interface Settled {
  outcome: WebhookOutcome;
  /** To be written now; null when it was written in the recording transaction. */
  late: Settlement | null;
}

async function apply(options: ApplyOptions, event: InboxEvent): Promise<Settled> {
  const reading = event.body === undefined ? null : readWebhook(event.body, event.receivedAt.getTime());
  if (event.attempts === 0) options.onOddities?.(oddWebhook(event.body, reading));
  if (reading === null) return late({ outcome: 'DEAD', error: 'The body is not JSON.' });
  const { meaning } = reading;
  switch (meaning.kind) {
    case 'IGNORED':
      return late({ outcome: 'IGNORED' });
    case 'INVALID':
      return late({ outcome: 'DEAD', error: meaning.problem });
    case 'BOOKING':
      return applyBooking(options, event, meaning);
    case 'TIME_OFF':
      return { outcome: await applyTimeOff(options, event, meaning.timeOff), late: null };
    default:
      return unreachable(meaning);
  }
}

const late = (settlement: Settlement): Settled => ({ outcome: settlement.outcome, late: settlement });

async function applyBooking(options: ApplyOptions, event: InboxEvent, meaning: Saying): Promise<Settled> {
  const context = { cause: 'WEBHOOK' as const, webhookEventId: event.id, receivedAt: event.receivedAt, recordedAt: event.recordedAt };
  // One event may stand for the rest of a series, and does not say so (recording 140).
  const ended = meaning.observations.find((seen) => seen.status === 'CANCELLED' || seen.status === 'DECLINED');
  const endsOne = ended === undefined ? null : await seriesOf(options.pool, ended.uid);
  let recorded: RecordResult | null = null;
  let settledInside: WebhookOutcome | null = null;
  if (meaning.observations.length > 0) {
    recorded = await options.recorder.record(meaning.observations, {
      ...context,
      async alongside(tx, result) {
        if (result.waitingForHost || toRead(meaning, result).length > 0 || endsOne !== null) return;
        settledInside = result.changes > 0 ? 'APPLIED' : 'DUPLICATE';
        await options.inbox.settle(tx, event.id, { outcome: settledInside });
      },
    });
    if (recorded.waitingForHost) return late(waitingForHost(options.clock, event));
    if (settledInside !== null) return { outcome: settledInside, late: null };
  }

  const uids = toRead(meaning, recorded);
  const answer = await options.reader.refresh(uids, context);
  if (!answer.ok) return late(nextTry(options.clock, event, `Cal.com could not be read: ${answer.failure.kind}`, answer.failure));
  const series = endsOne ?? (meaning.refetchSeriesOf === null ? null : await seriesOf(options.pool, meaning.refetchSeriesOf));
  let changes = (recorded?.changes ?? 0) + answer.value.changes;
  if (series !== null) {
    const whole = await options.reader.refresh([series], context);
    if (!whole.ok) return late(nextTry(options.clock, event, `Cal.com could not be read: ${whole.failure.kind}`, whole.failure));
    changes += whole.value.changes;
  }
  if (answer.value.waitingForHost && changes === 0) return late(waitingForHost(options.clock, event));
  const onlyToldToRead = meaning.observations.length === 0;
  if (changes === 0 && onlyToldToRead && event.attempts < READS_UNTIL_WRITTEN) {
    return late(nextTry(options.clock, event, 'Cal.com has not shown what it told yet; it is read again.'));
  }
  return late({ outcome: changes > 0 ? 'APPLIED' : 'DUPLICATE' });
}

function toRead(meaning: Saying, recorded: RecordResult | null): BookingUid[] {
  return [
    ...new Set([...(recorded?.refetch ?? []), ...meaning.refetch, ...(meaning.refetchSeriesOf === null ? [] : [meaning.refetchSeriesOf])]),
  ];
}

/** The series id is never in a webhook (CONTRACT 8): it is known once one of its bookings was read. */
async function seriesOf(pool: pg.Pool, uid: BookingUid): Promise<BookingUid | null> {
  const result = await pool.query<{ seriesId: string | null }>(`SELECT "seriesId" FROM "AppointmentBooking" WHERE "bookingUid" = $1`, [
    uid,
  ]);
  const seriesId = result.rows[0]?.seriesId ?? null;
  return seriesId === null ? null : bookingUid(seriesId);
}
