import { isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { encodeId } from './global-id.ts';
import { schema } from './schema.ts';

const fieldsOf = (name: string) => {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no object type.`);
  return type.getFields();
};

test('what a row holds under the name of the field is read without a call', () => {
  const read = {
    Appointment: ['version', 'startsAt', 'status', 'careState', 'clinician', 'patient', 'eventType'],
    Clinician: ['name'],
    Patient: ['name', 'email', 'phone', 'locale'],
    EventType: ['slug', 'title', 'description', 'durationMinutes', 'durationOptions', 'consultationTypes', 'hidden', 'seats', 'recurring'],
    Participant: ['name', 'careState'],
  };
  for (const [type, names] of Object.entries(read))
    for (const name of names) expect(`${type}.${name} ${fieldsOf(type)[name]?.resolve?.name ?? 'is read'}`).toBe(`${type}.${name} is read`);
});

test('an id is there at once, and names its type', () => {
  for (const type of ['Appointment', 'Clinician', 'EventType', 'Patient', 'User']) {
    const id: unknown = fieldsOf(type).id?.resolve?.({ id: 7 }, {}, {}, {} as never);
    expect(id).toBe(encodeId(type as 'User', 7));
  }
});

/** graphql-jit names a resolver by its type and field, written together. */
test('no two fields are the same when type and field are written together', () => {
  const names = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap((type) => Object.keys(type.getFields()).map((field) => type.name + field));
  expect(new Set(names).size).toBe(names.length);
});
