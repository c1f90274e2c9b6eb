/** The board's query: what it costs to answer, next to what nothing can undercut and to others who answer the same. */
import { type Bench, median, type Row, spreadOf, us } from '../bench.ts';
import { type Child, cpuMs, startChild, startPeer } from '../child.ts';
import { startGateway } from '../gateway.ts';
import { createLoad, type Load } from '../load.ts';
import { startPostgres } from '../postgres.ts';
import { BOARD } from '../queries/board.ts';
import { type FilledClinic, fillClinic } from '../queries/clinic.ts';
import { type Round, shuffledRounds } from '../shuffled-rounds.ts';

const ROWS = 100_000;
const CONCURRENCY = 32;
const PAGE = 50;
const QUESTIONS = 1_000;

export const bench: Bench = {
  name: 'queries',
  title: "The board's query",
  sizes: {
    rows: { most: 1_000_000, meaning: 'appointments in the database' },
    concurrency: { most: 200, meaning: 'questions at the same time' },
  },
  method: `
${PAGE} appointments of one day with clinician, patient, event type and participants, out of ${ROWS}; ${QUESTIONS} questions a round, ${CONCURRENCY} at a
time over warm connections. CPU of the node process per question. *Base*: node:http and one prepared statement whose text is sent as it is; it
signs nobody in and checks nothing. *Measured*: the gateway (\`server/main.ts\`) as somebody at the front desk, signed in. The peers sign nobody
in and have one resolver over one statement that joins; Mercurius compiles (\`jit: 1\`), Yoga is as documented.`,

  async run({ rounds, sizes, peers, say }) {
    const concurrency = sizes['concurrency'] ?? CONCURRENCY;
    const database = await startPostgres();
    say(`${sizes['rows'] ?? ROWS} appointments …`);
    const clinic = await fillClinic(database.url, sizes['rows'] ?? ROWS);
    const env = { DATABASE_URL: database.url };
    const raw = await startChild('board-raw.ts', env);
    const gateway = await startGateway(env);
    const missing: Row[] = [];
    const peer = async (name: string, script: string): Promise<Child | null> => {
      const note = (reason: string) => void missing.push(absent(name, reason));
      if (peers.ok) return await startPeer(script, env, note);
      note(peers.reason);
      return null;
    };
    const others = { Mercurius: await peer('Mercurius', 'mercurius-board.ts'), Yoga: await peer('Yoga', 'yoga-board.ts') };
    const load = createLoad(concurrency);
    const ask = (url: string, pid: number) => () => measure(load, url, pid, clinic, concurrency);
    const contenders: Record<string, () => Promise<number>> = {
      raw: ask(raw.url, raw.pid),
      ours: ask(`${gateway.url}/graphql`, gateway.pid),
    };
    for (const [name, child] of Object.entries(others)) if (child !== null) contenders[name] = ask(`${child.url}/graphql`, child.pid);
    try {
      say(`${QUESTIONS} questions, ${concurrency} at a time …`);
      const measured = await shuffledRounds(rounds, contenders);
      return [
        ...Object.keys(contenders)
          .filter((name) => name !== 'raw')
          .map((name) => rowOf(name, measured)),
        ...missing,
      ];
    } finally {
      load.close();
      for (const child of [gateway, raw, others.Mercurius, others.Yoga]) await child?.stop();
      await database.stop();
    }
  },
};

const GOALS: Record<string, string> = { ours: '≤ 3 × raw, and below Mercurius' };
const NAMES: Record<string, string> = {
  ours: 'the gateway',
  Mercurius: 'Mercurius, jit, one statement',
  Yoga: 'Yoga as documented, one statement',
};

function rowOf(name: string, rounds: Round<string, number>[]): Row {
  const of = (who: string) => rounds.map((round) => round[who] ?? Number.NaN);
  return {
    what: `CPU per question: ${NAMES[name] ?? name}`,
    goal: GOALS[name] ?? '',
    base: us(median(of('raw'))),
    ours: us(median(of(name))),
    ratio: spreadOf(rounds.map((round) => (round[name] ?? Number.NaN) / (round['raw'] ?? Number.NaN))),
  };
}

function absent(name: string, reason: string): Row {
  return { what: `CPU per question: ${NAMES[name] ?? name}`, goal: '', base: '–', ours: `not started: ${reason}`, ratio: null };
}

/** Microseconds of CPU per question. */
async function measure(load: Load, url: string, pid: number, clinic: FilledClinic, concurrency: number): Promise<number> {
  const body = JSON.stringify({ query: BOARD, variables: { ...clinic.day, first: PAGE } });
  const before = cpuMs(pid);
  let left = QUESTIONS;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left > 0) {
        left -= 1;
        const answer = await load.post(url, body, { authorization: clinic.authorization });
        if (answer.status !== 200 || answer.body.includes('"errors"')) throw new Error(`${url} answered ${answer.body.slice(0, 300)}`);
      }
    }),
  );
  return ((cpuMs(pid) - before) / QUESTIONS) * 1000;
}
