/** What happened to an appointment, newest first, each entry with what the viewer could know then. */
import { appointmentScope, maySeeActors } from '../auth/authorize.ts';
import { builder } from '../graphql/builder.ts';
import { viewerOf } from '../graphql/context.ts';
import { encodeId } from '../graphql/global-id.ts';
import { connection, forwardPage } from '../graphql/page.ts';
import type { ChangeCause as ChangeCauseValue, ChangeKind } from '../live/change-log.ts';
import { previousFor } from '../live/matching.ts';
import { User } from '../users/people.graphql.ts';
import { AppointmentSnapshot } from './appointment-snapshot.graphql.ts';
import type { HistoryEntry } from './appointment-store.ts';
import { refuseForeignCursor } from '../graphql/list-cursor.ts';
import { Appointment } from './appointment.graphql.ts';
import { cursorsOf } from './page-cursor.ts';
import { AppointmentChangeKind, ChangeCause } from './words.graphql.ts';

/** When no person of ours asked for it. */
const ACTORS: Record<ChangeCauseValue, string> = {
  WEBHOOK: 'Cal.com',
  SWEEP: 'Comparison with Cal.com',
  MUTATION: 'Somebody whose account is gone',
  LINKING: 'Linking of people',
};

const AppointmentChange = builder.objectRef<HistoryEntry>('AppointmentChange').implement({
  description: 'One entry of the change log.',
  fields: (t) => ({
    kind: t.field({ type: AppointmentChangeKind, description: 'What it did.', resolve: (entry) => entry.kind as ChangeKind }),
    version: t.exposeInt('version', { description: 'The version it produced.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was applied here.' }),
    cause: t.field({ type: ChangeCause, description: 'How it came here.', resolve: (entry) => entry.cause as ChangeCauseValue }),
    changedFields: t.exposeStringList('changedFields', { description: 'Names of the fields that changed.' }),
    appointmentId: t.id({
      description: 'Global id of the record it happened to: this appointment, or one that was merged into it. Both answer with this one.',
      resolve: (entry) => encodeId('Appointment', entry.appointmentId),
    }),
    mergedIntoId: t.id({
      nullable: true,
      description: 'For MERGED: global id of the record that goes on.',
      resolve: (entry) => (entry.mergedIntoId === null ? null : encodeId('Appointment', entry.mergedIntoId)),
    }),
    actorName: t.string({
      nullable: true,
      description: 'Who it was, in words: a name, or what in the gateway found it. For staff, null for others.',
      resolve: async (entry, _args, { viewer, loaders }) => {
        if (!maySeeActors(viewer)) return null;
        const person = entry.actorId === null ? null : await loaders.users.load(entry.actorId);
        return person?.name ?? ACTORS[entry.cause as ChangeCauseValue];
      },
    }),
    actor: t.field({
      type: User,
      nullable: true,
      description: 'Who asked for it here; for staff, null for others and when it came from Cal.com.',
      resolve: (entry, _args, { viewer, loaders }) =>
        entry.actorId !== null && maySeeActors(viewer) ? loaders.users.load(entry.actorId) : null,
    }),
    previous: t.field({
      type: AppointmentSnapshot,
      nullable: true,
      description: 'As it was; null for the first entry and while it was not yours to see.',
      resolve: (entry, _args, context) => previousFor(appointmentScope(viewerOf(context)), entry.before),
    }),
    current: t.field({
      type: AppointmentSnapshot,
      nullable: true,
      description: 'As it was afterwards; null while it was not yours to see.',
      resolve: (entry, _args, context) => previousFor(appointmentScope(viewerOf(context)), entry.after),
    }),
    bookingUid: t.string({
      nullable: true,
      description: "Cal.com's uid of the booking concerned; for admins, null for others.",
      resolve: (entry, _args, { viewer }) => (viewer?.role === 'ADMIN' ? entry.bookingUid : null),
    }),
  }),
});

const AppointmentChangeConnection = builder.connectionObject(
  { type: AppointmentChange, name: 'AppointmentChangeConnection', description: 'A page of history.' },
  { name: 'AppointmentChangeEdge', description: 'An entry of history.' },
);

builder.objectFields(Appointment, (t) => ({
  history: t.field({
    type: AppointmentChangeConnection,
    description: 'What happened to it, newest first; also to records that were merged into it.',
    args: {
      first: t.arg.int({ description: 'How many, 1 to 100; 50 when not given.' }),
      after: t.arg.string({ description: 'Entries after this cursor.' }),
    },
    resolve: async (appointment, args, context) => {
      const { first, after } = forwardPage(args);
      refuseForeignCursor('after', after ?? undefined, 'CHANGE');
      const page = await context.loaders.histories.load({ appointmentId: appointment.id, first, after });
      const entries = page?.entries ?? [];
      return connection(
        entries,
        cursorsOf(entries, (entry) => entry.cursor),
        { hasNextPage: page?.hasNextPage ?? false, hasPreviousPage: after !== null },
      );
    },
  }),
}));
