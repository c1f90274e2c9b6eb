/**
 * Several people at the booking desk at once: what they wish for is drawn by fast-check, round by round; the wishes of one
 * round are made at the same moment. Remembers every answer, so that it can be held against the end.
 */
import fc from 'fast-check';
import type { AppointmentRow } from '../../server/appointments/appointment-store.ts';
import type { Failure } from '../../server/appointments/failure.ts';
import type { AppointmentId, UserId } from '../../server/kernel/ids.ts';
import type { Result } from '../../server/kernel/result.ts';
import type { Booked, Changed } from '../../server/services.ts';
import { ANNA, type BookingClinic, bookInput, callerOf, DESK, freshKey, MIA, NOAH, SAMIR } from '../support/booking-clinic.ts';
import { wishes } from '../support/booking-wishes.ts';

/** `pick` chooses among the appointments made so far, `slot` a half hour of one morning: few, so that people meet. */
export type Wish =
  | { do: 'book' | 'request' | 'seat'; slot: number; who: number }
  | { do: 'reschedule'; pick: number; slot: number; who: number }
  | { do: 'cancel' | 'confirm' | 'decline'; pick: number; who: number }
  /** In Cal.com itself, by its host. */
  | { do: 'cancel there'; pick: number };

export interface Round {
  wishes: Wish[];
  /** How many of the next: lost, sent twice, held back. */
  webhooks: { drop: number; duplicate: number; reorder: number };
  /** What becomes of one of the answers. */
  answer: 'comes' | 'lost' | 'broken' | 'refused';
}

const slot = fc.nat(7);
const pick = fc.nat(12);
const who = fc.nat(9);

const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('book' as const, 'request' as const), slot, who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('seat' as const), slot: fc.nat(1), who }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('reschedule' as const), pick, slot, who }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('cancel' as const, 'confirm' as const, 'decline' as const), pick, who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel there' as const), pick }) },
);

export const round: fc.Arbitrary<Round> = fc.record({
  wishes: fc.array(wish, { minLength: 1, maxLength: 8, size: 'max' }),
  webhooks: fc.record({ drop: fc.constantFrom(0, 0, 1, 4), duplicate: fc.constantFrom(0, 0, 2), reorder: fc.constantFrom(0, 0, 1) }),
  answer: fc.oneof(
    { weight: 6, arbitrary: fc.constant('comes' as const) },
    { weight: 2, arbitrary: fc.constantFrom('broken' as const, 'refused' as const) },
    { weight: 1, arbitrary: fc.constant('lost' as const) },
  ),
});

type Outcome = Result<Booked | Changed, Failure>;

export interface Told {
  wish: Exclude<Wish, { do: 'cancel there' }>;
  key: string;
  viewerId: UserId;
  /** Of the change; null for bookings. */
  appointmentId: AppointmentId | null;
  outcome: Outcome;
}

const PATIENTS = [MIA, NOAH];
const STAFF = [DESK, ANNA, SAMIR, DESK, ANNA];
const MONDAY = Date.UTC(2026, 11, 7, 8);
const HALF_HOUR = 1_800_000;
const MOST_ATTEMPTS = 5;

export function createParallelWishes(clinic: BookingClinic) {
  const ask = wishes(clinic);
  const known: AppointmentId[] = [];
  const told: Told[] = [];
  const patient = (index: number) => PATIENTS[index % PATIENTS.length] ?? MIA;
  /** Mostly somebody who may: the person it is for, or staff. */
  const somebody = (index: number, row: AppointmentRow | null) =>
    index < 5 ? (row?.participants[index % row.participants.length]?.userId ?? patient(index)) : (STAFF[index - 5] ?? DESK);

  async function carryOut(wished: Wish): Promise<void> {
    if ('pick' in wished && known.length === 0) return;
    switch (wished.do) {
      case 'book':
      case 'request':
      case 'seat': {
        const viewerId = patient(wished.who);
        const eventTypeId = {
          book: () => clinic.eventType(ANNA, 'video-consult'),
          request: () => clinic.eventType(ANNA, 'first-visit'),
          seat: () => clinic.eventType(SAMIR, 'diabetes-class'),
        }[wished.do]();
        const input = bookInput({ eventTypeId, startsAt: startOf(wished.do === 'seat' ? wished.slot * 4 : wished.slot) });
        await insist(wished, { key: input.clientMutationKey, viewerId, appointmentId: null }, () =>
          clinic.desk.book(callerOf(viewerId), input),
        );
        return;
      }
      case 'cancel there': {
        const uid = (await rowOf(known[wished.pick % known.length]))?.bookingUid;
        // Refusals of Cal.com are part of life.
        if (uid !== undefined) await clinic.sandbox.control.cancel({ uid, by: 'host' }).catch(() => {});
        return;
      }
      case 'reschedule':
      case 'cancel':
      case 'confirm':
      case 'decline': {
        const appointmentId = known[wished.pick % known.length];
        if (appointmentId === undefined) return;
        const row = await rowOf(appointmentId);
        const viewerId = wished.do === 'confirm' || wished.do === 'decline' ? ANNA : somebody(wished.who, row);
        const wish = {
          clientMutationKey: freshKey(),
          // Half of the people say which version they saw.
          expectedVersion: wished.who % 2 === 0 ? (row?.version ?? null) : null,
        };
        const run = (): Promise<Outcome> => {
          if (wished.do === 'reschedule') return ask.reschedule(viewerId, appointmentId, { ...wish, startsAt: startOf(wished.slot + 8) });
          if (wished.do === 'cancel') return ask.cancel(viewerId, appointmentId, wish);
          return clinic.desk[wished.do](callerOf(viewerId), { ...wish, appointmentId, reason: 'Full' });
        };
        await insist(wished, { key: wish.clientMutationKey, viewerId, appointmentId }, run);
      }
    }
  }

  /** As a screen does: while the outcome is not known, it asks again with the same key. */
  async function insist(wished: Told['wish'], about: Omit<Told, 'wish' | 'outcome'>, run: () => Promise<Outcome>): Promise<void> {
    let outcome = await run();
    for (let attempt = 1; attempt < MOST_ATTEMPTS && isOpen(outcome); attempt += 1) outcome = await run();
    told.push({ wish: wished, ...about, outcome });
    if (outcome.ok) for (const row of rowsIn(outcome.value)) if (!known.includes(row.id)) known.push(row.id);
  }

  async function rowOf(id: AppointmentId | undefined): Promise<AppointmentRow | null> {
    if (id === undefined) return null;
    const [row] = await clinic.appointments.byIds({ all: true }, [id]);
    return row ?? null;
  }

  return {
    told,
    rowOf,
    async perform({ wishes: wished, webhooks, answer }: Round): Promise<void> {
      await clinic.sandbox.control.clearFaults();
      clinic.sandbox.control.setFaults({
        webhooks,
        api: {
          commitThenTimeout: answer === 'lost' ? 1 : 0,
          commitThenError: answer === 'broken' ? 1 : 0,
          refuse: answer === 'refused' ? { name: 'roundRobinBusy', hits: 'writes', count: 1 } : null,
        },
      });
      await Promise.all(wished.map(carryOut));
    },
  };
}

function startOf(index: number): Date {
  return new Date(MONDAY + index * HALF_HOUR);
}

function isOpen(outcome: Outcome): boolean {
  return !outcome.ok && (outcome.failure.kind === 'OutcomeUnknown' || outcome.failure.kind === 'CalcomUnavailable');
}

export function rowsIn(value: Booked | Changed): AppointmentRow[] {
  return 'appointments' in value ? value.appointments : [value.appointment];
}
