/**
 * Pothos and Prisma as their documentation shows it, behind Yoga: `prismaConnection`, `t.relation`, and one `findUnique` for what
 * has no relation in the Prisma schema (Prisma gathers those of a tick into one statement).
 */
import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createYoga } from 'graphql-yoga';
import { PrismaPg } from '@prisma/adapter-pg';
import { announce } from '../child.ts';
import type PrismaTypes from '../../server/generated/pothos-types.ts';
import { getDatamodel } from '../../server/generated/pothos-types.ts';
import { PrismaClient } from '../../server/generated/prisma/client.ts';

const { DATABASE_URL } = process.env;
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: DATABASE_URL, max: 10 }) });

interface Types {
  PrismaTypes: PrismaTypes;
  Scalars: { DateTime: { Input: Date; Output: Date } };
}

const builder = new SchemaBuilder<Types>({
  plugins: [RelayPlugin, PrismaPlugin],
  relay: { nodesOnConnection: true },
  prisma: { client: prisma, dmmf: getDatamodel() },
});

builder.scalarType('DateTime', { serialize: (date) => date.toISOString(), parseValue: (value) => new Date(String(value)) });

builder.prismaNode('User', { id: { field: 'id' }, fields: (t) => ({ name: t.exposeString('name') }) });

const EventType = builder.prismaNode('CalcomEventType', {
  id: { field: 'id' },
  fields: (t) => ({ title: t.exposeString('title'), durationMinutes: t.exposeInt('durationMinutes') }),
});

builder.prismaNode('AppointmentParticipant', {
  id: { field: 'id' },
  fields: (t) => ({ name: t.exposeString('name'), careState: t.string({ nullable: true, resolve: (row) => row.careState }) }),
});

builder.prismaNode('Appointment', {
  id: { field: 'id' },
  fields: (t) => ({
    version: t.exposeInt('version'),
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    endsAt: t.expose('endsAt', { type: 'DateTime' }),
    status: t.string({ resolve: (row) => row.status }),
    careState: t.string({ nullable: true, resolve: (row) => row.careState }),
    hasConflict: t.exposeBoolean('hasConflict'),
    clinician: t.relation('clinician', { nullable: true }),
    patient: t.relation('patient', { nullable: true }),
    participants: t.relation('participants', { query: { orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] } }),
    eventType: t.prismaField({
      type: EventType,
      nullable: true,
      resolve: (query, { calcomEventTypeId: id }) => (id === null ? null : prisma.calcomEventType.findUnique({ ...query, where: { id } })),
    }),
  }),
});

const Filter = builder.inputType('AppointmentFilter', {
  fields: (t) => ({
    startsAfter: t.field({ type: 'DateTime', required: true }),
    startsBefore: t.field({ type: 'DateTime', required: true }),
  }),
});

builder.queryType({
  fields: (t) => ({
    appointments: t.prismaConnection({
      type: 'Appointment',
      cursor: 'id',
      maxSize: 100,
      args: { filter: t.arg({ type: Filter, required: true }) },
      resolve: (query, _root, { filter }) =>
        prisma.appointment.findMany({
          ...query,
          where: { startsAt: { gte: filter.startsAfter, lt: filter.startsBefore } },
          orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
        }),
    }),
  }),
});

const yoga = createYoga({ logging: false, schema: builder.toSchema() });
const server = createServer((request, response) => void yoga(request, response));
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
