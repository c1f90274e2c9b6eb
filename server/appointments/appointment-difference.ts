/** What a change of an appointment is, for the log: which fields, one word for it, and the part that may be remembered. Pure. */
import type { ChangeKind, ChangeSnapshot } from '../live/change-log.ts';
import type { AppointmentState, ParticipantState } from './appointment-state.ts';
import { sameJson } from './same-json.ts';

/** The part of a state that may stand in the change log: ids, times, statuses. */
export function snapshotOf(state: AppointmentState): ChangeSnapshot {
  const active = state.participants.filter((participant) => participant.state === 'ACTIVE');
  const hostIds = state.hosts.flatMap((host) => (host.userId === null ? [] : [host.userId]));
  return {
    startsAt: state.startsAt,
    endsAt: state.endsAt,
    status: state.status,
    careStates: state.seated
      ? active.flatMap((participant) => participant.careState ?? [])
      : state.careState === null
        ? []
        : [state.careState],
    clinicianId: state.clinicianId,
    hostIds: [...new Set(hostIds)],
    patientIds: [...new Set(active.flatMap((participant) => participant.userId ?? []))],
    eventTypeId: state.eventTypeId,
    hasConflict: state.hasConflict,
    ...(state.seated ? { careStateOf: careStatesByUser(active) } : {}),
  };
}

function careStatesByUser(participants: readonly ParticipantState[]): Record<string, string> {
  return Object.fromEntries(
    participants.flatMap(({ userId, careState }) => (userId === null || careState === null ? [] : [[userId, careState]])),
  );
}

/** What a change is of: the schema's field names, never their values. */
export function changedFields(before: AppointmentState, after: AppointmentState): string[] {
  const fields: string[] = [];
  const plain = [
    'startsAt',
    'endsAt',
    'timeZone',
    'status',
    'careState',
    'consultationType',
    'title',
    'description',
    'reason',
    'location',
    'cancellationReason',
    'rejectionReason',
    'reschedulingReason',
    'seated',
    'hasConflict',
    'seriesId',
    'payment',
    'meetingStartedAt',
    'meetingEndedAt',
  ] as const;
  for (const field of plain) if (before[field] !== after[field]) fields.push(field);
  if (before.clinicianId !== after.clinicianId) fields.push('clinician');
  if (before.patientId !== after.patientId) fields.push('patient');
  if (before.eventTypeId !== after.eventTypeId) fields.push('eventType');
  if (!sameJson(before.hosts, after.hosts)) fields.push('hosts');
  if (!sameJson(before.participants.map(withoutBookkeeping), after.participants.map(withoutBookkeeping))) fields.push('participants');
  return fields;
}

function withoutBookkeeping(participant: ParticipantState): unknown {
  const { id: _id, careChangedAt: _careChangedAt, linkDecided: _linkDecided, ...shown } = participant;
  return shown;
}

/** The one word for a change that may be several. */
export function kindOf(before: AppointmentState, after: AppointmentState): ChangeKind {
  if (before.bookingUid !== after.bookingUid && before.startsAt !== after.startsAt) return 'RESCHEDULED';
  if (before.startsAt !== after.startsAt || before.endsAt !== after.endsAt) return 'RESCHEDULED';
  if (before.clinicianId !== after.clinicianId) return 'CLINICIAN_CHANGED';
  if (before.status !== after.status) return 'STATUS_CHANGED';
  if (!sameJson(careOf(before), careOf(after))) return 'CARE_CHANGED';
  return 'UPDATED';
}

function careOf(state: AppointmentState): unknown {
  return state.seated
    ? state.participants
        .filter((participant) => participant.state === 'ACTIVE')
        .map((participant) => [participant.seatUid, participant.careState])
    : state.careState;
}
