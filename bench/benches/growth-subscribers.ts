/** What a delivery costs, and how late the last dashboard is, as dashboards become more. */
import { type Bench, median, ms, type Row, spreadOf, us } from '../bench.ts';
import { cpuMs } from '../child.ts';
import { startClinic } from '../live/clinic.ts';
import { oursServer, rawServer, sampleUpdate, watch, type Watched } from '../live/contenders.ts';
import { machineMs } from '../live/crowd-words.ts';
import { demandFiles } from '../open-files.ts';
import { shuffledRounds } from '../shuffled-rounds.ts';

const SIZES = [100, 300, 1_000, 3_000, 10_000];
const MOST_ROUNDS = 5;
/** Deliveries of a round, roughly. */
const DELIVERIES = 20_000;
const [LEAST_CHANGES, MOST_CHANGES] = [4, 50];

export const bench: Bench = {
  name: 'growth-subscribers',
  title: 'Growth: subscribers',
  sizes: { subscribers: { most: 20_000, meaning: 'the most dashboards' } },
  method: `
Changes one after the other to dashboards that all show the same: CPU of the server process per delivery, and the time from writing the
change until the last dashboard has it (median of the changes of a round). *Base*: \`ws\` and one prebuilt frame, told over HTTP. *Ours*: the gateway,
told by its log. Resident memory is of the gateway with all of them connected. At most ${MOST_ROUNDS} rounds.`,

  async run({ rounds, sizes, say }) {
    const most = sizes['subscribers'] ?? Number.POSITIVE_INFINITY;
    const steps = SIZES.filter((size) => size <= most);
    demandFiles(Math.max(...steps));
    const clinic = await startClinic();
    const rows: Row[] = [];
    const cost = { raw: [] as [number, number][], ours: [] as [number, number][] };
    const late = { raw: [] as [number, number][], ours: [] as [number, number][] };
    try {
      for (const size of steps) {
        say(`${size} dashboards …`);
        const ours = await watch(await oursServer(clinic), size);
        const raw = await watch(await rawServer({ update: await sampleUpdate(ours) }), size);
        try {
          const measured = await shuffledRounds(Math.min(rounds, MOST_ROUNDS), { raw: () => deliver(raw), ours: () => deliver(ours) });
          const { rss } = await ours.memory();
          const middle = (name: 'raw' | 'ours', value: keyof Delivered) => median(measured.map((round) => round[name][value]));
          for (const name of ['raw', 'ours'] as const) {
            cost[name].push([size, Number(middle(name, 'cpuUs').toFixed(2))]);
            late[name].push([size, Number(middle(name, 'lastMs').toFixed(2))]);
          }
          rows.push(
            {
              what: `${size} dashboards, CPU per delivery`,
              goal: '',
              base: us(middle('raw', 'cpuUs')),
              ours: us(middle('ours', 'cpuUs')),
              ratio: spreadOf(measured.map((round) => round.ours.cpuUs / round.raw.cpuUs)),
            },
            {
              what: '– the last has it after',
              goal: '',
              base: ms(middle('raw', 'lastMs')),
              ours: ms(middle('ours', 'lastMs')),
              ratio: spreadOf(measured.map((round) => round.ours.lastMs / round.raw.lastMs)),
            },
            { what: '– resident memory', goal: '', base: '–', ours: `${Math.round(rss / 2 ** 20)} MB`, ratio: null },
          );
        } finally {
          await ours.stop();
          await raw.stop();
        }
      }
    } finally {
      await clinic.stop();
    }
    const lines = ({ raw, ours }: typeof cost) => [
      { name: 'gateway', points: ours },
      { name: 'raw ws', points: raw },
    ];
    return {
      rows,
      charts: [
        { name: 'growth-subscribers-cpu', title: 'CPU per delivery', x: 'dashboards', y: 'µs', lines: lines(cost) },
        {
          name: 'growth-subscribers-late',
          title: 'Until the last dashboard has it',
          x: 'dashboards',
          y: 'ms',

          lines: lines(late),
        },
      ],
    };
  },
};

interface Delivered {
  /** Per delivery. */
  cpuUs: number;
  lastMs: number;
}

async function deliver(watched: Watched): Promise<Delivered> {
  const { size } = watched.crowd;
  const changes = Math.max(LEAST_CHANGES, Math.min(MOST_CHANGES, Math.round(DELIVERIES / size)));
  const before = cpuMs(watched.pid);
  const times: number[] = [];
  for (let change = 0; change < changes; change += 1) {
    const startedAt = machineMs();
    const [heard] = await Promise.all([watched.crowd.heard(1), watched.publish(1)]);
    times.push(heard.lastAt - startedAt);
  }
  return { cpuUs: ((cpuMs(watched.pid) - before) * 1000) / (changes * size), lastMs: median(times) };
}
