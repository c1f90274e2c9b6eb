/** Bookings, version 2024-04-15: what a forgotten header gets (078, 097, 106, 107). Booking this way is not imitated, only its refusal. */
import { badRequest, notFound, validatorFailure } from '../../engine/api-failure.ts';
import { isTimeZone } from '../../engine/instant.ts';
import { BOOKING_VIEWS, listBookings } from '../../engine/list-bookings.ts';
import { type Call, caller, type Route, success } from '../exchange.ts';
import { isRecord, validatorError } from '../property-checks.ts';
import { OLDEST } from '../versions.ts';
import { legacyBookingListItem, legacyBookingView, recurringInfo } from '../views/legacy-booking-view.ts';

const versions = [OLDEST];
const PAGE = 10;

export const legacyBookingRoutes: Route[] = [
  { method: 'POST', path: '/v2/bookings', versions, access: 'none', handle: refuseNewBody },
  {
    method: 'GET',
    path: '/v2/bookings',
    versions,
    access: 'permissions',
    handle: (call) => {
      const asked = call.query.get('filters[status]') ?? 'upcoming';
      const view = BOOKING_VIEWS.find((name) => name === asked) ?? 'upcoming';
      const skip = Number(call.query.get('cursor') ?? 0);
      const take = Number(call.query.get('limit') ?? PAGE);
      const { bookings, pagination } = listBookings(call.world, caller(call), { views: [view], take, skip });
      return success({
        bookings: bookings.map((row) => legacyBookingListItem(call.world, row)),
        recurringInfo: recurringInfo(call.world, bookings),
        totalCount: pagination.totalItems,
        nextCursor: pagination.hasNextPage ? skip + take : null,
      });
    },
  },
  {
    method: 'GET',
    path: '/v2/bookings/:uid',
    versions,
    access: 'none',
    handle: (call) => {
      const booking = call.world.store.get('bookings', call.params['uid'] ?? '');
      if (!booking) throw notFound(`Booking with UID=${call.params['uid']} does not exist!`);
      return success(legacyBookingView(call.world, booking));
    },
  },
];

const KNOWN = [
  'start',
  'end',
  'eventTypeId',
  'eventTypeSlug',
  'rescheduleUid',
  'recurringEventId',
  'timeZone',
  'user',
  'language',
  'metadata',
  'responses',
];

function refuseNewBody({ body }: Call): never {
  const target = Object.fromEntries(Object.entries(body).filter(([key]) => KNOWN.includes(key)));
  const errors = [
    ...(typeof target['start'] === 'string' ? [] : [validatorError(target, 'start', { isString: 'start must be a string' })]),
    ...(isTimeZone(target['timeZone'])
      ? []
      : [validatorError(target, 'timeZone', { isTimeZone: 'timeZone must be a valid IANA time-zone' })]),
    ...(typeof target['language'] === 'string' ? [] : [validatorError(target, 'language', { isString: 'language must be a string' })]),
    ...(isRecord(target['metadata']) ? [] : [validatorError(target, 'metadata', { isObject: 'metadata must be an object' })]),
  ];
  throw errors.length > 0
    ? validatorFailure(errors)
    : badRequest('The sandbox does not book by version 2024-04-15: send cal-api-version 2024-08-13.');
}
