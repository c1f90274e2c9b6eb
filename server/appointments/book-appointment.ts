/** A person books: authorize, claim the time, ask Cal.com once, record its answer (walk 2). */
import { mayBook, maySeeHiddenEventTypes } from '../auth/authorize.ts';
import { eventTypesByIds, type BookableEventType } from '../event-types/event-type-store.ts';
import { isUuid, userId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { BookingDesk, BookInput, Caller } from '../services.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import { bookingRequest, type Booker } from './booking-request.ts';
import { keyed, recorded, refused, withWarnings, type Attempt, type DeskOptions, type Done } from './booking-steps.ts';
import { cannotNotify } from './booking-warning.ts';
import { notConnected, outcomeUnknown, refusalOf } from './calcom-refusal.ts';
import { invalidInput, notAllowed, notFound, type Failure } from './failure.ts';
import { claimTime, letGo } from './claim-time.ts';
import { findMadeBooking, type WantedBooking } from './find-made-booking.ts';
import { placeholderEmail } from './placeholder-email.ts';
import { slotGone } from './slot-gone.ts';

export function createBookAppointment(options: DeskOptions): BookingDesk['book'] {
  return (caller, input) =>
    keyed(options, caller, 'bookAppointment', input, async (attempt) => {
      const [eventType] = await eventTypesByIds(options.pool, [input.eventTypeId]);
      if (eventType == null || (eventType.hidden && !maySeeHiddenEventTypes(caller.viewer))) return refused(notFound('The event type'));
      const wish = { clinicianId: eventType.clinicianId, patientId: input.patientId, hasAttendee: input.attendee !== null };
      const permission = mayBook(caller.viewer, wish);
      if (!permission.allowed) return refused(notAllowed(permission.because));
      const booker = await bookerOf(options, caller, input);
      if (!booker.ok) return refused(booker.failure);
      const credential = await options.credentials.of(userId(eventType.clinicianId));
      if (credential === null) return refused(notConnected);
      const known = booker.value.email?.trim() ?? '';
      if (known !== '') return book(options, caller, input, { attempt, eventType, booker: booker.value, credential });
      // Cal.com books nobody without an address (231). This one is found again by every attempt with the same key.
      const email = placeholderEmail(options.config.placeholderEmailDomain, attempt.requestId);
      const done = await book(options, caller, input, { attempt, eventType, booker: { ...booker.value, email }, credential });
      return withWarnings(done, [cannotNotify]);
    });
}

interface Plan {
  attempt: Attempt;
  eventType: BookableEventType;
  booker: Booker;
  credential: ClinicianCredential;
}

async function book(options: DeskOptions, caller: Caller, input: BookInput, plan: Plan): Promise<Done> {
  const { attempt, eventType, credential } = plan;
  const wanted: WantedBooking = {
    requestId: attempt.requestId,
    email: plan.booker.email?.trim().toLowerCase() ?? '',
    startsAt: input.startsAt.getTime(),
    eventTypeId: eventType.id,
  };
  const lookUp = () => findMadeBooking(options, credential, wanted);
  if (attempt.repeated) {
    const made = await lookUp();
    if (!made.ok) return refused(outcomeUnknown);
    if (made.value.length > 0) return recorded(options, caller, made.value, credential);
  }

  const request = bookingRequest(input, eventType, plan.booker, attempt.requestId, options.clock.now());
  if (!request.ok) return refused(invalidInput(...request.failure));
  const nearest = () => options.slots.nearest(caller.viewer, input.eventTypeId, input.startsAt, input.durationMinutes);
  const holdId = await claimTime(options, caller.viewer.userId, attempt, {
    holdId: input.holdId,
    eventTypeId: eventType.id,
    clinicianId: eventType.clinicianId,
    startsAt: input.startsAt,
    minutes: input.durationMinutes ?? eventType.durationMinutes,
    seated: eventType.seats !== null,
  });
  if (holdId === null) return refused({ kind: 'SlotTaken', message: 'This time is being booked at the moment.', nearest: await nearest() });

  let answer = await options.client.createBooking(credential, request.value);
  // Of two who open a group at the same moment one loses the race, and then finds the group.
  if (!answer.ok && answer.failure.status === 409 && answer.failure.kind === 'SlotTaken' && eventType.seats !== null)
    answer = await options.client.createBooking(credential, request.value);
  if (answer.ok) {
    const done = await recorded(options, caller, answer.value.bookings, credential);
    await letGo(options, holdId);
    return done;
  }
  const { failure } = answer;
  if (failure.kind === 'OutcomeUnknown' || (failure.kind === 'SlotTaken' && attempt.repeated)) {
    const made = await lookUp();
    if (made.ok && made.value.length > 0) {
      const done = await recorded(options, caller, made.value, credential);
      await letGo(options, holdId);
      return done;
    }
    // After a timeout the time stays claimed until the hold expires: Cal.com may still be at it.
    if (failure.kind === 'OutcomeUnknown') {
      if (!made.ok || failure.status !== 500) return refused(outcomeUnknown);
      await letGo(options, holdId);
      const { eventTypeId, startsAt, durationMinutes } = input;
      const gone = await slotGone(options, caller, failure, {
        clinicianId: eventType.clinicianId,
        eventTypeId,
        startsAt,
        durationMinutes,
        rescheduling: null,
      });
      return refused(gone ?? outcomeUnknown, true);
    }
  }
  await letGo(options, holdId);
  return failure.kind === 'NotFound' ? refused(notFound('The event type')) : refused(await refusalOf(failure, nearest));
}

/** The person the appointment is for. */
async function bookerOf(options: DeskOptions, caller: Caller, input: BookInput): Promise<Result<Booker, Failure>> {
  const patientId = caller.viewer.role === 'PATIENT' ? caller.viewer.userId : input.patientId;
  if (patientId !== null && input.attendee !== null)
    return fail(invalidInput({ path: 'attendee', message: 'Choose a patient or describe a person, not both.' }));
  if (patientId === null) {
    if (input.attendee === null) return fail(invalidInput({ path: 'patientId', message: 'Say whom the appointment is for.' }));
    return ok({ patientId: null, ...input.attendee, locale: input.locale });
  }
  if (!isUuid(patientId)) return fail(notFound('The patient'));
  const result = await options.pool.query<{ id: string; name: string; email: string | null; phone: string | null; locale: string }>(
    `SELECT "id", "name", "email", "phone", "locale" FROM "User" WHERE "id" = $1 AND "role" = 'PATIENT' AND "disabledAt" IS NULL`,
    [patientId],
  );
  const patient = result.rows[0];
  if (patient === undefined) return fail(notFound('The patient'));
  return ok({ patientId: patient.id, name: patient.name, email: patient.email, phone: patient.phone, locale: patient.locale });
}
