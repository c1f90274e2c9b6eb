/**
 * `npm start`: configuration, what the gateway stands on, the gateway, where to go. The only file besides cli.ts that
 * reads the process: its environment, its signals, its terminal.
 */
import { playDemoDay } from '../prisma/demo-day.ts';
import { seed } from '../prisma/seed.ts';
import { demoPersonas } from './auth/demo-personas.ts';
import { StartFailure } from './database/start-failure.ts';
import { createGateway } from './gateway.ts';
import { createLog } from './kernel/log.ts';
import { announcement } from './start/announce.ts';
import { claimPort } from './start/claim-port.ts';
import { readConfig } from './start/read-config.ts';
import { sandboxClinicians } from './start/sandbox-process.ts';
import { startSurroundings } from './start/surroundings.ts';

/** Besides the time over which clients are sent away. */
const STOP_MS = 10_000;
/** One Ctrl-C arrives twice, from the terminal and from npm; a second one means it only after this. */
const SECOND_SIGNAL_MS = 1000;

/** What runs, in the order it was started. */
const stops: (() => Promise<void>)[] = [];
let stoppingSince: number | null = null;
let drainWindowMs = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void onSignal());

const started = start().catch(async (error: unknown) => {
  // A signal during the start may make what was being started fail; that is no news.
  if (stoppingSince !== null) return;
  console.error(error instanceof StartFailure ? `\n  ${error.message}\n` : error);
  await stopAll(1);
});

async function start(): Promise<void> {
  const given = readConfig(process.env);
  ({ drainWindowMs } = given);
  const config = { ...given, port: await claimPort(given.host, given.port) };
  const surroundings = await startSurroundings(config, (message) => console.log(`  ${message}`));
  stops.push(() => surroundings.stop());
  if (stoppingSince !== null) return;

  const log = createLog({ level: config.logLevel });
  const gateway = createGateway(surroundings.config, { log });
  stops.push(() => gateway.stop());
  const { url } = await gateway.start();
  if (stoppingSince !== null) return;

  const { services, encryption } = gateway.core();
  if (config.sandbox) {
    await seed({ pool: services.pool, encryption, clinicians: await sandboxClinicians(surroundings.config.calcom.apiUrl) });
    await gateway.firstSweep();
    const ring = () => services.live.ring();
    await playDemoDay({ pool: services.pool, now: services.clock.now(), clinicTimeZone: config.clinic.timeZone, ring });
  } else {
    // A Cal.com that is slow or away must not keep the gateway from serving what it knows.
    gateway.firstSweep().catch((error: unknown) => log.warn('start.sweep-failed', { message: messageOf(error) }));
  }
  if (stoppingSince !== null) return;
  const personas = await demoPersonas(services.pool, config);
  console.log(announcement({ config: surroundings.config, url, personas, colour: process.stdout.isTTY }));
}

async function onSignal(): Promise<void> {
  if (stoppingSince !== null) {
    if (Date.now() - stoppingSince >= SECOND_SIGNAL_MS) process.exit(130);
    return;
  }
  stoppingSince = Date.now();
  setTimeout(() => {
    console.error('  Stopping took too long; ending now.');
    process.exit(1);
  }, drainWindowMs + STOP_MS).unref();
  // What is being started cannot be stopped half-way: its process would be left behind.
  await started;
  await stopAll(0);
}

async function stopAll(exitCode: number): Promise<void> {
  let code = exitCode;
  for (const stop of stops.toReversed()) {
    await stop().catch((error: unknown) => {
      console.error(messageOf(error));
      code = 1;
    });
  }
  process.exit(code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
