/** What lists cost in SQL statements: as many for thirty rows as for one, whatever is selected below them. */
import { isListType, isNonNullType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../server/graphql/schema.ts';
import { inTransaction } from '../../server/database/transaction.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { createReconciliationDesk } from '../../server/reconciliation/reconciliation-desk.ts';
import { manualClock } from '../../server/kernel/clock.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { appointmentGid, createGraphqlClinic, eventTypeGid, type GraphqlClinic, NOW, personGid } from './graphql-clinic.ts';

const LENGTHS = [1, 5, 30];
/** Of waterfalls. */
const MOST = 20;

let database: TestDatabase;
let clinic: GraphqlClinic;
let admin: UserId;
const clinicians: UserId[] = [];
const eventTypes: number[] = [];
const visits: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const reconciliation = createReconciliationDesk({
    pool: database.pool,
    clock: manualClock(NOW),
    log: silentLog,
    reconciler: {
      owners: () => Promise.resolve(clinicians.map((ownerId) => ({ ownerId, bearer: 'cal_test' }))),
      sweep: () => Promise.reject(new Error('Nothing is swept here.')),
      runQueued: () => Promise.resolve(0),
      stop: () => Promise.resolve(),
    },
  });
  clinic = await createGraphqlClinic({ database, reconciliation, config: { sandbox: true } });
  admin = await clinic.addPerson('ADMIN', 'Ada Admin');
});
afterAll(async () => {
  await clinic.close();
  await database.drop();
});

/** One more of everything, each with people and things of its own. */
async function grow(): Promise<void> {
  const index = clinicians.length;
  const clinicianId = await clinic.addPerson('CLINICIAN', `Dr. Number ${index}`, { email: `doctor${index}@clinic.example` });
  const patient = await clinic.addPerson('PATIENT', `Patient Number ${index}`, { email: `patient${index}@example.com` });
  await clinic.addPerson('PATIENT', `Guest Number ${index}`);
  const eventTypeId = await clinic.addEventType(clinicianId);
  const startsAt = `2026-12-${String(index + 1).padStart(2, '0')}T09:00:00Z`;
  const people = [
    { userId: patient, name: `Patient Number ${index}` },
    { userId: null, name: `Guest Number ${index}` },
  ];
  for (const seated of [false, true]) visits.push(await clinic.addAppointment({ clinicianId, eventTypeId, startsAt, seated, people }));
  clinicians.push(clinicianId);
  eventTypes.push(eventTypeId);
  await clinic.pool.query(
    `INSERT INTO "CalcomSchedule" ("clinicianId","calcomScheduleId","name","timeZone","weekly","overrides") VALUES ($1, $2, 'Hours', 'Europe/Amsterdam', '[]', '[]')`,
    [clinicianId, index],
  );
  await clinic.pool.query(
    `INSERT INTO "BlockedTime" ("id","upstreamUid","clinicianId","startsAt","endsAt","upstreamAt")
     VALUES (gen_random_uuid(), $1, $2, '2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z', $3)`,
    [`away-${index}`, clinicianId, NOW],
  );
  const snapshot = JSON.stringify({
    startsAt: 0,
    endsAt: 1_800_000,
    status: 'CONFIRMED',
    careStates: ['EXPECTED'],
    clinicianId,
    hostIds: [clinicianId],
    patientIds: [patient],
    eventTypeId,
    hasConflict: false,
  });
  await clinic.pool.query(
    `INSERT INTO "AppointmentChange" ("appointmentId","version","kind","changedFields","before","after","cause","actorId","bookingUid")
     SELECT $1, v, 'UPDATED', '{title}', $2, $2, 'MUTATION', $3, 'uid' FROM generate_series(1, 3) v`,
    [visits.at(-1), snapshot, clinicianId],
  );
  const hour = new Date(Date.parse(NOW) - index * 3_600_000);
  await clinic.pool.query(
    `WITH change AS (
       INSERT INTO "AppointmentChange" ("appointmentId","version","kind","changedFields","before","after","cause","actorId","bookingUid")
       VALUES ($1, $2, 'UPDATED', '{title}', $3, $3, 'MUTATION', $4, 'uid') RETURNING "id")
     INSERT INTO "DeliverySample" ("id","changeId","appliedAt","publishedAt","deliveredAt","paintedAt","clockErrorMs","expiresAt")
     SELECT gen_random_uuid(), "id", $5::timestamptz, $5::timestamptz, $5::timestamptz, $5::timestamptz, 0, $5::timestamptz + interval '9 days' FROM change`,
    [visits[0], index + 1, snapshot, clinicianId, hour],
  );
  await clinic.pool.query(
    `INSERT INTO "DriftReport" ("id","span","mode","state","requestedById","ownerId","createdAt","failures","expiresAt")
     VALUES (gen_random_uuid(), 'NEAR', 'REPORT', 'DONE', $1, $2, $3::timestamptz, '{}', $3::timestamptz + interval '90 days')`,
    [patient, clinicianId, hour],
  );
  await clinic.pool.query(
    `INSERT INTO "DriftItem" ("id","reportId","class","ownerId","bookingUid","foundAt")
     SELECT gen_random_uuid(), r."id", 'MISSING', $1, $2, $3 FROM (SELECT "id" FROM "DriftReport" ORDER BY "createdAt" DESC LIMIT 1) r`,
    [clinicianId, `uid-${index}`, hour],
  );
}

const AWAY = 'from: "2026-12-01T00:00:00Z", to: "2026-12-03T00:00:00Z"';
const EVENT_TYPE = 'id title bookingFields { slug } clinician { name email }';
const CLINICIAN = `id name email eventTypes { ${EVENT_TYPE} } schedule { name } calcomConnection { state }
  blockedTimes(${AWAY}) { id }`;
const PERIOD = 'from: "2026-11-20T00:00:00Z", to: "2026-11-24T00:00:00Z"';

interface List {
  /** The text asked, and how many rows it must answer with when `length` of everything are there. */
  ask: () => string;
  rows: (length: number) => number;
  /** Sign-in included. */
  statements: number;
}

const lists: Record<string, List> = {
  appointments: {
    ask: () => `{ list: appointments(first: 100) { totalCount changeCursor pageInfo { endCursor } edges { cursor node {
      id viewerMay hasConflict clinician { ${CLINICIAN} } patient { name } eventType { ${EVENT_TYPE} }
      hosts { name clinician { name email } } participants { name patient { name email } linkSuggestion { name } } } } } }`,
    rows: (length) => 2 * length,
    statements: 9,
  },
  clinicians: { ask: () => `{ list: clinicians { ${CLINICIAN} } }`, rows: (length) => length, statements: 7 },
  eventTypes: { ask: () => `{ list: eventTypes { ${EVENT_TYPE} } }`, rows: (length) => length, statements: 4 },
  eventTypeGroups: {
    ask: () => `{ list: eventTypeGroups { slug eventTypes { ${EVENT_TYPE} } } }`,
    rows: (length) => length,
    statements: 4,
  },
  patients: {
    ask: () => '{ list: patients(search: "patient number", first: 100) { nodes { id name email phone } } }',
    rows: (length) => length,
    statements: 3,
  },
  users: {
    ask: () => '{ list: users(roles: [CLINICIAN], first: 100) { nodes { id name role email identity { subject } } } }',
    rows: (length) => length,
    statements: 3,
  },
  nodes: {
    ask: () => {
      const ids = [
        ...visits.map(appointmentGid),
        ...clinicians.slice(0, 20).map((id) => personGid('Clinician', id)),
        ...clinicians.slice(0, 10).map((id) => personGid('User', id)),
        ...eventTypes.slice(0, 10).map(eventTypeGid),
      ];
      return `{ list: nodes(ids: ${JSON.stringify(ids)}) { __typename id
        ... on Appointment { clinician { name } eventType { title } participants { patient { name } linkSuggestion { name } } }
        ... on Clinician { name schedule { name } blockedTimes(${AWAY}) { id } } ... on EventType { title clinician { name } } ... on User { name } } }`;
    },
    rows: (length) => 2 * length + Math.min(length, 20) + 2 * Math.min(length, 10),
    statements: 8,
  },
  driftReports: {
    ask: () => '{ list: driftReports(first: 100) { nodes { id counts { missing } repaired requestedBy { name } clinician { name } } } }',
    rows: (length) => length,
    statements: 3,
  },
  provenEqual: { ask: () => '{ list: provenEqual { provenAt clinician { name } } }', rows: (length) => length, statements: 3 },
  deliveryLatency: {
    ask: () => `{ list: deliveryLatency(${PERIOD}) { hour samples stages { stage } } }`,
    rows: (length) => length,
    statements: 2,
  },
  deliveryWaterfalls: {
    ask: () => `{ list: deliveryWaterfalls(${PERIOD}, first: ${MOST}) { id appointmentId kind } }`,
    rows: (length) => Math.min(length, MOST),
    statements: 2,
  },
  demoPersonas: {
    ask: () => '{ list: demoPersonas { id } }',
    rows: (length) => 1 + Math.min(length, 10) + Math.min(2 * length, 6),
    statements: 2,
  },
  'history of an appointment': {
    ask: () => `{ one: appointment(id: "${appointmentGid(visits[0] ?? '')}") { list: history(first: 100) { nodes {
      kind version actorName actor { name } previous { clinician { name } } current { clinician { name } } } } } }`,
    rows: (length) => length,
    statements: 5,
  },
  'appointments with the history of each': {
    ask: () => '{ list: appointments(first: 100) { nodes { id history(first: 5) { nodes { kind version actor { name } } } } } }',
    rows: (length) => 2 * length,
    statements: 5,
  },
  'items of a drift report': {
    ask: () => '{ reports: driftReports(first: 1) { nodes { list: items(first: 100) { nodes { class clinician { name } } } } } }',
    rows: (length) => length,
    statements: 4,
  },
  'drift reports with the items of each': {
    ask: () => '{ list: driftReports(first: 100) { nodes { id items(first: 5) { nodes { class bookingUid } } } } }',
    rows: (length) => length,
    statements: 3,
  },
};

/** The rows of what was asked as `list`, wherever it is. */
function rowsOf(data: unknown): number {
  if (Array.isArray(data)) return rowsOf(data[0]);
  const { list, ...others } = data as { list?: unknown };
  if (list === undefined) return rowsOf(Object.values(others)[0]);
  if (Array.isArray(list)) return list.length;
  const { nodes, edges } = list as { nodes?: unknown[]; edges?: unknown[] };
  return (nodes ?? edges ?? []).length;
}

describe('the count', () => {
  test('has transactions and what Prisma asks, and nothing that others ask meanwhile', async () => {
    const others = Array.from({ length: 20 }, () => clinic.pool.query('SELECT 2'));
    const work = clinic.statements(async () => {
      await inTransaction(clinic.pool, (tx) => tx.query('SELECT 1'));
      await database.prisma.user.count();
    });
    others.push(...Array.from({ length: 20 }, () => clinic.pool.query('SELECT 2')));
    const beside = clinic.data(admin, '{ users { nodes { id } } }');
    const statements = await work;
    expect(statements).toEqual(['BEGIN', 'SELECT 1', 'COMMIT', expect.stringContaining('COUNT')]);
    await Promise.all([...others, beside]);
  });
});

describe('lists', () => {
  test('of the schema are all looked at here', () => {
    const fields = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ type }) => {
      const bare = isNonNullType(type) ? type.ofType : type;
      return isListType(bare) || (isObjectType(bare) && 'nodes' in bare.getFields());
    });
    expect(fields.map(({ name }) => name).toSorted()).toEqual(
      Object.keys(lists)
        .filter((name) => schema.getQueryType()?.getFields()[name])
        .toSorted(),
    );
  });

  test('cost the same number of statements for one row, for five and for thirty', async () => {
    const costs: Record<string, string[][]> = {};
    for (const length of LENGTHS) {
      while (clinicians.length < length) await grow();
      for (const [name, { ask, rows }] of Object.entries(lists)) {
        const query = ask();
        let data: unknown;
        const statements = await clinic.statements(async () => {
          data = await clinic.data(admin, query);
        });
        expect([name, rowsOf(data)]).toEqual([name, rows(length)]);
        (costs[name] ??= []).push(statements);
      }
    }
    const expected = Object.entries(lists).map(([name, { statements }]) => [name, LENGTHS.map(() => statements)]);
    expect(Object.entries(costs).map(([name, each]) => [name, each.map((statements) => statements.length)])).toEqual(expected);
  });

  test('of changes that are asked for together are each of their own appointment, newest first', async () => {
    while (clinicians.length < 2) await grow();
    const { appointments } = await clinic.data<{
      appointments: {
        nodes: { id: string; history: { nodes: { appointmentId: string; version: number }[]; pageInfo: { hasNextPage: boolean } } }[];
      };
    }>(
      admin,
      '{ appointments(first: 100) { nodes { id history(first: 2) { nodes { appointmentId version } pageInfo { hasNextPage } } } } }',
    );
    const groups = new Set(visits.filter((_visit, index) => index % 2 === 1).map(appointmentGid));
    const shown = appointments.nodes.filter(({ id }) => groups.has(id));
    expect(shown).toHaveLength(groups.size);
    for (const { id, history } of shown) {
      const nodes = [3, 2].map((version) => ({ appointmentId: id, version }));
      expect(history).toEqual({ nodes, pageInfo: { hasNextPage: true } });
    }
  });
});
