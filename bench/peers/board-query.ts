/** The board's query as every peer serves it: one SQL statement that joins, plain objects, the library's own resolvers. */
import pg from 'pg';
import { BOARD_ROWS_SQL } from '../queries/board.ts';

export const boardTypes = /* GraphQL */ `
  scalar DateTime
  enum Status { REQUESTED CONFIRMED CANCELLED DECLINED }
  enum CareState { EXPECTED ARRIVED IN_ROOM WITH_CLINICIAN DONE NO_SHOW }
  type Person { id: ID! name: String! }
  type EventType { id: ID! title: String! durationMinutes: Int! }
  type Participant { id: ID! name: String! careState: CareState }
  type Appointment {
    id: ID! version: Int! startsAt: DateTime! endsAt: DateTime! status: Status! careState: CareState hasConflict: Boolean!
    clinician: Person patient: Person eventType: EventType participants: [Participant!]!
  }
  type AppointmentConnection { nodes: [Appointment!]! }
  input AppointmentFilter { startsAfter: DateTime startsBefore: DateTime }
  type Query { appointments(first: Int!, filter: AppointmentFilter!): AppointmentConnection! }
`;

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, options: '-c timezone=UTC' });

interface Arguments {
  first: number;
  filter: { startsAfter: string; startsBefore: string };
}

export const boardResolvers = {
  Query: {
    async appointments(_root: unknown, { first, filter }: Arguments) {
      const values = [filter.startsAfter, filter.startsBefore, first];
      return { nodes: (await pool.query({ name: 'board', text: BOARD_ROWS_SQL, values })).rows };
    },
  },
};
