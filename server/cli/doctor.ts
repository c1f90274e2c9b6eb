/** `cli doctor`: whether what the gateway stands on is as it needs it, line by line, and how to mend what is not. */
import type { Core } from '../core.ts';
import { settingsThatLose } from '../database/durability.ts';
import { identityOf } from '../database/instance-identity.ts';
import { migrationProblems } from '../database/migrations.ts';
import { type Finding, findingsOf } from '../instance/findings.ts';
import type { OddityCount } from '../instance/oddity-log.ts';
import type { ResolvedConfig } from '../start/surroundings.ts';
import { connectionLines } from './connection-lines.ts';

export interface DoctorLine {
  what: string;
  /** Null: fine. */
  problem: string | null;
  mend: string | null;
  note: string | null;
}

export async function examine(core: Core): Promise<DoctorLine[]> {
  const config = core.services.config as ResolvedConfig;
  const identity = await madeFor(core, config);
  return [
    await databaseVersion(core),
    await durability(core),
    await migrations(config),
    identity,
    // What another Cal.com says is not to be kept.
    ...(identity.problem === null ? await calcom(core) : []),
    ...(await connectionLines(core)),
    await inbox(core),
  ];
}

/** As the terminal shows it: `✔ what: note`, or `✘ what: problem` with the way to mend it below. */
export function doctorText(lines: readonly DoctorLine[]): string {
  const width = Math.max(...lines.map(({ what }) => what.length));
  return lines
    .map(({ what, problem, mend, note }) => {
      const name = what.padEnd(width);
      if (problem === null) return `✔ ${name}  ${note ?? 'fine'}`;
      return `✘ ${name}  ${problem}${mend === null ? '' : `\n  ${' '.repeat(width)}  → ${mend}`}`;
    })
    .join('\n');
}

const fine = (what: string, note: string | null): DoctorLine => ({ what, problem: null, mend: null, note });

async function databaseVersion({ services }: Core): Promise<DoctorLine> {
  const { rows } = await services.pool.query<{ version: number; name: string }>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS name`,
  );
  const { version = 0, name = 'unknown' } = rows[0] ?? {};
  if (version >= 150_000) return fine('PostgreSQL', name);
  return { what: 'PostgreSQL', problem: `Version ${name}; at least 15 is needed.`, mend: 'Update it, or use another.', note: null };
}

async function durability({ services }: Core): Promise<DoctorLine> {
  const off = await settingsThatLose(services.pool);
  if (off.length === 0) return fine('Durability', 'what is answered as recorded survives a power failure');
  return {
    what: 'Durability',
    problem: `PostgreSQL runs with ${off.join(' and ')} off: webhooks that were answered can be lost, and Cal.com does not send them again.`,
    mend: `Set ${off.map((name) => `${name} = on`).join(' and ')} in postgresql.conf and reload it.`,
    note: null,
  };
}

async function migrations({ database }: ResolvedConfig): Promise<DoctorLine> {
  const problems = await migrationProblems(database.url);
  if (problems.length === 0) return fine('Migrations', 'all applied');
  return { what: 'Migrations', problem: problems.join(' '), mend: '`npm run migrate`, or start the gateway once.', note: null };
}

async function madeFor({ services }: Core, config: ResolvedConfig): Promise<DoctorLine> {
  const { rows } = await services.pool.query<{ madeFor: string }>(`SELECT "madeFor" FROM "GatewayInstance"`);
  const known = rows[0]?.madeFor;
  const configured = identityOf(config);
  if (known === undefined || known === configured) return fine('Made for', known ?? 'nothing yet');
  return {
    what: 'Made for',
    problem: `This database is about ${known}, the configuration names ${configured}. Cal.com was not looked at.`,
    mend: 'Correct CALCOM_API_URL or DATABASE_URL; if it is the same Cal.com under a new address, `npm run cli -- adopt-instance`.',
    note: null,
  };
}

async function calcom(core: Core): Promise<DoctorLine[]> {
  const status = await core.instance.check();
  const names = new Map((await core.credentials.all()).map(({ ownerId, calcomUsername }) => [ownerId, calcomUsername]));
  const named = ({ ownerId, what, ...rest }: Finding): DoctorLine => ({
    ...rest,
    what: ownerId === null ? what : `${what} of ${names.get(ownerId) ?? ownerId}`,
  });
  return [...findingsOf(status).map(named), await clinicians(core), oddities(await core.oddities.list())];
}

/** Those without a credential: nothing of them is seen, and they may be meant so. */
async function clinicians(core: Core): Promise<DoctorLine> {
  const { rows } = await core.services.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM "User" WHERE "role" = 'CLINICIAN' AND "disabledAt" IS NULL`,
  );
  const all = rows[0]?.count ?? 0;
  const connected = (await core.credentials.all()).length;
  return fine('Clinicians', connected < all ? `${connected} of ${all} are connected to Cal.com` : `${all}, all connected to Cal.com`);
}

function oddities(counted: readonly OddityCount[]): DoctorLine {
  if (counted.length === 0) return fine('News', 'nothing that this release does not know');
  const kinds = counted.slice(0, 5).map(({ kind, subject, count }) => `${kind.toLowerCase()} ${subject} (${count})`);
  const more = counted.length > kinds.length ? ` and ${counted.length - kinds.length} more` : '';
  return fine('News', `unknown to this release, and harmless: ${kinds.join(', ')}${more}`);
}

async function inbox({ inbox: events }: Core): Promise<DoctorLine> {
  const { unprocessed, dead, waitingForHost } = await events.backlog();
  if (dead > 0) {
    return {
      what: 'Inbox',
      problem: dead === 1 ? 'One webhook event failed for good.' : `${dead} webhook events failed for good.`,
      mend: '`npm run cli -- inbox` shows them, `npm run cli -- replay <id>` tries again.',
      note: null,
    };
  }
  return fine(
    'Inbox',
    unprocessed === 0 ? 'empty' : `${unprocessed} not processed, ${waitingForHost} of them wait for a clinician to be added`,
  );
}
