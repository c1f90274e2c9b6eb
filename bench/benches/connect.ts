/** Many people open their dashboards at once, and then wait. */
import { type Bench, median, ms, type Row, spreadOf } from '../bench.ts';
import { cpuMs } from '../child.ts';
import { machineMs } from '../live/crowd-words.ts';
import { startClinic } from '../live/clinic.ts';
import { oursServer, peerNames, peerServer, rawServer, type WatchedServer } from '../live/contenders.ts';
import { demandFiles, filesClosed, openFiles } from '../open-files.ts';
import { shuffledRounds } from '../shuffled-rounds.ts';

const SUBSCRIBERS = 5_000;
/** A round takes the peers half a minute. */
const MOST_ROUNDS = 3;

export const bench: Bench = {
  name: 'connect',
  title: 'Connecting and waiting',
  sizes: { subscribers: { most: 20_000, meaning: 'dashboards' } },
  method: `
${SUBSCRIBERS} subscribers connect, say hello and subscribe, 100 at a time, to a process that is warm; at most ${MOST_ROUNDS} rounds. Time is until the last
subscription runs. Heap is what the server holds more than before once all of them wait, after a garbage collection, per subscriber.
*Base*: \`ws\`, hello and subscription answered with a prebuilt text. *Ours*: the gateway, with a signed token verified for each connection,
and the account looked up, which no peer does. The subscribers are a process of their own; they cost the same for all.`,

  async run(options) {
    const size = options.sizes['subscribers'] ?? SUBSCRIBERS;
    demandFiles(size);
    const clinic = await startClinic();
    const servers: Record<string, WatchedServer> = { raw: await rawServer(), ours: await oursServer(clinic) };
    const missing = new Map<string, string>();
    try {
      for (const name of peerNames) {
        const server = await peerServer(name, options.peers, (reason) => missing.set(name, reason));
        if (server !== null) servers[name] = server;
      }
      const contenders = Object.fromEntries(
        Object.entries(servers).map(([name, server]) => [
          name,
          (round: number) => {
            options.say(`round ${round}: ${name}`);
            return connect(server, size);
          },
        ]),
      );
      return rowsOf(await shuffledRounds(Math.min(options.rounds, MOST_ROUNDS), contenders), missing, size);
    } finally {
      for (const server of Object.values(servers)) await server.stop();
      await clinic.stop();
    }
  },
};

interface Measured {
  seconds: number;
  /** CPU per subscriber, ms. */
  cpuMs: number;
  /** Per subscriber. */
  heapKb: number;
}

async function connect(server: WatchedServer, size: number): Promise<Measured> {
  const filesBefore = openFiles(server.pid);
  const memoryBefore = await server.memory();
  const cpuBefore = cpuMs(server.pid);
  const crowd = await server.open(size);
  const seconds = (machineMs() - crowd.startedAt) / 1000;
  const cpu = cpuMs(server.pid) - cpuBefore;
  const memory = await server.memory();
  await crowd.close();
  await filesClosed(server.pid, filesBefore + 10);
  return {
    seconds,
    cpuMs: cpu / size,
    heapKb: (memory.heapUsed - memoryBefore.heapUsed) / size / 1024,
  };
}

function rowsOf(rounds: Record<string, Measured>[], missing: Map<string, string>, size: number): Row[] {
  const row = (what: string, name: string, goal: string, value: (measured: Measured) => number, text: (value: number) => string): Row => {
    const of = (round: Record<string, Measured>, contender: string) => {
      const measured = round[contender];
      return measured === undefined ? Number.NaN : value(measured);
    };
    return {
      what,
      goal,
      base: text(median(rounds.map((round) => of(round, 'raw')))),
      ours: text(median(rounds.map((round) => of(round, name)))),
      ratio: spreadOf(rounds.map((round) => of(round, name) / of(round, 'raw'))),
    };
  };
  const seconds = (value: number) => `${value.toFixed(2)} s`;
  const kb = (value: number) => `${value.toFixed(1)} KB`;
  const rows = [
    row(`${size} connect and subscribe`, 'ours', '≤ 1.5 × raw', (one) => one.seconds, seconds),
    row('– CPU of the server, each', 'ours', '', (one) => one.cpuMs, ms),
    row(`Heap per idle subscriber`, 'ours', '≤ 2.5 × raw', (one) => one.heapKb, kb),
  ];
  for (const name of peerNames) {
    const reason = missing.get(name);
    if (reason !== undefined) rows.push({ what: `Peer: ${name}`, goal: '', base: '–', ours: `not measured: ${reason}`, ratio: null });
    else
      rows.push(
        row(`Peer: ${name}, connect and subscribe`, name, '', (one) => one.seconds, seconds),
        row('– heap per idle subscriber', name, '', (one) => one.heapKb, kb),
      );
  }
  return rows;
}
