/**
 * Expected failures on their way out. Use cases return a `Failure`; `orThrow` turns it into the class below of the same
 * name, which Pothos' errors plugin makes a member of the field's union. Where a field has no union (lists, `null`
 * answers) the same class reaches the client as an ordinary error with its code.
 */
import { GraphQLError } from 'graphql';
import type { Failure, FieldProblem } from '../appointments/failure.ts';
import { type Result, unreachable } from '../kernel/result.ts';

type FailureOf<Kind extends Failure['kind']> = Extract<Failure, { kind: Kind }>;

/** Values of `UserErrorCode`. */
export type UserErrorCode =
  | 'NOT_ALLOWED'
  | 'NOT_FOUND'
  | 'INVALID_INPUT'
  | 'SLOT_TAKEN'
  | 'CALCOM_UNAVAILABLE'
  | 'OUTCOME_UNKNOWN'
  | 'VERSION_CONFLICT'
  | 'INVALID_TRANSITION';

/** What all members of a result union share. `retryable`: the same request may succeed later without a change. */
export class UserFailure<Kind extends Failure['kind']> extends GraphQLError {
  readonly failure: FailureOf<Kind>;
  readonly code: UserErrorCode;
  readonly retryable: boolean;

  constructor(failure: FailureOf<Kind>, code: UserErrorCode, retryable: boolean) {
    super(failure.message, { extensions: { code } });
    this.failure = failure;
    this.code = code;
    this.retryable = retryable;
  }
}

export class NotAllowed extends UserFailure<'NotAllowed'> {
  constructor(failure: FailureOf<'NotAllowed'>) {
    super(failure, 'NOT_ALLOWED', false);
  }
}

export class NotFound extends UserFailure<'NotFound'> {
  constructor(failure: FailureOf<'NotFound'>) {
    super(failure, 'NOT_FOUND', false);
  }
}

export class InvalidInput extends UserFailure<'InvalidInput'> {
  constructor(failure: FailureOf<'InvalidInput'>) {
    super(failure, 'INVALID_INPUT', false);
    this.extensions.fields = failure.fields;
  }
}

export class SlotTaken extends UserFailure<'SlotTaken'> {
  constructor(failure: FailureOf<'SlotTaken'>) {
    super(failure, 'SLOT_TAKEN', false);
  }
}

export class CalcomUnavailable extends UserFailure<'CalcomUnavailable'> {
  constructor(failure: FailureOf<'CalcomUnavailable'>) {
    super(failure, 'CALCOM_UNAVAILABLE', true);
  }
}

export class OutcomeUnknown extends UserFailure<'OutcomeUnknown'> {
  constructor(failure: FailureOf<'OutcomeUnknown'>) {
    super(failure, 'OUTCOME_UNKNOWN', true);
  }
}

export class VersionConflict extends UserFailure<'VersionConflict'> {
  constructor(failure: FailureOf<'VersionConflict'>) {
    super(failure, 'VERSION_CONFLICT', false);
  }
}

export class InvalidTransition extends UserFailure<'InvalidTransition'> {
  constructor(failure: FailureOf<'InvalidTransition'>) {
    super(failure, 'INVALID_TRANSITION', false);
  }
}

function toError(failure: Failure): GraphQLError {
  switch (failure.kind) {
    case 'NotAllowed':
      return new NotAllowed(failure);
    case 'NotFound':
      return new NotFound(failure);
    case 'InvalidInput':
      return new InvalidInput(failure);
    case 'SlotTaken':
      return new SlotTaken(failure);
    case 'CalcomUnavailable':
      return new CalcomUnavailable(failure);
    case 'OutcomeUnknown':
      return new OutcomeUnknown(failure);
    case 'VersionConflict':
      return new VersionConflict(failure);
    case 'InvalidTransition':
      return new InvalidTransition(failure);
    default:
      return unreachable(failure);
  }
}

/** The value, or the failure as the class that the schema knows. */
export function orThrow<Value>(result: Result<Value, Failure>): Value {
  if (result.ok) return result.value;
  throw toError(result.failure);
}

/** For an id that names nothing, whatever the reason. */
export function missing(what: string): NotFound {
  return new NotFound({ kind: 'NotFound', message: `${what} was not found.` });
}

/** Arguments that contradict each other or are out of bounds. */
export function invalid(...fields: FieldProblem[]): InvalidInput {
  return new InvalidInput({ kind: 'InvalidInput', message: fields.map((field) => field.message).join(' '), fields });
}

export const unauthenticated = (message = 'Sign in first.'): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
