/** The `errors` option of a mutation: its union has a name, the success, what every mutation can answer, and what this one adds. */
import {
  CalcomUnavailable,
  InvalidInput,
  type InvalidTransition,
  NotAllowed,
  NotFound,
  OutcomeUnknown,
  type SlotTaken,
  type VersionConflict,
} from './errors.ts';

const EVERY_MUTATION = [NotAllowed, NotFound, InvalidInput, CalcomUnavailable, OutcomeUnknown];

type Extra = typeof SlotTaken | typeof VersionConflict | typeof InvalidTransition;

export function resultUnion(name: string, ...extra: Extra[]) {
  return { types: [...extra, ...EVERY_MUTATION], union: { name, description: 'The success, or why it was not done.' } };
}
