/** Comparisons with Cal.com, for admins: what they found, since when all is proven equal, and how to begin one. */
import { cursorsOf, decodePageCursor, encodePageCursor } from '../appointments/page-cursor.ts';
import { builder } from '../graphql/builder.ts';
import { callerOf, viewerOf } from '../graphql/context.ts';
import { missing, orThrow } from '../graphql/errors.ts';
import { decodePersonId, decodeUuid, encodeId } from '../graphql/global-id.ts';
import { refuseForeignCursor } from '../graphql/list-cursor.ts';
import { connection, forwardPage } from '../graphql/page.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { Clinician, User } from '../users/people.graphql.ts';
import type { DriftItemRow, DriftReportRow, SweepState } from './drift-reports.ts';
import type { ProvenEqual } from './proven-equal.ts';
import type { DriftClass, DriftCounts, SweepMode, SweepSpan } from './sweep.ts';

const SweepSpanEnum = builder.enumType('SweepSpan', {
  description: 'Which bookings were compared.',
  values: {
    RECENT: { description: 'What changed at Cal.com since the last look.' },
    NEAR: { description: 'What starts from yesterday to two weeks ahead.' },
    FULL: { description: 'What starts from two months back to more than a year ahead.' },
    CUSTOM: { description: 'A range that an operator asked for.' },
    LISTED: { description: 'What an earlier report lists.' },
  } satisfies Record<SweepSpan, { description: string }>,
});

const SweepWindowEnum = builder.enumType('SweepWindow', {
  description: 'Which bookings to compare.',
  values: {
    RECENT: { description: 'What changed at Cal.com since the last look.' },
    NEAR: { description: 'What starts from yesterday to two weeks ahead.' },
    FULL: { description: 'What starts from two months back to more than a year ahead.' },
  },
});

const SweepModeEnum = builder.enumType('SweepMode', {
  description: 'What is done about a difference.',
  values: {
    REPORT: { description: 'Nothing: it is listed.' },
    REPAIR: { description: "Cal.com's word is recorded." },
  } satisfies Record<SweepMode, { description: string }>,
});

const SweepStateEnum = builder.enumType('SweepState', {
  description: 'How far a comparison is.',
  values: {
    QUEUED: { description: 'About to begin.' },
    RUNNING: { description: 'Under way.' },
    DONE: { description: 'Ended; see `complete` and `failures`.' },
    INTERRUPTED: { description: 'Broken off; the next one goes on from its pages.' },
  } satisfies Record<SweepState, { description: string }>,
});

const DriftClassEnum = builder.enumType('DriftClass', {
  description: 'How a booking differs.',
  values: {
    MISSING: { description: 'Cal.com has it, the clinic had not.' },
    MOVED: { description: 'Another time, another host, or replaced by another booking.' },
    STALE: { description: 'Different in anything else.' },
    GHOST: { description: 'Live here and unknown at Cal.com; cancelled here when it is missing a second time, minutes later.' },
    UNKNOWN_HOST: { description: 'Its host is nobody here: add or link the clinician.' },
  } satisfies Record<DriftClass, { description: string }>,
});

const DriftCountsType = builder.objectRef<DriftCounts>('DriftCounts').implement({
  description: 'Differing bookings by class.',
  fields: (t) => ({
    missing: t.int({ description: 'Of class MISSING.', resolve: (counts) => counts.MISSING }),
    moved: t.int({ description: 'Of class MOVED.', resolve: (counts) => counts.MOVED }),
    stale: t.int({ description: 'Of class STALE.', resolve: (counts) => counts.STALE }),
    ghost: t.int({ description: 'Of class GHOST.', resolve: (counts) => counts.GHOST }),
    unknownHost: t.int({ description: 'Of class UNKNOWN_HOST.', resolve: (counts) => counts.UNKNOWN_HOST }),
  }),
});

const DriftItem = builder.objectRef<DriftItemRow>('DriftItem').implement({
  description: 'One booking that differed. Ids and times only.',
  fields: (t) => ({
    class: t.field({ type: DriftClassEnum, description: 'How.', resolve: (item) => item.class }),
    bookingUid: t.exposeString('bookingUid', { description: "Cal.com's uid of it." }),
    appointmentId: t.id({
      nullable: true,
      description: 'Global id of the appointment here; null where there was none.',
      resolve: (item) => (item.appointmentId === null ? null : encodeId('Appointment', item.appointmentId)),
    }),
    clinician: t.field({
      type: Clinician,
      nullable: true,
      description: 'Among whose bookings it was found.',
      resolve: (item, _args, { loaders }) => (item.ownerId === null ? null : loaders.users.load(item.ownerId)),
    }),
    ourStartsAt: t.expose('ourStartsAt', { type: 'DateTime', nullable: true, description: 'Start as known here before.' }),
    upstreamStartsAt: t.expose('upstreamStartsAt', { type: 'DateTime', nullable: true, description: 'Start at Cal.com.' }),
    foundAt: t.expose('foundAt', { type: 'DateTime', description: 'When it was found.' }),
    repairedAt: t.expose('repairedAt', {
      type: 'DateTime',
      nullable: true,
      description: "When Cal.com's word was recorded; null while it was not.",
    }),
  }),
});

const DriftItemConnection = builder.connectionObject(
  { type: DriftItem, name: 'DriftItemConnection', description: 'A page of differing bookings.' },
  { name: 'DriftItemEdge', description: 'A differing booking.' },
);

const DriftReport = builder.objectRef<DriftReportRow>('DriftReport').implement({
  description: 'One comparison with Cal.com. Kept 90 days; those by the clock that found nothing recent are not kept.',
  fields: (t) => ({
    id: t.id({ description: 'Opaque id, for `repairDrift`.', resolve: (report) => encodeId('DriftReport', report.id) }),
    span: t.field({ type: SweepSpanEnum, description: 'Which bookings.', resolve: (report) => report.span }),
    mode: t.field({ type: SweepModeEnum, description: 'Only listed, or repaired.', resolve: (report) => report.mode }),
    state: t.field({ type: SweepStateEnum, description: 'How far it is.', resolve: (report) => report.state }),
    requestedBy: t.field({
      type: User,
      nullable: true,
      description: 'Who asked for it; null when it ran by the clock or from the command line.',
      resolve: (report, _args, { loaders }) => (report.requestedById === null ? null : loaders.users.load(report.requestedById)),
    }),
    clinician: t.field({
      type: Clinician,
      nullable: true,
      description: 'Only whose; null when everybody’s.',
      resolve: (report, _args, { loaders }) => (report.ownerId === null ? null : loaders.users.load(report.ownerId)),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true, description: 'When it began.' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true, description: 'When it ended.' }),
    complete: t.exposeBoolean('complete', { description: 'Every list was read to its end, and nothing changed meanwhile.' }),
    clinicians: t.int({ description: 'Whose bookings were compared: how many.', resolve: (report) => report.owners }),
    busyClinicians: t.int({
      description: 'Left out because another comparison of theirs was under way.',
      resolve: (report) => report.busyOwners,
    }),
    seen: t.exposeInt('seen', { description: 'Bookings looked at.' }),
    changes: t.exposeInt('changes', { description: 'Entries written to the change log.' }),
    unreadable: t.exposeInt('unreadable', { description: 'Bookings that could not be read.' }),
    failures: t.exposeStringList('failures', { description: 'Words for what went wrong; empty when nothing did.' }),
    counts: t.field({ type: DriftCountsType, description: 'What differed.', resolve: (report) => report.counts }),
    repaired: t.exposeInt('repaired', { description: 'How many of them were repaired.' }),
    items: t.field({
      type: DriftItemConnection,
      description: 'The differing bookings.',
      args: {
        class: t.arg({ type: DriftClassEnum, description: 'Only of this class.' }),
        first: t.arg.int({ description: 'How many, 1 to 100; 50 when not given.' }),
        after: t.arg.string({ description: 'Entries after this cursor.' }),
      },
      resolve: async (report, args, context) => {
        const { first, after } = forwardPage(args);
        refuseForeignCursor('after', after ?? undefined, 'ROW');
        const afterId = decodePageCursor(after ?? undefined)?.id ?? null;
        const page = orThrow(await context.loaders.driftItems.load({ reportId: report.id, only: args.class ?? null, first, afterId }));
        const cursorOf = cursorsOf(page.rows, (item) => encodePageCursor({ at: item.foundAt.toISOString(), id: item.id }));
        return connection(page.rows, cursorOf, { hasNextPage: page.hasNextPage, hasPreviousPage: after !== null });
      },
    }),
  }),
});

const DriftReportConnection = builder.connectionObject(
  { type: DriftReport, name: 'DriftReportConnection', description: 'A page of reports.' },
  { name: 'DriftReportEdge', description: 'A report.' },
);

const ProvenEqualType = builder.objectRef<ProvenEqual>('ProvenEqual').implement({
  description: "Since when a clinician's appointments are proven to equal Cal.com's.",
  fields: (t) => ({
    clinician: t.field({
      type: Clinician,
      nullable: true,
      description: 'Whose.',
      resolve: (proven, _args, { loaders }) => loaders.users.load(proven.ownerId),
    }),
    provenAt: t.expose('provenAt', { type: 'DateTime', nullable: true, description: 'Null: never yet.' }),
    secondsSince: t.int({
      nullable: true,
      description: 'How long ago that is; null: never yet.',
      resolve: ({ provenAt }, _args, { services }) =>
        provenAt === null ? null : Math.max(0, Math.round((services.clock.now().getTime() - provenAt.getTime()) / 1000)),
    }),
    suspectedGhosts: t.exposeInt('suspectedGhosts', { description: 'Bookings that are missing at Cal.com and not yet proven to be gone.' }),
  }),
});

builder.queryFields((t) => ({
  driftReports: t.field({
    type: DriftReportConnection,
    description: 'Comparisons with Cal.com, newest first. For admins.',
    args: {
      first: t.arg.int({ description: 'How many, 1 to 100; 50 when not given.' }),
      after: t.arg.string({ description: 'Entries after this cursor.' }),
    },
    resolve: async (_root, args, context) => {
      const { first, after } = forwardPage(args);
      refuseForeignCursor('after', after ?? undefined, 'ROW');
      const page = orThrow(await context.services.reconciliation.reports(viewerOf(context), first, decodePageCursor(after ?? undefined)));
      const cursorOf = cursorsOf(page.rows, (report) => encodePageCursor({ at: report.createdAt.toISOString(), id: report.id }));
      return connection(page.rows, cursorOf, { hasNextPage: page.hasNextPage, hasPreviousPage: after !== null });
    },
  }),
  provenEqual: t.field({
    type: [ProvenEqualType],
    description: 'Every clinician whose bookings can be compared, longest ago first. For admins.',
    resolve: async (_root, _args, context) => orThrow(await context.services.reconciliation.proven(viewerOf(context))),
  }),
}));

const RunReconciliationInput = builder.inputType('RunReconciliationInput', {
  description: 'A comparison with Cal.com.',
  fields: (t) => ({
    window: t.field({ type: SweepWindowEnum, required: true, description: 'Which bookings.' }),
    dryRun: t.boolean({ description: 'True: only list what differs. False when not given.' }),
    clinicianId: t.id({ description: 'Only of this clinician; everybody when not given.' }),
  }),
});

const RepairDriftInput = builder.inputType('RepairDriftInput', {
  description: 'Which report to act on.',
  fields: (t) => ({ reportId: t.id({ required: true, description: 'Id of the report; each of its bookings is read anew.' }) }),
});

const success = (name: string, description: string) =>
  builder.objectRef<{ report: DriftReportRow }>(name).implement({
    description,
    fields: (t) => ({ report: t.field({ type: DriftReport, description: 'The report to watch.', resolve: ({ report }) => report }) }),
  });

const RunReconciliationSuccess = success('RunReconciliationSuccess', 'It is queued, and begins at once.');
const RepairDriftSuccess = success('RepairDriftSuccess', 'It is queued, and begins at once.');

builder.mutationFields((t) => ({
  runReconciliation: t.field({
    type: RunReconciliationSuccess,
    errors: resultUnion('RunReconciliationResult'),
    description: 'Begins a comparison with Cal.com. For admins, audited.',
    args: { input: t.arg({ type: RunReconciliationInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, context) => {
      const clinicianId = input.clinicianId == null ? null : decodePersonId(input.clinicianId, 'Clinician');
      if (input.clinicianId != null && clinicianId === null) throw missing('The clinician');
      const mode = input.dryRun === true ? 'REPORT' : 'REPAIR';
      return { report: orThrow(await context.services.reconciliation.run(callerOf(context), { span: input.window, mode, clinicianId })) };
    },
  }),
  repairDrift: t.field({
    type: RepairDriftSuccess,
    errors: resultUnion('RepairDriftResult'),
    description:
      'Records what Cal.com says of every booking that a report lists; also believes that many are gone at once. For admins, audited.',
    args: { input: t.arg({ type: RepairDriftInput, required: true, description: 'Which report.' }) },
    resolve: async (_root, { input }, context) => {
      const id = decodeUuid(input.reportId, 'DriftReport');
      if (id === null) throw missing('The report');
      return { report: orThrow(await context.services.reconciliation.repair(callerOf(context), id)) };
    },
  }),
}));
