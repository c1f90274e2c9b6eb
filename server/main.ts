/**
 * `npm start`: configuration, what the gateway stands on, the gateway, where to go. The only file besides cli.ts that
 * reads the process: its environment, its signals, its terminal.
 */
import { seed } from '../prisma/seed.ts';
import { demoPersonas } from './auth/demo-personas.ts';
import type { Config } from './config.ts';
import { StartFailure } from './database/start-failure.ts';
import { createGateway } from './gateway.ts';
import { createLog } from './kernel/log.ts';
import { announcement } from './start/announce.ts';
import { claimPort } from './start/claim-port.ts';
import { sandboxClinicians } from './start/sandbox-process.ts';
import { readConfig } from './start/read-config.ts';
import { startSurroundings } from './start/surroundings.ts';

const STOP_MS = 10_000;
/** One Ctrl-C arrives twice, from the terminal and from npm; a second one means it only after this. */
const SECOND_SIGNAL_MS = 1000;

const stops: (() => Promise<void>)[] = [];
let stoppingSince: number | null = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopAll(signal));

try {
  await start(readConfig(process.env));
} catch (error) {
  // A signal during the start makes whatever was being started fail; that is no news.
  if (stoppingSince === null) {
    console.error(error instanceof StartFailure ? `\n  ${error.message}\n` : error);
    process.exitCode = 1;
    await stopAll(null);
  }
}

async function start(given: Config): Promise<void> {
  const config = { ...given, port: await claimPort(given.host, given.port) };
  const surroundings = await startSurroundings(config, (message) => console.log(`  ${message}`));
  stops.push(() => surroundings.stop());
  if (stoppingSince !== null) return;

  const log = createLog({ level: config.logLevel });
  const gateway = createGateway(surroundings.config, { log });
  stops.push(() => gateway.stop());
  const { url } = await gateway.start();
  const { services, encryption } = gateway.core();

  if (config.sandbox) {
    await seed({ pool: services.pool, encryption, clinicians: await sandboxClinicians(surroundings.config.calcom.apiUrl) });
    await gateway.firstSweep();
  } else {
    // A Cal.com that is slow or away must not keep the gateway from serving what it knows.
    gateway
      .firstSweep()
      .catch((error: unknown) => log.warn('start.sweep-failed', { message: error instanceof Error ? error.message : String(error) }));
  }
  const personas = await demoPersonas(services.pool, config);
  if (stoppingSince === null) console.log(announcement({ config: surroundings.config, url, personas, colour: process.stdout.isTTY }));
}

async function stopAll(signal: string | null): Promise<void> {
  const now = Date.now();
  if (stoppingSince !== null) {
    if (now - stoppingSince >= SECOND_SIGNAL_MS) process.exit(130);
    return;
  }
  stoppingSince = now;
  setTimeout(() => {
    console.error('  Stopping took too long; ending now.');
    process.exit(1);
  }, STOP_MS).unref();
  for (const stop of stops.toReversed()) {
    await stop().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  }
  process.exit(signal === null ? 1 : (process.exitCode ?? 0));
}
