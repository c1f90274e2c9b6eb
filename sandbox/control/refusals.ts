/**
 * Refusals of CONTRACT 2 that no seed brings about by itself: teams, managed types, tokens, a permission that is missing.
 * Asked for by name, answered instead of doing anything.
 */
import { ApiFailure, badRequest, coreFailure, forbidden, trpcFailure, unauthorized } from '../engine/api-failure.ts';

export const REFUSALS = {
  teamBusy: () => badRequest('One of the hosts either already has booking at this time or is not available'),
  /** Of a round robin; its own code is not mapped. */
  roundRobinBusy: () => coreFailure(500, 'Internal server error'),
  lostRace: () => coreFailure(409, 'booking_conflict_error'),
  managedParent: () =>
    badRequest(
      "Event type with id=1 is the parent managed event type that can't be booked. You have to provide the child event type id aka id of event type that has been assigned to one of the users.",
    ),
  outsideWindow: () =>
    badRequest(
      'The event type can\'t be booked at the "start" time provided. This could be because it\'s too soon (violating the minimum booking notice) or too far in the future.',
    ),
  missingPhone: () => badRequest('Missing attendee phone number - it is required by the event type.'),
  unknownKey: () => badRequest('foo property is wrong,property foo should not exist '),
  cancellingDisabled: () => coreFailure(400, 'This event type does not allow cancellations'),
  reasonRequired: () => coreFailure(400, 'Cancellation reason is required when you are the host'),
  notHost: () => coreFailure(401, 'User not a host of this event'),
  /** Of a booking that was accepted already; the text says nothing (151). */
  alreadyAccepted: () => trpcFailure(400, 'Bad request: Please check your request data and try again'),
  noShowFailed: () => coreFailure(500, 'Failed to update no-show status'),
  alreadySignedUp: () => coreFailure(409, 'already_signed_up_for_this_booking'),
  badKey: () => unauthorized('ApiAuthStrategy - Your api key is not valid'),
  tokenExpired: () => new ApiFailure(498, 'framework', 'HttpException', 'ACCESS_TOKEN_IS_EXPIRED', { message: 'ACCESS_TOKEN_IS_EXPIRED' }),
  noPermission: () => forbidden('PermissionsGuard - no oAuth client found for access token=eyJhbGciOi.J9.x'),
} as const;

export type RefusalName = keyof typeof REFUSALS;

export const REFUSAL_NAMES = Object.keys(REFUSALS) as [RefusalName, ...RefusalName[]];
