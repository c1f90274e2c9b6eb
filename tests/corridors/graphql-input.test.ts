import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UserId } from '../../server/kernel/ids.ts';
import { createGraphqlClinic, eventTypeGid, type GraphqlClinic, MEDIA_TYPE, personGid } from './graphql-clinic.ts';

let clinic: GraphqlClinic;
let desk: UserId;
let anna: UserId;
let type: number;

beforeAll(async () => {
  clinic = await createGraphqlClinic();
  desk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
  anna = await clinic.addPerson('CLINICIAN', 'Dr. Anna de Vries');
  type = await clinic.addEventType(anna);
});

afterAll(() => clinic.close());

const appointments = (args: string) => `{ appointments(${args}) { nodes { id } } }`;

describe('arguments that cannot be', () => {
  test.each([
    ['an instant without a zone', appointments('filter: { startsAfter: "2026-12-07T09:00:00" }'), /zone/],
    ['a date alone', appointments('filter: { startsAfter: "2026-12-07" }'), /zone/],
    ['a day that does not exist', appointments('filter: { startsAfter: "2026-02-30T09:00:00Z" }'), /does not exist/],
    ['an hour that does not exist', appointments('filter: { startsAfter: "2026-02-03T25:00:00Z" }'), /does not exist/],
    ['a number for an instant', appointments('filter: { startsAfter: 1764576000 }'), /DateTime/],
    ['an unknown status', appointments('filter: { statuses: [MAYBE] }'), /MAYBE/],
    ['an unknown field', '{ appointments { nodes { shoeSize } } }', /shoeSize/],
    [
      'an offset for a zone',
      `{ slots(eventTypeId: "x", from: "2026-12-07T09:00:00Z", to: "2026-12-08T09:00:00Z", timeZone: "+01:00") { __typename } }`,
      /offset/,
    ],
    [
      'a zone that is none',
      `{ slots(eventTypeId: "x", from: "2026-12-07T09:00:00Z", to: "2026-12-08T09:00:00Z", timeZone: "Europe/Atlantis") { __typename } }`,
      /IANA/,
    ],
  ])('%s is refused before anything runs', async (_what, query, message) => {
    const answer = await clinic.ask(desk, query);
    expect(answer.status).toBe(400);
    expect(answer.errors[0]?.message).toMatch(message);
    expect(answer.data).toBeNull();
  });

  test.each([
    ['a huge page', appointments('first: 101'), 'first', /1 to 100/],
    ['an empty page', appointments('first: 0'), 'first', /1 to 100/],
    ['a negative page', appointments('last: -1'), 'last', /1 to 100/],
    ['both ends at once', appointments('first: 1, last: 1'), 'last', /not both/],
    ['a made-up page cursor', appointments('first: 1, after: "made-up"'), 'after', /cursor/],
    [
      'an inverted range',
      appointments('filter: { startsAfter: "2026-12-08T00:00:00Z", startsBefore: "2026-12-07T00:00:00Z" }'),
      'filter.startsBefore',
      /after/,
    ],
    ['a list of 51', appointments(`filter: { clinicianIds: [${'"x",'.repeat(51)}] }`), 'filter.clinicianIds', /50/],
    ['too short a search', appointments('filter: { search: "x" }'), 'filter.search', /2/],
  ])('%s says which argument and what is possible', async (_what, query, path, message) => {
    const answer = await clinic.ask(desk, query);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT', fields: [{ path }] } }]);
    expect(answer.errors[0]?.message).toMatch(message);
  });

  test('more than 100 nodes at once are refused', async () => {
    const answer = await clinic.ask(desk, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: Array.from({ length: 101 }, () => 'x'),
    });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT' } }]);
  });

  test('an alias of a zone is as good as its name', async () => {
    const query =
      'query ($id: ID!, $zone: TimeZone) { slots(eventTypeId: $id, from: "2026-12-07T09:00:00Z", to: "2026-12-08T09:00:00Z", timeZone: $zone) { __typename } }';
    for (const zone of ['Asia/Calcutta', 'US/Eastern', 'UTC', 'Europe/Amsterdam']) {
      expect(await clinic.data(null, query, { id: eventTypeGid(type), zone })).toEqual({ slots: { __typename: 'SlotList' } });
    }
  });

  test('an instant may have any zone and is answered in UTC', async () => {
    const query =
      'query ($from: DateTime!) { slots(eventTypeId: "x", from: $from, to: "2026-12-08T09:00:00Z") { __typename ... on UserError { code } } }';
    expect(await clinic.data(null, query, { from: '2026-12-07T09:00:00.5+01:00' })).toEqual({
      slots: { __typename: 'NotFound', code: 'NOT_FOUND' },
    });
  });
});

describe('inputs of mutations', () => {
  const book = `mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename ... on InvalidInput { fields { path message } } ... on UserError { code retryable message } } }`;
  const good = () => ({
    clientMutationKey: 'a-key-of-my-own',
    eventTypeId: eventTypeGid(type),
    startsAt: '2026-12-07T09:00:00Z',
    timeZone: 'Europe/Amsterdam',
  });

  test('that are wrong come back as InvalidInput, field by field', async () => {
    const input = {
      ...good(),
      clientMutationKey: '',
      attendee: { name: ' ', email: 'nobody' },
      guests: ['also-nobody'],
      recurrenceCount: 100,
    };
    const { bookAppointment } = await clinic.data<{ bookAppointment: { __typename: string; code: string; fields: { path: string }[] } }>(
      desk,
      book,
      { input },
    );
    expect(bookAppointment).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT', retryable: false });
    expect(bookAppointment.fields.map(({ path }) => path).toSorted()).toEqual([
      'attendee.email',
      'attendee.name',
      'clientMutationKey',
      'guests.0',
      'recurrenceCount',
    ]);
  });

  test('that name an unknown thing come back as NotFound', async () => {
    for (const wrong of [{ eventTypeId: 'x' }, { patientId: personGid('Clinician', anna) }]) {
      expect(await clinic.data(desk, book, { input: { ...good(), ...wrong } })).toMatchObject({
        bookAppointment: { __typename: 'NotFound' },
      });
    }
    const cancel =
      'mutation ($id: ID!) { cancelAppointment(input: { clientMutationKey: "a-key-of-my-own", appointmentId: $id }) { __typename } }';
    expect(await clinic.data(desk, cancel, { id: 'x' })).toEqual({ cancelAppointment: { __typename: 'NotFound' } });
  });

  test('leave the e-mail in lower case and the name without blanks around it', async () => {
    const create =
      'mutation ($input: CreatePatientInput!) { createPatient(input: $input) { __typename ... on CreatePatientSuccess { patient { name email timeZone locale } } } }';
    expect(await clinic.data(desk, create, { input: { name: '  Lena Smit ', email: 'Lena@Example.COM' } })).toEqual({
      createPatient: {
        __typename: 'CreatePatientSuccess',
        patient: { name: 'Lena Smit', email: 'lena@example.com', timeZone: 'Europe/Amsterdam', locale: 'en' },
      },
    });
  });
});

describe('requests that are none', () => {
  const send = (init: RequestInit & { path?: string }) =>
    fetch(`${clinic.url}${init.path ?? ''}`, { ...init, headers: { accept: MEDIA_TYPE, ...(init.headers as Record<string, string>) } });
  const json = { 'content-type': 'application/json' };

  test.each([
    ['malformed JSON', { method: 'POST', headers: json, body: '{"query":' }, 400],
    ['JSON that is no request', { method: 'POST', headers: json, body: '[1,2]' }, 400],
    ['a batch', { method: 'POST', headers: json, body: JSON.stringify([{ query: '{ clinic { name } }' }]) }, 400],
    ['no query', { method: 'POST', headers: json, body: '{}' }, 400],
    ['a syntax error', { method: 'POST', headers: json, body: JSON.stringify({ query: '{ clinic {' }) }, 400],
    ['text', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: JSON.stringify({ query: '{ clinic { name } }' }) }, 415],
    ['a form', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'query={clinic{name}}' }, 415],
    ['no content type', { method: 'POST', body: new Uint8Array([123, 125]) }, 415],
    ['PUT', { method: 'PUT', headers: json, body: '{}' }, 405],
    ['DELETE', { method: 'DELETE' }, 405],
    ['a query by GET that any page could send', { path: '?query={clinic{name}}' }, 403],
    [
      'a mutation by GET',
      { path: '?query=mutation{releaseSlot(input:{holdId:"x"}){__typename}}', headers: { 'x-requested-with': 'test' } },
      405,
    ],
  ])('%s gets a refusal and a sentence', async (_what, init: RequestInit & { path?: string }, status) => {
    const response = await send(init);
    expect(response.status).toBe(status);
    const body = (await response.json()) as { errors: { message: string; extensions: { code?: string } }[] };
    expect(body.errors[0]?.message.length).toBeGreaterThan(10);
    expect(body.errors[0]?.extensions.code).toMatch(/^[A-Z_]+$/);
  });

  test('a variable that does not fit its type is named, with a code', async () => {
    const query = 'query ($statuses: [AppointmentStatus!]) { appointments(filter: { statuses: $statuses }) { totalCount } }';
    const answer = await clinic.ask(desk, query, { statuses: ['MAYBE'] });
    expect(answer.errors).toMatchObject([{ message: expect.stringContaining('$statuses'), extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('a query by GET with a header that only an allowed page can send is answered', async () => {
    const response = await send({ path: '?query={clinic{name}}', headers: { 'x-requested-with': 'test' } });
    expect(await response.json()).toEqual({ data: { clinic: { name: 'Test Clinic' } } });
  });

  test('a search by GET is refused, because addresses are logged', async () => {
    const headers = { authorization: `Bearer ${await clinic.tokenOf(desk)}` };
    const response = await send({ path: '?query={patients(search:"mia"){nodes{id}}}', headers });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'INVALID_INPUT' } }] });
  });

  test('a body of more than a megabyte gets 413', async () => {
    const response = await send({
      method: 'POST',
      headers: json,
      body: JSON.stringify({ query: `{ clinic { name } } # ${'x'.repeat(1_100_000)}` }),
    });
    expect(response.status).toBe(413);
  });

  test('so does one that does not say how long it is', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(clinic.url, { method: 'POST', headers: json }, (response) => {
        resolve(response.statusCode);
        response.resume();
      });
      // The server may cut the connection while the rest is still being sent.
      request.on('error', (error) =>
        ('code' in error && error.code === 'EPIPE') || ('code' in error && error.code === 'ECONNRESET') ? undefined : reject(error),
      );
      request.write('x'.repeat(600_000));
      request.end('x'.repeat(600_000));
    });
    expect(status).toBe(413);
  });
});

describe('documents that ask too much', () => {
  test.each([
    ['too deep', `{ clinicians { eventTypes ${'{ clinician { eventTypes '.repeat(6)} { id } ${'} }'.repeat(6)} } }`, /depth/i],
    ['too many aliases', `{ ${Array.from({ length: 40 }, (_, index) => `a${index}: clinic { name }`).join(' ')} }`, /alias/i],
    ['too long', `{ ${'clinic { name } '.repeat(600)} }`, /token/i],
  ])('%s are refused', async (_what, query, message) => {
    const answer = await clinic.ask(desk, query);
    expect(answer.data).toBeNull();
    expect(answer.errors[0]?.message).toMatch(message);
    expect(answer.errors[0]?.message).not.toMatch(/syntax/i);
    expect(answer.errors[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_LARGE' });
  });
});

describe('what goes wrong inside', () => {
  test('is masked and logged under the id that the client gets', async () => {
    await clinic.pool.query('ALTER TABLE "AuditEvent" RENAME TO "AuditEventAway"');
    clinic.logged.length = 0;
    const answer = await clinic.ask(desk, '{ patients(search: "mia") { nodes { id } } }');
    await clinic.pool.query('ALTER TABLE "AuditEventAway" RENAME TO "AuditEvent"');
    const requestId = answer.headers.get('x-request-id');
    expect(answer.errors).toMatchObject([
      { message: expect.stringContaining('Something went wrong'), extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } },
    ]);
    expect(JSON.stringify(answer.errors)).not.toContain('AuditEvent');
    const logged = clinic.logged.filter((line) => line.includes('graphql.unexpected'));
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain(String(requestId));
    expect(logged[0]).not.toContain('mia');
  });
});
