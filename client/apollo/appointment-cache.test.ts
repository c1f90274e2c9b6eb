import { readFileSync } from 'node:fs';
import { gql } from '@apollo/client';
import { buildSchema, GraphQLInterfaceType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { AppointmentCache, possibleTypes } from './appointment-cache.ts';

const LIST = gql`
  query List {
    appointments {
      nodes {
        id
        version
        startsAt
        status
        location
      }
    }
  }
`;

const PATCH = gql`
  fragment Patch on Appointment {
    id
    version
    startsAt
    status
  }
`;

const appointment = (version: number, startsAt: string, status = 'CONFIRMED') => ({
  __typename: 'Appointment',
  id: 'a',
  version,
  startsAt,
  status,
});

function writeList(cache: AppointmentCache, node: Record<string, unknown>): void {
  cache.writeQuery({
    query: LIST,
    data: { appointments: { __typename: 'AppointmentConnection', nodes: [{ ...node, location: 'Room 1' }] } },
  });
}

const patch = (cache: AppointmentCache, data: Record<string, unknown>) =>
  cache.writeFragment({ id: 'Appointment:a', fragment: PATCH, data });
const stored = (cache: AppointmentCache): unknown => cache.readFragment({ id: 'Appointment:a', fragment: PATCH });

describe('the cache', () => {
  test('an older answer that arrives late changes nothing', () => {
    const cache = new AppointmentCache();
    patch(cache, appointment(3, '10:30'));
    writeList(cache, appointment(2, '10:00', 'REQUESTED'));
    expect(stored(cache)).toEqual(appointment(3, '10:30'));
  });

  test('an older answer still adds what was not known', () => {
    const cache = new AppointmentCache();
    patch(cache, appointment(3, '10:30'));
    writeList(cache, appointment(2, '10:00'));
    expect(cache.readQuery({ query: LIST })).toMatchObject({
      appointments: { nodes: [{ version: 3, startsAt: '10:30', location: 'Room 1' }] },
    });
  });

  test('a newer answer and one of the same version are taken', () => {
    const cache = new AppointmentCache();
    writeList(cache, appointment(2, '10:00'));
    patch(cache, appointment(3, '10:30'));
    expect(stored(cache)).toEqual(appointment(3, '10:30'));
    patch(cache, appointment(3, '10:30', 'CANCELLED'));
    expect(stored(cache)).toEqual(appointment(3, '10:30', 'CANCELLED'));
  });

  test('it knows the members of the schema’s interfaces', () => {
    const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
    for (const [name, members] of Object.entries(possibleTypes)) {
      const type = schema.getType(name);
      expect(type).toBeInstanceOf(GraphQLInterfaceType);
      expect(
        schema
          .getPossibleTypes(type as GraphQLInterfaceType)
          .map((member) => member.name)
          .toSorted(),
      ).toEqual(members.toSorted());
    }
  });
});
