/** What a person should know although it worked, or before they try. Pure; no names, so that it may be kept with a mutation key. */
import type { AppointmentRow, ParticipantRow } from './appointment-store.ts';
import { isLive } from './appointment.ts';

export type BookingWarningCode = 'CANNOT_NOTIFY' | 'LENGTH_RESET' | 'OVERLAPS';

export interface BookingWarning {
  code: BookingWarningCode;
  /** A sentence for people. */
  message: string;
}

/** Cal.com writes to an address that nobody reads. */
export const cannotNotify: BookingWarning = {
  code: 'CANNOT_NOTIFY',
  message: 'There is no e-mail address for this person: Cal.com cannot notify them. Please tell them yourself.',
};

export const overlaps: BookingWarning = {
  code: 'OVERLAPS',
  message: 'This overlaps another confirmed appointment of the clinician. Please move one of them.',
};

/** About the people that a change concerns. */
export function notifyWarnings(people: readonly Pick<ParticipantRow, 'email' | 'state'>[]): BookingWarning[] {
  return people.some((person) => person.state === 'ACTIVE' && person.email === null) ? [cannotNotify] : [];
}

type Timed = Pick<AppointmentRow, 'startsAt' | 'endsAt' | 'seated' | 'status'> & { eventType: { durationMinutes: number } | null };

/** A moved booking gets the usual length of its event type, whatever it was before (MEASURED 402). */
export function lengthWarnings(appointment: Timed): BookingWarning[] {
  const usual = appointment.eventType?.durationMinutes;
  const minutes = minutesBetween(appointment.startsAt, appointment.endsAt);
  if (usual === undefined || usual === minutes || appointment.seated || !isLive(appointment.status)) return [];
  return [lengthReset(minutes, usual)];
}

export function lengthReset(before: number, after: number): BookingWarning {
  return {
    code: 'LENGTH_RESET',
    message: `This appointment was booked for ${before} minutes; when it is moved, Cal.com gives it the usual length of ${after} minutes.`,
  };
}

export function minutesBetween(from: Date | number, to: Date | number): number {
  return Math.round((Number(to) - Number(from)) / 60_000);
}
