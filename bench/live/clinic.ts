/** A clinic to be watched: a database with its people and appointments, a gateway on it, and changes that come when asked for. */
import pg from 'pg';
import { silentLog } from '../../server/kernel/log.ts';
import { createBell } from '../../server/live/bell.ts';
import { type BenchGateway, startGateway } from '../gateway.ts';
import { startPostgres } from '../postgres.ts';
import { startRedis } from '../redis.ts';
import { registered } from '../running.ts';

export const DESK = '00000000-0000-7000-8000-0000000000d1';
/** Appointments that change, at least; always the first ones where it does not matter which. */
const VISITS = 200;

type Visits = 'first' | 'each' | 'together';

export interface LiveClinic {
  databaseUrl: string;
  gateway: BenchGateway;
  /** For the setting of a particular benchmark. */
  sql(text: string): Promise<void>;
  /** `count` appointments change in one transaction, and the bell rings. */
  change(count?: number): Promise<void>;
  /** One of many appointments, by its number, changes, and the bell rings. */
  changeOne(index: number): Promise<void>;
  stop(): Promise<void>;
}

export const clinicianId = (index: number): string => `00000000-0000-7000-8000-0000c${String(index).padStart(7, '0')}`;
const visitId = (index: number): string => `00000000-0000-7000-8000-0000a${String(index).padStart(7, '0')}`;

/**
 * `clinicians` people; all appointments are with the first of them, or (`each`) one is with each, or (`together`) all of them are hosts
 * of the first one.
 */
export async function startClinic(clinicians = 1, visits: Visits = 'first'): Promise<LiveClinic> {
  const database = await startPostgres();
  const redis = await startRedis();
  await seed(database.url, clinicians, visits);
  const gateway = await startGateway({ DATABASE_URL: database.url, REDIS_URL: redis.url });
  const pool = new pg.Pool({ connectionString: database.url, max: 10 });
  pool.on('error', () => {});
  const bell = createBell({ redisUrl: redis.url, log: silentLog });
  return {
    databaseUrl: database.url,
    gateway,
    sql: async (text) => void (await pool.query(text)),
    async change(count = 1) {
      await writeChanges(
        pool,
        Array.from({ length: count }, (_, index) => visitId(index)),
      );
      bell.ring();
    },
    async changeOne(index) {
      await writeChanges(pool, [visitId(index % VISITS)]);
      bell.ring();
    },
    stop: registered(async () => {
      bell.stop();
      await pool.end();
      await gateway.stop();
      await redis.stop();
      await database.stop();
    }),
  };
}

async function seed(url: string, clinicians: number, visits: Visits): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const clinicianIds = Array.from({ length: clinicians }, (_, index) => clinicianId(index));
  const visitIds = Array.from({ length: visits === 'each' ? clinicians : VISITS }, (_, index) => visitId(index));
  const hostIds = visitIds.map((_, index) => clinicianId(visits === 'each' ? index : 0));
  await client.query(
    `INSERT INTO "User" ("id","role","name","email","updatedAt")
     SELECT id, 'CLINICIAN', 'Dr. Amara Osei', 'clinician-' || number || '@example.com', now()
     FROM unnest($1::uuid[]) WITH ORDINALITY AS one (id, number)`,
    [clinicianIds],
  );
  await client.query(
    `INSERT INTO "User" ("id","role","name","email","updatedAt") VALUES ('${DESK}','FRONT_DESK','Desk','desk@example.com',now())`,
  );
  await client.query(
    `INSERT INTO "Appointment" ("id","calcomBookingUid","startsAt","endsAt","timeZone","status","careState","consultationType","title","clinicianId","reason")
     SELECT id, 'uid-bench-' || number, now(), now() + interval '30 minutes', 'Europe/Amsterdam', 'CONFIRMED', 'EXPECTED', 'VIDEO',
            'Video consultation', host, 'Follow-up on blood pressure readings'
     FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS one (id, host, number)`,
    [visitIds, hostIds],
  );
  await client.query(
    `INSERT INTO "AppointmentHost" ("appointmentId","position","userId","name","organizer")
     SELECT id, 0, host, 'Dr. Amara Osei', true FROM unnest($1::uuid[], $2::uuid[]) AS one (id, host)`,
    [visitIds, hostIds],
  );
  if (visits === 'together')
    await client.query(
      `INSERT INTO "AppointmentHost" ("appointmentId","position","userId","name","organizer")
       SELECT '${visitId(0)}', number, id, 'Dr. Amara Osei', false FROM unnest($1::uuid[]) WITH ORDINALITY AS one (id, number)`,
      [clinicianIds.slice(1)],
    );
  await client.query(
    `INSERT INTO "AppointmentParticipant" ("id","appointmentId","name","timeZone","careState")
     SELECT gen_random_uuid(), id, 'Jonah Reyes', 'Europe/Amsterdam', 'EXPECTED' FROM unnest($1::uuid[]) AS one (id)`,
    [visitIds],
  );
  await client.end();
}

/** The next version of these appointments, as the write door makes it. */
async function writeChanges(pool: pg.Pool, visitIds: readonly string[]): Promise<void> {
  const snapshot = JSON.stringify({
    startsAt: Date.now(),
    endsAt: Date.now() + 1_800_000,
    status: 'CONFIRMED',
    careStates: ['EXPECTED'],
    patientIds: [],
    eventTypeId: null,
    hasConflict: false,
  });
  // One statement is one transaction.
  await pool.query({
    name: 'change',
    text: `WITH changed AS (UPDATE "Appointment" SET "version" = "version" + 1 WHERE "id" = ANY($1::uuid[]) RETURNING "id", "version", "calcomBookingUid", "clinicianId"),
      told AS (SELECT *, $2::jsonb || jsonb_build_object('clinicianId', "clinicianId", 'hostIds', (SELECT jsonb_agg(h."userId") FROM "AppointmentHost" h WHERE h."appointmentId" = changed."id")) AS snapshot FROM changed)
      INSERT INTO "AppointmentChange" ("appointmentId","version","kind","changedFields","before","after","cause","bookingUid")
      SELECT "id","version",'UPDATED','{location}',snapshot,snapshot,'WEBHOOK',"calcomBookingUid" FROM told`,
    values: [visitIds, snapshot],
  });
}
