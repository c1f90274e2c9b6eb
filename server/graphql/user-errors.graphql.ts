/** The members that result unions are made of besides success, each from the class of the same name in `errors`. */
import { Appointment } from '../appointments/appointment.graphql.ts';
import type { FieldProblem } from '../appointments/failure.ts';
import { visibleAppointment } from '../appointments/visible-appointment.ts';
import { CareState } from '../appointments/words.graphql.ts';
import { Slot } from '../slots/slot.graphql.ts';
import { builder } from './builder.ts';
import { viewerOf } from './context.ts';
import * as errors from './errors.ts';

const UserErrorCodeEnum = builder.enumType('UserErrorCode', {
  description: 'Why something was not done, for programs.',
  values: {
    NOT_ALLOWED: { description: 'Your role, or the time, does not allow it.' },
    NOT_FOUND: { description: 'There is no such thing, or not for you.' },
    INVALID_INPUT: { description: 'The input must be corrected.' },
    SLOT_TAKEN: { description: 'Somebody else was faster, or the time is not offered.' },
    CALCOM_UNAVAILABLE: { description: 'Cal.com does not answer. Nothing was done; try again later.' },
    OUTCOME_UNKNOWN: { description: 'It may have been done. Repeat with the same mutation key: that looks first.' },
    VERSION_CONFLICT: { description: 'It was changed in the meantime.' },
    INVALID_TRANSITION: { description: 'That care state does not follow from the present one.' },
  } satisfies Record<errors.UserErrorCode, { description: string }>,
});

interface UserErrorShape {
  message: string;
  code: errors.UserErrorCode;
  retryable: boolean;
}

const UserError = builder.interfaceRef<UserErrorShape>('UserError').implement({
  description: 'What every failure says.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'A sentence for people.' }),
    code: t.expose('code', { type: UserErrorCodeEnum, description: 'The same for programs.' }),
    retryable: t.exposeBoolean('retryable', { description: 'The same request may succeed later without a change.' }),
  }),
});

const FieldProblemType = builder.objectRef<FieldProblem>('FieldProblem').implement({
  description: 'What is wrong with one input field.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'The field, for instance `attendee.email`.' }),
    message: t.exposeString('message', { description: 'A sentence for people.' }),
  }),
});

builder.objectType(errors.NotAllowed, {
  name: 'NotAllowed',
  interfaces: [UserError],
  description: 'Your role, or the time, does not allow it.',
});

builder.objectType(errors.NotFound, {
  name: 'NotFound',
  interfaces: [UserError],
  description: 'There is no such thing, or it is not yours to see.',
});

builder.objectType(errors.InvalidInput, {
  name: 'InvalidInput',
  interfaces: [UserError],
  description: 'The input must be corrected.',
  fields: (t) => ({
    fields: t.field({ type: [FieldProblemType], description: 'Each field that is wrong.', resolve: ({ failure }) => failure.fields }),
  }),
});

builder.objectType(errors.SlotTaken, {
  name: 'SlotTaken',
  interfaces: [UserError],
  description: 'The time is not free (any more).',
  fields: (t) => ({
    nearest: t.field({ type: [Slot], description: 'Up to three free times closest to it.', resolve: ({ failure }) => failure.nearest }),
  }),
});

builder.objectType(errors.CalcomUnavailable, {
  name: 'CalcomUnavailable',
  interfaces: [UserError],
  description: 'Cal.com does not answer; nothing was done.',
  fields: (t) => ({
    retryAfterMs: t.int({
      nullable: true,
      description: 'When to try again, in milliseconds; null when unknown.',
      resolve: ({ failure }) => failure.retryAfterMs,
    }),
  }),
});

builder.objectType(errors.OutcomeUnknown, {
  name: 'OutcomeUnknown',
  interfaces: [UserError],
  description: 'It may have been done: say "checking", and repeat with the same mutation key.',
  fields: (t) => ({
    retryAfterMs: t.int({ description: 'When to repeat, in milliseconds.', resolve: ({ failure }) => failure.retryAfterMs }),
  }),
});

builder.objectType(errors.VersionConflict, {
  name: 'VersionConflict',
  interfaces: [UserError],
  description: 'The appointment was changed since you looked.',
  fields: (t) => ({
    current: t.field({
      type: Appointment,
      description: 'As it is now.',
      resolve: ({ failure }, _args, context) => visibleAppointment(viewerOf(context), failure.current),
    }),
  }),
});

builder.objectType(errors.InvalidTransition, {
  name: 'InvalidTransition',
  interfaces: [UserError],
  description: 'That care state does not follow from the present one.',
  fields: (t) => ({
    from: t.field({ type: CareState, nullable: true, description: 'The present one.', resolve: ({ failure }) => failure.from }),
    to: t.field({ type: CareState, description: 'The one asked for.', resolve: ({ failure }) => failure.to }),
  }),
});
