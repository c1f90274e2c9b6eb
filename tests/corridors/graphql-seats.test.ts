/**
 * A patient of a group asks for everything: every field that the schema can reach from an appointment, by every way to
 * one. Nothing of the answers names or describes another seat (ARCHITECTURE, "Data"). The questions are made from the
 * schema, so a field that is added tomorrow is asked for tomorrow.
 */
import { buildSchema, type GraphQLField, type GraphQLSchema, getNamedType, isNonNullType, isObjectType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printedSchema } from '../../server/graphql/print-schema.ts';
import { appointmentId, type UserId } from '../../server/kernel/ids.ts';
import { fail } from '../../server/kernel/result.ts';
import type { BookingDesk } from '../../server/services.ts';
import { appointmentGid, createGraphqlClinic, type GraphqlClinic } from './graphql-clinic.ts';

const DEPTH = 5;
/** Of Mia, and of what the group was booked with. */
const SECRETS = ['Mia', 'Bakker', 'mia@', 'Private', 'meet.example', 'uid-', 'seat-', 'secret-of-metadata', 'because of'];

let clinic: GraphqlClinic;
let mia: UserId;
let noah: UserId;
let group: string;
const schema: GraphQLSchema = buildSchema(printedSchema());

beforeAll(async () => {
  clinic = await createGraphqlClinic({ desk: conflicting() });
  const samir = await clinic.addPerson('CLINICIAN', 'Dr. Samir Haddad');
  mia = await clinic.addPerson('PATIENT', 'Mia Bakker', { email: 'mia@example.com', phone: '+31611111111' });
  noah = await clinic.addPerson('PATIENT', 'Noah Visser', { email: 'noah@example.com' });
  group = await clinic.addAppointment({
    clinicianId: samir,
    startsAt: '2026-11-25T09:00:00Z',
    seated: true,
    title: 'Group with Mia Bakker',
    people: [
      { userId: mia, name: 'Mia Bakker', email: 'mia@example.com' },
      { userId: noah, name: 'Noah Visser', email: 'noah@example.com' },
    ],
  });
  await clinic.pool.query(
    `UPDATE "Appointment" SET "calcomMetadata" = '{"note":"secret-of-metadata"}', "cancellationReason" = 'because of Mia', "rejectionReason" = 'because of Mia',
       "reschedulingReason" = 'because of Mia' WHERE "id" = $1`,
    [group],
  );
  // Mia's own act, in the history of both.
  const set = `mutation ($input: SetCareStateInput!) { setCareState(input: $input) { __typename } }`;
  const moved = await clinic.data(mia, set, { input: { appointmentId: appointmentGid(group), careState: 'ARRIVED' } });
  expect(moved).toEqual({ setCareState: { __typename: 'SetCareStateSuccess' } });
});
afterAll(() => clinic.close());

/** Somebody else has changed it meanwhile: every wish is answered with the appointment as it is now. */
function conflicting(): BookingDesk {
  const answer = async () => {
    const [current] = await clinic.services.appointments.byIds({ all: true }, [appointmentId(group)]);
    if (current == null) throw new Error('The group is gone.');
    return fail({ kind: 'VersionConflict' as const, message: 'Changed meanwhile.', current });
  };
  return { book: answer, reschedule: answer, cancel: answer, confirm: answer, decline: answer, markNoShow: answer, reassign: answer };
}

/** Each field of a type with everything below it; those that need arguments of their own are left out. */
function selections(typeName: string, depth: number, above: readonly string[] = []): string[] {
  const type = schema.getType(typeName);
  if (!isObjectType(type) || depth === 0 || above.includes(typeName)) return [];
  return Object.values(type.getFields()).flatMap((field) => selectionOf(field, depth, [...above, typeName]) ?? []);
}

function selectionOf(field: GraphQLField<unknown, unknown>, depth: number, above: readonly string[]): string | null {
  if (field.args.some((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined)) return null;
  const type = getNamedType(field.type);
  if (!isObjectType(type)) return field.name;
  const below = selections(type.name, depth - 1, above);
  return below.length === 0 ? null : `${field.name} { ${below.join(' ')} }`;
}

const FIELDS = selections('Appointment', DEPTH);

function expectNothingOfMia(answer: unknown): void {
  const text = JSON.stringify(answer);
  for (const secret of SECRETS) expect(text).not.toContain(secret);
}

test('the questions reach what is to be kept', async () => {
  const asked = FIELDS.join(' ');
  for (const word of ['title', 'reason', 'participants', 'patient', 'history', 'actorName', 'previous', 'bookingUids', 'bookingUid'])
    expect(asked).toContain(word);
  // To somebody who may, they tell it.
  const admin = await clinic.addPerson('ADMIN', 'Ada Admin');
  const told = await Promise.all(
    FIELDS.map((field) => clinic.data(admin, `query ($id: ID!) { appointment(id: $id) { ${field} } }`, { id: appointmentGid(group) })),
  );
  for (const secret of SECRETS.filter((word) => !['seat-', 'secret-of-metadata'].includes(word)))
    expect(JSON.stringify(told)).toContain(secret);
});

test.each(FIELDS)('by id and in a list: %s', async (field) => {
  const id = appointmentGid(group);
  const query = `query ($id: ID!, $ids: [ID!]!) { appointment(id: $id) { ${field} } node(id: $id) { ... on Appointment { ${field} } }
    nodes(ids: $ids) { ... on Appointment { ${field} } } appointments(first: 1) { nodes { ${field} } edges { node { ${field} } } } }`;
  const answer = await clinic.data<{ appointment: unknown; appointments: { nodes: unknown[] } }>(noah, query, { id, ids: [id] });
  expect(answer.appointment).not.toBeNull();
  expect(answer.appointments.nodes).toHaveLength(1);
  expectNothingOfMia(answer);
});

test('with the refusal of a wish', async () => {
  const cancel = (field: string) =>
    `mutation ($input: CancelAppointmentInput!) { cancelAppointment(input: $input) { __typename ... on VersionConflict { message current { ${field} } } } }`;
  for (const field of FIELDS) {
    const answer = await clinic.data(noah, cancel(field), { input: { clientMutationKey: 'k', appointmentId: appointmentGid(group) } });
    expect(answer).toMatchObject({ cancelAppointment: { __typename: 'VersionConflict' } });
    expectNothingOfMia(answer);
  }
});

test('by searching and filtering for the other', async () => {
  const list = `query ($filter: AppointmentFilter) { appointments(filter: $filter, first: 5) { totalCount nodes { id } } }`;
  expect((await clinic.ask(noah, list, { filter: { search: 'Mia Bakker' } })).errors).not.toEqual([]);
  const careState = await clinic.data(noah, list, { filter: { careStates: ['ARRIVED'] } });
  expect(careState).toEqual({ appointments: { totalCount: 0, nodes: [] } });
});
