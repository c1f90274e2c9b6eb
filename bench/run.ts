/** `npm run bench -- [names] [--rounds N]`: runs these benchmarks, or all; prints tables and keeps them in RESULTS.md. */
import { readArguments, usage } from './arguments.ts';
import type { Bench } from './bench.ts';
import { bench as boards } from './benches/boards.ts';
import { bench as connect } from './benches/connect.ts';
import { bench as fanout } from './benches/fanout.ts';
import { bench as growthAppointments } from './benches/growth-appointments.ts';
import { bench as growthChanges } from './benches/growth-changes.ts';
import { bench as growthSubscribers } from './benches/growth-subscribers.ts';
import { bench as idle } from './benches/idle.ts';
import { bench as ingest } from './benches/ingest.ts';
import { bench as queries } from './benches/queries.ts';
import { bench as screens } from './benches/screens.ts';
import { bench as slots } from './benches/slots.ts';
import { installPeers } from './install-peers.ts';
import { drawCharts } from './charts.ts';
import { machine, tableOf, writeResults } from './results.ts';
import { stopEverything } from './running.ts';

const BENCHES: readonly Bench[] = [
  slots,
  ingest,
  fanout,
  boards,
  queries,
  screens,
  connect,
  idle,
  growthSubscribers,
  growthChanges,
  growthAppointments,
];

if (process.argv.includes('--help')) {
  console.log(usage(BENCHES));
  process.exit(0);
}
const request = readArguments(process.argv.slice(2), BENCHES);
if ('problem' in request) {
  console.error(`${request.problem}\n\n${usage(BENCHES)}`);
  process.exit(1);
}
const { benches, rounds, sizes } = request;

let isStopping = false;
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    console.error('\nStopping what was started …');
    void stopEverything().then(() => process.exit(code));
  });

const peers = installPeers(console.log);
if (!peers.ok) console.error(`The peers are missing. ${peers.reason}`);

for (const bench of benches) {
  const startedAt = performance.now();
  const on = machine();
  console.log(`\n${bench.title}\n${on} before it began, ${rounds} rounds`);
  try {
    const found = await bench.run({ rounds, peers, sizes, say: (line) => console.log(`  ${line}`) });
    const { rows, charts } = Array.isArray(found) ? { rows: found, charts: [] } : found;
    console.log(`\n${tableOf(rows)}\n\n${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    if (Object.keys(sizes).length === 0) writeResults(bench, rounds, on, `${tableOf(rows)}${await drawCharts(charts, peers)}`);
  } catch (error) {
    // What was stopped under it fails, and that is no result.
    if (isStopping) break;
    // The others still run, and the report says that this one did not.
    process.exitCode = 1;
    console.error(error);
    const reason = error instanceof Error ? error.message : String(error);
    if (Object.keys(sizes).length === 0) writeResults(bench, rounds, on, `**Not measured**: ${reason}`);
  }
  await stopEverything();
}
if (!isStopping) process.exit();
