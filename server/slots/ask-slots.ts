/** Asks Cal.com for the pieces of a range, a few at once, through the cache, and puts the answers together. */
import pLimit from 'p-limit';
import type { UpstreamSlot } from '../calcom/slot-calls.ts';
import type { CalcomClient, CalcomFailure } from '../calcom/calcom-client.ts';
import type { BookableEventType } from '../event-types/event-type-store.ts';
import { type BookingUid, eventTypeId, userId } from '../kernel/ids.ts';
import { ok, type Result } from '../kernel/result.ts';
import type { CalcomCredentials } from '../users/calcom-credentials.ts';
import type { SlotAnswer, SlotCache } from './slot-cache.ts';
import { type Piece, questionFor } from './slot-window.ts';

export interface SlotWish {
  eventType: Pick<BookableEventType, 'id' | 'clinicianId' | 'durationOptions'>;
  durationMinutes: number;
  /** The booking being moved. */
  moving: BookingUid | null;
}

/** In order of time. A piece that cannot be had fails the whole: part of a range would look like no free time in the rest. */
export type AskSlots = (wish: SlotWish, pieces: readonly Piece[]) => Promise<Result<SlotAnswer, CalcomFailure>>;

export interface AskSlotsOptions {
  client: Pick<CalcomClient, 'slots'>;
  credentials: Pick<CalcomCredentials, 'of'>;
  cache: SlotCache;
}

/** Of one question. */
const PIECES_AT_ONCE = 2;

export function createAskSlots({ client, credentials, cache }: AskSlotsOptions): AskSlots {
  function askPiece({ eventType, durationMinutes, moving }: SlotWish, piece: Piece): Promise<Result<SlotAnswer, CalcomFailure>> {
    const { id, clinicianId } = eventType;
    const question = { eventTypeId: id, clinicianId, ...piece, durationMinutes, bookingUidToReschedule: moving };
    return cache.ask(question, async ({ repeat }) => {
      const credential = await credentials.of(userId(clinicianId));
      const answer = await client.slots(credential, {
        eventTypeId: eventTypeId(id),
        ...questionFor(piece),
        // Any other number would change the grid of a type that has one length (034).
        ...(eventType.durationOptions.length > 0 ? { durationMinutes } : {}),
        ...(moving === null ? {} : { bookingUidToReschedule: moving }),
        repeat,
      });
      return answer.ok ? ok(answer.value.filter((slot) => slot.startsAt >= piece.from && slot.startsAt < piece.to)) : answer;
    });
  }

  return async (wish, pieces) => {
    const limit = pLimit(PIECES_AT_ONCE);
    const answers = await limit.map(pieces, (piece) => askPiece(wish, piece));
    const slots: UpstreamSlot[] = [];
    let stale = false;
    let asOf = Number.POSITIVE_INFINITY;
    for (const answer of answers) {
      if (!answer.ok) return answer;
      slots.push(...answer.value.slots);
      stale ||= answer.value.stale;
      asOf = Math.min(asOf, answer.value.asOf);
    }
    return ok({ slots, stale, asOf });
  };
}
