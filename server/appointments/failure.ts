import type { CareState } from './appointment.ts';
import type { AppointmentRow } from './appointment-store.ts';
import type { Slot } from '../slots/slot.ts';

/** Every way a person's wish can fail, as a value. Each becomes a member of a mutation's union (SCHEMA, UserError). */
export type Failure =
  | { kind: 'NotAllowed'; message: string }
  /** Unknown and foreign ids alike. */
  | { kind: 'NotFound'; message: string }
  | { kind: 'InvalidInput'; message: string; fields: FieldProblem[] }
  | { kind: 'SlotTaken'; message: string; nearest: Slot[] }
  | { kind: 'CalcomUnavailable'; message: string; retryAfterMs: number | null }
  /** The POST may or may not have worked; asking again with the same mutation key looks before it repeats. */
  | { kind: 'OutcomeUnknown'; message: string; retryAfterMs: number }
  | { kind: 'VersionConflict'; message: string; current: AppointmentRow }
  | { kind: 'InvalidTransition'; message: string; from: CareState | null; to: CareState };

export interface FieldProblem {
  /** Path of the input field, for instance `attendee.email`. */
  path: string;
  message: string;
}

export const notFound = (what: string): Failure => ({ kind: 'NotFound', message: `${what} was not found.` });
export const notAllowed = (message: string): Failure => ({ kind: 'NotAllowed', message });
export const invalidInput = (...fields: FieldProblem[]): Failure => ({
  kind: 'InvalidInput',
  message: fields.map((field) => field.message).join(' '),
  fields,
});
