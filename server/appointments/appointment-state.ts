/** Everything of an Appointment that is stored, as the write doors read and write it. Pure. */
import type { AppointmentStatus, CareState, ConsultationType } from './appointment.ts';
import type { BookingUid, UserId } from '../kernel/ids.ts';

export interface HostState {
  calcomUserId: number | null;
  userId: UserId | null;
  name: string;
  email: string | null;
  organizer: boolean;
}

export interface ParticipantState {
  /** UUIDv7. */
  id: string;
  seatUid: string | null;
  userId: UserId | null;
  /** Staff said who this is, or (without `userId`) that it is nobody of ours: no rule changes that. */
  linkDecided: boolean;
  name: string;
  email: string | null;
  phone: string | null;
  timeZone: string;
  locale: string | null;
  careState: CareState | null;
  careChangedAt: number | null;
  absent: boolean;
  state: 'ACTIVE' | 'CANCELLED' | 'MOVED';
}

/** Everything of an Appointment that follows from upstream or from care; instants are Unix ms. */
export interface AppointmentState {
  bookingUid: BookingUid;
  bookingId: number | null;
  eventTypeId: number | null;
  metadata: Record<string, string | number | boolean> | null;
  startsAt: number;
  endsAt: number;
  timeZone: string;
  status: AppointmentStatus;
  careState: CareState | null;
  careChangedAt: number | null;
  consultationType: ConsultationType;
  title: string;
  description: string | null;
  reason: string | null;
  location: string | null;
  cancellationReason: string | null;
  rejectionReason: string | null;
  reschedulingReason: string | null;
  seated: boolean;
  forked: boolean;
  seriesId: string | null;
  payment: 'PENDING' | 'PAID' | null;
  meetingStartedAt: number | null;
  meetingEndedAt: number | null;
  clinicianId: UserId | null;
  patientId: UserId | null;
  hasConflict: boolean;
  hosts: HostState[];
  participants: ParticipantState[];
}

/** Staff's word on who a participant is. */
export type LinkDecision = Pick<ParticipantState, 'userId'> & { linkDecided: true };

/** One order for the same people, wherever they were read from. */
export function inOrder(participants: readonly ParticipantState[]): ParticipantState[] {
  const key = (participant: ParticipantState) => `${participant.seatUid ?? '~'} ${participant.id}`;
  return participants.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Null while the rules decide. */
export function decisionOf(participant: ParticipantState | null): LinkDecision | null {
  return participant?.linkDecided === true ? { userId: participant.userId, linkDecided: true } : null;
}

/**
 * The state before a merge, with what staff decided about the same person in the appointments that it absorbs: a decision
 * is of the person, whichever of the rows it was made on. Its own goes first.
 */
export function withDecisionsOf(state: AppointmentState, absorbed: readonly AppointmentState[]): AppointmentState {
  const others = absorbed.flatMap((other) => other.participants.filter((participant) => participant.linkDecided));
  if (others.length === 0) return state;
  const participants = state.participants.map((participant) => {
    if (participant.linkDecided) return participant;
    const same = others.find((other) => (state.seated ? other.seatUid === participant.seatUid : true));
    return { ...participant, ...decisionOf(same ?? null) };
  });
  return { ...state, participants };
}
