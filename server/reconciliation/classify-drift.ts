/**
 * Whether a booking as Cal.com shows it differs from what is known here, and how. Pure.
 *
 * Not every difference is drift: a booking known from a webhook alone lacks what only an answer has (location, ids), and
 * `updatedAt` moves without anything that a person could see. Both are recorded; neither is reported.
 */
import { sameJson } from '../appointments/same-json.ts';
import { type BookingFacts, mergeObservation } from '../appointments/booking-facts.ts';
import type { BookingObservation } from '../calcom/booking.ts';
import type { AppointmentId } from '../kernel/ids.ts';
import type { DriftClass } from './sweep.ts';

export interface KnownHere {
  facts: BookingFacts;
  appointmentId: AppointmentId;
  /** The appointment's own row; null when another booking of its chain is the one that it shows. Unix ms. */
  row: { startsAt: number; endsAt: number } | null;
}

export interface Difference {
  /** Something is to be recorded. */
  differs: boolean;
  /** Null: nothing that a person would call different. */
  drift: DriftClass | null;
}

const SAME: Difference = { differs: false, drift: null };

export function differenceFrom(known: KnownHere, seen: BookingObservation): Difference {
  const after = mergeObservation(known.facts, seen).facts;
  const rowDiffers =
    known.row !== null && after.status !== 'MOVED' && (known.row.startsAt !== after.startsAt || known.row.endsAt !== after.endsAt);
  if (sameJson(said(known.facts), said(after)) && !rowDiffers) return SAME;
  return { differs: true, drift: rowDiffers ? 'MOVED' : driftBetween(known.facts, after) };
}

/** What was said, without when it was asked. */
function said(facts: BookingFacts): unknown {
  const { apiObservedAt: _asked, ...rest } = facts;
  return rest;
}

function driftBetween(before: BookingFacts, after: BookingFacts): DriftClass | null {
  const movedOn = after.status === 'MOVED' && before.status !== 'MOVED';
  const otherTime = before.startsAt !== after.startsAt || before.endsAt !== after.endsAt;
  if (movedOn || otherTime || organizerOf(before) !== organizerOf(after)) return 'MOVED';
  if (before.status !== after.status || !sameJson(peopleOf(before), peopleOf(after))) return 'STALE';
  // Never compared with an answer yet: the rest was not known, which is no difference.
  if (before.apiAt === null) return null;
  return sameJson(detailsOf(before), detailsOf(after)) ? null : 'STALE';
}

function organizerOf(facts: BookingFacts): string {
  const host = facts.hosts[0];
  return `${host?.calcomUserId ?? host?.email ?? ''}`;
}

function peopleOf(facts: BookingFacts): unknown {
  return facts.attendees.map(({ seatUid, email, absent }) => `${seatUid ?? ''} ${email ?? ''} ${absent}`).toSorted();
}

function detailsOf(facts: BookingFacts): unknown {
  const { title, description, reason, location, metadata, cancellationReason, reschedulingReason, eventTypeId, hosts, guests } = facts;
  const names = facts.attendees.map((attendee) => attendee.name).toSorted();
  return { title, description, reason, location, metadata, cancellationReason, reschedulingReason, eventTypeId, hosts, guests, names };
}
