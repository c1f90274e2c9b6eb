/** `calcomStatus` and `registerCalcomWebhook`: the Cal.com in use, for staff in short, for admins in full. */
import { mayOperate, maySeeCalcomStatus } from '../auth/authorize.ts';
import { builder } from '../graphql/builder.ts';
import { callerOf } from '../graphql/context.ts';
import { missing, orThrow } from '../graphql/errors.ts';
import { decodePersonId } from '../graphql/global-id.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { Clinician } from '../users/people.graphql.ts';
import { type Finding, findingsOf } from './findings.ts';
import { type Features, featuresOf, type InstanceStatus, isAnotherInstance, type OwnerStatus } from './instance-status.ts';
import type { OddityCount } from './oddity-log.ts';
import type { Registration } from './register-webhooks.ts';

const CalcomFeatures = builder.objectRef<Features>('CalcomFeatures').implement({
  description: 'What this installation of Cal.com offers; what it lacks is hidden.',
  fields: (t) => ({
    reservations: t.exposeBoolean('reservations', { description: 'Holding a slot is also told to Cal.com.' }),
    webhooks: t.exposeBoolean('webhooks', { description: 'Changes are told at once; without, the sweep finds them minutes later.' }),
    schedules: t.exposeBoolean('schedules', { description: 'Working hours can be read and changed.' }),
  }),
});

const CalcomProblem = builder.objectRef<Finding>('CalcomProblem').implement({
  description: 'Something that is wrong with the connection to Cal.com.',
  fields: (t) => ({
    subject: t.string({ description: 'What it is about, in a word or two.', resolve: ({ what }) => what }),
    clinician: t.field({
      type: Clinician,
      nullable: true,
      description: 'Whose, when it is about one clinician.',
      resolve: ({ ownerId }, _args, { loaders }) => (ownerId === null ? null : loaders.users.load(ownerId)),
    }),
    problem: t.string({ description: 'A sentence.', resolve: ({ problem }) => problem ?? '' }),
    mend: t.string({ description: "How to mend it: a command, or a place in Cal.com's pages.", resolve: ({ mend }) => mend ?? '' }),
  }),
});

const CalcomResource = builder.objectRef<InstanceStatus['resources'][number]>('CalcomResource').implement({
  description: 'One part of API v2.',
  fields: (t) => ({
    name: t.string({ description: 'Which.', resolve: ({ resource }) => resource }),
    state: t.string({
      description: 'AVAILABLE, MISSING (no such route), OTHER_SHAPE (an older release), REFUSED or FAILED.',
      resolve: ({ state }) => state,
    }),
  }),
});

const CalcomConnectionCheck = builder.objectRef<OwnerStatus>('CalcomConnectionCheck').implement({
  description: "One clinician's key and webhook, as of the check.",
  fields: (t) => ({
    clinician: t.field({
      type: Clinician,
      nullable: true,
      description: 'Who.',
      resolve: ({ ownerId }, _args, { loaders }) => loaders.users.load(ownerId),
    }),
    key: t.string({ description: 'ACCEPTED, REFUSED, UNLICENSED, RATE_LIMITED or UNREACHABLE.', resolve: ({ key }) => key }),
    webhookKnown: t.boolean({ description: 'Whether the registrations could be looked at.', resolve: ({ webhook }) => webhook.known }),
    webhookProblems: t.stringList({
      description: 'MISSING, INACTIVE, TRIGGERS, SECRET, TEMPLATE, DUPLICATE, EVENT_TYPE; empty when it is as it should be.',
      resolve: ({ webhook }) => webhook.problems,
    }),
    webhookSilent: t.boolean({
      description: 'The sweep found changes that no webhook had told.',
      resolve: ({ webhook }) => webhook.silent,
    }),
  }),
});

const CalcomOddity = builder.objectRef<OddityCount>('CalcomOddity').implement({
  description: 'Something Cal.com sent that this release does not know; it broke nothing.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'TRIGGER, STATUS, FIELD, VALUE or UNREADABLE.' }),
    subject: t.exposeString('subject', { description: 'A word of Cal.com, or the path of a field; never a value.' }),
    count: t.exposeInt('count', { description: 'How often.' }),
    firstAt: t.expose('firstAt', { type: 'DateTime', description: 'First seen.' }),
    lastAt: t.expose('lastAt', { type: 'DateTime', description: 'Last seen.' }),
  }),
});

const CalcomStatus = builder.objectRef<InstanceStatus>('CalcomStatus').implement({
  description: 'The Cal.com in use, as of the last check. Staff see whether it works; the rest is for admins and null for others.',
  fields: (t) => ({
    checkedAt: t.field({ type: 'DateTime', description: 'When it was looked at.', resolve: ({ checkedAt }) => new Date(checkedAt) }),
    reachable: t.exposeBoolean('reachable', { description: 'Whether it answers.' }),
    healthy: t.boolean({
      description: 'Nothing is wrong.',
      resolve: (status) => findingsOf(status).every((finding) => finding.problem === null),
    }),
    features: t.field({ type: CalcomFeatures, description: 'What it offers.', resolve: (status) => featuresOf(status) }),
    version: t.string({
      nullable: true,
      description: 'Of its web application; null when it does not tell (API v2 never does).',
      resolve: (status, _args, { viewer }) => (mayOperate(viewer) ? status.version : null),
    }),
    clockSkewMs: t.int({
      nullable: true,
      description: 'Its clock minus ours, in milliseconds.',
      resolve: (status, _args, { viewer }) => (mayOperate(viewer) ? status.clockSkewMs : null),
    }),
    anotherInstance: t.boolean({
      nullable: true,
      description: 'Another Cal.com answers than the one the database is about: nothing is copied from it.',
      resolve: (status, _args, { viewer }) => (mayOperate(viewer) ? isAnotherInstance(status) : null),
    }),
    problems: t.field({
      type: [CalcomProblem],
      nullable: true,
      description: 'What is wrong, and how to mend it.',
      resolve: (status, _args, { viewer }) => (mayOperate(viewer) ? findingsOf(status).filter(({ problem }) => problem !== null) : null),
    }),
    resources: t.field({
      type: [CalcomResource],
      nullable: true,
      description: 'The parts of API v2.',
      resolve: (status, _args, { viewer }) => (mayOperate(viewer) ? status.resources : null),
    }),
    connections: t.field({
      type: [CalcomConnectionCheck],
      nullable: true,
      description: 'Each clinician with a credential.',
      resolve: (status, _args, { viewer }) => (mayOperate(viewer) ? status.owners : null),
    }),
    lastMeetingEventAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Last MEETING_STARTED or MEETING_ENDED received: without the cron of the web container none comes.',
      resolve: ({ meetings }, _args, { viewer }) =>
        mayOperate(viewer) && meetings.lastSeenAt !== null ? new Date(meetings.lastSeenAt) : null,
    }),
    oddities: t.field({
      type: [CalcomOddity],
      nullable: true,
      description: 'What it sent that this release does not know, the most recent 200.',
      resolve: (_status, _args, { viewer, services }) => (mayOperate(viewer) ? services.instance.oddities() : null),
    }),
  }),
});

builder.queryFields((t) => ({
  calcomStatus: t.field({
    type: CalcomStatus,
    nullable: true,
    description: 'The Cal.com in use, as of the last check (hourly, and at the start). For staff; null for others.',
    args: { refresh: t.arg.boolean({ description: 'Look now; for admins, ignored for others.' }) },
    resolve: async (_root, { refresh }, { viewer, services }) => {
      if (!maySeeCalcomStatus(viewer)) return null;
      if (refresh === true && mayOperate(viewer)) return services.instance.check();
      return (await services.instance.status()) ?? services.instance.check();
    },
  }),
}));

const RegisterCalcomWebhookInput = builder.inputType('RegisterCalcomWebhookInput', {
  description: 'Whose webhook.',
  fields: (t) => ({
    clinicianId: t.id({ description: 'Only of this clinician; of every one with a credential when not given.' }),
  }),
});

const CalcomWebhookRegistration = builder.objectRef<Registration>('CalcomWebhookRegistration').implement({
  description: 'The one webhook of a clinician.',
  fields: (t) => ({
    clinician: t.field({
      type: Clinician,
      nullable: true,
      description: 'Whose bookings it tells of.',
      resolve: ({ ownerId }, _args, { loaders }) => loaders.users.load(ownerId),
    }),
    outcome: t.exposeString('outcome', {
      description: 'CREATED, REPAIRED, UNCHANGED because it was right, or FAILED when others could be registered.',
    }),
    removed: t.exposeInt('removed', { description: 'Superfluous ones taken away, those of event types included.' }),
  }),
});

const RegisterCalcomWebhookSuccess = builder.objectRef<{ registrations: Registration[] }>('RegisterCalcomWebhookSuccess').implement({
  description: 'Registered: exactly one for each clinician.',
  fields: (t) => ({
    registrations: t.field({
      type: [CalcomWebhookRegistration],
      description: 'What was done.',
      resolve: ({ registrations }) => registrations,
    }),
  }),
});

builder.mutationFields((t) => ({
  registerCalcomWebhook: t.field({
    type: RegisterCalcomWebhookSuccess,
    errors: resultUnion('RegisterCalcomWebhookResult'),
    description: 'Creates or repairs the webhook at Cal.com, one for each clinician. Admins only, audited; safe to repeat.',
    args: { input: t.arg({ type: RegisterCalcomWebhookInput, required: true, description: 'Whose.' }) },
    resolve: async (_root, { input }, context) => {
      const clinicianId = input.clinicianId == null ? null : decodePersonId(input.clinicianId, 'Clinician');
      if (input.clinicianId != null && clinicianId === null) throw missing('The clinician');
      return { registrations: orThrow(await context.services.instance.registerWebhooks(callerOf(context), clinicianId)) };
    },
  }),
}));
