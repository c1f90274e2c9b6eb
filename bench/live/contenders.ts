/** Servers that send one change to everybody who watches, each with its own way to cause that. */
import { type Child, cpuMs, startChild, startPeer } from '../child.ts';
import type { BenchOptions } from '../bench.ts';
import { bearerOf, WEBHOOK_SECRET } from '../gateway.ts';
import { boardSubscription, updateIn } from './board-subscription.ts';
import { type LiveClinic, DESK } from './clinic.ts';
import { type Crowd, openCrowd } from './crowd.ts';

export interface Contender {
  pid: number;
  crowd: Crowd;
  /** Causes `count` results for everybody. */
  publish(count: number): Promise<void>;
  stop(): Promise<void>;
}

const PEERS = {
  'Yoga as documented, WebSocket': { script: 'yoga.ts', transport: 'ws' },
  'Yoga as documented, SSE': { script: 'yoga.ts', transport: 'sse' },
  'Apollo Server, graphql-ws': { script: 'apollo.ts', transport: 'ws' },
  'Mercurius with jit': { script: 'mercurius.ts', transport: 'ws' },
} as const;
export type PeerName = keyof typeof PEERS;
export const peerNames = Object.keys(PEERS) as PeerName[];

export async function watchOurs(clinic: LiveClinic, size: number, groups: number): Promise<Contender> {
  const authorization = await bearerOf(DESK);
  const who = Array.from({ length: groups }, (_, group) => ({ authorization, payload: boardSubscription(group) }));
  const crowd = await openCrowd({ url: clinic.gateway.socketUrl, transport: 'ws', size, who, ready: 'position' });
  return { pid: clinic.gateway.pid, crowd, publish: (count) => clinic.change(count), stop: () => crowd.close() };
}

/** `update`: what is sent, as ours sends it. */
export async function watchRaw(size: number, update: string, databaseUrl = ''): Promise<Contender> {
  const server = await startChild('raw-socket.ts', { DATABASE_URL: databaseUrl, SECRET: WEBHOOK_SECRET });
  return await watch(server, { url: server.url.replace('http', 'ws'), transport: 'ws', size, update, ready: 'position' });
}

/** Null when it cannot be installed or started; `missing` is told why. */
export async function watchPeer(
  name: PeerName,
  options: { size: number; update: string; databaseUrl?: string; peers: BenchOptions['peers']; missing: (reason: string) => void },
): Promise<Contender | null> {
  if (!options.peers.ok) {
    options.missing(options.peers.reason);
    return null;
  }
  const { script, transport } = PEERS[name];
  const server = await startPeer(script, { DATABASE_URL: options.databaseUrl ?? '', SECRET: WEBHOOK_SECRET }, options.missing);
  if (server === null) return null;
  try {
    const url = `${transport === 'ws' ? server.url.replace('http', 'ws') : server.url}/graphql`;
    const contender = await watch(server, { url, transport, size: options.size, update: options.update, ready: 'sent' });
    await everybodyCounted(server.url, options.size);
    return contender;
  } catch (error) {
    await server.stop();
    options.missing(error instanceof Error ? error.message : String(error));
    return null;
  }
}

async function watch(
  server: Child,
  {
    url,
    transport,
    size,
    update,
    ready,
  }: { url: string; transport: 'ws' | 'sse'; size: number; update: string; ready: 'position' | 'sent' },
): Promise<Contender> {
  const who = [{ authorization: null, payload: boardSubscription() }];
  const crowd = await openCrowd({ url, transport, size, who, ready });
  return {
    pid: server.pid,
    crowd,
    async publish(count) {
      for (let index = 0; index < count; index += 1) await fetch(`${server.url}/publish`, { method: 'POST', body: update });
    },
    async stop() {
      await crowd.close();
      await server.stop();
    },
  };
}

const LONGEST_COUNT_MS = 60_000;
const COUNT_LOOK_MS = 10;

/** A peer says nothing when a subscription runs, so it is asked how many do. */
export async function everybodyCounted(url: string, size: number): Promise<void> {
  const until = Date.now() + LONGEST_COUNT_MS;
  for (;;) {
    const count = Number(await (await fetch(`${url}/count`)).text());
    if (count >= size) return;
    if (Date.now() > until) throw new Error(`${count} of ${size} subscriptions run after ${LONGEST_COUNT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, COUNT_LOOK_MS));
  }
}

/** CPU per delivery in µs: `changes` times, `burst` changes at once to everybody, and the next when all have heard. */
export async function cpuPerDelivery(contender: Contender, changes: number, burst = 1): Promise<number> {
  const before = cpuMs(contender.pid);
  for (let change = 0; change < changes; change += 1) await Promise.all([contender.crowd.heard(burst), contender.publish(burst)]);
  return ((cpuMs(contender.pid) - before) * 1000) / (changes * burst * contender.crowd.size);
}

/** What ours sends for one change, for the others to send the same. */
export async function sampleUpdate(ours: Contender): Promise<string> {
  await Promise.all([ours.crowd.heard(1), ours.publish(1)]);
  return updateIn(await ours.crowd.last());
}
