import { describe, expect, test } from 'vitest';
import { userId } from '../kernel/ids.ts';
import {
  appointmentScope,
  effectiveRole,
  mayBook,
  mayChange,
  mayCheckIn,
  mayConfirm,
  mayEditEventTypes,
  mayEditSchedule,
  mayFilterByPatient,
  maySearchPatients,
  maySeePatient,
  maySeeSchedules,
  maySetCareState,
  viewerScopeKey,
} from './authorize.ts';
import type { Role, Viewer } from './viewer.ts';

const ANNA = userId('00000000-0000-7000-8000-0000000000a1');
const SAMIR = userId('00000000-0000-7000-8000-0000000000a2');
const MIA = userId('00000000-0000-7000-8000-0000000000b1');
const NOAH = userId('00000000-0000-7000-8000-0000000000b2');
const SOMEBODY = userId('00000000-0000-7000-8000-0000000000c1');

const as = (role: Role, id = SOMEBODY): Viewer => ({ userId: id, role, expiresAt: 0 });

const person = (id: typeof MIA, participantId: string, careState: 'EXPECTED' | 'DONE' = 'EXPECTED') => ({
  id: participantId,
  userId: id,
  seatUid: null,
  name: 'Somebody',
  email: null,
  phone: null,
  timeZone: 'UTC',
  careState,
  careChangedAt: null,
  absent: false,
  state: 'ACTIVE' as const,
});

const visit = {
  startsAt: new Date('2026-11-23T10:00:00Z'),
  status: 'CONFIRMED' as const,
  seated: false,
  hosts: [{ userId: ANNA, name: 'Dr. Anna de Vries', organizer: true }],
  participants: [person(MIA, 'p1')],
};

const EARLY = new Date('2026-11-23T08:59:00Z');
const LATE = new Date('2026-11-23T09:01:00Z');
const rules = { patientChangeCutoffMinutes: 60, frontDeskMayConfirm: false };
const generous = { ...rules, frontDeskMayConfirm: true };

const viewers = {
  'the patient': as('PATIENT', MIA),
  'another patient': as('PATIENT', NOAH),
  'the host': as('CLINICIAN', ANNA),
  'another clinician': as('CLINICIAN', SAMIR),
  'the front desk': as('FRONT_DESK'),
  'an admin': as('ADMIN'),
  'an auditor': as('AUDITOR'),
  'the wall': as('DISPLAY'),
};

const actions = {
  'move it in time': (viewer: Viewer) => mayChange(viewer, visit, EARLY, rules).allowed,
  'move it after the cutoff': (viewer: Viewer) => mayChange(viewer, visit, LATE, rules).allowed,
  'confirm it': (viewer: Viewer) => mayConfirm(viewer, visit, rules).allowed,
  'confirm it where the front desk may': (viewer: Viewer) => mayConfirm(viewer, visit, generous).allowed,
  'set its care state': (viewer: Viewer) => maySetCareState(viewer, visit),
  'check in': (viewer: Viewer) => mayCheckIn(viewer, visit, null, 'ARRIVED'),
  'say they are in the room': (viewer: Viewer) => mayCheckIn(viewer, visit, null, 'IN_ROOM'),
  'book for themselves': (viewer: Viewer) => mayBook(viewer, { clinicianId: ANNA, patientId: null, hasAttendee: false }).allowed,
  'book for Mia with Anna': (viewer: Viewer) => mayBook(viewer, { clinicianId: ANNA, patientId: MIA, hasAttendee: false }).allowed,
  'book for a stranger': (viewer: Viewer) => mayBook(viewer, { clinicianId: ANNA, patientId: null, hasAttendee: true }).allowed,
  'search patients': (viewer: Viewer) => maySearchPatients(viewer),
  'open Mia': (viewer: Viewer) => maySeePatient(viewer, MIA),
  'filter by Mia': (viewer: Viewer) => mayFilterByPatient(viewer, MIA),
};

type Who = keyof typeof viewers;
const STAFF: Who[] = ['the host', 'another clinician', 'the front desk', 'an admin'];

describe.each<[keyof typeof actions, Who[]]>([
  ['move it in time', ['the patient', 'the host', 'the front desk', 'an admin']],
  ['move it after the cutoff', ['the host', 'the front desk', 'an admin']],
  ['confirm it', ['the host', 'an admin']],
  ['confirm it where the front desk may', ['the host', 'the front desk', 'an admin']],
  ['set its care state', ['the host', 'the front desk', 'an admin']],
  ['check in', ['the patient']],
  ['say they are in the room', []],
  ['book for themselves', ['the patient', 'another patient', 'the host', 'the front desk', 'an admin']],
  ['book for Mia with Anna', ['the patient', 'the host', 'the front desk', 'an admin']],
  ['book for a stranger', ['the host', 'the front desk', 'an admin']],
  ['search patients', STAFF],
  ['open Mia', ['the patient', ...STAFF]],
  ['filter by Mia', ['the patient', ...STAFF]],
])('who may %s', (action, allowed) => {
  test.each(Object.keys(viewers) as Who[])('%s', (who) => {
    expect(actions[action](viewers[who])).toBe(allowed.includes(who));
  });
});

describe('a group visit', () => {
  const group = { ...visit, seated: true, participants: [person(MIA, 'p1'), person(NOAH, 'p2', 'DONE')] };

  test('is checked into seat by seat: only the own, only while expected, only by name', () => {
    expect(mayCheckIn(as('PATIENT', MIA), group, 'p1', 'ARRIVED')).toBe(true);
    expect(mayCheckIn(as('PATIENT', MIA), group, 'p2', 'ARRIVED')).toBe(false);
    expect(mayCheckIn(as('PATIENT', MIA), group, null, 'ARRIVED')).toBe(false);
    expect(mayCheckIn(as('PATIENT', NOAH), group, 'p2', 'ARRIVED')).toBe(false);
  });

  test('is not theirs any more who gave up the seat', () => {
    const left = { ...group, participants: [{ ...person(MIA, 'p1'), state: 'CANCELLED' as const }] };
    expect(mayChange(as('PATIENT', MIA), left, EARLY, rules).allowed).toBe(false);
  });
});

test('any host counts, not only the organizer', () => {
  const shared = { ...visit, hosts: [...visit.hosts, { userId: SAMIR, name: 'Dr. Samir Haddad', organizer: false }] };
  expect(mayConfirm(as('CLINICIAN', SAMIR), shared, rules).allowed).toBe(true);
});

test.each<[Role, boolean, boolean, boolean, boolean]>([
  // role, changes event types, sees working hours and time off, changes the own ones, changes those of others
  ['ADMIN', true, true, true, true],
  ['CLINICIAN', false, true, true, false],
  ['FRONT_DESK', false, true, false, false],
  ['DISPLAY', false, true, false, false],
  ['PATIENT', false, false, false, false],
  ['AUDITOR', false, false, false, false],
])('what is offered, and when: %s', (role, editsTypes, sees, editsOwn, editsOthers) => {
  const viewer = as(role, ANNA);
  expect([mayEditEventTypes(viewer), maySeeSchedules(viewer), mayEditSchedule(viewer, ANNA), mayEditSchedule(viewer, SAMIR)]).toEqual([
    editsTypes,
    sees,
    editsOwn,
    editsOthers,
  ]);
});

test('what each role sees at all', () => {
  expect(appointmentScope(null)).toEqual({ none: true });
  expect(appointmentScope(as('PATIENT', MIA))).toEqual({ patientId: MIA });
  expect(appointmentScope(as('CLINICIAN', ANNA))).toEqual({ hostId: ANNA });
  for (const role of ['FRONT_DESK', 'ADMIN', 'DISPLAY'] as const) expect(appointmentScope(as(role))).toEqual({ all: true });
  expect(appointmentScope(as('AUDITOR'))).toEqual({ none: true });
});

describe('the key under which two viewers may share an answer', () => {
  test('differs between two patients, two clinicians, and the same person in two roles', () => {
    const keys = [
      as('PATIENT', MIA),
      as('PATIENT', NOAH),
      as('CLINICIAN', ANNA),
      as('CLINICIAN', SAMIR),
      as('CLINICIAN', MIA),
      as('ADMIN', MIA),
      as('DISPLAY', MIA),
      as('FRONT_DESK', MIA),
      as('AUDITOR', MIA),
    ].map(viewerScopeKey);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('is the same for two people at the front desk', () => {
    expect(viewerScopeKey(as('FRONT_DESK', MIA))).toBe(viewerScopeKey(as('FRONT_DESK', NOAH)));
  });
});

describe('the role claim of a token', () => {
  test.each<[Role, unknown, Role]>([
    ['ADMIN', 'FRONT_DESK', 'FRONT_DESK'],
    ['ADMIN', 'DISPLAY', 'DISPLAY'],
    ['FRONT_DESK', 'DISPLAY', 'DISPLAY'],
    ['PATIENT', 'ADMIN', 'PATIENT'],
    ['CLINICIAN', 'FRONT_DESK', 'CLINICIAN'],
    ['CLINICIAN', 'PATIENT', 'PATIENT'],
    // The wall shows every clinician's patients.
    ['CLINICIAN', 'DISPLAY', 'CLINICIAN'],
    ['DISPLAY', 'FRONT_DESK', 'DISPLAY'],
    ['AUDITOR', 'ADMIN', 'AUDITOR'],
    ['ADMIN', 'SUPERUSER', 'ADMIN'],
    ['ADMIN', undefined, 'ADMIN'],
  ])('of an account %s that says %s means %s', (account, claimed, effective) => {
    expect(effectiveRole(account, claimed)).toBe(effective);
  });
});
