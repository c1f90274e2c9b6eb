/** Queries: what they cost to answer, next to what nothing can undercut and to others who answer the same. */
import { type Bench, median, type Row, spreadOf, us } from '../bench.ts';
import { type Child, cpuMs, startChild, startPeer } from '../child.ts';
import { startGateway } from '../gateway.ts';
import { createLoad, type Load } from '../load.ts';
import { startPostgres } from '../postgres.ts';
import { BOARD, BOARD_FROM_TABLES } from '../queries/board.ts';
import { fillClinic } from '../queries/clinic.ts';
import { CLINICIANS, PATIENTS } from '../queries/lists.ts';
import { type Round, shuffledRounds } from '../shuffled-rounds.ts';

const ROWS = 100_000;
const CONCURRENCY = 32;
const PAGE = 50;
const QUESTIONS = 1_000;

/** Who answers the board's query: file in `peers/`, name in the table, and the question where it is asked in other words. */
const PEERS: Record<string, { script: string; name: string; query?: string }> = {
  mercurius: { script: 'mercurius-board.ts', name: 'Mercurius, jit, one statement' },
  yoga: { script: 'yoga-board.ts', name: 'Yoga as documented, one statement' },
  postgraphile: { script: 'postgraphile-board.ts', name: 'PostGraphile 5', query: BOARD_FROM_TABLES },
  prisma: { script: 'pothos-prisma-board.ts', name: 'Pothos and Prisma as documented' },
};
const LISTS = { clinicians: CLINICIANS, patients: PATIENTS };

export const bench: Bench = {
  name: 'queries',
  title: "The board's query, and other lists",
  sizes: {
    rows: { most: 1_000_000, meaning: 'appointments in the database' },
    concurrency: { most: 200, meaning: 'questions at the same time' },
  },
  method: `
${PAGE} appointments of one day with clinician, patient, event type and participants, out of ${ROWS}; ${QUESTIONS} questions a round, ${CONCURRENCY} at a
time over warm connections. CPU of the node process per question. *Base*: node:http and one prepared statement whose text is sent as it is; it
signs nobody in and checks nothing. *Measured*: the gateway (\`server/main.ts\`) as somebody at the front desk, signed in. The peers sign nobody
in. Mercurius (\`jit: 1\`) and Yoga have one resolver over one statement that joins;
Pothos and Prisma are used as documented behind Yoga (\`prismaConnection\`, \`t.relation\`); PostGraphile (Amber) makes its schema from the tables,
so that its question has other words and its answer longer ids. For the other lists the *base* is Mercurius with one statement; the gateway also
writes an audit record for each search of patients.`,

  async run({ rounds, sizes, peers, say }) {
    const concurrency = sizes['concurrency'] ?? CONCURRENCY;
    const database = await startPostgres();
    say(`${sizes['rows'] ?? ROWS} appointments …`);
    const clinic = await fillClinic(database.url, sizes['rows'] ?? ROWS);
    const env = { DATABASE_URL: database.url };
    const raw = await startChild('board-raw.ts', env);
    const gateway = await startGateway(env);
    const missing: Record<string, string> = {};
    const others: Record<string, Child> = {};
    for (const [peer, { script }] of Object.entries(PEERS)) {
      const note = (reason: string) => void (missing[peer] = reason);
      if (!peers.ok) note(peers.reason);
      const child = peers.ok ? await startPeer(script, { ...env, GRAPHILE_ENV: 'production' }, note) : null;
      if (child !== null) others[peer] = child;
    }
    const load = createLoad(concurrency);
    const { authorization } = clinic;
    const ask = (url: string, pid: number, body: object, ids: number) => () =>
      measure(load, { url, pid, body: JSON.stringify(body), authorization, ids }, concurrency);
    const board = (query = BOARD) => ({ query, variables: { ...clinic.day, first: PAGE } });
    const ours = `${gateway.url}/graphql`;
    try {
      const onBoard = await idsIn(load, { url: ours, body: JSON.stringify(board()), authorization });
      const contenders: Contenders = { raw: ask(raw.url, raw.pid, board(), onBoard), ours: ask(ours, gateway.pid, board(), onBoard) };
      for (const [peer, { url, pid }] of Object.entries(others))
        contenders[peer] = ask(`${url}/graphql`, pid, board(PEERS[peer]?.query), onBoard);
      for (const [list, { body }] of Object.entries(LISTS)) {
        const inList = await idsIn(load, { url: ours, body: JSON.stringify(body), authorization });
        contenders[`${list} ours`] = ask(ours, gateway.pid, body, inList);
        const { mercurius } = others;
        if (mercurius !== undefined) contenders[`${list} mercurius`] = ask(`${mercurius.url}/graphql`, mercurius.pid, body, inList);
      }
      say(`${QUESTIONS} questions, ${concurrency} at a time …`);
      return rowsOf(await shuffledRounds(rounds, contenders), missing);
    } finally {
      load.close();
      for (const child of [gateway, raw, ...Object.values(others)]) await child.stop();
      await database.stop();
    }
  },
};

type Contenders = Record<string, () => Promise<number>>;

function rowsOf(rounds: Round<string, number>[], missing: Record<string, string>): Row[] {
  const boards = Object.entries(PEERS).map(([peer, { name }]) => {
    const what = `CPU per question: ${name}`;
    return missing[peer] === undefined ? row(rounds, what, '', 'raw', peer) : absent(what, missing[peer]);
  });
  const lists = Object.entries(LISTS).map(([list, { what }]) => {
    const compared = row(rounds, `CPU per question: ${what}, the gateway over Mercurius`, '≤ 1.5', `${list} mercurius`, `${list} ours`);
    return missing['mercurius'] === undefined ? compared : { ...compared, base: `not started: ${missing['mercurius']}`, ratio: null };
  });
  return [row(rounds, 'CPU per question: the gateway', '≤ 3 × raw, and below Mercurius', 'raw', 'ours'), ...boards, ...lists];
}

function row(rounds: Round<string, number>[], what: string, goal: string, base: string, measured: string): Row {
  const of = (who: string) => rounds.map((round) => round[who] ?? Number.NaN);
  const ratio = spreadOf(rounds.map((round) => (round[measured] ?? Number.NaN) / (round[base] ?? Number.NaN)));
  return { what, goal, base: us(median(of(base))), ours: us(median(of(measured))), ratio };
}

function absent(what: string, reason: string): Row {
  return { what, goal: '', base: '–', ours: `not started: ${reason}`, ratio: null };
}

interface Question {
  url: string;
  pid: number;
  body: string;
  authorization: string;
}

/** How many ids the answer has: who leaves rows out would seem cheap. */
async function idsIn(load: Load, { url, body, authorization }: Omit<Question, 'pid'>): Promise<number> {
  const answer = await load.post(url, body, { authorization });
  if (answer.status !== 200 || answer.body.includes('"errors"')) throw new Error(`${url} answered ${answer.body.slice(0, 300)}`);
  return answer.body.match(/"id" ?:/g)?.length ?? 0;
}

/** Microseconds of CPU per question. */
async function measure(load: Load, question: Question & { ids: number }, concurrency: number): Promise<number> {
  const { url, pid, body, authorization, ids } = question;
  const found = await idsIn(load, question);
  if (found !== ids) throw new Error(`${url} answered with ${found} ids instead of ${ids}`);
  const before = cpuMs(pid);
  let left = QUESTIONS;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left > 0) {
        left -= 1;
        const answer = await load.post(url, body, { authorization });
        if (answer.status !== 200 || answer.body.includes('"errors"')) throw new Error(`${url} answered ${answer.body.slice(0, 300)}`);
      }
    }),
  );
  return ((cpuMs(pid) - before) / QUESTIONS) * 1000;
}
