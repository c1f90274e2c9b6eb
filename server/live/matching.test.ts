import { describe, expect, test } from 'vitest';
import type { AppointmentScope } from '../appointments/appointment-store.ts';
import { type UserId, userId } from '../kernel/ids.ts';
import type { LiveFilter } from '../services.ts';
import type { ChangeSnapshot } from './change-log.ts';
import { decideDelivery, isVisible, matchesFilter, previousFor } from './matching.ts';

const olga = userId('olga');
const otto = userId('otto');
const ann = userId('ann');
const bob = userId('bob');
const nine = Date.parse('2026-12-07T09:00:00Z');

function snapshot(over: Partial<ChangeSnapshot> = {}): ChangeSnapshot {
  return {
    startsAt: nine,
    endsAt: nine + 1_800_000,
    status: 'CONFIRMED',
    careStates: ['EXPECTED'],
    clinicianId: olga,
    hostIds: [olga],
    patientIds: [ann],
    eventTypeId: 1,
    hasConflict: false,
    ...over,
  };
}

const all: AppointmentScope = { all: true };
const hostedBy = (hostId: UserId): AppointmentScope => ({ hostId });
const of = (patientId: UserId): AppointmentScope => ({ patientId });

describe('who may see an appointment', () => {
  test.for<[string, AppointmentScope, Partial<ChangeSnapshot>, boolean]>([
    ['staff see it', all, {}, true],
    ['an auditor does not', { none: true }, {}, false],
    ['its organizer sees it', hostedBy(olga), {}, true],
    ['another host sees it', hostedBy(otto), { hostIds: [olga, otto] }, true],
    ['another clinician does not', hostedBy(otto), {}, false],
    ['its patient sees it', of(ann), {}, true],
    ['one of several seats sees it', of(bob), { patientIds: [ann, bob] }, true],
    ['another patient does not', of(bob), {}, false],
    ['nobody is its patient while it is not linked', of(ann), { patientIds: [] }, false],
    ['a patient id does not open a host scope', hostedBy(ann), {}, false],
  ])('%s', ([, scope, over, visible]) => {
    expect(isVisible(scope, snapshot(over))).toBe(visible);
  });
});

describe('what a filter asks for', () => {
  test.for<[string, LiveFilter, Partial<ChangeSnapshot>, boolean]>([
    ['nothing given: everything', {}, {}, true],
    ['its organizer', { clinicianIds: [otto, olga] }, {}, true],
    ['a co-host, as in the list', { clinicianIds: [otto] }, { hostIds: [olga, otto] }, true],
    ['not somebody else', { clinicianIds: [otto] }, {}, false],
    ['an organizer, when there is none', { clinicianIds: [olga] }, { clinicianId: null, hostIds: [] }, false],
    ['an empty list: nothing', { clinicianIds: [] }, {}, false],
    ['its patient', { patientId: ann }, {}, true],
    ['another patient', { patientId: bob }, {}, false],
    ['its status', { statuses: ['CONFIRMED', 'REQUESTED'] }, {}, true],
    ['another status', { statuses: ['CANCELLED'] }, {}, false],
    ['a care state of any seat', { careStates: ['ARRIVED'] }, { careStates: ['EXPECTED', 'ARRIVED'] }, true],
    ['another care state', { careStates: ['ARRIVED'] }, {}, false],
    ['its event type', { eventTypeIds: [1] }, {}, true],
    ['an event type, when there is none', { eventTypeIds: [1] }, { eventTypeId: null }, false],
    ['a start at the lower bound', { startsAfter: new Date(nine) }, {}, true],
    ['a start before the lower bound', { startsAfter: new Date(nine + 1) }, {}, false],
    ['a start before the upper bound', { startsBefore: new Date(nine + 1) }, {}, true],
    ['not a start at the upper bound', { startsBefore: new Date(nine) }, {}, false],
    ['all conditions together, one of which fails', { clinicianIds: [olga], statuses: ['CANCELLED'] }, {}, false],
  ])('%s', ([, filter, over, matches]) => {
    expect(matchesFilter(filter, snapshot(over), all)).toBe(matches);
  });
});

describe('what a change means to one subscriber', () => {
  const ottos = { clinicianId: otto, hostIds: [otto] };
  test.for<[string, AppointmentScope, LiveFilter, Partial<ChangeSnapshot> | null, Partial<ChangeSnapshot>, string | null]>([
    ['a new one that was asked for is delivered', all, {}, null, {}, 'DELIVER'],
    ['a new one that was not asked for is nothing', all, { statuses: ['CANCELLED'] }, null, {}, null],
    ['one that begins to match is delivered', all, { statuses: ['CANCELLED'] }, {}, { status: 'CANCELLED' }, 'DELIVER'],
    ['one that stays is delivered', all, { statuses: ['CONFIRMED'] }, {}, { startsAt: nine + 60_000 }, 'DELIVER'],
    ['one that no longer matches has left the filter', all, { statuses: ['CONFIRMED'] }, {}, { status: 'CANCELLED' }, 'LEFT_FILTER'],
    ['one that never matched is nothing', all, { statuses: ['DECLINED'] }, {}, { status: 'CANCELLED' }, null],
    ['one handed to somebody else is removed', hostedBy(olga), {}, {}, ottos, 'REMOVED'],
    ['its new host sees it arrive', hostedBy(otto), {}, {}, ottos, 'DELIVER'],
    ['one handed over that had not matched is nothing', hostedBy(olga), { statuses: ['CANCELLED'] }, {}, ottos, null],
    ['a foreign one is nothing', hostedBy(otto), {}, {}, { status: 'CANCELLED' }, null],
    ['a patient who lost the seat hears that it is gone', of(bob), {}, { patientIds: [ann, bob] }, { patientIds: [ann] }, 'REMOVED'],
    [
      "a filter by care state tells a patient nothing of the other's seat",
      of(bob),
      { careStates: ['ARRIVED'] },
      null,
      { patientIds: [ann, bob], careStates: ['ARRIVED', 'EXPECTED'], careStateOf: { [ann]: 'ARRIVED', [bob]: 'EXPECTED' } },
      null,
    ],
    ['an auditor hears nothing', { none: true }, {}, {}, {}, null],
  ])('%s', ([, scope, filter, before, after, delivery]) => {
    expect(decideDelivery({ before: before === null ? null : snapshot(before), after: snapshot(after) }, scope, filter)).toBe(delivery);
  });
});

describe('what a viewer learns of the time before', () => {
  test('everything, when they could see it then', () => {
    expect(previousFor(hostedBy(olga), snapshot())).toEqual(snapshot());
  });

  test('nothing, when it was not theirs', () => {
    expect(previousFor(hostedBy(otto), snapshot())).toBeNull();
    expect(previousFor(of(bob), snapshot())).toBeNull();
  });

  test('nothing of the other seats, when they are a patient', () => {
    const careStateOf = { [ann]: 'ARRIVED', [bob]: 'EXPECTED' };
    const seated = snapshot({ patientIds: [ann, bob], careStates: ['ARRIVED', 'EXPECTED'], careStateOf });
    expect(previousFor(of(bob), seated)).toEqual(snapshot({ patientIds: [bob], careStates: [] }));
  });
});
