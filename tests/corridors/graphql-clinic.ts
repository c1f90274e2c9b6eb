/**
 * What the GraphQL suites share: a clinic in a database of its own, the schema behind the real HTTP server, people with
 * tokens, and a count of the SQL statements a request costs. Cal.com is played by desks that the test hands in.
 */
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { createAppointmentStore } from '../../server/appointments/appointment-store.ts';
import { createCareRecorder } from '../../server/appointments/record-care.ts';
import { createLinkDesk } from '../../server/appointments/link-participant.ts';
import { createLinkRecorder } from '../../server/appointments/record-link.ts';
import { createCareDoor } from '../../server/appointments/set-care-state.ts';
import { createAccounts } from '../../server/auth/account.ts';
import { createAuthenticate } from '../../server/auth/authenticate.ts';
import { issueToken } from '../../server/auth/issue-token.ts';
import type { Role } from '../../server/auth/viewer.ts';
import type { Config } from '../../server/config.ts';
import { encodeId } from '../../server/graphql/global-id.ts';
import type { PersistedOperations } from '../../server/graphql/persisted-operations.ts';
import { createGraphql } from '../../server/graphql/yoga.ts';
import { createHttpServer } from '../../server/http/server.ts';
import type { EventTypeDesk } from '../../server/event-types/event-type-desk.ts';
import type { InstanceDesk } from '../../server/instance/instance-desk.ts';
import { manualClock } from '../../server/kernel/clock.ts';
import { newUuid, type UserId, userId } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import { fail, ok } from '../../server/kernel/result.ts';
import { createBell } from '../../server/live/bell.ts';
import { openTimeline } from '../../server/live/change-log.ts';
import { createLive, type LivePace } from '../../server/live/live.ts';
import { attachWebSocket } from '../../server/live/websocket.ts';
import type { ScheduleDesk } from '../../server/schedules/schedule-desk.ts';
import type { BookingDesk, Services, SlotDesk, SlotQuery } from '../../server/services.ts';
import type { ReconciliationDesk } from '../../server/reconciliation/reconciliation-desk.ts';
import { createDeliveryDesk } from '../../server/telemetry/delivery-desk.ts';
import { closedConnections } from '../support/closed-connections.ts';
import { closedEventTypes, closedSchedules } from '../support/closed-offer.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createStatementCounter } from '../support/statement-counter.ts';

export const NOW = '2026-11-23T08:00:00.000Z';
export const SECRET = 'a secret of at least thirty-two bytes, for tests';

export const CONFIG: Config = {
  production: false,
  host: '127.0.0.1',
  port: 0,
  dataDir: '/nowhere',
  logLevel: 'debug',
  metricsToken: null,
  allowedOrigins: [],
  database: { url: null, poolSize: 10 },
  redisUrl: null,
  sandbox: false,
  calcom: null,
  webhook: { secret: 'whsec-test', previousSecret: null },
  webhookEndpoint: null,
  auth: { keys: { kind: 'secret', secret: SECRET }, issuer: null, audience: null, provisionPatients: false, tokenUrl: null },
  dataKeys: [{ id: 'k1', key: Buffer.alloc(32, 7) }],
  clinic: { name: 'Test Clinic', timeZone: 'Europe/Amsterdam', waitAmberMinutes: 10, waitRedMinutes: 20 },
  patientChangeCutoffMinutes: 60,
  frontDeskMayConfirm: false,
  placeholderEmailDomain: 'placeholder.invalid',
  persistedOperations: 'any',
  replayWindowHours: 72,
  drainWindowMs: 0,
  slotPatienceMs: 1_500,
};

/** With it, a request that cannot be executed gets a 4xx (GraphQL over HTTP, section 6.4.2). */
export const MEDIA_TYPE = 'application/graphql-response+json';

/** Refuses everything: for suites in which no booking is made. */
const closedDesk: BookingDesk = {
  book: () => Promise.resolve(fail({ kind: 'CalcomUnavailable', message: 'Closed.', retryAfterMs: null })),
  reschedule: () => Promise.resolve(fail({ kind: 'CalcomUnavailable', message: 'Closed.', retryAfterMs: null })),
  cancel: () => Promise.resolve(fail({ kind: 'CalcomUnavailable', message: 'Closed.', retryAfterMs: null })),
  confirm: () => Promise.resolve(fail({ kind: 'CalcomUnavailable', message: 'Closed.', retryAfterMs: null })),
  decline: () => Promise.resolve(fail({ kind: 'CalcomUnavailable', message: 'Closed.', retryAfterMs: null })),
  markNoShow: () => Promise.resolve(fail({ kind: 'CalcomUnavailable', message: 'Closed.', retryAfterMs: null })),
  reassign: () => Promise.resolve(fail({ kind: 'CalcomUnavailable', message: 'Closed.', retryAfterMs: null })),
};

/** Never looked at. */
const noInstance: InstanceDesk = {
  status: () => Promise.resolve(null),
  check: () => Promise.reject(new Error('There is no Cal.com here.')),
  features: () => ({ reservations: true, webhooks: true, schedules: true }),
  isAnother: () => Promise.resolve(false),
  problems: () => Promise.resolve([]),
  oddities: () => Promise.resolve([]),
  registerWebhooks: () => Promise.resolve(fail({ kind: 'NotAllowed', message: 'Closed.' })),
};

const noReconciliation: ReconciliationDesk = {
  reports: () => Promise.resolve(ok({ rows: [], hasNextPage: false })),
  items: (_viewer, ids) => Promise.resolve(ok(ids.map(() => ({ rows: [], hasNextPage: false })))),
  proven: () => Promise.resolve(ok([])),
  run: () => Promise.resolve(fail({ kind: 'NotAllowed', message: 'Closed.' })),
  repair: () => Promise.resolve(fail({ kind: 'NotAllowed', message: 'Closed.' })),
};

export interface Answer {
  status: number;
  headers: Headers;
  data: unknown;
  errors: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
}

export type GraphqlClinic = Awaited<ReturnType<typeof createGraphqlClinic>>;

export async function createGraphqlClinic(
  options: {
    config?: Partial<Config>;
    desk?: BookingDesk;
    slots?: SlotDesk;
    eventTypes?: EventTypeDesk;
    schedules?: ScheduleDesk;
    instance?: InstanceDesk;
    reconciliation?: ReconciliationDesk;
    database?: TestDatabase;
    pace?: Partial<LivePace>;
    persisted?: PersistedOperations;
  } = {},
) {
  const database = options.database ?? (await createTestDatabase());
  const { pool, prisma } = database;
  const counter = createStatementCounter(pool);
  const config = { ...CONFIG, ...options.config };
  const clock = manualClock(NOW);
  const logged: string[] = [];
  const log = createLog({ level: 'debug', write: (line) => void logged.push(line) });
  const timeline = await openTimeline(pool);
  const appointments = createAppointmentStore({ pool, timeline: () => timeline });
  const bell = createBell({ redisUrl: null, log });
  const live = createLive({
    pool,
    store: appointments,
    bell,
    clock,
    log,
    config,
    timeline,
    pace: { heartbeatMs: 3_600_000, ...options.pace },
  });
  await live.start();
  const asked: SlotQuery[] = [];
  const noSlots: SlotDesk = {
    find(_viewer, query) {
      asked.push(query);
      return Promise.resolve(ok({ slots: [], stale: false, asOf: clock.now(), nextFreeDay: null }));
    },
    hold: () => Promise.resolve(fail({ kind: 'SlotTaken', message: 'Taken.', nearest: [] })),
    release: () => Promise.resolve(fail({ kind: 'NotFound', message: 'The hold was not found.' })),
  };
  const services: Services = {
    config,
    clock,
    log,
    pool,
    prisma,
    appointments,
    care: createCareDoor({ store: appointments, recorder: createCareRecorder({ pool, clock, ring: () => bell.ring() }) }),
    links: createLinkDesk({ pool, store: appointments, recorder: createLinkRecorder({ pool, ring: () => bell.ring() }) }),
    bookings: options.desk ?? closedDesk,
    slots: options.slots ?? noSlots,
    eventTypes: options.eventTypes ?? closedEventTypes,
    schedules: options.schedules ?? closedSchedules,
    live,
    deliveries: createDeliveryDesk({ pool, clock, positionOf: live.positionOf, lag: live.lag }),
    instance: options.instance ?? noInstance,
    connections: closedConnections,
    reconciliation: options.reconciliation ?? noReconciliation,
  };
  const authenticate = createAuthenticate({ auth: config.auth, accounts: createAccounts(pool), clock, log });
  const graphql = createGraphql(services, { authenticate, ...(options.persisted === undefined ? {} : { persisted: options.persisted }) });
  const http = createHttpServer(
    {
      graphql: counter.serve(graphql.handler),
      webhooks: () => Promise.resolve({ status: 404, body: {} }),
      health: () => Promise.reject(new Error('not here')),
      metrics: null,
      calcomCallback: (_request, response) => {
        response.writeHead(404).end();
        return Promise.resolve();
      },
      client: (_request, response) => {
        response.writeHead(404).end();
        return Promise.resolve();
      },
      sandbox: null,
    },
    log,
  );
  const sockets = attachWebSocket({
    server: http.node,
    getEnveloped: graphql.getEnveloped,
    textOf: graphql.persisted.textOf,
    subscriptions: graphql.subscriptions,
    authenticate,
    allowedOrigins: [],
    clock,
    log,
  });
  await http.listen('127.0.0.1', 0);
  const url = `http://127.0.0.1:${(http.node.address() as AddressInfo).port}/graphql`;

  async function tokenOf(id: UserId): Promise<string> {
    const issued = await issueToken(config.auth, clock, id, 60);
    if (!issued.ok) throw new Error(issued.failure);
    return issued.value.token;
  }

  async function ask(as: UserId | string | null, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const token = as === null ? null : as.includes('.') ? as : await tokenOf(userId(as));
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: MEDIA_TYPE,
        ...counter.headers(),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Partial<Answer>;
    return { status: response.status, headers: response.headers, data: body.data ?? null, errors: body.errors ?? [] };
  }

  return {
    url,
    database,
    pool,
    clock,
    services,
    graphql,
    authenticate,
    logged,
    /** Questions to the stand-in for slots. */
    asked,
    tokenOf,
    /** One request over HTTP. `as`: a person's id, or a token. */
    ask,
    /** The data of a request that must not have errors. */
    async data<Data>(as: UserId | string | null, query: string, variables: Record<string, unknown> = {}): Promise<Data> {
      const answer = await ask(as, query, variables);
      if (answer.errors.length > 0 || answer.data === null) throw new Error(JSON.stringify(answer.errors));
      return answer.data as Data;
    },
    addPerson: (role: Role, name: string, more: { email?: string; phone?: string; disabledAt?: Date } = {}) =>
      addPerson(pool, role, name, more),
    addEventType: (clinicianId: UserId, more: { hidden?: boolean; seats?: number; title?: string } = {}) =>
      addEventType(pool, clinicianId, more),
    addAppointment: (facts: AppointmentFacts) => addAppointment(pool, facts),
    /** SQL statements that `work` costs, sign-in included; nobody else's. */
    statements: counter.count,
    async close() {
      await sockets.stop();
      await http.close();
      await live.stop();
      bell.stop();
      if (options.database === undefined) await database.drop();
    },
  };
}

async function addPerson(
  pool: pg.Pool,
  role: Role,
  name: string,
  more: { email?: string; phone?: string; disabledAt?: Date },
): Promise<UserId> {
  const result = await pool.query<{ id: string }>(
    `INSERT INTO "User" ("id","role","name","email","phone","timezone","disabledAt","updatedAt") VALUES (gen_random_uuid(), $1::"Role", $2, $3, $4, 'Europe/Amsterdam', $5, now()) RETURNING "id"`,
    [role, name, more.email ?? null, more.phone ?? null, more.disabledAt ?? null],
  );
  return userId(result.rows[0]?.id ?? '');
}

let lastEventType = 100;

async function addEventType(
  pool: pg.Pool,
  clinicianId: UserId,
  more: { hidden?: boolean; seats?: number; title?: string },
): Promise<number> {
  lastEventType += 1;
  await pool.query(
    `INSERT INTO "CalcomEventType" ("id","clinicianId","slug","title","durationMinutes","durationOptions","consultationTypes","hidden","seats","locations","bookingFields")
     VALUES ($1, $2, $3, $4, 30, '{}', '{VIDEO}', $5, $6, '[]', '[]')`,
    [lastEventType, clinicianId, `type-${lastEventType}`, more.title ?? `Type ${lastEventType}`, more.hidden ?? false, more.seats ?? null],
  );
  return lastEventType;
}

export interface AppointmentFacts {
  clinicianId: UserId;
  eventTypeId?: number;
  startsAt?: string;
  status?: string;
  careState?: string | null;
  seated?: boolean;
  title?: string;
  reason?: string;
  people: { userId: UserId | null; name: string; email?: string; careState?: string; state?: string }[];
}

/** A row as `record-booking` would have left it. Returns its id. */
async function addAppointment(pool: pg.Pool, facts: AppointmentFacts): Promise<string> {
  const id = randomUUID();
  const startsAt = facts.startsAt ?? '2026-11-24T09:00:00Z';
  const first = facts.people[0];
  const seated = facts.seated ?? false;
  await pool.query(
    `INSERT INTO "Appointment" ("id","calcomBookingUid","calcomEventTypeId","startsAt","endsAt","timeZone","status","careState","consultationType","title","description","reason","location","seated","clinicianId","patientId","seriesId")
     VALUES ($1, $2, $3, $4::timestamptz, $4::timestamptz + interval '30 minutes', 'Europe/Amsterdam', $5::"AppointmentStatus", $6::"CareState", 'VIDEO', $7, 'Private description', $8, 'https://meet.example/room', $9, $10, $11, NULL)`,
    [
      id,
      `uid-${id}`,
      facts.eventTypeId ?? null,
      startsAt,
      facts.status ?? 'CONFIRMED',
      seated ? null : (facts.careState ?? 'EXPECTED'),
      facts.title ?? `Visit of ${first?.name ?? 'nobody'}`,
      facts.reason ?? 'Private reason',
      seated,
      facts.clinicianId,
      seated ? null : (first?.userId ?? null),
    ],
  );
  await pool.query(
    `INSERT INTO "AppointmentHost" ("appointmentId","position","userId","name","organizer") SELECT $1, 0, "id", "name", true FROM "User" WHERE "id" = $2`,
    [id, facts.clinicianId],
  );
  for (const person of facts.people) {
    await pool.query(
      `INSERT INTO "AppointmentParticipant" ("id","appointmentId","seatUid","userId","name","email","timeZone","careState","state")
       VALUES ($8, $1, $2, $3, $4, $5, 'Europe/Amsterdam', $6::"CareState", $7::"ParticipantState")`,
      [
        id,
        seated ? `seat-${randomUUID()}` : null,
        person.userId,
        person.name,
        person.email ?? null,
        person.careState ?? 'EXPECTED',
        person.state ?? 'ACTIVE',
        // Rows of one millisecond are shown in the order of their ids, and these count up.
        newUuid(Date.now()),
      ],
    );
  }
  return id;
}

export const appointmentGid = (id: string): string => encodeId('Appointment', id);
export const eventTypeGid = (id: number): string => encodeId('EventType', id);
export const personGid = (as: 'Clinician' | 'Patient' | 'User', id: string): string => encodeId(as, id);
