/** Every route of the imitated API. */
import type { Route } from './exchange.ts';
import { bookingRoutes } from './routes/bookings.ts';
import { eventTypeRoutes } from './routes/event-types.ts';
import { legacyBookingRoutes } from './routes/legacy-bookings.ts';
import { managedUserRoutes } from './routes/managed-users.ts';
import { peopleRoutes } from './routes/people.ts';
import { slotRoutes } from './routes/slots.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export const apiRoutes: Route[] = [
  ...peopleRoutes,
  ...managedUserRoutes,
  ...eventTypeRoutes,
  ...webhookRoutes,
  ...slotRoutes,
  ...bookingRoutes,
  ...legacyBookingRoutes,
];
