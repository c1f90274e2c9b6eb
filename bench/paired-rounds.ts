/** Base and ours in the same round, in turns first and second: a machine that slows down slows both down. */
export interface Pair<Measured> {
  base: Measured;
  ours: Measured;
}

/** One more round is run first and thrown away, so that nobody pays for compiling and connecting. */
export async function pairedRounds<Measured>(
  rounds: number,
  base: (round: number) => Promise<Measured>,
  ours: (round: number) => Promise<Measured>,
): Promise<Pair<Measured>[]> {
  const pairs: Pair<Measured>[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const pair: Partial<Pair<Measured>> = {};
    for (const side of round % 2 === 0 ? (['base', 'ours'] as const) : (['ours', 'base'] as const))
      pair[side] = await (side === 'base' ? base : ours)(round);
    if (round > 0) pairs.push(pair as Pair<Measured>);
  }
  return pairs;
}
