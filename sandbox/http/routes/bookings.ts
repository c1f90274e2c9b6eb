/** Bookings, version 2024-08-13. POST, GET one, reschedule and cancel need no key at all: the uid is the secret (MEASURED "Bookings"). */
import { notFound } from '../../engine/api-failure.ts';
import { book, type Booked } from '../../engine/book.ts';
import { cancel } from '../../engine/cancel.ts';
import { confirm, decline } from '../../engine/decide.ts';
import { listBookings } from '../../engine/list-bookings.ts';
import { markAbsent } from '../../engine/mark-absent.ts';
import { reassign } from '../../engine/reassign.ts';
import { reschedule } from '../../engine/reschedule.ts';
import { seriesOf, type World } from '../../engine/world.ts';
import { absentInput, bookInput, cancelInput, listQuery, rescheduleInput } from '../booking-input.ts';
import { type Call, caller, type Route, type RouteAnswer, success } from '../exchange.ts';
import { BOOKINGS } from '../versions.ts';
import { bookingView } from '../views/booking-view.ts';

const versions = [BOOKINGS];
const uidOf = (call: Call): string => call.params['uid'] ?? '';

export const bookingRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v2/bookings',
    versions,
    access: 'none',
    handle: async (call) => success(bookedView(call.world, await book(call.world, bookInput(call.world, call.body))), 201),
  },
  {
    method: 'GET',
    path: '/v2/bookings',
    versions,
    access: 'permissions',
    handle: (call): RouteAnswer => {
      const { bookings, pagination } = listBookings(call.world, caller(call), listQuery(call.query));
      return { status: 200, body: { status: 'success', data: bookings.map((row) => bookingView(call.world, row)), pagination } };
    },
  },
  {
    method: 'GET',
    path: '/v2/bookings/:uid',
    versions,
    access: 'none',
    handle: (call) => {
      const booking = call.world.store.get('bookings', uidOf(call));
      if (booking) return success(bookingView(call.world, booking));
      const series = seriesOf(call.world, uidOf(call));
      if (series.length === 0) throw notFound(`Booking with uid=${uidOf(call)} was not found in the database`);
      return success(series.map((row) => bookingView(call.world, row)));
    },
  },
  {
    method: 'POST',
    path: '/v2/bookings/:uid/reschedule',
    versions,
    access: 'none',
    handle: async (call) => {
      const { booking, seatUid } = await reschedule(call.world, { uid: uidOf(call), actor: call.user, ...rescheduleInput(call.body) });
      return success({ ...bookingView(call.world, booking), ...(seatUid !== undefined && { seatUid }) }, 201);
    },
  },
  {
    method: 'POST',
    path: '/v2/bookings/:uid/cancel',
    versions,
    access: 'none',
    handle: async (call) => {
      const cancelled = await cancel(call.world, { uid: uidOf(call), actor: call.user, ...cancelInput(call.body) });
      if (cancelled.kind === 'one') return success(bookingView(call.world, cancelled.booking));
      return success(cancelled.bookings.map((row) => bookingView(call.world, row)));
    },
  },
  {
    method: 'POST',
    path: '/v2/bookings/:uid/confirm',
    versions,
    access: 'permissions',
    handle: async (call) => success(bookingView(call.world, await confirm(call.world, uidOf(call), caller(call)))),
  },
  {
    method: 'POST',
    path: '/v2/bookings/:uid/decline',
    versions,
    access: 'permissions',
    handle: async (call) => {
      const reason = call.body['reason'];
      const booking = await decline(call.world, uidOf(call), caller(call), typeof reason === 'string' ? reason : undefined);
      return success(bookingView(call.world, booking));
    },
  },
  {
    method: 'POST',
    path: '/v2/bookings/:uid/mark-absent',
    versions,
    access: 'permissions',
    handle: async (call) => {
      const booking = await markAbsent(call.world, { uid: uidOf(call), actor: caller(call), ...absentInput(call.body) });
      return success(bookingView(call.world, booking));
    },
  },
  {
    method: 'POST',
    path: '/v2/bookings/:uid/reassign/:userId',
    versions,
    access: 'permissions',
    handle: async (call) => {
      const { booking, host } = await reassign(call.world, uidOf(call), Number(call.params['userId']));
      return success({
        bookingUid: booking.uid,
        reassignedTo: { id: host.id, name: host.name, email: host.email, displayEmail: host.email },
      });
    },
  },
];

function bookedView(world: World, booked: Booked): unknown {
  switch (booked.kind) {
    case 'one':
      return bookingView(world, booked.booking);
    case 'series':
      return booked.bookings.map((row) => bookingView(world, row));
    case 'seat':
      return { ...bookingView(world, booked.booking), seatUid: booked.seatUid };
  }
}
