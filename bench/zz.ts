import { bench } from '/work/main/bench/benches/fanout.ts';
console.table(
  (await bench.run({ rounds: 3, say: console.log })).map((r) => ({
    what: r.what,
    base: r.base,
    ours: r.ours,
    ratio: r.ratio?.median.toFixed(2),
  })),
);
process.exit(0);
