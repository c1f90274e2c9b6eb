/**
 * Who may do what (SCHEMA, "Who may do what"): pure predicates over a Viewer and the rows concerned. Nothing here reads
 * a database or a clock. Use cases ask before they act; stores take the scope as an argument.
 */
import type { AppointmentRow, AppointmentScope } from '../appointments/appointment-store.ts';
import type { CareState } from '../appointments/appointment.ts';
import { unreachable } from '../kernel/result.ts';
import type { Role, Viewer } from './viewer.ts';

/** The part of the configuration that changes what a role may do. */
export interface AccessRules {
  patientChangeCutoffMinutes: number;
  frontDeskMayConfirm: boolean;
}

/** `because` is a sentence for the person who asked. */
export type Permission = { allowed: true } | { allowed: false; because: string };

type Visit = Pick<AppointmentRow, 'startsAt' | 'status' | 'seated' | 'hosts' | 'participants'>;

const YES: Permission = { allowed: true };
const no = (because: string): Permission => ({ allowed: false, because });

/** Which appointments the viewer may see at all. Every read of appointments requires one. */
export function appointmentScope(viewer: Viewer | null): AppointmentScope {
  if (viewer === null) return { none: true };
  switch (viewer.role) {
    case 'PATIENT':
      return { patientId: viewer.userId };
    case 'CLINICIAN':
      return { hostId: viewer.userId };
    case 'FRONT_DESK':
    case 'ADMIN':
    case 'DISPLAY':
      return { all: true };
    case 'AUDITOR':
      return { none: true };
    default:
      return unreachable(viewer.role);
  }
}

/**
 * Two viewers with the same key see the same answer to the same question. A shared execution for both is safe only
 * because everything `visible-appointment` and the predicates here look at is in the key: the role, and the person
 * wherever the role shows own things.
 */
export function viewerScopeKey(viewer: Viewer): string {
  switch (viewer.role) {
    case 'PATIENT':
    case 'CLINICIAN':
      return `${viewer.role}:${viewer.userId}`;
    case 'FRONT_DESK':
    case 'ADMIN':
    case 'DISPLAY':
    case 'AUDITOR':
      return viewer.role;
    default:
      return unreachable(viewer.role);
  }
}

/** People who work with patients and see their names. */
export function isStaff(viewer: Viewer | null): boolean {
  return viewer !== null && (viewer.role === 'CLINICIAN' || viewer.role === 'FRONT_DESK' || viewer.role === 'ADMIN');
}

/** Any host of the booking, and whoever sees all appointments and may act on them. */
function mayManage(viewer: Viewer, visit: Pick<Visit, 'hosts'>): boolean {
  if (viewer.role === 'FRONT_DESK' || viewer.role === 'ADMIN') return true;
  return viewer.role === 'CLINICIAN' && isHost(viewer, visit);
}

function isHost(viewer: Viewer, visit: Pick<Visit, 'hosts'>): boolean {
  return visit.hosts.some((host) => host.userId === viewer.userId);
}

function isOwnPatient(viewer: Viewer, visit: Pick<Visit, 'participants'>): boolean {
  return (
    viewer.role === 'PATIENT' &&
    visit.participants.some((participant) => participant.userId === viewer.userId && participant.state === 'ACTIVE')
  );
}

export interface BookingWish {
  /** Owner of the event type. */
  clinicianId: string;
  /** The linked patient asked for; null: the viewer, or the person described in `attendee`. */
  patientId: string | null;
  /** True when the input describes a person who is not linked. */
  hasAttendee: boolean;
}

/** Patients book for themselves, clinicians their own event types, the front desk and admins anything for anyone. */
export function mayBook(viewer: Viewer, wish: BookingWish): Permission {
  switch (viewer.role) {
    case 'PATIENT':
      if (wish.hasAttendee || (wish.patientId !== null && wish.patientId !== viewer.userId))
        return no('Patients book for themselves only.');
      return YES;
    case 'CLINICIAN':
      return wish.clinicianId === viewer.userId ? YES : no('Clinicians book appointments with themselves only.');
    case 'FRONT_DESK':
    case 'ADMIN':
      return YES;
    case 'AUDITOR':
    case 'DISPLAY':
      return no('Your role does not book appointments.');
    default:
      return unreachable(viewer.role);
  }
}

/** Reschedule and cancel. Patients until the cutoff before the start; staff at any time. Assumes that the viewer sees the visit. */
export function mayChange(viewer: Viewer, visit: Visit, now: Date, rules: AccessRules): Permission {
  if (mayManage(viewer, visit)) return YES;
  if (!isOwnPatient(viewer, visit)) return no('Your role does not change this appointment.');
  const minutes = rules.patientChangeCutoffMinutes;
  if (now.getTime() > visit.startsAt.getTime() - minutes * 60_000) {
    return no(
      minutes === 0
        ? 'This appointment has begun. Please call the clinic.'
        : `Changes are possible until ${minutes} minutes before the start. Please call the clinic.`,
    );
  }
  return YES;
}

/** Confirm and decline: a host, an admin, and the front desk where FRONT_DESK_MAY_CONFIRM is set. */
export function mayConfirm(viewer: Viewer, visit: Pick<Visit, 'hosts'>, rules: AccessRules): Permission {
  if (viewer.role === 'FRONT_DESK')
    return rules.frontDeskMayConfirm ? YES : no('Only the clinician or an admin confirms and declines here.');
  return mayManage(viewer, visit) ? YES : no('Only the clinician or an admin confirms and declines.');
}

/** Hand a visit over to another clinician: whoever manages it. */
export function mayReassign(viewer: Viewer, visit: Pick<Visit, 'hosts'>): Permission {
  return mayManage(viewer, visit) ? YES : no('Only the clinic hands an appointment over.');
}

/** Say who a participant is, or that it is nobody of ours. */
export function mayLinkPeople(viewer: Viewer, visit: Pick<Visit, 'hosts'>): boolean {
  return mayManage(viewer, visit);
}

/** Any care state of any participant. */
export function maySetCareState(viewer: Viewer, visit: Pick<Visit, 'hosts'>): boolean {
  return mayManage(viewer, visit);
}

/**
 * A patient's own check-in: EXPECTED → ARRIVED and nothing else, for the own seat. `participantId` null means the one
 * person of an unseated booking.
 */
export function mayCheckIn(
  viewer: Viewer,
  visit: Pick<Visit, 'seated' | 'participants'>,
  participantId: string | null,
  to: CareState,
): boolean {
  if (viewer.role !== 'PATIENT' || to !== 'ARRIVED') return false;
  const own = visit.participants.filter((participant) => participant.userId === viewer.userId && participant.state === 'ACTIVE');
  const meant = participantId === null ? (visit.seated ? undefined : own[0]) : own.find((participant) => participant.id === participantId);
  return meant !== undefined && (meant.careState === 'EXPECTED' || meant.careState === 'ARRIVED');
}

/** Search people, open a patient by id. */
export function maySearchPatients(viewer: Viewer | null): boolean {
  return isStaff(viewer);
}

/** Open one patient: staff, and the person in question. */
export function maySeePatient(viewer: Viewer | null, patientId: string): boolean {
  return isStaff(viewer) || (viewer !== null && viewer.role === 'PATIENT' && viewer.userId === patientId);
}

/** Open a member of staff as a User (role, phone, e-mail): staff, and the person in question. */
export function maySeeUser(viewer: Viewer | null, userId: string): boolean {
  return isStaff(viewer) || viewer?.userId === userId;
}

/** Create and change patients' records. */
export function mayEditPatients(viewer: Viewer): boolean {
  return isStaff(viewer);
}

/** See all accounts, make them, give them roles, end them. */
export function mayManageUsers(viewer: Viewer | null): boolean {
  return viewer?.role === 'ADMIN';
}

/** Connect a clinician to Cal.com, end that, and see how it stands: the clinician, and admins. */
export function mayConnect(viewer: Viewer | null, clinicianId: string): boolean {
  return viewer !== null && (viewer.role === 'ADMIN' || (viewer.role === 'CLINICIAN' && viewer.userId === clinicianId));
}

/** Change how the gateway and Cal.com are connected as a whole, and see every detail of it. */
export function mayOperate(viewer: Viewer | null): boolean {
  return viewer?.role === 'ADMIN';
}

/** Whether Cal.com works, and what it offers. */
export function maySeeCalcomStatus(viewer: Viewer | null): boolean {
  return isStaff(viewer);
}

/** Change what the clinic offers for booking. */
export function mayEditEventTypes(viewer: Viewer): boolean {
  return viewer.role === 'ADMIN';
}

/** See when a clinician works and is away. */
export function maySeeSchedules(viewer: Viewer | null): boolean {
  return isStaff(viewer) || viewer?.role === 'DISPLAY';
}

/** Change when a clinician works: the clinician, and admins. */
export function mayEditSchedule(viewer: Viewer, clinicianId: string): boolean {
  return viewer.role === 'ADMIN' || (viewer.role === 'CLINICIAN' && viewer.userId === clinicianId);
}

/** Event types that are not offered to the public. */
export function maySeeHiddenEventTypes(viewer: Viewer | null): boolean {
  return isStaff(viewer);
}

/** Free-text search over appointments reads names: staff only. */
export function maySearchAppointments(viewer: Viewer | null): boolean {
  return isStaff(viewer);
}

/**
 * A filter by patient tells who sits in a group visit and, on the wall board, whose initials those are: staff, and
 * patients for themselves.
 */
export function mayFilterByPatient(viewer: Viewer, patientId: string): boolean {
  return isStaff(viewer) || (viewer.role === 'PATIENT' && viewer.userId === patientId);
}

/** Who did something, in an appointment's history. */
export function maySeeActors(viewer: Viewer | null): boolean {
  return isStaff(viewer);
}

/**
 * The role that applies: a token's `role` claim can only lower the account's. "Lower" means that everything the claimed
 * role may do, the account's role may do as well; any other claim (also one we do not know) changes nothing.
 */
export function effectiveRole(account: Role, claimed: unknown): Role {
  return LOWER[account].find((role) => role === claimed) ?? account;
}

/** A clinician as DISPLAY would see other clinicians' patients, so that is not lower. */
const LOWER: Record<Role, readonly Role[]> = {
  ADMIN: ['FRONT_DESK', 'CLINICIAN', 'PATIENT', 'AUDITOR', 'DISPLAY'],
  FRONT_DESK: ['PATIENT', 'DISPLAY'],
  CLINICIAN: ['PATIENT'],
  PATIENT: [],
  AUDITOR: [],
  DISPLAY: [],
};
