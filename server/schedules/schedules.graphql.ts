/** When clinicians work: reading for staff, changing for the clinician and admins. */
import { maySeeSchedules } from '../auth/authorize.ts';
import { type DayHours, type Hours as HoursShape, WEEKDAYS, type Weekday as Day } from '../calcom/schedule.ts';
import { builder } from '../graphql/builder.ts';
import { callerOf } from '../graphql/context.ts';
import { missing, orThrow } from '../graphql/errors.ts';
import { decodePersonId } from '../graphql/global-id.ts';
import { resultUnion } from '../graphql/result-union.ts';
import type { UserId } from '../kernel/ids.ts';
import { Clinician } from '../users/people.graphql.ts';
import type { StoredSchedule } from './schedule-store.ts';

const START = 'From then on, `HH:mm` on the wall clock of the schedule’s zone.';
const END = 'Until then, `HH:mm`; later than the start. 23:59 is the latest.';
const DATE = 'The day, `YYYY-MM-DD` in the schedule’s zone.';

const Weekday = builder.enumType('Weekday', {
  description: 'A day of the week.',
  values: Object.fromEntries(
    WEEKDAYS.map((day) => [day, { description: `Every ${day.slice(0, 1)}${day.slice(1).toLowerCase()}.` }]),
  ) as Record<Day, { description: string }>,
});

const Hours = builder.objectRef<HoursShape>('Hours').implement({
  description: 'A stretch of a day.',
  fields: (t) => ({
    startTime: t.exposeString('startTime', { description: START }),
    endTime: t.exposeString('endTime', { description: END }),
  }),
});

const WeeklyHours = builder.objectRef<StoredSchedule['weekly'][number]>('WeeklyHours').implement({
  description: 'Working hours that repeat every week.',
  fields: (t) => ({
    days: t.field({ type: [Weekday], description: 'On these days.', resolve: ({ days }) => days }),
    startTime: t.exposeString('startTime', { description: START }),
    endTime: t.exposeString('endTime', { description: END }),
  }),
});

interface OverriddenDay {
  date: string;
  hours: HoursShape[];
}

const ScheduleOverride = builder.objectRef<OverriddenDay>('ScheduleOverride').implement({
  description: 'What holds on one day instead of the week.',
  fields: (t) => ({
    date: t.exposeString('date', { description: DATE }),
    hours: t.field({ type: [Hours], description: 'Working hours of that day; none: a day off.', resolve: ({ hours }) => hours }),
  }),
});

const Schedule = builder.objectRef<StoredSchedule>('Schedule').implement({
  description: "A clinician's working hours: the default schedule at Cal.com. An event type may have hours of its own there.",
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is called at Cal.com.' }),
    timeZone: t.expose('timeZone', { type: 'TimeZone', description: 'All times of it are in this zone.' }),
    weekly: t.field({ type: [WeeklyHours], description: 'The usual week.', resolve: ({ weekly }) => weekly }),
    overrides: t.field({
      type: [ScheduleOverride],
      description: 'Single days that differ, by date. At most 500.',
      resolve: ({ overrides }) => daysOf(overrides),
    }),
    asOf: t.expose('asOf', { type: 'DateTime', description: 'When Cal.com said so.' }),
  }),
});

/** A stretch of no length says "a day off" (calcom/schedule). */
function daysOf(overrides: readonly DayHours[]): OverriddenDay[] {
  return [...Map.groupBy(overrides, ({ date }) => date)]
    .map(([date, hours]) => ({ date, hours: hours.filter(({ startTime, endTime }) => startTime < endTime) }))
    .sort((a, b) => (a.date < b.date ? -1 : 1));
}

builder.prismaObjectFields(Clinician, (t) => ({
  schedule: t.field({
    type: Schedule,
    nullable: true,
    description: 'Working hours as last read from Cal.com; for staff. Null for others, when unknown, and where Cal.com does not offer it.',
    resolve: (clinician, _args, { viewer, loaders, services }) =>
      maySeeSchedules(viewer) && services.instance.features().schedules ? loaders.schedules.load(clinician.id) : null,
  }),
}));

const WeeklyHoursInput = builder.inputType('WeeklyHoursInput', {
  description: 'Working hours that repeat every week. Those of one day must not overlap.',
  fields: (t) => ({
    days: t.field({ type: [Weekday], required: true, description: 'On these days.' }),
    startTime: t.string({ required: true, description: START }),
    endTime: t.string({ required: true, description: END }),
  }),
});

const HoursInput = builder.inputType('HoursInput', {
  description: 'A stretch of a day.',
  fields: (t) => ({
    startTime: t.string({ required: true, description: START }),
    endTime: t.string({ required: true, description: END }),
  }),
});

const UpdateScheduleInput = builder.inputType('UpdateScheduleInput', {
  description: 'What to change; what is left out stays. With nothing to change the schedule is only read anew.',
  fields: (t) => ({
    clinicianId: t.id({ required: true, description: 'Whose.' }),
    timeZone: t.field({ type: 'TimeZone', description: 'The zone of all its times; the times themselves stay.' }),
    weekly: t.field({ type: [WeeklyHoursInput], description: 'The whole week; an empty list: no working hours.' }),
  }),
});

const SetScheduleOverrideInput = builder.inputType('SetScheduleOverrideInput', {
  description: 'Other hours on one day.',
  fields: (t) => ({
    clinicianId: t.id({ required: true, description: 'Whose.' }),
    date: t.string({ required: true, description: `${DATE} Not in the past.` }),
    hours: t.field({ type: [HoursInput], required: true, description: 'Working hours of that day; none: a day off.' }),
  }),
});

const ClearScheduleOverrideInput = builder.inputType('ClearScheduleOverrideInput', {
  description: 'Which day goes back to the usual week.',
  fields: (t) => ({
    clinicianId: t.id({ required: true, description: 'Whose.' }),
    date: t.string({ required: true, description: DATE }),
  }),
});

const success = (name: string, description: string) =>
  builder.objectRef<{ schedule: StoredSchedule }>(name).implement({
    description,
    fields: (t) => ({ schedule: t.field({ type: Schedule, description: 'As it is now.', resolve: ({ schedule }) => schedule }) }),
  });

const UpdateScheduleSuccess = success('UpdateScheduleSuccess', 'Changed, here and at Cal.com.');
const SetScheduleOverrideSuccess = success('SetScheduleOverrideSuccess', 'That day differs now.');
const ClearScheduleOverrideSuccess = success('ClearScheduleOverrideSuccess', 'That day is as usual again.');

function whose(globalId: string): UserId {
  const id = decodePersonId(globalId, 'Clinician');
  if (id === null) throw missing('The clinician');
  return id;
}

builder.mutationFields((t) => ({
  updateSchedule: t.field({
    type: UpdateScheduleSuccess,
    errors: resultUnion('UpdateScheduleResult'),
    description: "Changes a clinician's usual week at Cal.com. The clinician and admins; audited.",
    args: { input: t.arg({ type: UpdateScheduleInput, required: true, description: 'Whose, and what.' }) },
    resolve: async (_root, { input }, context) => ({
      schedule: orThrow(
        await context.services.schedules.update(callerOf(context), whose(input.clinicianId), {
          timeZone: input.timeZone ?? null,
          weekly: input.weekly ?? null,
        }),
      ),
    }),
  }),
  setScheduleOverride: t.field({
    type: SetScheduleOverrideSuccess,
    errors: resultUnion('SetScheduleOverrideResult'),
    description: 'Other working hours on one day, or a day off. The clinician and admins; audited.',
    args: { input: t.arg({ type: SetScheduleOverrideInput, required: true, description: 'Whose, when, and what.' }) },
    resolve: async (_root, { input }, context) => ({
      schedule: orThrow(await context.services.schedules.setOverride(callerOf(context), whose(input.clinicianId), input)),
    }),
  }),
  clearScheduleOverride: t.field({
    type: ClearScheduleOverrideSuccess,
    errors: resultUnion('ClearScheduleOverrideResult'),
    description: 'The usual week holds again on that day. The clinician and admins; audited.',
    args: { input: t.arg({ type: ClearScheduleOverrideInput, required: true, description: 'Whose, and when.' }) },
    resolve: async (_root, { input }, context) => ({
      schedule: orThrow(await context.services.schedules.clearOverride(callerOf(context), whose(input.clinicianId), input.date)),
    }),
  }),
}));
