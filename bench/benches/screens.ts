/** From Cal.com's POST to every dashboard. */
import { type Bench, median, ms, quantile, type Row, spreadOf } from '../bench.ts';
import { createLoad } from '../load.ts';
import { bookingWebhook, organizer } from '../live/booking-webhooks.ts';
import { clinicianId, startClinic } from '../live/clinic.ts';
import { machineMs } from '../live/crowd-words.ts';
import { oursServer, type PeerName, peerServer, rawServer, watch, type Watched } from '../live/contenders.ts';
import { updateIn } from '../live/board-subscription.ts';
import { startPostgres } from '../postgres.ts';
import { shuffledRounds } from '../shuffled-rounds.ts';

const SUBSCRIBERS = 1_000;
const WEBHOOKS = 30;
const YOGA: PeerName = 'Yoga as documented, WebSocket';

export const bench: Bench = {
  name: 'screens',
  title: 'From the webhook to the dashboards',
  sizes: { subscribers: { most: 10_000, meaning: 'dashboards' } },
  method: `
${WEBHOOKS} signed BOOKING_CREATED a round, one after the other, each of another booking; ${SUBSCRIBERS} dashboards. From the moment the POST is sent to the
arrival of the frame at each dashboard; p50 and p99 are of all of a round's arrivals. *Base*: the signature over the raw bytes, one durable
insert, one prebuilt frame to each \`ws\` socket. *Yoga*: the same and \`pubSub.publish\`. *Ours*: the gateway, which also applies the booking in
a transaction, writes it to the log and reads it back from there. Everything shares the machine, the subscribers included.`,

  async run({ rounds, sizes, say, peers }) {
    const size = sizes['subscribers'] ?? SUBSCRIBERS;
    const clinic = await startClinic();
    const database = await startPostgres();
    const load = createLoad(1);
    const running: Watched[] = [];
    try {
      const host = `"email" = '${organizer.email}', "calcomUserId" = ${organizer.id}`;
      await clinic.sql(`UPDATE "User" SET ${host} WHERE "id" = '${clinicianId(0)}'`);
      const ours = await watch(await oursServer(clinic), size);
      running.push(ours);
      let index = 0;
      const stages: Stages[] = [];
      const send = async (to: Watched): Promise<number[]> => {
        const webhook = bookingWebhook((index += 1));
        const heard = to.crowd.heard(1, true);
        const [sentAt, sentWallMs] = [machineMs(), Date.now()];
        const [{ times }, answer] = await Promise.all([heard, load.post(`${to.url}/api/calcom/webhooks`, webhook.body, webhook.headers)]);
        if (answer.status !== 200) throw new Error(`The webhook was answered ${answer.status}.`);
        if (to === ours) stages.push(await stagesOf(to, sentWallMs));
        return times.map((time) => time - sentAt);
      };

      await send(ours);
      const update = updateIn(await ours.crowd.last());
      const others = { databaseUrl: database.url, update };
      const raw = await watch(await rawServer(others), size);
      running.push(raw);
      let missing = '';
      const yogaServer = await peerServer(YOGA, peers, (reason) => (missing = reason), others);
      const contenders: Record<string, Watched> = { raw, ours };
      if (yogaServer !== null) {
        contenders['yoga'] = await watch(yogaServer, size);
        running.push(contenders['yoga']);
      }
      for (const one of running.slice(1)) await load.post(`${one.url}/template`, update);

      say(`${size} dashboards, ${Buffer.byteLength(update)} bytes …`);
      const measure = (to: Watched) => async () => {
        const times: number[] = [];
        for (let count = 0; count < WEBHOOKS; count += 1) times.push(...(await send(to)));
        return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
      };
      const measured = await shuffledRounds(
        rounds,
        Object.fromEntries(Object.entries(contenders).map(([name, to]) => [name, measure(to)])),
      );
      const [first, second, ...rest] = rowsOf(measured, size, missing);
      return [first, second, stageRow(stages), ...rest].filter((row) => row !== undefined);
    } finally {
      for (const one of running) await one.stop();
      load.close();
      await clinic.stop();
      await database.stop();
    }
  },
};

/** Since the POST was sent, ms: when the gateway had received it, had it in the inbox, in the log, and had read it there. */
interface Stages {
  receivedAt: number;
  recordedAt: number;
  appliedAt: number;
  publishedAt: number;
}

async function stagesOf(to: Watched, sentWallMs: number): Promise<Stages> {
  const { trace } = JSON.parse(updateIn(await to.crowd.last())) as { trace: Record<keyof Stages, string> };
  const since = (stage: keyof Stages) => Date.parse(trace[stage]) - sentWallMs;
  return {
    receivedAt: since('receivedAt'),
    recordedAt: since('recordedAt'),
    appliedAt: since('appliedAt'),
    publishedAt: since('publishedAt'),
  };
}

function stageRow(stages: readonly Stages[]): Row {
  const at = (stage: keyof Stages) => ms(median(stages.map((one) => one[stage])));
  const text = `received ${at('receivedAt')}, recorded ${at('recordedAt')}, applied ${at('appliedAt')}, published ${at('publishedAt')}`;
  return { what: '– ours, by stage since the POST (whole ms, medians)', goal: '', base: '–', ours: text, ratio: null };
}

interface Latency {
  p50: number;
  p99: number;
}

function rowsOf(rounds: Record<string, Latency>[], size: number, missing: string): Row[] {
  const value = (round: Record<string, Latency>, name: string, share: keyof Latency) => round[name]?.[share] ?? Number.NaN;
  const row = (what: string, goal: string, [base, other]: [string, string], share: keyof Latency): Row => ({
    what,
    goal,
    base: ms(median(rounds.map((round) => value(round, base, share)))),
    ours: ms(median(rounds.map((round) => value(round, other, share)))),
    ratio: spreadOf(rounds.map((round) => value(round, other, share) / value(round, base, share))),
  });
  const rows = (['p50', 'p99'] as const).map((share) => row(`POST to ${size} dashboards, ${share}`, '≤ 1.2 × raw', ['raw', 'ours'], share));
  if (missing !== '') return [...rows, { what: `Peer: ${YOGA}`, goal: '', base: '–', ours: `not measured: ${missing}`, ratio: null }];
  return [
    ...rows,
    ...(['p50', 'p99'] as const).map((share) =>
      row(`Peer: ${YOGA}, ${share}, against ours as the base`, '≥ 6 × ours', ['ours', 'yoga'], share),
    ),
  ];
}
