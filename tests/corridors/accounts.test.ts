import { createClient as createSseClient } from 'graphql-sse';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../server/auth/viewer.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { createGraphqlClinic, type GraphqlClinic, personGid } from './graphql-clinic.ts';

let clinic: GraphqlClinic;
let ada: UserId;
let desk: UserId;
let anna: UserId;
let mia: UserId;

beforeAll(async () => {
  clinic = await createGraphqlClinic({ pace: { watchMs: 20 } });
});
afterAll(() => clinic.close());

beforeEach(async () => {
  await clinic.pool.query(`TRUNCATE "Appointment","AppointmentParticipant","AppointmentHost","AuditEvent","User" CASCADE`);
  ada = await clinic.addPerson('ADMIN', 'Ada Admin', { email: 'ada@example.com' });
  desk = await clinic.addPerson('FRONT_DESK', 'Front Desk', { email: 'desk@example.com' });
  anna = await clinic.addPerson('CLINICIAN', 'Dr. Anna de Vries', { email: 'anna@example.com' });
  mia = await clinic.addPerson('PATIENT', 'Mia Bakker', { email: 'mia@example.com' });
});

async function audited(): Promise<{ action: string; actorId: string; subjectId: string | null }[]> {
  return (
    await clinic.pool.query<{ action: string; actorId: string; subjectId: string | null }>(
      `SELECT "action", "actorId", "subjectId" FROM "AuditEvent" ORDER BY "id"`,
    )
  ).rows;
}

describe('staff search patients', () => {
  const find = async (search: string, as = desk): Promise<string[]> => {
    const query = 'query ($search: String!) { patients(search: $search) { nodes { name } } }';
    const { patients } = await clinic.data<{ patients: { nodes: { name: string }[] } }>(as, query, { search });
    return patients.nodes.map((node) => node.name);
  };

  test('by a part of name or e-mail; case, accents and double spaces of a name do not count', async () => {
    await clinic.addPerson('PATIENT', 'José Núñez', { email: 'jn@example.com' });
    await clinic.addPerson('PATIENT', 'Zoë Ørsted');
    expect(await find('jose nun')).toEqual(['José Núñez']);
    expect(await find('JOSÉ  NÚ')).toEqual(['José Núñez']);
    expect(await find('zoe o')).toEqual(['Zoë Ørsted']);
    expect(await find('JN@Exam')).toEqual(['José Núñez']);
    expect(await find('anna')).toEqual([]);
  });

  test.each(['%%', '__', '\\\\', "' OR 1=1 --", '％％'])('%j is taken literally', async (search) => {
    expect(await find(search)).toEqual([]);
    await clinic.addPerson('PATIENT', `Odd ${search.normalize('NFKC')} name`);
    expect(await find(search)).toHaveLength(1);
  });

  test('the trigram index serves it among many', async () => {
    await clinic.pool.query(
      `INSERT INTO "User" ("id","role","name","email","updatedAt")
       SELECT gen_random_uuid(), 'PATIENT', 'Person ' || md5(n::text), md5(n::text) || '@example.com', now() FROM generate_series(1, 5000) n`,
    );
    await clinic.pool.query('VACUUM ANALYZE "User"');
    const statements = await clinic.statements(() => find('nunez'));
    const search = statements.find((statement) => statement.includes('search_text')) ?? '';
    const plan = await clinic.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${search}`, ['nunez', null, null, 51]);
    expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('Patient_search_trgm');
  });

  test('every search is audited, none of what was typed is kept', async () => {
    const before = clinic.logged.length;
    await find('mia bak', anna);
    expect(await audited()).toEqual([{ action: 'patient.search', actorId: anna, subjectId: null }]);
    expect(clinic.logged.slice(before).join('\n')).not.toMatch(/mia|bak/i);
    const inUrl = new URL(clinic.url);
    inUrl.searchParams.set('query', '{ patients(search: "mia") { nodes { id } } }');
    const answer = await fetch(inUrl, { headers: { authorization: `Bearer ${await clinic.tokenOf(desk)}` } });
    expect(JSON.stringify(await answer.json())).toContain('POST');
  });
});

describe('patients who share a mailbox', () => {
  const update = 'mutation ($input: UpdatePatientInput!) { updatePatient(input: $input) { __typename } }';

  test('cannot be made the same by a correction', async () => {
    const tom = await clinic.addPerson('PATIENT', 'Tom Bakker', { email: 'mia@example.com' });
    const rename = (name: string) => clinic.data(desk, update, { input: { patientId: personGid('Patient', tom), name } });
    expect(await rename('mia bakker')).toEqual({ updatePatient: { __typename: 'InvalidInput' } });
    expect(await rename('Tommy Bakker')).toEqual({ updatePatient: { __typename: 'UpdatePatientSuccess' } });
  });
});

const INVITE =
  'mutation ($input: InviteUserInput!) { inviteUser(input: $input) { __typename ... on InviteUserSuccess { user { id role email identity { issuer subject } } } ... on InvalidInput { fields { path } } } }';
const UPDATE =
  'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { __typename ... on UpdateUserSuccess { user { role name email identity { issuer subject } } } ... on InvalidInput { fields { path } } } }';
const DISABLE =
  'mutation ($input: DisableUserInput!) { disableUser(input: $input) { __typename ... on DisableUserSuccess { user { disabledAt } futureAppointments warning } ... on NotAllowed { message } } }';
const ENABLE =
  'mutation ($input: EnableUserInput!) { enableUser(input: $input) { __typename ... on EnableUserSuccess { user { disabledAt } } } }';
const LIST =
  'query ($roles: [Role!], $search: String, $all: Boolean, $first: Int, $after: String) { users(roles: $roles, search: $search, includeDisabled: $all, first: $first, after: $after) { nodes { name disabledAt identity { issuer } } pageInfo { hasNextPage endCursor } } }';

const invite = (as: UserId, input: Record<string, unknown>) =>
  clinic.data<{ inviteUser: { __typename: string; user?: { id: string } } }>(as, INVITE, { input });
const change = (as: UserId, user: UserId, input: Record<string, unknown>) =>
  clinic.data(as, UPDATE, { input: { userId: personGid('User', user), ...input } });
const disable = (as: UserId, user: UserId) => clinic.data(as, DISABLE, { input: { userId: personGid('User', user) } });
const enable = (as: UserId, user: UserId) => clinic.data(as, ENABLE, { input: { userId: personGid('User', user) } });

describe('accounts', () => {
  test('are for admins only', async () => {
    const others: Role[] = ['PATIENT', 'CLINICIAN', 'FRONT_DESK', 'AUDITOR', 'DISPLAY'];
    for (const role of others) {
      const other = await clinic.addPerson(role, `A ${role}`);
      expect(await invite(other, { role: 'ADMIN', name: 'X', email: 'x@example.com' })).toMatchObject({
        inviteUser: { __typename: 'NotAllowed' },
      });
      expect(await change(other, mia, { name: 'X' })).toMatchObject({ updateUser: { __typename: 'NotAllowed' } });
      expect(await disable(other, mia)).toMatchObject({ disableUser: { __typename: 'NotAllowed' } });
      expect(await enable(other, mia)).toMatchObject({ enableUser: { __typename: 'NotAllowed' } });
      expect((await clinic.ask(other, LIST)).errors).toMatchObject([{ extensions: { code: 'NOT_ALLOWED' } }]);
    }
    expect(await audited()).toEqual([]);
  });

  test('an invited person has a role, one e-mail among staff and one sign-in, and each act is audited', async () => {
    const identity = { issuer: 'https://id.example', subject: 'sub-1' };
    const made = await invite(ada, { role: 'FRONT_DESK', name: 'Fay Desk', email: 'FAY@example.com', identity });
    expect(made).toMatchObject({ inviteUser: { user: { role: 'FRONT_DESK', email: 'fay@example.com', identity } } });
    expect(await invite(ada, { role: 'CLINICIAN', name: 'Other', email: 'fay@example.com' })).toMatchObject({
      inviteUser: { fields: [{ path: 'email' }] },
    });
    expect(await invite(ada, { role: 'CLINICIAN', name: 'Other' })).toMatchObject({ inviteUser: { fields: [{ path: 'email' }] } });
    expect(await invite(ada, { role: 'PATIENT', name: 'Fay', email: 'fay@example.com', identity })).toMatchObject({
      inviteUser: { fields: [{ path: 'identity' }] },
    });
    expect(await invite(ada, { role: 'PATIENT', name: 'Fay', email: 'fay@example.com' })).toMatchObject({
      inviteUser: { __typename: 'InviteUserSuccess' },
    });
    expect((await audited()).map((entry) => entry.action)).toEqual(['user.invite', 'user.invite']);
  });

  test('two invitations with one e-mail at the same moment make one member of staff', async () => {
    const input = { role: 'CLINICIAN', name: 'Twice', email: 'twice@example.com' };
    const answers = await Promise.all([invite(ada, input), invite(ada, input)]);
    expect(answers.map((answer) => answer.inviteUser.__typename).toSorted()).toEqual(['InvalidInput', 'InviteUserSuccess']);
  });

  test('an admin changes anything of another and everything but the role of the own', async () => {
    expect(await change(ada, mia, { name: 'Mia Jansen', phone: null })).toMatchObject({ updateUser: { user: { name: 'Mia Jansen' } } });
    expect(await change(ada, desk, { role: 'ADMIN', identity: { issuer: 'i', subject: 's' } })).toMatchObject({
      updateUser: { user: { role: 'ADMIN', identity: { issuer: 'i', subject: 's' } } },
    });
    expect(await change(ada, desk, { identity: null, email: 'anna@example.com' })).toMatchObject({
      updateUser: { fields: [{ path: 'email' }] },
    });
    expect(await change(ada, desk, { identity: null, email: null })).toMatchObject({ updateUser: { fields: [{ path: 'email' }] } });
    expect(await change(ada, mia, { role: 'FRONT_DESK', email: 'desk@example.com' })).toMatchObject({
      updateUser: { fields: [{ path: 'email' }] },
    });
    expect(await change(ada, ada, { name: 'Ada A.' })).toMatchObject({ updateUser: { user: { name: 'Ada A.' } } });
    expect(await change(ada, ada, { role: 'FRONT_DESK' })).toMatchObject({ updateUser: { __typename: 'NotAllowed' } });
    expect((await audited()).map((entry) => [entry.action, entry.subjectId])).toEqual([
      ['user.update', mia],
      ['user.update', desk],
      ['user.update', ada],
    ]);
  });

  test('nobody disables the own account, and of two admins who disable each other one stays', async () => {
    expect(await disable(ada, ada)).toMatchObject({ disableUser: { message: expect.stringContaining('yourself') } });
    const bob = await clinic.addPerson('ADMIN', 'Bob Admin');
    await Promise.all([clinic.ask(ada, DISABLE, of(bob)), clinic.ask(bob, DISABLE, of(ada))]);
    const admins = await clinic.pool.query(`SELECT 1 FROM "User" WHERE "role" = 'ADMIN' AND "disabledAt" IS NULL`);
    expect(admins.rowCount).toBe(1);
  });

  const of = (user: UserId) => ({ input: { userId: personGid('User', user) } });

  test('disabling says what is still to come, ends sign-in and streams; enabling brings both back', async () => {
    await clinic.addAppointment({ clinicianId: anna, people: [{ userId: mia, name: 'Mia Bakker' }] });
    await clinic.addAppointment({ clinicianId: anna, startsAt: '2026-11-20T09:00:00Z', people: [{ userId: mia, name: 'Mia Bakker' }] });
    await clinic.addAppointment({ clinicianId: anna, status: 'CANCELLED', startsAt: '2026-11-26T09:00:00Z', people: [] });
    const client = createSseClient({
      url: clinic.url,
      headers: { authorization: `Bearer ${await clinic.tokenOf(anna)}` },
      retryAttempts: 0,
    });
    const stream = client.iterate({ query: 'subscription { appointmentUpdated { kind } }' });
    expect((await stream.next()).value).toMatchObject({ data: { appointmentUpdated: { kind: 'POSITION' } } });

    expect(await disable(ada, anna)).toMatchObject({
      disableUser: {
        user: { disabledAt: expect.any(String) },
        futureAppointments: 1,
        warning: expect.stringContaining('1 appointment is'),
      },
    });
    const end: unknown = await stream.next().catch((error: unknown) => error);
    expect(JSON.stringify(end)).toContain('UNAUTHENTICATED');
    client.dispose();
    expect((await clinic.ask(anna, '{ viewer { role } }')).status).toBe(401);
    expect(await disable(ada, anna)).toMatchObject({ disableUser: { __typename: 'DisableUserSuccess' } });
    expect(await change(ada, anna, { name: 'X' })).toMatchObject({ updateUser: { __typename: 'NotAllowed' } });
    expect(await enable(ada, anna)).toEqual({ enableUser: { __typename: 'EnableUserSuccess', user: { disabledAt: null } } });
    expect((await clinic.ask(anna, '{ viewer { role } }')).data).toEqual({ viewer: { role: 'CLINICIAN' } });
    expect((await audited()).map((entry) => entry.action)).toEqual(['user.disable', 'user.enable']);
  });

  test('the list goes by name in pages, by role, by a part of a name; disabled ones when asked for', async () => {
    await clinic.addPerson('CLINICIAN', 'Zed Gone', { disabledAt: new Date('2026-11-01T00:00:00Z') });
    const list = async (variables: Record<string, unknown>) =>
      (
        await clinic.data<{ users: { nodes: { name: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } }>(
          ada,
          LIST,
          variables,
        )
      ).users;
    const names = async (variables: Record<string, unknown>) => (await list(variables)).nodes.map((node) => node.name);
    expect(await names({})).toEqual(['Ada Admin', 'Dr. Anna de Vries', 'Front Desk', 'Mia Bakker']);
    expect(await names({ roles: ['CLINICIAN', 'ADMIN'], all: true })).toEqual(['Ada Admin', 'Dr. Anna de Vries', 'Zed Gone']);
    expect(await names({ search: 'VRIES' })).toEqual(['Dr. Anna de Vries']);
    const first = await list({ first: 3 });
    expect(first.pageInfo.hasNextPage).toBe(true);
    expect(await names({ after: first.pageInfo.endCursor })).toEqual(['Mia Bakker']);
    expect((await clinic.ask(ada, LIST, { search: 'x' })).errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT' } }]);
  });

  test('staff see who is out of service, and not how others sign in', async () => {
    await clinic.pool.query(`UPDATE "User" SET "identityIssuer" = 'i', "identitySubject" = 's' WHERE "id" = $1`, [anna]);
    const query = 'query ($id: ID!) { node(id: $id) { ... on User { disabledAt emailVerified identity { subject } } } }';
    expect(await clinic.data(desk, query, { id: personGid('User', anna) })).toEqual({
      node: { disabledAt: null, emailVerified: false, identity: null },
    });
    expect(await clinic.data(ada, query, { id: personGid('User', anna) })).toMatchObject({ node: { identity: { subject: 's' } } });
  });
});
