/**
 * A backup made with pg_dump and restored into another cluster, by the two ways there are. Cursors from before it are recognised as
 * belonging to another log, whatever the transaction ids of the two clusters; the history is kept.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Viewer } from '../../server/auth/viewer.ts';
import { createPool } from '../../server/database/pool.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { databaseUrl, runAsAdmin } from '../support/database-broker.ts';
import { createTestCluster, type TestCluster, type TestDatabase } from '../support/database.ts';
import { runTool, systemPostgres } from '../support/system-postgres.ts';
import { addPerson, type Instance, startInstance, stateOf, told, watch, writer } from '../corridors/live-clinic.ts';

const binaries = systemPostgres();
if (binaries === null)
  console.info('Skipped: restoring a dump into another cluster, because there is no PostgreSQL with pg_dump on this machine.');

describe.skipIf(binaries === null)('a dump restored into another cluster', () => {
  const tools = binaries ?? '';
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fintan-dump-'));
  let here: TestCluster;
  let there: TestCluster;
  let database: TestDatabase;
  let original: Instance;
  let desk: Viewer;
  /** Of the last update before the dump. */
  let cursor: string;

  beforeAll(async () => {
    [here, there] = await Promise.all([createTestCluster({ binaries: tools }), createTestCluster({ binaries: tools })]);
    database = await here.createDatabase();
    desk = await addPerson(database, 'FRONT_DESK');
    original = await startInstance(database);
    const board = watch(original.live, desk);
    await board.next();
    const door = writer(database, original.bell);
    const visit = await door.create(stateOf({}));
    await door.change(visit, 'CARE_CHANGED', { careStates: ['ARRIVED'] });
    await door.create(stateOf({}));
    cursor = (await board.until((update) => update.version === 2)).at(-1)?.cursor ?? '';
  }, 120_000);
  afterAll(async () => {
    await original?.stop();
    await database?.drop();
    await Promise.all([here?.stop(), there?.stop()]);
    rmSync(folder, { recursive: true });
  }, 60_000);

  async function restore(name: string, way: 'pg_restore' | 'psql'): Promise<string> {
    const file = path.join(folder, name);
    const url = databaseUrl(there.url, name);
    await runTool(tools, 'pg_dump', ['--format', way === 'psql' ? 'plain' : 'custom', '--file', file, database.url]);
    await runAsAdmin(there.url, `CREATE DATABASE "${name}"`);
    if (way === 'psql') await runTool(tools, 'psql', ['--quiet', '--set', 'ON_ERROR_STOP=1', '--file', file, url]);
    else await runTool(tools, 'pg_restore', ['--exit-on-error', '--dbname', url, file]);
    return url;
  }

  /** So many transactions happen in the other cluster. */
  const burn = (count: number) =>
    runAsAdmin(there.url, `DO $$ BEGIN FOR n IN 1..${count} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$`);

  test.each([
    { way: 'pg_restore' as const, before: 'is younger', transactions: 0 },
    { way: 'psql' as const, before: 'has seen more transactions', transactions: 20_000 },
  ])(
    'by $way, where the other cluster $before: RESYNC, then everything as before',
    async ({ way, transactions }) => {
      await burn(transactions);
      const pool = createPool({ url: await restore(`restored_by_${way}`, way), size: 5, log: silentLog });
      const restored = await startInstance({ pool });
      expect(restored.live.timeline()).not.toBe(original.live.timeline());

      const back = watch(restored.live, desk, { since: cursor });
      const resync = await back.next();
      expect(resync).toMatchObject({ kind: 'RESYNC' });
      const visit = await writer({ pool }, restored.bell).create(stateOf({}));
      expect(await back.next()).toMatchObject({ kind: 'CREATED', appointmentId: visit.id });
      const resumed = watch(restored.live, desk, { since: resync.cursor });
      expect(told(await resumed.until((update) => update.kind === 'POSITION'))).toEqual(['CREATED 1']);

      // The history came along, in its order, and before everything that happens from now on.
      const { rows } = await pool.query<{ told: string }>(
        `SELECT "kind" || ' ' || "version" AS told FROM "AppointmentChange" c ORDER BY c.xid, c.id`,
      );
      expect(rows.map((row) => row.told)).toEqual(['CREATED 1', 'CARE_CHANGED 2', 'CREATED 1', 'CREATED 1']);

      // A second start is of the same log.
      const again = await startInstance({ pool });
      expect(again.live.timeline()).toBe(restored.live.timeline());
      await again.stop();
      await restored.stop();
      await pool.end();
    },
    120_000,
  );

  test('the original goes on: its cursors mean what they meant', async () => {
    const resumed = watch(original.live, desk, { since: cursor });
    expect(told(await resumed.until((update) => update.kind === 'POSITION'))).toEqual(['CREATED 1']);
  });
});
