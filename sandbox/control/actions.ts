/** Making things happen as a patient or a host would. Each resolves when its webhooks have been delivered. */
import { ApiFailure } from '../engine/api-failure.ts';
import { book } from '../engine/book.ts';
import { cancel } from '../engine/cancel.ts';
import { confirm, decline } from '../engine/decide.ts';
import { markAbsent } from '../engine/mark-absent.ts';
import { MINUTE } from '../engine/instant.ts';
import type { BookingRow, EventTypeRow } from '../engine/records.ts';
import { requestReschedule } from '../engine/request-reschedule.ts';
import { reschedule } from '../engine/reschedule.ts';
import { eventTypeOf, organizerOf, type World } from '../engine/world.ts';
import { CANCEL_REASONS, MOVE_REASONS, PATIENTS, REASONS } from '../seeds/patients.ts';
import { meetingBody } from '../webhooks/meeting-body.ts';
import { subscribersOf } from '../webhooks/subscribers.ts';
import type { Dispatcher } from '../webhooks/dispatch.ts';
import { ControlFailure } from './failure.ts';
import * as input from './input.ts';
import { initiatePayment, pay } from './payment.ts';
import { candidates, freeStarts, pickBooking } from './pick.ts';
import { type BookingSummary, summaryOf } from './state.ts';

export interface BookingAnswer {
  booking: BookingSummary;
}

export interface Actions {
  book(body?: input.BookInput): Promise<BookingAnswer>;
  reschedule(body?: input.RescheduleInput): Promise<BookingAnswer>;
  cancel(body?: input.CancelInput): Promise<BookingAnswer>;
  confirm(body?: input.UidInput): Promise<BookingAnswer>;
  decline(body?: input.ReasonInput): Promise<BookingAnswer>;
  requestReschedule(body?: input.ReasonInput): Promise<BookingAnswer>;
  noShow(body?: input.NoShowInput): Promise<BookingAnswer>;
  meeting(body: input.MeetingInput): Promise<BookingAnswer>;
  pay(body: input.PayInput): Promise<BookingAnswer>;
}

/** Those with a free time within the next hours, so that what is booked shows up on today's board; all, when none has. */
function soonest(world: World, eventTypes: EventTypeRow[]): EventTypeRow[] {
  const soon = world.clock.now() + 6 * 60 * MINUTE;
  const today = eventTypes.filter((row) => (freeStarts(world, row)[0] ?? Infinity) < soon);
  return today.length > 0 ? today : eventTypes;
}

export function createActions(world: World, dispatcher: Dispatcher): Actions {
  const { ids, store } = world;

  /** A time for the booking: the next one that is free, not the one it has. */
  const nextStart = (eventType: EventTypeRow, booking?: BookingRow): number => {
    const [start] = freeStarts(world, eventType, booking?.uid).filter((at) => at !== booking?.startTime);
    if (start === undefined) throw new ControlFailure(409, `No free time today or tomorrow for "${eventType.title}".`);
    return start;
  };

  const eventTypesFor = (hostUsername: string | undefined, slug: string | undefined): EventTypeRow[] => {
    const host = hostUsername === undefined ? undefined : store.all('users').find((user) => user.username === hostUsername);
    if (hostUsername !== undefined && !host) throw new ControlFailure(404, `There is no host called ${hostUsername}.`);
    const choices = store
      .all('eventTypes')
      .filter(
        (row) =>
          (host === undefined || row.ownerId === host.id) && (slug === undefined ? !row.seats && !row.recurrence : row.slug === slug),
      );
    if (choices.length === 0) throw new ControlFailure(404, 'There is no such event type.');
    return choices;
  };

  const bookOne = async (body: input.BookInput = {}): Promise<BookingRow> => {
    const asked = input.bookInput.parse(body);
    const choices = eventTypesFor(asked.hostUsername, asked.eventTypeSlug);
    const eventType = ids.pick(asked.start === undefined ? soonest(world, choices) : choices);
    const reason = ids.pick(REASONS);
    const booked = await book(world, {
      eventType,
      start: asked.start ?? nextStart(eventType),
      booker: { locale: 'en', phoneNumber: null, ...(asked.attendee ?? ids.pick(PATIENTS)) },
      guests: [],
      fields: {
        ...(reason !== '' && { notes: reason }),
        ...Object.fromEntries(eventType.customFields.map((field) => [field.slug, field.options?.[0] ?? 'yes'])),
      },
      metadata: {},
    });
    const booking = booked.kind === 'series' ? booked.bookings[0] : booked.booking;
    if (!booking) throw new ControlFailure(409, 'The series has no occurrence.');
    return booking;
  };

  const answer = async (work: () => Promise<BookingRow>): Promise<BookingAnswer> => {
    try {
      return { booking: summaryOf(await work()) };
    } catch (failure) {
      if (failure instanceof ApiFailure) throw new ControlFailure(failure.status >= 500 ? 409 : failure.status, failure.message);
      throw failure;
    }
  };

  return {
    book: (body) => answer(() => bookOne(body)),
    reschedule: (body = {}) =>
      answer(async () => {
        const asked = input.rescheduleInput.parse(body);
        const booking = pickBooking(world, asked.uid, 'live');
        const eventType = eventTypeOf(world, booking);
        if (!eventType) throw new ControlFailure(409, 'The event type of this booking is gone.');
        const host = organizerOf(world, booking);
        const byHost = asked.by === 'host';
        const seatUid = booking.attendees[0]?.seat?.uid;
        const moved = await reschedule(world, {
          uid: booking.uid,
          start: asked.start ?? nextStart(eventType, booking),
          reason: asked.reason ?? ids.pick(MOVE_REASONS),
          rescheduledBy: byHost ? host.email : booking.attendees[0]?.email,
          ...(!byHost && seatUid !== undefined && { seatUid }),
          actor: byHost ? host : null,
          fromWebApp: true,
        });
        return moved.booking;
      }),
    cancel: (body = {}) =>
      answer(async () => {
        const asked = input.cancelInput.parse(body);
        const booking = pickBooking(world, asked.uid, 'live');
        const host = organizerOf(world, booking);
        const byHost = asked.by === 'host';
        const seatUid = asked.seatUid ?? (byHost ? undefined : booking.attendees[0]?.seat?.uid);
        const cancelled = await cancel(world, {
          uid: booking.uid,
          reason: asked.reason ?? ids.pick(CANCEL_REASONS),
          ...(seatUid !== undefined && { seatUid }),
          actor: byHost ? host : null,
          cancelledBy: byHost ? host.email : (booking.attendees[0]?.email ?? host.email),
        });
        return cancelled.kind === 'one' ? cancelled.booking : (store.get('bookings', booking.uid) ?? booking);
      }),
    confirm: (body = {}) =>
      answer(() => {
        const booking = pickBooking(world, input.uidInput.parse(body).uid, 'pending');
        return confirm(world, booking.uid, organizerOf(world, booking));
      }),
    decline: (body = {}) =>
      answer(() => {
        const asked = input.reasonInput.parse(body);
        const booking = pickBooking(world, asked.uid, 'pending');
        return decline(world, booking.uid, organizerOf(world, booking), asked.reason ?? 'Please see your own doctor first');
      }),
    requestReschedule: (body = {}) =>
      answer(() => {
        const asked = input.reasonInput.parse(body);
        return requestReschedule(world, pickBooking(world, asked.uid, 'live'), asked.reason ?? 'I am called away');
      }),
    noShow: (body = {}) =>
      answer(() => {
        const asked = input.noShowInput.parse(body);
        const [started] = asked.uid === undefined ? candidates(world, 'started') : [];
        const booking = started ?? pickBooking(world, asked.uid, 'any-live');
        const [attendee] = booking.attendees;
        if (!attendee) throw new ControlFailure(409, 'Nobody is booked there.');
        return markAbsent(world, {
          uid: booking.uid,
          actor: organizerOf(world, booking),
          attendees: [{ email: attendee.email, absent: asked.absent ?? true }],
          anyTime: true,
        });
      }),
    meeting: (body) =>
      answer(async () => {
        const asked = input.meetingInput.parse(body);
        const booking = pickBooking(world, asked.uid, 'any-live');
        const trigger = `MEETING_${asked.which}` as const;
        for (const webhook of subscribersOf(world, { trigger, organizerId: booking.userId, eventTypeId: booking.eventTypeId })) {
          const key = `${booking.uid} ${trigger} ${webhook.id}`;
          const waiting = store.get('meetingTriggers', key);
          store.remove('meetingTriggers', key);
          store.commit();
          const row = waiting ?? {
            key,
            bookingUid: booking.uid,
            webhookId: webhook.id,
            subscriberUrl: webhook.subscriberUrl,
            trigger,
            dueAt: world.clock.now(),
            body: meetingBody(world, booking, false),
          };
          await dispatcher.sendMeeting(row, asked.enveloped ?? false);
        }
        return booking;
      }),
    pay: (body) =>
      answer(async () => {
        const asked = input.payInput.parse(body);
        if (asked.step === 'initiated') {
          return initiatePayment(world, pickBooking(world, asked.uid, 'live'));
        }
        const waiting = store.all('bookings').findLast((row) => row.paymentId !== null && !row.paid && row.status === 'PENDING');
        if (asked.uid === undefined && !waiting) throw new ControlFailure(409, 'No booking waits for a payment; initiate one first.');
        return pay(world, asked.uid === undefined && waiting ? waiting : pickBooking(world, asked.uid, 'pending'));
      }),
  };
}
