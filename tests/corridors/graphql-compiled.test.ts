/**
 * The same question again and again is answered in three ways: interpreted, compiled by way of Yoga, and the short way. Nobody may
 * notice which: the client's own documents, GraphiQL's samples and what is refused are asked until all three were taken.
 */
import { readFileSync } from 'node:fs';
import { Kind, OperationTypeNode, parse, print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compilable } from '../../server/graphql/compilable.ts';
import { SAMPLE_OPERATIONS } from '../../server/graphql/graphiql.ts';
import { schema } from '../../server/graphql/schema.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { type Answer, appointmentGid, createGraphqlClinic, eventTypeGid, type GraphqlClinic, personGid } from './graphql-clinic.ts';

const WAYS = 3;
const CLIENT = readFileSync(new URL('../../client/generated/operations.json', import.meta.url), 'utf8');
const QUERIES = [...Object.values(JSON.parse(CLIENT) as Record<string, string>), ...SAMPLE_OPERATIONS.flatMap(singly)].filter((text) =>
  text.trimStart().startsWith('query'),
);

let clinic: GraphqlClinic;
let people: Record<string, UserId>;
let variables: Record<string, unknown>;

beforeAll(async () => {
  clinic = await createGraphqlClinic();
  people = {};
  for (const role of ['CLINICIAN', 'PATIENT', 'FRONT_DESK', 'ADMIN', 'DISPLAY', 'AUDITOR'] as const)
    people[role] = await clinic.addPerson(role, `Some ${role}`, { email: `${role.toLowerCase()}@example.com` });
  const { CLINICIAN: clinicianId, PATIENT: patient } = people as { CLINICIAN: UserId; PATIENT: UserId };
  const eventTypeId = await clinic.addEventType(clinicianId);
  const someone = { userId: patient, name: 'Some Patient', email: 'patient@example.com' };
  const visit = await clinic.addAppointment({ clinicianId, eventTypeId, people: [someone] });
  await clinic.addAppointment({
    clinicianId,
    startsAt: '2026-11-25T09:00:00Z',
    seated: true,
    people: [someone, { userId: null, name: 'Nobody we know', careState: 'ARRIVED' }],
  });
  const from = '2026-11-24T00:00:00Z';
  variables = {
    id: appointmentGid(visit),
    eventTypeId: eventTypeGid(eventTypeId),
    eventTypeIds: [eventTypeGid(eventTypeId)],
    from,
    to: '2026-11-26T00:00:00Z',
    timeZone: 'Europe/Amsterdam',
    first: 50,
    filter: { startsAfter: from, clinicianIds: [personGid('Clinician', clinicianId)] },
    search: 'some',
    orderBy: 'LATEST',
  };
});

afterAll(() => clinic.close());

/** Each operation of a text with the fragments beside it. */
function singly(text: string): string[] {
  const { definitions } = parse(text);
  const fragments = definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  return definitions
    .filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    .map((operation) => print({ kind: Kind.DOCUMENT, definitions: [operation, ...fragments] }));
}

function variablesOf(text: string): Record<string, unknown> {
  const operation = parse(text).definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  const names = (operation?.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  return Object.fromEntries(names.filter((name) => name in variables).map((name) => [name, variables[name]]));
}

/** Without what is new each time, or whenever somebody writes in the cluster that all tests share. */
function lasting({ status, data, errors, headers }: Answer) {
  const text = JSON.stringify({ status, type: headers.get('content-type'), data, errors: errors.toSorted(byPath) })
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'request id')
    .replaceAll(/"changeCursor":"[\w-]+"/g, '"changeCursor":"a cursor"');
  return JSON.parse(text) as unknown;
}

const byPath = (one: Answer['errors'][number], other: Answer['errors'][number]) => String(one.path).localeCompare(String(other.path));

async function answers(as: UserId | null, text: string, given: Record<string, unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let way = 0; way < WAYS; way += 1) all.push(lasting(await clinic.ask(as, text, given)));
  return all;
}

test.each(QUERIES.map((text) => [/query (\w+)/.exec(text)?.[1] ?? '', text]))(
  '%s is compiled, and answers the same to everybody',
  async (_name, text) => {
    const document = parse(text);
    const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
    expect(operation?.operation).toBe(OperationTypeNode.QUERY);
    expect(operation === undefined ? null : compilable(schema, document, operation)).not.toBeNull();
    for (const as of [...Object.values(people), null]) {
      // A document of its own for each, so that the first answer is the interpreter's.
      const own = `${text}\n# ${as}`;
      const [interpreted, ...compiled] = await answers(as, own, variablesOf(text));
      for (const answer of compiled) expect(answer).toEqual(interpreted);
    }
  },
);

describe('what is refused', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['arguments', '{ appointments(first: 101) { nodes { id } } again: appointments(first: 0) { nodes { id } } clinic { name } }', {}],
    ['by role', '{ patients(search: "some") { nodes { name } } clinic { name } }', {}],
    ['variables', 'query ($first: Int!) { appointments(first: $first) { nodes { id } } }', { first: 'many' }],
    ['a variable left out', 'query ($id: ID!) { appointment(id: $id) { id } }', {}],
    [
      'an instant without a zone',
      'query ($at: DateTime!) { appointments(filter: { startsAfter: $at }) { nodes { id } } }',
      { at: '2026-12-07' },
    ],
    ['one of several nodes', 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids: ['nothing', 'QXBwb2ludG1lbnQ6', ''] }],
    [
      'a member of a union',
      `query { slots(eventTypeId: "nothing", from: "2026-12-07T09:00:00Z", to: "2026-12-08T09:00:00Z") { __typename ... on UserError { code message } } }`,
      {},
    ],
  ])('%s is refused the same, in the same words, at the same places', async (_what, text, given) => {
    for (const role of ['PATIENT', 'FRONT_DESK', 'DISPLAY']) {
      const [interpreted, ...compiled] = await answers(people[role] ?? null, `${text}\n# ${role}`, given);
      for (const answer of compiled) expect(answer).toEqual(interpreted);
    }
  });

  test('a mistake of ours is masked, with its path and place and the id of the request', async () => {
    await clinic.pool.query('ALTER TABLE "AppointmentHost" RENAME TO "HostAway"');
    const all = await answers(people.FRONT_DESK ?? null, '{ clinic { name } appointments { nodes { id } } }', {});
    await clinic.pool.query('ALTER TABLE "HostAway" RENAME TO "AppointmentHost"');
    expect(all[0]).toMatchObject({
      errors: [
        { message: 'Something went wrong here. Request id: request id', path: ['appointments'], locations: [{ line: 1, column: 19 }] },
      ],
    });
    for (const answer of all) expect(answer).toEqual(all[0]);
  });

  test('a token that is no longer good is refused on the short way, too', async () => {
    const text = '{ clinic { name } viewer { role } }';
    const token = await clinic.tokenOf(people.FRONT_DESK as UserId);
    for (let way = 0; way < WAYS; way += 1) expect((await clinic.ask(token, text)).status).toBe(200);
    clinic.clock.advance(61 * 60_000);
    expect(await clinic.ask(token, text)).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });
});
