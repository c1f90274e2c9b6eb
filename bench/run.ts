/** `npm run bench -- [names] [--rounds N]`: runs these benchmarks, or all; prints tables and keeps them in RESULTS.md. */
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { bench as fanout } from './benches/fanout.ts';
import { bench as ingest } from './benches/ingest.ts';
import { bench as slots } from './benches/slots.ts';
import { installPeers } from './install-peers.ts';
import { machine, tableOf, writeResults } from './results.ts';
import { stopEverything } from './running.ts';

const BENCHES: readonly Bench[] = [slots, ingest, fanout];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(values.rounds);
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`Usage: npm run bench -- [${BENCHES.map((bench) => bench.name).join('] [')}] [--rounds 7]`);
  process.exit(1);
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => {
    console.error('\nStopping what was started …');
    void stopEverything().then(() => process.exit(code));
  });

const peers = installPeers(console.log);
if (!peers.ok) console.error(`The peers are missing. ${peers.reason}`);

for (const bench of BENCHES) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
  console.log(`\n${bench.title}`);
  const on = machine();
  const rows = await bench.run({ rounds, peers, say: (line) => console.log(`  ${line}`) });
  console.log(`\n${tableOf(rows)}`);
  writeResults(bench, rows, rounds, on);
}
process.exit(0);
