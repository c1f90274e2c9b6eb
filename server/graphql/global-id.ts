/**
 * Global Relay ids: base64 of `Type:id`. Decoding never throws and never says why an id is none: a made-up id, an id of
 * another type and the id of something foreign all lead to the same answer.
 */
import { appointmentId, type AppointmentId, eventTypeId, type EventTypeId, isUuid, userId, type UserId } from '../kernel/ids.ts';

export type NodeType = 'Appointment' | 'Clinician' | 'EventType' | 'Patient' | 'User';
export type OpaqueType = 'DriftReport' | 'BlockedTime' | 'Participant' | 'Persona' | 'Series' | 'SlotHold';

/** A UUID that no row has: what an id that names nothing is searched as. */
export const NO_UUID = '00000000-0000-0000-0000-000000000000';
const NO_INTEGER = -1;
const MAX_LENGTH = 256;
const MAX_INT4 = 2_147_483_647;
const ASCII = /^[\u0020-\u007e]*$/;

export function encodeId(type: NodeType | OpaqueType, id: string | number): string {
  const text = `${type}:${id}`;
  // Twice as fast as a Buffer, and a board has hundreds of ids; all but those of Cal.com's series are ours, and ASCII.
  return ASCII.test(text) ? btoa(text) : Buffer.from(text, 'utf8').toString('base64');
}

/** Null when the text is no global id. */
export function decodeId(globalId: string): { type: string; id: string } | null {
  if (globalId.length > MAX_LENGTH) return null;
  const text = Buffer.from(globalId, 'base64').toString('utf8');
  const separator = text.indexOf(':');
  if (separator < 1) return null;
  return { type: text.slice(0, separator), id: text.slice(separator + 1) };
}

/** The UUID behind an id of one of these types, or null. */
export function decodeUuid(globalId: string, ...types: (NodeType | OpaqueType)[]): string | null {
  const decoded = decodeId(globalId);
  if (decoded === null || !types.some((type) => type === decoded.type) || !isUuid(decoded.id)) return null;
  return decoded.id.toLowerCase();
}

export function decodeAppointmentId(globalId: string): AppointmentId | null {
  const id = decodeUuid(globalId, 'Appointment');
  return id === null ? null : appointmentId(id);
}

/** A person may be named as what they are to the caller: `Clinician:…` and `User:…` are the same row. */
export function decodePersonId(globalId: string, as: 'Clinician' | 'Patient'): UserId | null {
  const id = decodeUuid(globalId, as, 'User');
  return id === null ? null : userId(id);
}

export function decodeEventTypeId(globalId: string): EventTypeId | null {
  const decoded = decodeId(globalId);
  if (decoded === null || decoded.type !== 'EventType' || !/^\d{1,10}$/.test(decoded.id)) return null;
  const id = Number(decoded.id);
  return id <= MAX_INT4 ? eventTypeId(id) : null;
}

/** For filters: an id that names nothing matches nothing, instead of widening the question. */
export const orNoUuid = (id: string | null): string => id ?? NO_UUID;
export const orNoEventType = (id: EventTypeId | null): EventTypeId => id ?? eventTypeId(NO_INTEGER);
