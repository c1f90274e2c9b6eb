/** Samples of deliveries: a bounded number of rows with a limited life (sample-budget, jobs/retention). */
import type pg from 'pg';
import type { AppointmentId } from '../kernel/ids.ts';
import type { ChangeCause, ChangeKind, ChangeSnapshot, LogPosition } from '../live/change-log.ts';

type Database = Pick<pg.Pool, 'query'>;

export interface ChangeOfSample {
  id: string;
  xid: string;
  before: ChangeSnapshot | null;
  after: ChangeSnapshot;
  receivedAt: Date | null;
  recordedAt: Date | null;
  appliedAt: Date;
}

/** Those of the positions that are changes. */
export async function changesAt(db: Database, positions: readonly LogPosition[]): Promise<ChangeOfSample[]> {
  const result = await db.query<ChangeOfSample>(
    `SELECT c."id"::text AS id, c."xid"::text AS xid, c."before", c."after", c."receivedAt", c."recordedAt", c."appliedAt"
     FROM "AppointmentChange" c WHERE c."id" = ANY($1::bigint[])`,
    [positions.map(({ id }) => id)],
  );
  return result.rows;
}

export interface NewSample {
  changeId: string;
  receivedAt: Date | null;
  recordedAt: Date | null;
  appliedAt: Date;
  publishedAt: Date;
  deliveredAt: Date;
  paintedAt: Date;
  clockErrorMs: number;
}

export async function addSamples(db: Database, samples: readonly NewSample[], expiresAt: Date): Promise<void> {
  const column = <Key extends keyof NewSample>(key: Key) => samples.map((sample) => sample[key]);
  await db.query(
    `INSERT INTO "DeliverySample" ("id","changeId","receivedAt","recordedAt","appliedAt","publishedAt","deliveredAt","paintedAt","clockErrorMs","expiresAt")
     SELECT gen_random_uuid(), s.*, $9::timestamptz
     FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::int[]) s`,
    [
      column('changeId'),
      column('receivedAt'),
      column('recordedAt'),
      column('appliedAt'),
      column('publishedAt'),
      column('deliveredAt'),
      column('paintedAt'),
      column('clockErrorMs'),
      expiresAt,
    ],
  );
}

/** The parts of the way, in their order; TOTAL from the webhook's arrival to the paint. RECORD and TOTAL only of webhooks. */
export const STAGES = ['RECORD', 'APPLY', 'PUBLISH', 'DELIVER', 'PAINT', 'TOTAL'] as const;
export type Stage = (typeof STAGES)[number];

/** From and to of each, by column. */
const SPAN: Record<Stage, readonly [string, string]> = {
  RECORD: ['receivedAt', 'recordedAt'],
  APPLY: ['recordedAt', 'appliedAt'],
  PUBLISH: ['appliedAt', 'publishedAt'],
  DELIVER: ['publishedAt', 'deliveredAt'],
  PAINT: ['deliveredAt', 'paintedAt'],
  TOTAL: ['receivedAt', 'paintedAt'],
};

export interface StageLatency {
  stage: Stage;
  p50Ms: number;
  p95Ms: number;
}

export interface LatencyHour {
  hour: Date;
  samples: number;
  webhooks: number;
  /** Without those that nothing was measured of. */
  stages: StageLatency[];
}

type HourRecord = { hour: Date; samples: number; webhooks: number } & Record<Stage, [number, number] | null>;

/** Hours of [from, to) of which there are samples, oldest first. */
export async function latencyByHour(db: Database, from: Date, to: Date): Promise<LatencyHour[]> {
  const quantiles = STAGES.map((stage) => {
    const [begin, end] = SPAN[stage];
    return `percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY greatest(0, extract(epoch FROM s."${end}" - s."${begin}") * 1000)) FILTER (WHERE s."${begin}" IS NOT NULL) AS "${stage}"`;
  });
  const result = await db.query<HourRecord>(
    `SELECT date_trunc('hour', s."appliedAt") AS hour, count(*)::int AS samples, count(s."receivedAt")::int AS webhooks, ${quantiles.join(', ')}
     FROM "DeliverySample" s WHERE s."appliedAt" >= $1 AND s."appliedAt" < $2 GROUP BY 1 ORDER BY 1`,
    [from, to],
  );
  return result.rows.map((row) => ({
    hour: row.hour,
    samples: row.samples,
    webhooks: row.webhooks,
    stages: STAGES.flatMap((stage) => {
      const [p50Ms, p95Ms] = row[stage] ?? [];
      return p50Ms === undefined || p95Ms === undefined ? [] : [{ stage, p50Ms, p95Ms }];
    }),
  }));
}

export interface Waterfall extends Omit<NewSample, 'changeId'> {
  id: string;
  appointmentId: AppointmentId;
  kind: ChangeKind;
  cause: ChangeCause;
}

export type WaterfallOrder = 'LATEST' | 'SLOWEST';

const ORDER: Record<WaterfallOrder, string> = {
  LATEST: 's."appliedAt" DESC',
  SLOWEST: 's."paintedAt" - COALESCE(s."receivedAt", s."appliedAt") DESC',
};

/** Single samples of [from, to), at most `first`. */
export async function waterfalls(db: Database, from: Date, to: Date, order: WaterfallOrder, first: number): Promise<Waterfall[]> {
  const result = await db.query<Waterfall>(
    `SELECT s."id", s."receivedAt", s."recordedAt", s."appliedAt", s."publishedAt", s."deliveredAt", s."paintedAt", s."clockErrorMs",
            c."appointmentId", c."kind"::text AS kind, c."cause"::text AS cause
     FROM "DeliverySample" s JOIN "AppointmentChange" c ON c."id" = s."changeId"
     WHERE s."appliedAt" >= $1 AND s."appliedAt" < $2 ORDER BY ${ORDER[order]}, s."id" LIMIT $3`,
    [from, to, first],
  );
  return result.rows;
}

/** When a webhook last arrived; null: never. */
export async function lastWebhookAt(db: Database): Promise<Date | null> {
  const result = await db.query<{ at: Date | null }>(
    // Two looks at the end of one index, however many events there are.
    `SELECT greatest((SELECT max("createdAt") FROM "CalcomWebhookEvent" WHERE "processed"),
                     (SELECT max("createdAt") FROM "CalcomWebhookEvent" WHERE NOT "processed")) AS at`,
  );
  return result.rows[0]?.at ?? null;
}
