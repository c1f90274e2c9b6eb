/** A change that concerns a few of very many dashboards. */
import { type Bench, median, type Row, spreadOf, us } from '../bench.ts';
import { cpuMs } from '../child.ts';
import { bearerOf } from '../gateway.ts';
import { boardSubscription } from '../live/board-subscription.ts';
import { clinicianId, startClinic } from '../live/clinic.ts';
import { type Crowd, openCrowd } from '../live/crowd.ts';
import { demandFiles } from '../open-files.ts';
import { pairedRounds } from '../paired-rounds.ts';

const OTHERS = 10_000;
const CONCERNED = 10;
const CLINICIANS = 1_001;
const CHANGES = 100;
/** The heartbeat of a stream, twice. */
const UPKEEP_MS = 20_000;

export const bench: Bench = {
  name: 'idle',
  title: 'A change for one clinician among many',
  sizes: { others: { most: 19_000, meaning: 'dashboards of other clinicians' } },
  method: `
One clinician's own board is open ${CONCERNED} times; ${CHANGES} changes of theirs a round, one after the other. CPU of the gateway per change: the median of
the changes, so that the heartbeats in between do not count. *Base*: a gateway with these ${CONCERNED} dashboards. *Measured*: another with
${OTHERS} more, which belong to ${CLINICIANS - 1} other clinicians and must not be touched. Upkeep is what those cost by waiting: heartbeats and pings.`,

  async run({ rounds, sizes, say }) {
    const others = sizes['others'] ?? OTHERS;
    demandFiles(others + CONCERNED);
    const quiet = await watchedClinic(1);
    const busy = await watchedClinic(CLINICIANS);
    say(`${others} dashboards of others connect …`);
    const who = await Promise.all(
      Array.from({ length: CLINICIANS - 1 }, async (_, index) => ({
        authorization: await bearerOf(clinicianId(index + 1)),
        payload: boardSubscription,
      })),
    );
    const crowd = await openCrowd({ url: busy.clinic.gateway.socketUrl, transport: 'ws', size: others, who, ready: 'position' });
    try {
      const pairs = await pairedRounds(
        rounds,
        () => perChange(quiet),
        () => perChange(busy),
      );
      say('upkeep …');
      const before = cpuMs(busy.clinic.gateway.pid);
      await new Promise((resolve) => setTimeout(resolve, UPKEEP_MS));
      const upkeep = (cpuMs(busy.clinic.gateway.pid) - before) / UPKEEP_MS;
      const rows: Row[] = [
        {
          what: `CPU per change, ${CONCERNED} concerned among ${others} dashboards of others`,
          goal: '≤ 1.2 × without them',
          base: us(median(pairs.map((pair) => pair.base))),
          ours: us(median(pairs.map((pair) => pair.ours))),
          ratio: spreadOf(pairs.map((pair) => pair.ours / pair.base)),
        },
        {
          what: `– upkeep of ${others} dashboards that wait`,
          goal: '',
          base: '–',
          ours: `${(upkeep * 100).toFixed(1)} % of a core`,
          ratio: null,
        },
      ];
      return rows;
    } finally {
      await crowd.close();
      for (const { clinic, crowd: own } of [quiet, busy]) {
        await own.close();
        await clinic.stop();
      }
    }
  },
};

type WatchedClinic = Awaited<ReturnType<typeof watchedClinic>>;

async function watchedClinic(clinicians: number) {
  const clinic = await startClinic(clinicians);
  const who = [{ authorization: await bearerOf(clinicianId(0)), payload: boardSubscription }];
  const crowd = await openCrowd({ url: clinic.gateway.socketUrl, transport: 'ws', size: CONCERNED, who, ready: 'position' });
  return { clinic, crowd };
}

async function perChange({ clinic, crowd }: { clinic: WatchedClinic['clinic']; crowd: Crowd }): Promise<number> {
  const costs: number[] = [];
  let before = cpuMs(clinic.gateway.pid);
  for (let change = 0; change < CHANGES; change += 1) {
    await Promise.all([crowd.heard(1), clinic.change()]);
    const after = cpuMs(clinic.gateway.pid);
    costs.push((after - before) * 1000);
    before = after;
  }
  return median(costs);
}
