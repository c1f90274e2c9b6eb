import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { UserId } from '../../server/kernel/ids.ts';
import { appointmentGid, createGraphqlClinic, eventTypeGid, type GraphqlClinic, personGid } from './graphql-clinic.ts';

let clinic: GraphqlClinic;
let anna: UserId;
let mia: UserId;
let noah: UserId;
let desk: UserId;
let wall: UserId;
let auditor: UserId;
let visit: string;
let group: string;

beforeAll(async () => {
  clinic = await createGraphqlClinic();
  anna = await clinic.addPerson('CLINICIAN', 'Dr. Anna de Vries');
  mia = await clinic.addPerson('PATIENT', 'Mia Bakker', { email: 'mia@example.com' });
  noah = await clinic.addPerson('PATIENT', 'Noah Visser');
  desk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
  wall = await clinic.addPerson('DISPLAY', 'Wall');
  auditor = await clinic.addPerson('AUDITOR', 'Otto Auditor');
  visit = await clinic.addAppointment({ clinicianId: anna, people: [{ userId: mia, name: 'Mia Bakker', email: 'mia@example.com' }] });
  group = await clinic.addAppointment({
    clinicianId: anna,
    seated: true,
    people: [
      { userId: mia, name: 'Mia Bakker' },
      { userId: noah, name: 'Noah Visser' },
    ],
  });
});

afterAll(() => clinic.close());

const LIVE = `subscription ($filter: AppointmentLiveFilter, $since: Cursor) { appointmentUpdated(filter: $filter, since: $since) {
  kind cursor appointmentId version changedFields cause
  appointment { id version careState title reason location participants { name email careState } patient { name } viewerMay }
  previous { careState startsAt clinician { name } }
  trace { receivedAt recordedAt appliedAt publishedAt }
} }`;

interface Update {
  kind: string;
  cursor: string;
  appointmentId: string | null;
  version: number | null;
  appointment: Record<string, unknown> | null;
  previous: Record<string, unknown> | null;
}

interface Result {
  data?: { appointmentUpdated: Update } | null;
  errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
}

interface Stream {
  /**
   * The next event that fits, POSITION marks left out. Where a stream begins depends on what is open in the cluster, which other
   * tests share: what had been committed a moment before may be told once more.
   */
  next(fits?: (update: Update) => boolean): Promise<Update>;
  result(): Promise<IteratorResult<Result>>;
  end(): Promise<void>;
}

async function overSse(as: UserId | null, variables: Record<string, unknown> = {}): Promise<Stream> {
  const headers: Record<string, string> = as === null ? {} : { authorization: `Bearer ${await clinic.tokenOf(as)}` };
  const client = createSseClient({ url: clinic.url, headers, retryAttempts: 0 });
  const iterator = client.iterate<{ appointmentUpdated: Update }>({ query: LIVE, variables }) as AsyncIterableIterator<Result>;
  return reader(iterator, () => client.dispose());
}

function reader(iterator: AsyncIterator<Result>, dispose: () => unknown): Stream {
  return {
    result: () => iterator.next(),
    async next(fits = () => true) {
      for (;;) {
        const { value, done } = await iterator.next();
        if (done === true) throw new Error('The stream has ended.');
        const update = value.data?.appointmentUpdated;
        if (update === undefined) throw new Error(JSON.stringify(value));
        if (update.kind !== 'POSITION' && fits(update)) return update;
      }
    },
    async end() {
      await iterator.return?.();
      await dispose();
    },
  };
}

async function cursorNow(as: UserId): Promise<string> {
  return (await clinic.data<{ appointments: { changeCursor: string } }>(as, '{ appointments(first: 1) { changeCursor } }')).appointments
    .changeCursor;
}

async function setCare(id: string, careState: string, participant: string | null = null): Promise<void> {
  const query = `mutation ($id: ID!, $to: CareState!, $who: ID) { setCareState(input: { appointmentId: $id, careState: $to, participantId: $who }) { __typename } }`;
  const { setCareState } = await clinic.data<{ setCareState: { __typename: string } }>(desk, query, {
    id: appointmentGid(id),
    to: careState,
    who: participant,
  });
  expect(setCareState.__typename).toBe('SetCareStateSuccess');
}

async function seatOf(name: string): Promise<string> {
  const query = 'query ($id: ID!) { appointment(id: $id) { participants { id name } } }';
  const { appointment } = await clinic.data<{ appointment: { participants: { id: string; name: string }[] } }>(desk, query, {
    id: appointmentGid(group),
  });
  return appointment.participants.find((participant) => participant.name === name)?.id ?? '';
}

describe('a subscription over SSE', () => {
  test('tells a change that happened between the query and it, with the appointment as it is now', async () => {
    const since = await cursorNow(anna);
    await setCare(visit, 'ARRIVED');
    const stream = await overSse(anna, { since });
    expect(await stream.next()).toMatchObject({
      kind: 'CARE_CHANGED',
      appointmentId: appointmentGid(visit),
      version: 2,
      cause: 'MUTATION',
      appointment: {
        careState: 'ARRIVED',
        patient: { name: 'Mia Bakker' },
        viewerMay: ['RESCHEDULE', 'CANCEL', 'REASSIGN', 'SET_CARE_STATE'],
      },
      previous: { careState: 'EXPECTED', clinician: { name: 'Dr. Anna de Vries' } },
      trace: { receivedAt: null, appliedAt: expect.any(String), publishedAt: expect.any(String) },
    });
    await setCare(visit, 'IN_ROOM');
    expect(await stream.next(({ version }) => version === 3)).toMatchObject({
      kind: 'CARE_CHANGED',
      appointment: { careState: 'IN_ROOM' },
    });
    await stream.end();
  });

  test('a patient in a group hears of it and learns nothing of the other seats', async () => {
    const since = await cursorNow(noah);
    await setCare(group, 'ARRIVED', await seatOf('Mia Bakker'));
    const stream = await overSse(noah, { since });
    const update = await stream.next(({ appointmentId }) => appointmentId === appointmentGid(group));
    expect(update).toMatchObject({
      appointmentId: appointmentGid(group),
      appointment: { title: null, reason: null, location: null, participants: [{ name: 'Noah Visser' }] },
      previous: { careState: null },
    });
    expect(JSON.stringify(update)).not.toMatch(/Mia|ARRIVED/);
    await stream.end();
  });

  test('the wall gets initials', async () => {
    const since = await cursorNow(wall);
    await setCare(visit, 'WITH_CLINICIAN');
    const stream = await overSse(wall, { since });
    const update = await stream.next();
    expect(update).toMatchObject({
      appointment: { title: null, reason: null, patient: { name: 'M. B.' }, participants: [{ name: 'M. B.', email: null }], viewerMay: [] },
    });
    await stream.end();
  });

  test('an id in the filter that names nothing matches nothing', async () => {
    const since = await cursorNow(desk);
    await setCare(visit, 'DONE');
    const made = { clinicianIds: ['made-up'], eventTypeIds: [eventTypeGid(0)], patientId: personGid('Patient', mia) };
    const stream = await overSse(desk, { since, filter: made });
    const { value } = (await stream.result()) as { value: Result };
    expect(value.data?.appointmentUpdated.kind).toBe('POSITION');
    await stream.end();
  });
});

describe('a subscription over WebSocket', () => {
  const overSocket = (connectionParams: Record<string, unknown>, variables: Record<string, unknown>): Stream => {
    const client = createWsClient({ url: clinic.url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });
    return reader(client.iterate<{ appointmentUpdated: Update }>({ query: LIVE, variables }) as AsyncIterableIterator<Result>, () =>
      client.dispose(),
    );
  };

  test.each(['authorization', 'Authorization'])('is signed in by "%s" in the connection params', async (name) => {
    const since = await cursorNow(anna);
    const id = await clinic.addAppointment({ clinicianId: anna, people: [{ userId: noah, name: 'Noah Visser' }] });
    await setCare(id, 'ARRIVED');
    const stream = overSocket({ [name]: `Bearer ${await clinic.tokenOf(anna)}` }, { since });
    expect(await stream.next(({ appointmentId }) => appointmentId === appointmentGid(id))).toMatchObject({
      kind: 'CARE_CHANGED',
      appointment: { careState: 'ARRIVED' },
    });
    await stream.end();
  });

  test('without a token it is refused as a result of its own, and the socket stays', async () => {
    const stream = overSocket({}, {});
    await expect(stream.result()).rejects.toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    await stream.end();
  });
});

describe('a stream that cannot be', () => {
  test('nobody signed in: UNAUTHENTICATED', async () => {
    const stream = await overSse(null);
    await expect(stream.result()).rejects.toMatchObject({ response: { status: 401 } });
  });

  test('a cursor that is none: BAD_CURSOR', async () => {
    const stream = await overSse(anna, { since: 'made-up' });
    expect(await stream.result()).toMatchObject({ value: { errors: [{ extensions: { code: 'BAD_CURSOR' } }] } });
    await stream.end();
  });

  test('a filter of 51 clinicians: INVALID_INPUT', async () => {
    const stream = await overSse(desk, { filter: { clinicianIds: Array.from({ length: 51 }, () => 'x') } });
    expect(await stream.result()).toMatchObject({ value: { errors: [{ extensions: { code: 'INVALID_INPUT' } }] } });
    await stream.end();
  });

  test('an auditor has nothing to watch', async () => {
    const stream = await overSse(auditor);
    expect(await stream.result()).toMatchObject({ value: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } });
    await stream.end();
  });
});
