/** What the change log remembers of an appointment at one moment: times, statuses and ids, no names and no text. */
import { builder } from '../graphql/builder.ts';
import type { ChangeSnapshot } from '../live/change-log.ts';
import { Clinician } from '../users/people.graphql.ts';
import { minutesOf } from './appointment.graphql.ts';
import type { AppointmentStatus as StatusValue, CareState as CareStateValue } from './appointment.ts';
import { AppointmentStatus, CareState } from './words.graphql.ts';

export const AppointmentSnapshot = builder.objectRef<ChangeSnapshot>('AppointmentSnapshot').implement({
  description: 'An appointment as it was at one moment.',
  fields: (t) => ({
    startsAt: t.field({ type: 'DateTime', description: 'Start.', resolve: ({ startsAt }) => startsAt }),
    endsAt: t.field({ type: 'DateTime', description: 'End.', resolve: ({ endsAt }) => endsAt }),
    durationMinutes: t.int({ description: 'Length in minutes.', resolve: minutesOf }),
    status: t.field({ type: AppointmentStatus, description: 'What Cal.com said.', resolve: ({ status }) => status as StatusValue }),
    careState: t.field({
      type: CareState,
      nullable: true,
      description: 'Where the visit stood; null on a seated booking.',
      resolve: ({ careStates }) => (careStates.length === 1 ? ((careStates[0] as CareStateValue | undefined) ?? null) : null),
    }),
    hasConflict: t.boolean({
      description: 'Overlapped another confirmed appointment of the clinician. Always false for patients.',
      resolve: ({ hasConflict }, _args, { viewer }) => hasConflict && viewer?.role !== 'PATIENT',
    }),
    clinician: t.field({
      type: Clinician,
      nullable: true,
      description: 'Whose it was.',
      resolve: ({ clinicianId }, _args, { loaders }) => (clinicianId === null ? null : loaders.users.load(clinicianId)),
    }),
  }),
});
