import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printedSchema } from '../../server/graphql/print-schema.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { readFileSync } from 'node:fs';
import { appointmentGid, createGraphqlClinic, eventTypeGid, type GraphqlClinic, personGid } from './graphql-clinic.ts';

let clinic: GraphqlClinic;
let anna: UserId;
let samir: UserId;
let mia: UserId;
let noah: UserId;
let desk: UserId;
let admin: UserId;
let wall: UserId;
let auditor: UserId;
let type: number;
let visit: string;
let otherVisit: string;

beforeAll(async () => {
  clinic = await createGraphqlClinic();
  anna = await clinic.addPerson('CLINICIAN', 'Dr. Anna de Vries', { email: 'anna@clinic.example' });
  samir = await clinic.addPerson('CLINICIAN', 'Dr. Samir Haddad');
  mia = await clinic.addPerson('PATIENT', 'Mia Bakker', { email: 'mia@example.com', phone: '+31611111111' });
  noah = await clinic.addPerson('PATIENT', 'Noah Visser', { email: 'noah@example.com' });
  desk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
  admin = await clinic.addPerson('ADMIN', 'Ada Admin');
  wall = await clinic.addPerson('DISPLAY', 'Wall');
  auditor = await clinic.addPerson('AUDITOR', 'Otto Auditor');
  type = await clinic.addEventType(anna);
  const hers = await clinic.addEventType(samir, { hidden: true });
  visit = await clinic.addAppointment({
    clinicianId: anna,
    eventTypeId: type,
    people: [{ userId: mia, name: 'Mia Bakker', email: 'mia@example.com' }],
  });
  otherVisit = await clinic.addAppointment({ clinicianId: samir, eventTypeId: hers, people: [{ userId: noah, name: 'Noah Visser' }] });
});

afterAll(() => clinic.close());

const LIST = `query List($filter: AppointmentFilter, $first: Int) {
  appointments(filter: $filter, first: $first) {
    totalCount changeCursor
    pageInfo { hasNextPage endCursor }
    edges { cursor node {
      id version status careState startsAt durationMinutes title description reason location bookingUid viewerMay
      clinician { id name email eventTypes { id } }
      hosts { name organizer clinician { id name } }
      patient { id name email phone }
      participants { id name email phone careState patient { id name email } }
      eventType { id title clinician { id name } }
    } }
  }
}`;

describe('the printed schema', () => {
  test('is the one that is committed', () => {
    expect(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')).toBe(printedSchema());
  });
});

describe('a list of appointments', () => {
  test('costs a constant number of statements, whatever is selected below it and however long it is', async () => {
    const one = await clinic.statements(() => clinic.data(desk, LIST, { first: 1 }));
    for (let index = 0; index < 20; index += 1) {
      const clinicianId = index % 2 === 0 ? anna : samir;
      const eventTypeId = await clinic.addEventType(clinicianId);
      await clinic.addAppointment({
        clinicianId,
        eventTypeId,
        startsAt: `2026-12-${String(index + 2).padStart(2, '0')}T09:00:00Z`,
        people: [{ userId: mia, name: 'Mia Bakker' }],
      });
    }
    const many = await clinic.statements(() => clinic.data(desk, LIST, { first: 100 }));
    expect(many.length).toBe(one.length);
    // Sign-in, page, count, event types of clinicians, clinicians of event types.
    expect(many.length).toBe(5);
  });

  test('costs one statement besides sign-in for what the rows themselves hold', async () => {
    const query =
      '{ appointments(first: 50) { changeCursor nodes { id clinician { id name } patient { id name } eventType { id title } participants { name } hosts { name clinician { name } } } } }';
    expect(await clinic.statements(() => clinic.data(desk, query))).toHaveLength(2);
  });
});
