/** How many changes a second one gateway carries to its dashboards before they fall behind. */
import { type Bench, type LineChart, ms, quantile, type Row } from '../bench.ts';
import { cpuMs } from '../child.ts';
import { type LiveClinic, startClinic } from '../live/clinic.ts';
import { oursServer, watch, type Watched } from '../live/contenders.ts';
import { machineMs } from '../live/crowd-words.ts';

const DASHBOARDS = 100;
const RATES = [1, 3, 10, 30, 100, 200, 400, 800, 1_600, 3_200];
const SECONDS = 5;
const AT_ONCE = 64;
/** Later than this for one of twenty changes is behind. */
const BEHIND_MS = 1_000;
/** Less of what was offered than this was written in time. */
const LEAST_SHARE = 0.9;

export const bench: Bench = {
  name: 'growth-changes',
  title: 'Growth: changes per second',
  sizes: { subscribers: { most: 10_000, meaning: 'dashboards' } },
  method: `
${SECONDS} seconds of changes at a steady rate, each in a transaction of its own as the write door makes it, to ${DASHBOARDS} dashboards that show all of
them; one run a rate, until dashboards are behind (p95 above ${BEHIND_MS} ms) or less than ${LEAST_SHARE * 100} % of the rate was written. Lateness is from the begin
of the transaction to the last dashboard. CPU is of the gateway, in per cent of one core; PostgreSQL, the writer and the dashboards share the machine.`,

  async run({ sizes, say }) {
    const size = sizes['subscribers'] ?? DASHBOARDS;
    const clinic = await startClinic();
    const rows: Row[] = [];
    const points = { p50: [] as [number, number][], p95: [] as [number, number][], cpu: [] as [number, number][] };
    const ours = await watch(await oursServer(clinic), size);
    try {
      await offer(clinic, ours, 20);
      for (const rate of RATES) {
        say(`${rate} changes a second …`);
        const offered = await offer(clinic, ours, rate);
        const isBehind = offered.p95 > BEHIND_MS || offered.written < LEAST_SHARE * rate;
        rows.push({
          what: `${rate} changes a second to ${size} dashboards`,
          goal: '',
          base: `${offered.written.toFixed(offered.written < 10 ? 1 : 0)} /s written`,
          ours: `p50 ${ms(offered.p50)}, p95 ${ms(offered.p95)}, CPU ${offered.cpu.toFixed(0)} %${isBehind ? ' (saturated)' : ''}`,
          ratio: null,
        });
        points.p50.push([rate, Number(offered.p50.toFixed(2))]);
        points.p95.push([rate, Number(offered.p95.toFixed(2))]);
        points.cpu.push([rate, Number(offered.cpu.toFixed(1))]);
        if (isBehind) break;
      }
    } finally {
      await ours.stop();
      await clinic.stop();
    }
    const chart = (name: string, title: string, y: string, lines: LineChart['lines']): LineChart => ({
      name: `growth-changes-${name}`,
      title: `${title}, ${size} dashboards`,
      x: 'changes per second',
      y,
      lines,
    });
    const late = [
      { name: 'p50', points: points.p50 },
      { name: 'p95', points: points.p95 },
    ];
    return {
      rows,
      charts: [
        chart('late', 'Until the last dashboard has a change', 'ms', late),
        chart('cpu', 'CPU of the gateway', '% of a core', [{ name: 'gateway', points: points.cpu }]),
      ],
    };
  },
};

interface Offered {
  /** Changes per second. */
  written: number;
  p50: number;
  p95: number;
  /** Per cent of a core. */
  cpu: number;
}

async function offer(clinic: LiveClinic, { crowd, pid }: Watched, rate: number): Promise<Offered> {
  const count = rate * SECONDS;
  const heard = crowd.heard(count, true);
  // A failure while we still write is told by the wait below.
  heard.catch(() => {});
  const begun: number[] = [];
  const cpuBefore = cpuMs(pid);
  const startedAt = machineMs();
  const running = new Set<Promise<void>>();
  for (let index = 0; index < count; index += 1) {
    const due = startedAt + (index * 1000) / rate;
    const early = due - machineMs();
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
    if (running.size >= AT_ONCE) await Promise.race(running);
    begun.push(machineMs());
    const writing: Promise<void> = clinic.changeOne(index).finally(() => running.delete(writing));
    running.add(writing);
  }
  await Promise.all(running);
  const writtenMs = Math.max(machineMs() - startedAt, SECONDS * 1000);
  const { times, lastAt } = await heard;
  const cpu = ((cpuMs(pid) - cpuBefore) / (Math.max(lastAt, machineMs()) - startedAt)) * 100;
  const late = latenesses(begun, times, crowd.size);
  return { written: (count * 1000) / writtenMs, p50: quantile(late, 0.5), p95: quantile(late, 0.95), cpu };
}

/**
 * Of each change, until the last of `size` dashboards has it. The log's order is that of the commits, so the n-th change is what
 * the n-th block of arrivals brings.
 */
export function latenesses(begun: readonly number[], arrivals: readonly number[], size: number): number[] {
  const sorted = arrivals.toSorted((a, b) => a - b);
  return begun.map((at, index) => (sorted[(index + 1) * size - 1] ?? Number.NaN) - at);
}
