/** Groups of one: a board for each clinician, and a change of its own for each board. */
import { type Bench, median, spreadOf, us } from '../bench.ts';
import { startClinic } from '../live/clinic.ts';
import { boardsServer, cpuPerDelivery, rawServer, sampleUpdate, watch, type Watched, type WatchedServer } from '../live/contenders.ts';
import { shuffledRounds } from '../shuffled-rounds.ts';

const CLINICIANS = 1000;
const CHANGES = 20;

export const bench: Bench = {
  name: 'boards',
  title: 'A board for each clinician',
  sizes: { subscribers: { most: 5_000, meaning: 'clinicians, each with a board' } },
  method: `
Nobody shares anything: each clinician watches the own board, and one appointment of each changes, all in one transaction, ${CHANGES} times.
CPU of the server process per delivery. *Base*: \`ws\`, one frame built once and written to each socket. *Ours*: the gateway
(\`server/main.ts\`); reading the change and the appointment of each, authorizing, executing and serialising are in it.`,

  async run({ rounds, sizes }) {
    const clinicians = sizes['subscribers'] ?? CLINICIANS;
    const clinic = await startClinic(clinicians, 'each');
    const running: Watched[] = [];
    const watched = async (server: WatchedServer): Promise<Watched> => {
      const one = await watch(server, clinicians);
      running.push(one);
      return one;
    };
    try {
      const ours = await watched(await boardsServer(clinic, clinicians));
      const update = await sampleUpdate(ours);
      const raw = await watched(await rawServer({ update }));
      const measured = await shuffledRounds(rounds, {
        raw: () => cpuPerDelivery(raw, CHANGES),
        ours: () => cpuPerDelivery(ours, CHANGES),
      });
      const rows = [
        {
          what: `${clinicians} boards, a change for each, ${Buffer.byteLength(update)} bytes`,
          goal: '≤ 3.5 × raw',
          base: us(median(measured.map((round) => round.raw))),
          ours: us(median(measured.map((round) => round.ours))),
          ratio: spreadOf(measured.map((round) => round.ours / round.raw)),
        },
      ];
      return { rows, charts: [] };
    } finally {
      for (const one of running) await one.stop();
      await clinic.stop();
    }
  },
};
