/**
 * Runs a command on what the gateway of this configuration uses: joined when it runs, started for the time of the
 * command when it does not.
 */
import type { Config } from '../config.ts';
import { type Core, createCore } from '../core.ts';
import { claimInstance, identityOf } from '../database/instance-identity.ts';
import { deployMigrations } from '../database/migrations.ts';
import { createPool } from '../database/pool.ts';
import { systemClock } from '../kernel/clock.ts';
import { createLog } from '../kernel/log.ts';
import { joinSurroundings, startSurroundings } from '../start/surroundings.ts';

const POOL_SIZE = 4;

export interface CoreAccess {
  /** True for commands about the identity itself. */
  anyInstance?: boolean;
}

export async function withCore<Value>(config: Config, work: (core: Core) => Promise<Value>, access: CoreAccess = {}): Promise<Value> {
  const log = createLog({ level: config.logLevel === 'info' ? 'warn' : config.logLevel });
  const surroundings = joinSurroundings(config) ?? (await startSurroundings(config, (message) => console.error(message)));
  try {
    const complete = surroundings.config;
    await deployMigrations(complete.database.url);
    const pool = createPool({ url: complete.database.url, size: POOL_SIZE, log, applicationName: 'fintan-gateway cli' });
    try {
      if (access.anyInstance !== true) await claimInstance(pool, identityOf(complete));
      const core = await createCore({ config: complete, clock: systemClock, log, pool });
      try {
        return await work(core);
      } finally {
        await core.applier.stop();
        core.bell.stop();
        await core.oddities.stop();
        core.sharedSlots?.stop();
        await core.services.prisma.$disconnect();
      }
    } finally {
      await pool.end();
    }
  } finally {
    await surroundings.stop();
  }
}
