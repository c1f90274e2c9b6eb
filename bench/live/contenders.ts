/** Servers that send one change to everybody who watches, each with its own way to cause that. */
import { cpuMs, startChild, startPeer } from '../child.ts';
import { bearerOf, WEBHOOK_SECRET } from '../gateway.ts';
import type { Installed } from '../install-peers.ts';
import { createProbe, type Probe } from '../probe.ts';
import { boardSubscription, boardSubscriptionWithFilter, updateIn } from './board-subscription.ts';
import { clinicianId, DESK, type LiveClinic } from './clinic.ts';
import { type Crowd, openCrowd } from './crowd.ts';
import type { Subscription } from './crowd-words.ts';

export interface WatchedServer {
  url: string;
  pid: number;
  memory: Probe['memory'];
  /** Resolves when all subscriptions run. */
  open(size: number): Promise<Crowd>;
  /** Causes `count` results for everybody. */
  publish(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** A server and those who watch it. */
export interface Watched extends WatchedServer {
  crowd: Crowd;
}

export interface ServerSetting {
  /** What is sent, as ours sends it. */
  update?: string;
  /** For its webhook. */
  databaseUrl?: string;
}

const PEERS = {
  'Yoga as documented, WebSocket': { script: 'yoga.ts', transport: 'ws' },
  'Yoga as documented, SSE': { script: 'yoga.ts', transport: 'sse' },
  'Apollo Server, graphql-ws': { script: 'apollo.ts', transport: 'ws' },
  'Mercurius with jit': { script: 'mercurius.ts', transport: 'ws' },
} as const;
export type PeerName = keyof typeof PEERS;
export const peerNames = Object.keys(PEERS) as PeerName[];

const nobody: Subscription[] = [{ authorization: null, payload: boardSubscription }];

/** The gateway of this clinic, watched by each clinician on a board of their own; `publish(1)` changes an appointment of each. */
export async function boardsServer(clinic: LiveClinic, clinicians: number): Promise<WatchedServer> {
  return { ...(await watchedBy(clinic, cliniciansOf(clinicians), 'ws')), publish: () => clinic.change(clinicians) };
}

/**
 * The gateway of this clinic, watched by its front desk; with several groups by so many clinicians, who are hosts of what changes
 * together. Nobody may be sent what was made for another clinician, so each of them is an execution. It ends with the clinic.
 */
export function oursServer(clinic: LiveClinic, groups = 1, transport: 'ws' | 'sse' = 'ws'): Promise<WatchedServer> {
  return watchedBy(clinic, groups === 1 ? [DESK] : cliniciansOf(groups), transport);
}

/** The gateway of this clinic, watched by its front desk with so many different filters. */
export async function filtersServer(clinic: LiveClinic, filters: number): Promise<WatchedServer> {
  const authorization = await bearerOf(DESK);
  return watchedAs(
    clinic,
    Array.from({ length: filters }, (_, number) => ({ authorization, payload: boardSubscriptionWithFilter(number) })),
    'ws',
  );
}

const cliniciansOf = (count: number): string[] => Array.from({ length: count }, (_, index) => clinicianId(index));

async function watchedBy(clinic: LiveClinic, people: readonly string[], transport: 'ws' | 'sse'): Promise<WatchedServer> {
  const who = await Promise.all(people.map(async (id) => ({ authorization: await bearerOf(id), payload: boardSubscription })));
  return watchedAs(clinic, who, transport);
}

function watchedAs(clinic: LiveClinic, who: Subscription[], transport: 'ws' | 'sse'): WatchedServer {
  const { url, socketUrl, pid, memory } = clinic.gateway;
  return {
    url,
    pid,
    memory,
    open: (size) => openCrowd({ url: transport === 'ws' ? socketUrl : `${url}/graphql`, transport, size, who, ready: 'position' }),
    publish: (count) => clinic.change(count),
    stop: async () => {},
  };
}

export async function rawServer(setting: ServerSetting = {}): Promise<WatchedServer> {
  const probe = createProbe();
  const server = await startChild('raw-socket.ts', { ...environmentOf(setting), ...probe.env });
  return {
    ...server,
    memory: probe.memory,
    open: (size) => openCrowd({ url: server.url.replace('http', 'ws'), transport: 'ws', size, who: nobody, ready: 'position' }),
    publish: (count) => publish(server.url, setting, count),
  };
}

/** Null when it cannot be installed or started; `missing` is told why. */
export async function peerServer(
  name: PeerName,
  peers: Installed,
  missing: (reason: string) => void,
  setting: ServerSetting = {},
): Promise<WatchedServer | null> {
  if (!peers.ok) {
    missing(peers.reason);
    return null;
  }
  const { script, transport } = PEERS[name];
  const probe = createProbe();
  const server = await startPeer(script, { ...environmentOf(setting), ...probe.env }, missing);
  if (server === null) return null;
  let subscribed = 0;
  return {
    ...server,
    memory: probe.memory,
    async open(size) {
      const url = `${transport === 'ws' ? server.url.replace('http', 'ws') : server.url}/graphql`;
      const crowd = await openCrowd({ url, transport, size, who: nobody, ready: 'sent' });
      subscribed += size;
      await everybodyCounted(server.url, subscribed);
      return crowd;
    },
    publish: (count) => publish(server.url, setting, count),
  };
}

export async function watch(server: WatchedServer, size: number): Promise<Watched> {
  try {
    const crowd = await server.open(size);
    return {
      ...server,
      crowd,
      async stop() {
        await crowd.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function environmentOf({ databaseUrl = '' }: ServerSetting): Record<string, string> {
  return { DATABASE_URL: databaseUrl, SECRET: WEBHOOK_SECRET };
}

async function publish(url: string, { update = '{}' }: ServerSetting, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await fetch(`${url}/publish`, { method: 'POST', body: update });
}

const LONGEST_COUNT_MS = 60_000;
const COUNT_LOOK_MS = 10;

/** A peer says nothing when a subscription runs, so it is asked how many have begun. */
async function everybodyCounted(url: string, size: number): Promise<void> {
  const until = Date.now() + LONGEST_COUNT_MS;
  for (;;) {
    const count = Number(await (await fetch(`${url}/count`)).text());
    if (count >= size) return;
    if (Date.now() > until) throw new Error(`${count} of ${size} subscriptions run after ${LONGEST_COUNT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, COUNT_LOOK_MS));
  }
}

/** CPU per delivery in µs: `changes` times, `burst` changes at once to everybody, and the next when all have heard. */
export async function cpuPerDelivery(watched: Watched, changes: number, burst = 1): Promise<number> {
  const before = cpuMs(watched.pid);
  for (let change = 0; change < changes; change += 1) await Promise.all([watched.crowd.heard(burst), watched.publish(burst)]);
  return ((cpuMs(watched.pid) - before) * 1000) / (changes * burst * watched.crowd.size);
}

/** What ours sends for one change, for the others to send the same. */
export async function sampleUpdate(ours: Watched): Promise<string> {
  await Promise.all([ours.crowd.heard(1), ours.publish(1)]);
  return updateIn(await ours.crowd.last());
}
