/** Live fan-out: one change to many dashboards, against the cheapest server that could do it, and against peers. */
import { type Bench, type BenchOptions, type Found, median, type Row, spreadOf, us } from '../bench.ts';
import { startClinic } from '../live/clinic.ts';
import {
  cpuPerDelivery,
  filtersServer,
  oursServer,
  type PeerName,
  peerNames,
  peerServer,
  rawServer,
  sampleUpdate,
  watch,
  type Watched,
  type WatchedServer,
} from '../live/contenders.ts';
import { shuffledRounds } from '../shuffled-rounds.ts';

const CHANGES = 30;
/** Peers take ten times as long. */
const PEER_CHANGES = 5;
const BURST = 10;

interface Shape {
  subscribers: number;
  /** How many different subscriptions there are among them. */
  groups: number;
  /** Clinicians between whom nothing may be shared, or filters of one front desk. */
  of: 'clinicians' | 'filters';
  goal: string;
  transport: 'ws' | 'sse';
  /** Also a burst, one subscriber alone, and the peers. */
  inDetail: boolean;
}

const SHAPES: readonly Shape[] = [
  { subscribers: 1000, groups: 1, of: 'clinicians', goal: '≤ 1.3 × raw', transport: 'ws', inDetail: true },
  { subscribers: 1000, groups: 1000, of: 'filters', goal: '≤ 3.5 × raw', transport: 'ws', inDetail: false },
  { subscribers: 1000, groups: 10, of: 'clinicians', goal: '≤ 1.5 × raw', transport: 'ws', inDetail: false },
  { subscribers: 1000, groups: 100, of: 'clinicians', goal: '≤ 2 × raw', transport: 'ws', inDetail: false },
  { subscribers: 1000, groups: 1000, of: 'clinicians', goal: '≤ 3.5 × raw', transport: 'ws', inDetail: false },
  { subscribers: 1000, groups: 1, of: 'clinicians', goal: '', transport: 'sse', inDetail: false },
];

export const bench: Bench = {
  name: 'fanout',
  title: 'Live fan-out',
  sizes: {
    subscribers: { most: 20_000, meaning: 'dashboards' },
    groups: { most: 20_000, meaning: 'different subscriptions among them' },
  },
  method: `
CPU of the server process per delivery: ${CHANGES} changes (peers: ${PEER_CHANGES}), one after the other, each to every subscriber. *Base*: \`ws\`,
one frame built once and written to each socket. *Ours*: the gateway (\`server/main.ts\`), from the change log to the socket: what it costs to
read the log and the appointment, to authorize and to execute is in it. Groups are so many clinicians who host
together what changes: nobody is sent what was made for another, so each group is an execution. Who only filters differently is sent the
same text (ADR 11), which the row with different filters shows. The peers do nothing but deliver: the same update of the same size is
in their memory, nobody is authenticated, nothing is read. Servers, PostgreSQL, Redis (the bell) and subscribers are processes of their own.`,

  async run(options) {
    const { subscribers, groups } = options.sizes;
    const asked = subscribers !== undefined || groups !== undefined;
    const shapes = asked
      ? [
          {
            subscribers: subscribers ?? 1000,
            groups: groups ?? 1,
            of: 'clinicians' as const,
            goal: '',
            transport: 'ws' as const,
            inDetail: false,
          },
        ]
      : SHAPES;
    const found: Found = { rows: [], charts: [] };
    for (const shape of shapes) {
      options.say(`${shape.subscribers} subscribers in ${shape.groups} groups …`);
      const { rows, charts } = await measure(options, shape);
      found.rows.push(...rows);
      found.charts.push(...charts);
    }
    return found;
  },
};

async function measure(options: BenchOptions, { subscribers, groups, of, goal, transport, inDetail }: Shape): Promise<Found> {
  const clinic = await startClinic(of === 'filters' ? 1 : groups, 'together');
  const running: Watched[] = [];
  const watched = async (server: WatchedServer, size: number): Promise<Watched> => {
    const one = await watch(server, size);
    running.push(one);
    return one;
  };
  try {
    const alone = inDetail ? await oneAlone(await watch(await oursServer(clinic), 1)) : null;
    const server = of === 'filters' ? await filtersServer(clinic, groups) : await oursServer(clinic, groups, transport);
    const ours = await watched(server, subscribers);
    const update = await sampleUpdate(ours);
    const raw = await watched(await rawServer({ update }), subscribers);
    const contenders: Record<string, () => Promise<number>> = {
      raw: () => cpuPerDelivery(raw, CHANGES),
      ours: () => cpuPerDelivery(ours, CHANGES),
    };
    if (inDetail) contenders['burst'] = () => cpuPerDelivery(ours, Math.ceil(CHANGES / BURST), BURST);
    const missing = new Map<PeerName, string>();
    for (const name of inDetail ? peerNames : []) {
      options.say(`… ${name} connects`);
      const server = await peerServer(name, options.peers, (reason) => missing.set(name, reason), { update });
      if (server === null) continue;
      const peer = await watched(server, subscribers).catch((error: unknown) => void missing.set(name, messageOf(error)));
      if (peer !== undefined) contenders[name] = () => cpuPerDelivery(peer, PEER_CHANGES);
    }
    const rounds = await shuffledRounds(options.rounds, contenders);
    const row = (what: string, name: string, aim: string, cost = (round: Record<string, number>) => round[name] ?? Number.NaN): Row => ({
      what,
      goal: aim,
      base: us(median(rounds.map((round) => round['raw'] ?? Number.NaN))),
      ours: us(median(rounds.map(cost))),
      ratio: spreadOf(rounds.map((round) => cost(round) / (round['raw'] ?? Number.NaN))),
    });
    const groupsInWords =
      groups === 1
        ? '1 group'
        : of === 'filters'
          ? `${groups} different filters`
          : `${groups} groups of ${Math.round(subscribers / groups)}`;
    const table = [
      row(
        `${subscribers} subscribers, ${groupsInWords}, ${Buffer.byteLength(update)} bytes${transport === 'sse' ? ', by SSE' : ''}`,
        'ours',
        goal,
      ),
    ];
    if (alone === null) return { rows: table, charts: [] };
    const beyond = (round: Record<string, number>) => ((round['ours'] ?? 0) * subscribers - alone) / (subscribers - 1);
    table.push(
      row('– delivery alone: without what a change costs with one subscriber', 'ours', '', beyond),
      { what: '– that change: log and appointment read, executed, one delivery', goal: '', base: '–', ours: us(alone), ratio: null },
      row(`Burst of ${BURST} changes in one transaction, per delivery`, 'burst', '≤ 0.4 × raw'),
    );
    for (const name of peerNames) {
      const reason = missing.get(name);
      table.push(
        reason === undefined
          ? row(`Peer: ${name}, the same ${subscribers}`, name, '')
          : { what: `Peer: ${name}`, goal: '', base: '–', ours: `not measured: ${reason}`, ratio: null },
      );
    }
    const bars = Object.keys(contenders)
      .filter((name) => name !== 'burst')
      .map((name) => ({
        name: { raw: 'raw ws', ours: 'gateway' }[name] ?? name,
        value: Number(median(rounds.map((round) => round[name] ?? Number.NaN)).toFixed(2)),
      }));
    const title = `CPU per delivery, ${subscribers} dashboards that show the same`;
    return { rows: table, charts: [{ name: 'fanout', title, x: 'µs', bars: bars.toSorted((a, b) => a.value - b.value) }] };
  } finally {
    for (const one of running) await one.stop();
    await clinic.stop();
  }
}

/** CPU of a change that one subscriber hears, µs. */
async function oneAlone(ours: Watched): Promise<number> {
  try {
    await cpuPerDelivery(ours, CHANGES);
    return await cpuPerDelivery(ours, 5 * CHANGES);
  } finally {
    await ours.stop();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
