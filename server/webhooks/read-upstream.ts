/**
 * Reads bookings from the API and records the answers: what a webhook could not tell by itself, a booking just made, a
 * row that a sweep found wanting. Follows what the answers ask for in turn (an heir, a fork's origin), a bounded way.
 */
import type { BookingObservation } from '../calcom/booking.ts';
import type { CalcomClient, CalcomCredential, CalcomFailure } from '../calcom/calcom-client.ts';
import type { BookingUid } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { BookingRecorder } from '../appointments/record-booking.ts';
import type { RecordContext, RecordResult } from '../appointments/recording.ts';

export interface UpstreamReader {
  /** Null for bookings that are unknown upstream. Stops at the first failure that may pass. */
  refresh(
    uids: readonly BookingUid[],
    context: Omit<RecordContext, 'alongside'>,
    credential?: CalcomCredential | null,
  ): Promise<Result<RefreshResult, CalcomFailure>>;
}

export interface RefreshResult {
  read: number;
  changes: number;
  /** 404 upstream. */
  unknown: BookingUid[];
  waitingForHost: boolean;
}

export interface UpstreamReaderOptions {
  client: CalcomClient;
  recorder: BookingRecorder;
  /** Whose key to use for a booking when the caller has none; GET needs none, but then shares the address's rate limit. */
  anyCredential: () => Promise<CalcomCredential | null>;
}

/** Answers may lead on; no real chain leads further. */
const MAX_READS = 60;

export function createUpstreamReader({ client, recorder, anyCredential }: UpstreamReaderOptions): UpstreamReader {
  return {
    async refresh(uids, context, credential) {
      const key = credential ?? (await anyCredential());
      const done = new Set<BookingUid>();
      const queue = [...uids];
      const sum: RefreshResult = { read: 0, changes: 0, unknown: [], waitingForHost: false };
      for (let uid = queue.shift(); uid !== undefined && done.size < MAX_READS; uid = queue.shift()) {
        if (done.has(uid)) continue;
        done.add(uid);
        const answer = await client.getBooking(key, uid, { background: context.cause === 'SWEEP' });
        if (!answer.ok) {
          if (answer.failure.kind !== 'NotFound') return fail(answer.failure);
          sum.unknown.push(uid);
          continue;
        }
        sum.read += answer.value.length;
        for (const seen of answer.value) {
          const result = await recordOne(recorder, seen, context);
          sum.changes += result.changes;
          sum.waitingForHost ||= result.waitingForHost;
          queue.push(...result.refetch.filter((next) => !done.has(next)));
        }
      }
      return ok(sum);
    },
  };
}

function recordOne(recorder: BookingRecorder, seen: BookingObservation, context: Omit<RecordContext, 'alongside'>): Promise<RecordResult> {
  return recorder.record([seen], context);
}
