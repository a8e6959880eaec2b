/**
 * The benchmark's data: items of about 300 bytes with 8 attributes, 100 to a partition, and one
 * index by `city` and `at`.
 */
import { prng } from '../../src/base/prng.ts';

export interface BenchItem {
  readonly pk: string;
  readonly sk: number;
  readonly city: string;
  readonly at: number;
  readonly name: string;
  readonly note: string;
  readonly done: boolean;
  readonly score: number;
}

export const perPartition = 100;
export const cities = 500;

/** Item number `index`; `version` makes another one of the same key. */
export function itemOf(index: number, version = 0): BenchItem {
  const random = prng(index * 31 + version);
  // Made in one piece, as texts from a file or a network are: one that is put together letter by
  // letter is a chain, which whoever reads it first would have to pay for.
  const letters = (count: number): string => {
    return String.fromCharCode(...Array.from({ length: count }, () => 97 + random.below(26)));
  };
  return {
    pk: partitionOf(Math.floor(index / perPartition)),
    sk: index % perPartition,
    city: cityOf(index % cities),
    at: 1_700_000_000 + index,
    name: `Name ${letters(24)}`,
    note: letters(170),
    done: random.chance(0.5),
    score: random.below(1_000_000) / 100,
  };
}

export function partitionOf(number: number): string {
  return `partition-${String(number).padStart(6, '0')}`;
}

export function cityOf(number: number): string {
  return `city-${String(number % cities).padStart(4, '0')}`;
}

/** The numbers 0 to `count` - 1 in a random order that is always the same. */
export function shuffled(count: number, seed = 1): readonly number[] {
  const random = prng(seed);
  const numbers = Array.from({ length: count }, (_, index) => index);
  for (let at = count - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    [numbers[at], numbers[other]] = [numbers[other] as number, numbers[at] as number];
  }
  return numbers;
}
