import { describe, expect, test } from 'vitest';
import { compareBytes, hexOf, successor } from '../../src/base/bytes.ts';
import { pageBytesMin, pageBytesTarget } from '../../src/base/limits.ts';
import { type Prng, prng } from '../../src/base/prng.ts';
import type { KeyRange } from '../../src/tree/reader.ts';
import { type Entry, TreeWorld } from '../support/tree-world.ts';

function numberKey(number: number): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setUint32(4, number);
  return key;
}

/** A value that tells its key and version from others. */
function bytesOf(length: number, seed: number): Uint8Array {
  const value = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) value[at] = (seed + at) & 0xff;
  return value;
}

function expectSame(actual: readonly Entry[], expected: readonly Entry[]): void {
  expect(actual.length).toBe(expected.length);
  for (let at = 0; at < actual.length; at += 1) {
    const [key, value] = actual[at] as Entry;
    const [otherKey, otherValue] = expected[at] as Entry;
    if (compareBytes(key, otherKey) !== 0 || compareBytes(value, otherValue) !== 0) {
      expect([hexOf(key), hexOf(value)]).toEqual([hexOf(otherKey), hexOf(otherValue)]);
    }
  }
}

function expectSound(world: TreeWorld): void {
  const reachable = world.walk();
  expect(world.stored()).toEqual(reachable);
  const entries = world.sorted();
  expectSame(world.range({}, false), entries);
  if (world.layers.length > 0) return;
  expect(world.root?.entries ?? 0).toBe(entries.length);
  const bytes = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  expect(world.root?.bytes ?? 0).toBe(bytes);
}

function within(entries: readonly Entry[], range: KeyRange): Entry[] {
  return entries.filter(([key]) => {
    const low = range.from === undefined ? 1 : compareBytes(key, range.from);
    const high = range.to === undefined ? -1 : compareBytes(key, range.to);
    return (
      (low > 0 || (low === 0 && !range.fromOpen)) && (high < 0 || (high === 0 && !!range.toClosed))
    );
  });
}

function randomRange(random: Prng, entries: readonly Entry[]): KeyRange {
  const bound = (): Uint8Array | undefined => {
    if (random.chance(0.2) || entries.length === 0) return undefined;
    const [key] = entries[random.below(entries.length)] as Entry;
    return random.chance(0.3) ? successor(key) : random.chance(0.2) ? key.slice(0, -1) : key;
  };
  return { from: bound(), to: bound(), fromOpen: random.chance(0.5), toClosed: random.chance(0.5) };
}

function expectRanges(world: TreeWorld, random: Prng, count: number): void {
  const entries = world.sorted();
  for (let round = 0; round < count; round += 1) {
    const range = randomRange(random, entries);
    if (random.chance(0.5)) world.loaded.clear();
    const expected = within(entries, range);
    expectSame(world.range(range, false), expected);
    expectSame(world.range(range, true), expected.reverse());
  }
}

describe('merge', () => {
  interface World {
    readonly name: string;
    readonly rounds: number;
    readonly batch: number;
    readonly keys: (random: Prng) => Uint8Array;
    readonly value: (random: Prng) => number;
    readonly removals: (round: number) => number;
  }
  const few = (random: Prng): Uint8Array => numberKey(random.below(3000));
  const worlds: readonly World[] = [
    {
      name: 'small values at random keys',
      rounds: 25,
      batch: 250,
      keys: few,
      value: (random) => random.below(300),
      removals: () => 0.3,
    },
    {
      name: 'a tree that grows and shrinks to nothing',
      rounds: 30,
      batch: 400,
      keys: (random) => numberKey(random.below(1500)),
      value: (random) => 200 + random.below(400),
      removals: (round) => (round < 10 ? 0 : 0.97),
    },
    {
      name: 'few changes at a time, as deltas',
      rounds: 60,
      batch: 12,
      keys: (random) => numberKey(random.below(400)),
      value: (random) => random.below(500),
      removals: () => 0.2,
    },
    {
      name: 'values around the size that overflows, and large ones',
      rounds: 16,
      batch: 25,
      keys: (random) => numberKey(random.below(120)),
      value: (random) =>
        random.chance(0.1) ? random.below(400 * 1024) : 7000 + random.below(3000),
      removals: (round) => (round < 10 ? 0.2 : 0.8),
    },
    {
      name: 'keys of up to 6.2 KB with long common prefixes',
      rounds: 24,
      batch: 40,
      keys: (random) => {
        const key = new Uint8Array(100 + random.below(20) * 305);
        key.fill(7);
        key[key.length - 1] = random.below(8);
        key[key.length - 2] = random.below(4);
        return key;
      },
      value: (random) => (random.chance(0.5) ? 8192 : random.below(50)),
      removals: (round) => (round < 14 ? 0.1 : 0.85),
    },
    {
      name: 'inner pages of few children',
      rounds: 24,
      batch: 60,
      keys: (random) => {
        const key = new Uint8Array(6200);
        key[6190] = random.below(16);
        key[6199] = random.below(16);
        return key;
      },
      value: () => 4000,
      removals: (round) => (round < 12 ? 0 : 0.8),
    },
  ];
  for (const { name, rounds, batch, keys, value, removals } of worlds) {
    for (const forgetful of [false, true]) {
      test(`${name}${forgetful ? ', pages forgotten at every step' : ''}`, () => {
        const random = prng(rounds * 1000 + batch);
        const world = new TreeWorld();
        if (forgetful) world.forget = () => true;
        let highest = 0;
        for (let round = 0; round < rounds; round += 1) {
          for (let at = 0; at < batch; at += 1) {
            const key = keys(random);
            const remove = random.chance(removals(round));
            world.put(key, remove ? undefined : bytesOf(value(random), random.below(256)));
          }
          if (random.chance(0.3)) expectRanges(world, random, 2);
          if (random.chance(0.2)) world.merge(true);
          world.merge();
          highest = Math.max(highest, world.root?.height ?? 0);
          expectSound(world);
          expectRanges(world, random, 2);
        }
        expect(highest).toBeGreaterThan(1);
        for (const [key] of world.sorted()) world.put(key, undefined);
        world.merge();
        expect(world.root).toBeUndefined();
        expect(world.stored().size).toBe(0);
      });
    }
  }

  test('a get finds each key, and no other, whatever lies above', () => {
    const random = prng(5);
    const world = new TreeWorld();
    for (let at = 0; at < 2000; at += 1) world.put(numberKey(at * 2), bytesOf(100, at));
    world.merge();
    for (let at = 0; at < 300; at += 1) {
      const remove = random.chance(0.5);
      world.put(numberKey(random.below(4000)), remove ? undefined : bytesOf(20, at));
    }
    for (let at = 0; at < 4000; at += 1) {
      const key = numberKey(at);
      expect(world.get(key)).toEqual(world.model.get(hexOf(key))?.[1]);
    }
  });

  test('ascending inserts leave full pages', () => {
    const world = new TreeWorld();
    for (let round = 0; round < 20; round += 1) {
      for (let at = 0; at < 400; at += 1) world.put(numberKey(round * 400 + at), bytesOf(100, at));
      world.merge();
    }
    expectSound(world);
    const sizes: number[] = [];
    for (const id of world.walk()) sizes.push(world.load(id)?.bytes.length ?? 0);
    const full = sizes.filter((size) => size > pageBytesTarget * 0.9).length;
    expect(full / sizes.length).toBeGreaterThan(0.8);
  });

  test('pages are at least a quarter full after random changes', () => {
    const random = prng(9);
    const world = new TreeWorld();
    for (let round = 0; round < 20; round += 1) {
      for (let at = 0; at < 500; at += 1) {
        const remove = random.chance(round < 10 ? 0.1 : 0.8);
        world.put(numberKey(random.below(4000)), remove ? undefined : bytesOf(200, at));
      }
      world.merge();
      const ids = world.walk();
      if (ids.size === 1) continue;
      for (const id of ids) {
        const page = world.load(id);
        if (page?.kind === 'leaf') expect(page.bytes.length).toBeGreaterThanOrEqual(pageBytesMin);
      }
    }
  });

  // Long keys that differ at their ends make long separators, so inner pages of few children.
  test.each([0, 1, 150, 299])(
    'a tall tree falls to one leaf at once, where key %i stays',
    (stays) => {
      const world = new TreeWorld();
      const longKey = (number: number): Uint8Array => {
        const key = new Uint8Array(6200);
        key.set(numberKey(number), 6192);
        return key;
      };
      for (let at = 0; at < 300; at += 1) world.put(longKey(at), bytesOf(10, at));
      world.merge();
      expect(world.root?.height).toBeGreaterThan(3);
      expectSound(world);
      for (let at = 0; at < 300; at += 1) if (at !== stays) world.put(longKey(at), undefined);
      world.merge();
      expect(world.root?.height).toBe(1);
      expectSound(world);
    },
  );

  test('a dropped tree leaves no page behind', () => {
    const world = new TreeWorld();
    world.forget = () => true;
    for (let at = 0; at < 2000; at += 1) {
      world.put(numberKey(at), bytesOf(at % 500 === 0 ? 100_000 : 100, at));
    }
    world.merge();
    expect(world.root?.height).toBe(2);
    world.drop();
    expect(world.stored().size).toBe(0);
  });
});
