/** Everything that asks Cal.com to change a booking, put together. */
import type { BookingDesk } from '../services.ts';
import { createBookAppointment } from './book-appointment.ts';
import type { DeskOptions } from './booking-steps.ts';
import { createCancelAppointment } from './cancel-appointment.ts';
import { createConfirmAppointment } from './confirm-appointment.ts';
import { createDeclineAppointment } from './decline-appointment.ts';
import { createMarkNoShow } from './mark-no-show.ts';
import { createReassignAppointment } from './reassign-appointment.ts';
import { createRescheduleAppointment } from './reschedule-appointment.ts';

export function createBookingDesk(options: DeskOptions): BookingDesk {
  return {
    book: createBookAppointment(options),
    reschedule: createRescheduleAppointment(options),
    cancel: createCancelAppointment(options),
    confirm: createConfirmAppointment(options),
    decline: createDeclineAppointment(options),
    markNoShow: createMarkNoShow(options),
    reassign: createReassignAppointment(options),
  };
}
