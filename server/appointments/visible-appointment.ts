/**
 * What one viewer may see of an appointment that is in their scope. The only way to a `VisibleAppointment` is
 * `visibleAppointment`, and the schema shows nothing else, so a path that forgets the projection does not compile.
 *
 * Seated bookings (ARCHITECTURE, "Data"): a patient sees the own seat only, and never title, description, reason or
 * metadata, because the title names the first patient. The wall board (DISPLAY) sees initials and nothing private.
 */
import type { Viewer } from '../auth/viewer.ts';
import { unreachable } from '../kernel/result.ts';
import type { AppointmentRow, ParticipantRow, PersonRow } from './appointment-store.ts';

declare const brand: unique symbol;

export interface VisibleAppointment extends Omit<AppointmentRow, 'title' | 'bookingUid' | 'bookingId' | 'metadata'> {
  readonly [brand]: 'VisibleAppointment';
  title: string | null;
  /** Cal.com's uid opens the booking's page there without a sign-in: admins only. */
  bookingUid: string | null;
}

type Projection = Omit<VisibleAppointment, typeof brand>;

export function visibleAppointment(viewer: Viewer, row: AppointmentRow): VisibleAppointment {
  return project(viewer, row) as VisibleAppointment;
}

function project(viewer: Viewer, row: AppointmentRow): Projection {
  const { bookingId: _bookingId, metadata: _metadata, ...rest } = row;
  switch (viewer.role) {
    case 'ADMIN':
      return rest;
    case 'FRONT_DESK':
    case 'CLINICIAN':
      return { ...rest, bookingUid: null };
    case 'PATIENT':
      return forPatient(viewer, row, { ...rest, bookingUid: null });
    case 'DISPLAY':
    case 'AUDITOR':
      return forWall({ ...rest, bookingUid: null });
    default:
      return unreachable(viewer.role);
  }
}

function forPatient(viewer: Viewer, row: AppointmentRow, shown: Projection): Projection {
  const participants = shown.participants.filter((participant) => participant.userId === viewer.userId);
  const patient = shown.patient?.id === viewer.userId ? shown.patient : null;
  const base = { ...shown, patient, participants, hasConflict: false };
  return row.seated ? { ...base, ...NOTHING_PRIVATE, careState: null, careChangedAt: null } : base;
}

function forWall(shown: Projection): Projection {
  return {
    ...shown,
    ...NOTHING_PRIVATE,
    patient: shown.patient === null ? null : initialsOnly(shown.patient),
    clinician: shown.clinician === null ? null : { ...shown.clinician, email: null, phone: null },
    participants: shown.participants.map(anonymous),
  };
}

/** Free text, and the location: for a visit at home or by telephone it is the patient's own. */
const NOTHING_PRIVATE = {
  title: null,
  description: null,
  reason: null,
  location: null,
  cancellationReason: null,
  rejectionReason: null,
};

function initialsOnly(person: PersonRow): PersonRow {
  return { ...person, name: initials(person.name), email: null, phone: null };
}

function anonymous(participant: ParticipantRow): ParticipantRow {
  return { ...participant, name: initials(participant.name), email: null, phone: null, seatUid: null };
}

/** `Ana María de Vries` → `A. V.`: first letters of the first and the last word, by grapheme. */
export function initials(name: string): string {
  const words = name.split(/[\s,]+/u).filter((word) => /\p{L}|\p{N}/u.test(word));
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  const letters = ends.map((word) => firstLetter(word ?? '')).filter((letter) => letter !== '');
  return letters.length === 0 ? '–' : letters.map((letter) => `${letter}.`).join(' ');
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

function firstLetter(word: string): string {
  for (const { segment } of graphemes.segment(word)) if (/\p{L}|\p{N}/u.test(segment)) return segment.toUpperCase();
  return '';
}
