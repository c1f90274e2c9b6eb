/** Base and ours in the same round. */
import { type Round, shuffledRounds } from './shuffled-rounds.ts';

export type Pair<Measured> = Round<'base' | 'ours', Measured>;

export function pairedRounds<Measured>(
  rounds: number,
  base: (round: number) => Promise<Measured>,
  ours: (round: number) => Promise<Measured>,
): Promise<Pair<Measured>[]> {
  return shuffledRounds(rounds, { base, ours });
}
