/** `cli doctor`: whether what the gateway stands on is as it needs it. */
import type { Core } from '../core.ts';
import { identityOf } from '../database/instance-identity.ts';
import { migrationProblems } from '../database/migrations.ts';
import type { ResolvedConfig } from '../start/surroundings.ts';

export interface Finding {
  what: string;
  /** Null: fine. */
  problem: string | null;
  note?: string;
}

export async function examine(core: Core): Promise<Finding[]> {
  const config = core.services.config as ResolvedConfig;
  const findings: Finding[] = [await databaseVersion(core), await identity(core, config)];
  const migrations = await migrationProblems(config.database.url);
  findings.push({ what: 'Migrations', problem: migrations.length > 0 ? migrations.join(' ') : null });
  findings.push(...(await clinicians(core)), await inbox(core));
  return findings;
}

async function databaseVersion({ services }: Core): Promise<Finding> {
  const { rows } = await services.pool.query<{ version: number; name: string }>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS name`,
  );
  const version = rows[0]?.version ?? 0;
  return {
    what: 'PostgreSQL',
    problem: version < 150_000 ? `Version ${rows[0]?.name}; at least 15 is needed.` : null,
    note: rows[0]?.name ?? '',
  };
}

async function identity({ services }: Core, config: ResolvedConfig): Promise<Finding> {
  const { rows } = await services.pool.query<{ madeFor: string }>(`SELECT "madeFor" FROM "GatewayInstance"`);
  const known = rows[0]?.madeFor;
  const wrong = known !== undefined && known !== identityOf(config);
  return {
    what: 'Made for',
    problem: wrong ? `This database was made for ${known}: \`npm run cli -- adopt-instance\`.` : null,
    note: known ?? 'nothing yet',
  };
}

async function clinicians(core: Core): Promise<Finding[]> {
  const credentials = await core.credentials.all();
  if (credentials.length === 0) {
    return [
      {
        what: 'Clinicians',
        problem: 'No clinician has a Cal.com key: `npm run cli -- user add --role CLINICIAN … --calcom-api-key-stdin`.',
      },
    ];
  }
  return await Promise.all(
    credentials.map(async (credential): Promise<Finding> => {
      const me = await core.client.me(credential);
      return { what: `Key of ${credential.calcomUsername ?? credential.ownerId}`, problem: me.ok ? null : `Cal.com: ${me.failure.kind}.` };
    }),
  );
}

async function inbox({ inbox: events }: Core): Promise<Finding> {
  const { unprocessed, dead, waitingForHost } = await events.backlog();
  const problem = dead > 0 ? `${dead} events failed for good: \`npm run cli -- inbox\`.` : null;
  return { what: 'Inbox', problem, note: `${unprocessed} not processed, ${waitingForHost} of them wait for a clinician to be added` };
}
