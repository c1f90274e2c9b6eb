/** What reading costs as appointments become more. */
import pg from 'pg';
import { type Bench, median, ms, quantile, type Row } from '../bench.ts';
import { cpuMs } from '../child.ts';
import { bearerOf, startGateway } from '../gateway.ts';
import { createLoad, type Load } from '../load.ts';
import { DESK } from '../live/clinic.ts';
import { type BenchDatabase, startPostgres } from '../postgres.ts';
import { addAppointments, addPeople, DAY_MS, FIRST_DAY } from '../many-appointments.ts';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const AT_ONCE = 8;
const QUESTIONS = 200;
const RARE_QUESTIONS = 16;
const MOST_ROUNDS = 5;

const QUERY = `query ($filter: AppointmentFilter, $first: Int!) {
  appointments(filter: $filter, orderBy: { field: STARTS_AT, direction: ASC }, first: $first) {
    nodes { id version startsAt endsAt durationMinutes status careState consultationType hasConflict
      clinician { id name } patient { id name } eventType { id title } participants { id name careState } }
    pageInfo { hasNextPage endCursor } changeCursor } }`;

/** What is asked; the answer is as long at any size. */
const QUESTION_KINDS = [
  { name: 'the board: 50 of one day', short: 'board', questions: QUESTIONS, variables: { filter: dayFilter(0), first: 50 } },
  {
    name: 'a rare name, on any day',
    short: 'rare name',
    questions: RARE_QUESTIONS,
    variables: { filter: { search: 'reyes 3500' }, first: 50 },
  },
] as const;

export const bench: Bench = {
  name: 'growth-appointments',
  title: 'Growth: appointments',
  sizes: { appointments: { most: 5_000_000, meaning: 'the most appointments' } },
  method: `
A clinic with 100 appointments a day, whose log book becomes longer: the board of the same day, and the appointments of people found by a name
that one of 5000 has; ${AT_ONCE} at a time over warm connections. CPU per question, of the gateway and of PostgreSQL (all its backends); medians of
at most ${MOST_ROUNDS} rounds of ${QUESTIONS} questions (names: ${RARE_QUESTIONS}). The rows are made by generate_series and analysed before.`,

  async run({ rounds, sizes, say }) {
    const most = sizes['appointments'] ?? Number.POSITIVE_INFINITY;
    const database = await startPostgres();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const load = createLoad(AT_ONCE);
    const rows: Row[] = [];
    const lines = new Map<string, [number, number][]>();
    try {
      await addPeople(client);
      const gateway = await startGateway({ DATABASE_URL: database.url });
      const authorization = await bearerOf(DESK);
      let stored = 0;
      for (const size of SIZES.filter((one) => one <= most)) {
        say(`${size.toLocaleString('en')} appointments …`);
        await addAppointments(client, stored, size);
        stored = size;
        for (const { name, short, questions, variables } of QUESTION_KINDS) {
          const body = JSON.stringify({ query: QUERY, variables });
          const measured: Asked[] = [];
          // The first is thrown away.
          for (let round = 0; round <= Math.min(rounds, MOST_ROUNDS); round += 1) {
            const asked = await ask({ load, url: gateway.url, authorization, body, questions, pids: { gateway: gateway.pid, database } });
            if (round > 0) measured.push(asked);
          }
          const middle = (value: keyof Asked) => median(measured.map((one) => one[value]));
          rows.push({
            what: `${size.toLocaleString('en')}: ${name}`,
            goal: '',
            base: '–',
            ours: `p50 ${ms(middle('p50'))}, p99 ${ms(middle('p99'))}; CPU gateway ${ms(middle('gatewayMs'))}, PostgreSQL ${ms(middle('postgresMs'))}`,
            ratio: null,
          });
          const add = (line: string, value: number) => lines.set(line, [...(lines.get(line) ?? []), [size, Number(value.toFixed(3))]]);
          add(`p50, ${short}`, middle('p50'));
          add(`CPU of PostgreSQL, ${short}`, middle('postgresMs'));
        }
      }
      await gateway.stop();
    } finally {
      load.close();
      await client.end();
      await database.stop();
    }
    return {
      rows,
      charts: [
        {
          name: 'growth-appointments',
          title: `Answer and CPU per question, ${AT_ONCE} at a time`,
          x: 'appointments',
          y: 'ms',
          lines: [...lines].map(([name, points]) => ({ name, points })),
        },
      ],
    };
  },
};

function dayFilter(day: number): { startsAfter: string; startsBefore: string } {
  const startsAt = FIRST_DAY + day * DAY_MS;
  return { startsAfter: new Date(startsAt).toISOString(), startsBefore: new Date(startsAt + DAY_MS).toISOString() };
}

interface Asked {
  p50: number;
  p99: number;
  /** Per question. */
  gatewayMs: number;
  postgresMs: number;
}

interface Questions {
  load: Load;
  url: string;
  authorization: string;
  body: string;
  questions: number;
  pids: { gateway: number; database: BenchDatabase };
}

async function ask({ load, url, authorization, body, questions, pids }: Questions): Promise<Asked> {
  const before = { gateway: cpuMs(pids.gateway), postgres: cpuMs(pids.database.pid, true) };
  const times: number[] = [];
  let left = questions;
  const person = async () => {
    while (left > 0) {
      left -= 1;
      const answer = await load.post(`${url}/graphql`, body, { authorization });
      if (answer.status !== 200 || answer.body.includes('"errors"'))
        throw new Error(`Answered ${answer.status}: ${answer.body.slice(0, 300)}`);
      if (!answer.body.includes('"clinician"')) throw new Error('The answer is empty.');
      times.push(answer.ms);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, person));
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    gatewayMs: (cpuMs(pids.gateway) - before.gateway) / questions,
    postgresMs: (cpuMs(pids.database.pid, true) - before.postgres) / questions,
  };
}
