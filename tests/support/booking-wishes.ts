/** What people ask of the booking desk, with everything that a test does not care about filled in. */
import type { AppointmentId, UserId } from '../../server/kernel/ids.ts';
import type { CancelInput, NoShowInput, ReassignInput, RescheduleInput } from '../../server/services.ts';
import { type BookingClinic, bookedRows, bookInput, callerOf, freshKey } from './booking-clinic.ts';

export function wishes(clinic: BookingClinic) {
  const { desk } = clinic;
  const about = (appointmentId: AppointmentId) => ({ clientMutationKey: freshKey(), appointmentId, expectedVersion: null });
  return {
    reschedule: (who: UserId, id: AppointmentId, wish: Partial<RescheduleInput> & Pick<RescheduleInput, 'startsAt'>) =>
      desk.reschedule(callerOf(who), { ...about(id), reason: null, holdId: null, participantId: null, ...wish }),
    cancel: (who: UserId, id: AppointmentId, wish: Partial<CancelInput> = {}) =>
      desk.cancel(callerOf(who), { ...about(id), reason: 'Ill', wholeSeries: false, participantId: null, ...wish }),
    confirm: (who: UserId, id: AppointmentId, wish: { clientMutationKey?: string; expectedVersion?: number } = {}) =>
      desk.confirm(callerOf(who), { ...about(id), ...wish }),
    decline: (who: UserId, id: AppointmentId, wish: { clientMutationKey?: string; expectedVersion?: number } = {}) =>
      desk.decline(callerOf(who), { ...about(id), reason: 'Full', ...wish }),
    markNoShow: (who: UserId, id: AppointmentId, wish: Partial<NoShowInput> = {}) =>
      desk.markNoShow(callerOf(who), { ...about(id), participantId: null, absent: true, ...wish }),
    reassign: (who: UserId, id: AppointmentId, wish: Partial<ReassignInput> & Pick<ReassignInput, 'clinicianId'>) =>
      desk.reassign(callerOf(who), { ...about(id), reason: null, ...wish }),
    /** One appointment, booked, and as its webhook has left it: that of a seat has Cal.com asked, which may raise the version once more. */
    async booked(who: UserId, wish: Parameters<typeof bookInput>[0]) {
      const [row] = bookedRows(await desk.book(callerOf(who), bookInput(wish)));
      if (row === undefined) throw new Error('Nothing was booked.');
      await clinic.applier.idle();
      const [now] = await clinic.appointments.byIds({ all: true }, [row.id]);
      return now ?? row;
    },
  };
}
