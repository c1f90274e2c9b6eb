/** All contenders in the same round, each time in another order: a machine that slows down slows all of them down. */
export type Round<Name extends string, Measured> = Record<Name, Measured>;

/**
 * One more round is run first and thrown away, so that nobody pays for compiling and connecting. `random` as `Math.random`.
 */
export async function shuffledRounds<Name extends string, Measured>(
  rounds: number,
  contenders: Record<Name, (round: number) => Promise<Measured>>,
  random: () => number = Math.random,
): Promise<Round<Name, Measured>[]> {
  const names = Object.keys(contenders) as Name[];
  const measured: Round<Name, Measured>[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const result: Partial<Round<Name, Measured>> = {};
    for (const name of shuffled(names, random)) result[name] = await contenders[name](round);
    if (round > 0) measured.push(result as Round<Name, Measured>);
  }
  return measured;
}

/** Fisher and Yates: every order is as likely as any other. */
export function shuffled<Item>(items: readonly Item[], random: () => number = Math.random): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [order[last], order[other]];
    if (a === undefined || b === undefined) continue;
    order[last] = b;
    order[other] = a;
  }
  return order;
}
