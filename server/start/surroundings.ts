/**
 * What the gateway stands on, brought up where the configuration names nothing: an embedded PostgreSQL, a sandbox
 * Cal.com. The command line joins those of a running gateway instead.
 */
import { mkdirSync } from 'node:fs';
import { oauthUrls } from '../calcom/connection-settings.ts';
import type { CalcomSettings, Config } from '../config.ts';
import { holderOf, lockDirectory } from '../database/directory-lock.ts';
import { findEmbedded, startEmbedded } from '../database/embedded.ts';
import { StartFailure } from '../database/start-failure.ts';
import { findSandbox, startSandbox } from './sandbox-process.ts';

/** A configuration in which nothing is left open. */
export interface ResolvedConfig extends Config {
  database: { url: string; poolSize: number };
  calcom: CalcomSettings;
}

export interface Surroundings {
  config: ResolvedConfig;
  /** Stops what was started here, nothing else. */
  stop(): Promise<void>;
}

/** `config.port` must be where the gateway will listen: the sandbox sends its webhooks there. `say` is for the person at the terminal. */
export async function startSurroundings(config: Config, say: (message: string) => void): Promise<Surroundings> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const stopOne of stops.toReversed()) await stopOne();
  };
  try {
    if (config.database.url === null || config.sandbox) stops.push(lock(config));
    let url = config.database.url;
    if (url === null) {
      const embedded = await startEmbedded({ dataDir: config.dataDir, say });
      stops.push(() => embedded.stop());
      url = embedded.url;
    }
    let calcom = config.calcom;
    let { webhookEndpoint } = config;
    if (config.sandbox) {
      webhookEndpoint = webhookUrl(config);
      const sandbox = await startSandbox({ dataDir: config.dataDir, webhookUrl: webhookEndpoint, webhookSecret: config.webhook.secret });
      stops.push(() => sandbox.stop());
      calcom = sandboxCalcom(sandbox.url);
    }
    if (calcom === null) throw new Error('A configuration without CALCOM_API_URL has a sandbox.');
    return { config: { ...config, database: { ...config.database, url }, calcom, webhookEndpoint }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a live gateway of this DATA_DIR uses; null when none lives. */
export function joinSurroundings(config: Config): Surroundings | null {
  const local = config.database.url === null || config.sandbox;
  if (local && holderOf(config.dataDir) === null) return null;
  const url = config.database.url ?? findEmbedded(config.dataDir);
  const sandbox = config.sandbox ? findSandbox(config.dataDir) : null;
  const calcom = sandbox === null ? config.calcom : sandboxCalcom(sandbox.url);
  if (url === null || calcom === null) return null;
  const webhookEndpoint = sandbox?.webhookUrl ?? config.webhookEndpoint;
  return { config: { ...config, database: { ...config.database, url }, calcom, webhookEndpoint }, stop: () => Promise.resolve() };
}

/** The sandbox's OAuth client sends a browser of this machine back to whatever address it came from. Its secret opens nothing else. */
function sandboxCalcom(url: string): CalcomSettings {
  const oauth = { clientId: 'sandbox-oauth-client', clientSecret: 'sandbox-oauth-secret', redirectUrl: null, ...oauthUrls(url) };
  return { apiUrl: url, apiKey: null, webappUrl: null, oauth };
}

/** Where this gateway's own processes reach it. */
export function webhookUrl(config: Pick<Config, 'host' | 'port'>): string {
  const anywhere = config.host === '0.0.0.0' || config.host === '::';
  const host = anywhere ? '127.0.0.1' : config.host.includes(':') ? `[${config.host}]` : config.host;
  return `http://${host}:${config.port}/api/calcom/webhooks`;
}

function lock(config: Config): () => Promise<void> {
  mkdirSync(config.dataDir, { recursive: true });
  const taken = lockDirectory(config.dataDir);
  if ('heldBy' in taken) {
    throw new StartFailure(
      `${config.dataDir} is in use by process ${taken.heldBy}. Stop it, or set DATA_DIR (and PORT) to run a second gateway.`,
    );
  }
  return () => Promise.resolve(taken.release());
}
