/** What a failure of Cal.com means to the person who asked, in words without Cal.com's. */
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import { unreachable } from '../kernel/result.ts';
import type { Slot } from '../slots/slot.ts';
import { invalidInput, notAllowed, notFound, type Failure } from './failure.ts';

const ASK_AGAIN_MS = 5_000;

export const outcomeUnknown: Failure = {
  kind: 'OutcomeUnknown',
  message: 'We are checking whether this has worked. Please do not repeat it in another way.',
  retryAfterMs: ASK_AGAIN_MS,
};

export const notConnected: Failure = {
  kind: 'CalcomUnavailable',
  message: "The clinician's calendar is not connected. Please tell the person who runs the clinic's booking system.",
  retryAfterMs: null,
};

/** `nearest` is asked only for a slot that is gone. */
export async function refusalOf(failure: CalcomFailure, nearest: () => Promise<Slot[]>): Promise<Failure> {
  switch (failure.kind) {
    case 'Unreachable':
    case 'RateLimited':
      return {
        kind: 'CalcomUnavailable',
        message: 'The booking system cannot be reached at the moment. Please try again shortly.',
        retryAfterMs: failure.retryAfterMs,
      };
    case 'Unauthorized':
    case 'Forbidden':
      return notConnected;
    case 'OutcomeUnknown':
      return outcomeUnknown;
    case 'NotFound':
      return notFound('The appointment');
    case 'SlotTaken':
      return { kind: 'SlotTaken', message: 'This time is no longer free.', nearest: await nearest() };
    case 'SeatsFull':
      return { kind: 'SlotTaken', message: 'All places at this time are taken.', nearest: await nearest() };
    case 'InPast':
      return invalidInput({ path: 'startsAt', message: 'This time has passed. Please choose a later one.' });
    case 'OutsideWindow':
      return invalidInput({ path: 'startsAt', message: 'This time is too soon or too far ahead to be booked.' });
    case 'AlreadyCancelled':
      return invalidInput({ path: 'appointmentId', message: 'This appointment has already been cancelled.' });
    case 'AlreadyRescheduled':
      return invalidInput({ path: 'appointmentId', message: 'This appointment has been moved in the meantime.' });
    case 'ReasonRequired':
      return invalidInput({ path: 'reason', message: 'Please give a reason.' });
    case 'NotPermittedByEventType':
      return notAllowed('This kind of appointment does not allow that. Please call the clinic.');
    case 'NotBookable':
      return notAllowed('This kind of appointment is a template and cannot be booked itself. Please choose one of a clinician.');
    case 'NotTheHost':
      return notAllowed('Only the host of this appointment can do that, and the connected calendar account is not the host.');
    case 'NotYetStarted':
      return invalidInput({ path: 'appointmentId', message: 'Somebody can be marked absent only after the appointment has begun.' });
    case 'SeatNeeded':
      return notAllowed('A group visit is moved person by person: say whose place is to be moved.');
    case 'AlreadySignedUp':
      return invalidInput({ path: 'attendee', message: 'This person already has a place in this group.' });
    case 'NotReassignable':
      return notAllowed(
        'Cal.com hands over only appointments of a shared (round-robin) kind that both clinicians host. Please book this one anew with the other clinician, then cancel it here.',
      );
    case 'MissingField':
      return invalidInput({
        path: fieldIn(failure.message),
        message: 'An answer that this kind of appointment needs is missing or not accepted.',
      });
    case 'SlugTaken':
      return invalidInput({ path: 'slug', message: 'This clinician already offers a kind of appointment with that short name.' });
    case 'Refused':
      return invalidInput({ path: 'input', message: 'The booking system did not accept this. Please check what was entered.' });
    default:
      return unreachable(failure.kind);
  }
}

/** `Missing attendee phone number…`, `Missing required booking field response: company - …` and `responses - {email}…` name the field. */
function fieldIn(message: string): string {
  if (message.startsWith('Missing attendee phone number')) return 'phone';
  const slug = /response: ([\w-]+)/.exec(message)?.[1] ?? /\{([\w-]+)\}/.exec(message)?.[1];
  if (slug === undefined) return 'fields';
  return ['name', 'email'].includes(slug) ? `attendee.${slug}` : `fields.${slug}`;
}
