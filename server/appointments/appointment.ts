/** What an Appointment is, and what may become of its care state. Pure. */

/** Cal.com decides. */
export type AppointmentStatus = 'REQUESTED' | 'CONFIRMED' | 'CANCELLED' | 'DECLINED';
/** We decide. */
export type CareState = 'EXPECTED' | 'ARRIVED' | 'IN_ROOM' | 'WITH_CLINICIAN' | 'DONE' | 'NO_SHOW';
export type ConsultationType = 'VIDEO' | 'AUDIO' | 'IN_PERSON';

/** The way through a visit; forward steps may skip, one step back is the undo. */
const WALK: readonly CareState[] = ['EXPECTED', 'ARRIVED', 'IN_ROOM', 'WITH_CLINICIAN', 'DONE'];

/** A visit that is still to come or under way. */
export function isLive(status: AppointmentStatus): boolean {
  return status === 'REQUESTED' || status === 'CONFIRMED';
}

/** Whether a person may move a visit from one care state to the other (ARCHITECTURE, decision 4). */
export function mayBecome(status: AppointmentStatus, from: CareState, to: CareState): boolean {
  // A visit that is not confirmed does not take place: its care state is frozen.
  if (status !== 'CONFIRMED' || from === to) return false;
  if (from === 'NO_SHOW' || to === 'NO_SHOW') return from === 'EXPECTED' || to === 'EXPECTED';
  const step = WALK.indexOf(to) - WALK.indexOf(from);
  return step > 0 || step === -1;
}

/** The care state after Cal.com moved the visit to another time. */
export function careAfterReschedule(care: CareState, sameClinicDay: boolean): CareState {
  switch (care) {
    case 'ARRIVED':
    case 'IN_ROOM':
    case 'WITH_CLINICIAN':
    case 'DONE':
      return sameClinicDay ? care : 'EXPECTED';
    case 'EXPECTED':
    case 'NO_SHOW':
      return 'EXPECTED';
  }
}

/** The care state after Cal.com was told that the attendee was absent, or was not after all. */
export function careAfterAbsence(care: CareState, wasAbsent: boolean, isAbsent: boolean): CareState {
  if (!wasAbsent && isAbsent && care === 'EXPECTED') return 'NO_SHOW';
  if (wasAbsent && !isAbsent && care === 'NO_SHOW') return 'EXPECTED';
  return care;
}

const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of an instant (Unix ms) in the clinic's zone, as `2026-12-07`. */
export function clinicDay(instant: number, timeZone: string): string {
  let format = dayFormats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
    dayFormats.set(timeZone, format);
  }
  return format.format(instant);
}
