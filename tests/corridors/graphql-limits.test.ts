/** What asks too much is refused the same over HTTP and over a socket, and the refusal says which limit it is. */
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { UserId } from '../../server/kernel/ids.ts';
import { createGraphqlClinic, type GraphqlClinic } from './graphql-clinic.ts';

let clinic: GraphqlClinic;
let desk: UserId;
beforeAll(async () => {
  clinic = await createGraphqlClinic();
  desk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
});
afterAll(() => clinic.close());

const times = (count: number, part: (index: number) => string) => Array.from({ length: count }, (_, index) => part(index)).join(' ');
const nested = (count: number) => `clinician { ${'eventTypes { clinician { '.repeat(count)} id ${'} }'.repeat(count)} }`;
const pages = 'history(first: 10000) { nodes { at actor { name } } }';

/** The selection of an appointment that goes beyond one limit. */
const TOO_MUCH: [limit: string, selection: string, says: RegExp][] = [
  ['depth', nested(6), /depth.*12/i],
  ['aliases', times(31, (index) => `a${index}: id`), /alias.*30/i],
  ['directives', times(31, () => '... @include(if: true) { id }'), /directives.*30/i],
  ['tokens', times(2_001, () => 'id'), /token.*2000/i],
  ['cost', times(28, (index) => `h${index}: ${pages}`), /cost.*100000/i],
];

describe.each(TOO_MUCH)('a document beyond the limit of %s', (_limit, selection, says) => {
  const refusal = [{ message: expect.stringMatching(says), extensions: { code: 'QUERY_TOO_LARGE' } }];

  test('is refused over HTTP', async () => {
    const answer = await clinic.ask(desk, `{ appointments(first: 1) { nodes { ${selection} } } }`);
    expect(answer).toMatchObject({ status: 400, data: null, errors: refusal });
  });

  test('is refused over a socket, and the socket stays', async () => {
    const client = createClient({
      url: clinic.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: false,
      connectionParams: { authorization: `Bearer ${await clinic.tokenOf(desk)}` },
    });
    const query = `subscription { appointmentUpdated { appointment { ${selection} } } }`;
    await expect(client.iterate({ query }).next()).rejects.toMatchObject(refusal);
    const stream = client.iterate({ query: 'subscription { appointmentUpdated { kind } }' });
    expect((await stream.next()).value).toMatchObject({ data: { appointmentUpdated: { kind: 'POSITION' } } });
    await client.dispose();
  });
});
