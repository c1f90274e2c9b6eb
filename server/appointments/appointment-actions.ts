/** What a person may do with an appointment as it stands: their role, and what its state allows. Pure. */
import { type AccessRules, mayChange, mayCheckIn, mayConfirm, mayReassign, maySetCareState } from '../auth/authorize.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { VisibleAppointment } from './visible-appointment.ts';

export type AppointmentAction =
  | 'RESCHEDULE'
  | 'CANCEL'
  | 'CONFIRM'
  | 'DECLINE'
  | 'SET_CARE_STATE'
  | 'MARK_NO_SHOW'
  | 'REASSIGN'
  | 'CHECK_IN'
  | 'JOIN';

/** A hint for screens: each mutation decides again, under lock. */
export function viewerMay(viewer: Viewer, appointment: VisibleAppointment, now: Date, rules: AccessRules): AppointmentAction[] {
  const { status } = appointment;
  const actions: AppointmentAction[] = [];
  const isLive = status === 'REQUESTED' || status === 'CONFIRMED';
  if (isLive && appointment.careState !== 'DONE' && mayChange(viewer, appointment, now, rules).allowed)
    actions.push('RESCHEDULE', 'CANCEL');
  if (status === 'REQUESTED' && mayConfirm(viewer, appointment, rules).allowed) actions.push('CONFIRM', 'DECLINE');
  // The event types we know are each one clinician's own, and those Cal.com does not hand over.
  if (isLive && appointment.eventType === null && mayReassign(viewer, appointment).allowed) actions.push('REASSIGN');
  if (status === 'CONFIRMED' && maySetCareState(viewer, appointment)) {
    actions.push('SET_CARE_STATE');
    if (appointment.startsAt <= now && ['EXPECTED', 'NO_SHOW', null].includes(appointment.careState)) actions.push('MARK_NO_SHOW');
  }
  if (status === 'CONFIRMED' && canCheckIn(viewer, appointment)) actions.push('CHECK_IN');
  return actions;
}

function canCheckIn(viewer: Viewer, appointment: VisibleAppointment): boolean {
  const own = appointment.participants.find((participant) => participant.userId === viewer.userId && participant.state === 'ACTIVE');
  return own !== undefined && own.careState === 'EXPECTED' && mayCheckIn(viewer, appointment, own.id, 'ARRIVED');
}
