/**
 * What a dashboard must have been told, read from the log itself. Written a second time on purpose, from the words of the
 * schema, not from what the gateway decides with.
 */
import type pg from 'pg';
import { cursorKeys, decodeCursor } from '../../../server/live/cursor.ts';
import type { Person } from './clinic.ts';
import type { Dashboard, Filter } from './dashboard.ts';

export interface Place {
  xid: bigint;
  id: bigint;
}

interface Snapshot {
  startsAt: number;
  status: string;
  careStates: string[];
  hostIds: string[];
  patientIds: string[];
}

export interface Logged {
  place: Place;
  appointmentId: string;
  version: number;
  kind: string;
  before: Snapshot | null;
  after: Snapshot;
}

/** Every change there is, in the order of the log. */
export async function readLog(pool: pg.Pool): Promise<Logged[]> {
  const { rows } = await pool.query<Omit<Logged, 'place'> & { xid: string; id: string }>(
    `SELECT c.xid::text AS xid, c.id::text AS id, c."appointmentId", c."version", c."kind"::text AS kind, c."before", c."after"
     FROM "AppointmentChange" c ORDER BY c.xid, c.id`,
  );
  return rows.map(({ xid, id, ...change }) => ({ ...change, place: { xid: BigInt(xid), id: BigInt(id) } }));
}

export function isAtOrBefore(a: Place, b: Place): boolean {
  return a.xid < b.xid || (a.xid === b.xid && a.id <= b.id);
}

/** What a cursor of this installation names. */
export function placeOf(cursor: string, dataKeys: Buffer[]): Place {
  const decoded = decodeCursor(cursorKeys(dataKeys), cursor);
  if (!decoded.ok || decoded.value.kind !== 'OURS') throw new Error('This is no cursor of ours.');
  return { xid: BigInt(decoded.value.position.xid), id: BigInt(decoded.value.position.id) };
}

/** Changes whose appointment had that version or a later one before, in the order of the log. A merged one ends with its winner's version. */
export function unordered(log: readonly Logged[]): Logged[] {
  const versions = new Map<string, number>();
  return log.filter(({ appointmentId, version, kind }) => {
    const earlier = versions.get(appointmentId) ?? 0;
    versions.set(appointmentId, version);
    return kind !== 'MERGED' && version <= earlier;
  });
}

/** `kind id version` of each change between two places that the person may see and asked for. */
export function toldByLog(
  log: readonly Logged[],
  { person, filter }: Pick<Dashboard, 'person' | 'filter'>,
  { after, until }: { after: Place; until: Place },
): string[] {
  return log
    .filter((change) => !isAtOrBefore(change.place, after) && isAtOrBefore(change.place, until))
    .flatMap((change) => {
      const kind = kindFor(change, person, filter);
      return kind === null ? [] : [`${kind} ${change.appointmentId} ${change.version}`];
    });
}

function kindFor({ before, after, kind }: Logged, person: Person, filter: Filter): string | null {
  if (maySee(person, after) && asksFor(filter, after)) return kind;
  if (before === null || !maySee(person, before) || !asksFor(filter, before)) return null;
  return maySee(person, after) ? 'LEFT_FILTER' : 'REMOVED';
}

function maySee({ role, id }: Person, snapshot: Snapshot): boolean {
  if (role === 'PATIENT') return snapshot.patientIds.includes(id);
  if (role === 'CLINICIAN') return snapshot.hostIds.includes(id);
  return role === 'FRONT_DESK';
}

function asksFor(filter: Filter, snapshot: Snapshot): boolean {
  if (filter.statuses !== undefined && !filter.statuses.includes(snapshot.status)) return false;
  if (filter.clinicianIds !== undefined && !snapshot.hostIds.some((id) => filter.clinicianIds?.includes(id))) return false;
  if (filter.careStates !== undefined && !snapshot.careStates.some((state) => filter.careStates?.includes(state))) return false;
  return filter.startsBefore === undefined || snapshot.startsAt < filter.startsBefore.getTime();
}
