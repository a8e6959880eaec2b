/** What the generator draws from: a seeded source, and choices made with it. */
import { type Prng, prng } from '../../src/base/prng.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Chance extends Prng {
  pick<T>(from: readonly T[]): T;
  /** One of the makers, each as likely as its weight says. */
  weigh<T>(rows: readonly (readonly [weight: number, make: () => T])[]): T;
  times<T>(least: number, most: number, make: () => T): T[];
}

export function chanceOf(seed: number): Chance {
  const source = prng(seed);
  const pick = <T>(from: readonly T[]): T => {
    if (from.length === 0) throw new Error('nothing to pick from');
    return from[source.below(from.length)] as T;
  };
  return {
    ...source,
    pick,
    weigh(rows) {
      let left = source.below(rows.reduce((sum, [weight]) => sum + weight, 0));
      for (const [weight, make] of rows) {
        if (left < weight) return make();
        left -= weight;
      }
      throw new Error('weights must be whole numbers');
    },
    times: (least, most, make) => {
      return Array.from({ length: least + source.below(most - least + 1) }, make);
    },
  };
}
