import { describe, expect, test } from 'vitest';
import { compareBytes } from '../../src/base/bytes.ts';
import { prng } from '../../src/base/prng.ts';
import { Intervals } from '../../src/live/intervals.ts';
import type { KeyRange } from '../../src/tree/reader.ts';

const key = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

function foundBy(intervals: Intervals<string>, tree: number, at: Uint8Array): readonly string[] {
  const owners: string[] = [];
  intervals.find(tree, at, (owner) => owners.push(owner));
  return owners.sort();
}

describe('the intervals of a tree', () => {
  const rows: readonly (readonly [string, KeyRange, Uint8Array, boolean])[] = [
    ['its first key', { from: key(1), to: key(3) }, key(1), true],
    ['not its first key, when open there', { from: key(1), fromOpen: true }, key(1), false],
    [
      'what follows its first key, when open there',
      { from: key(1), fromOpen: true },
      key(1, 0),
      true,
    ],
    ['not its end', { from: key(1), to: key(3) }, key(3), false],
    ['its end, when closed there', { to: key(3), toClosed: true }, key(3), true],
    ['nothing behind its end, when closed there', { to: key(3), toClosed: true }, key(3, 0), false],
    ['every key, when it is all of the tree', {}, key(255, 255), true],
    ['nothing, when it is empty', { from: key(2), to: key(2) }, key(2), false],
  ];
  test.each(rows)('hold %s', (_name, range, at, isFound) => {
    const intervals = new Intervals<string>();
    intervals.add(7, range, 'it');
    expect(foundBy(intervals, 7, at)).toEqual(isFound ? ['it'] : []);
    expect(foundBy(intervals, 8, at)).toEqual([]);
  });

  test('are those that a search through all of them finds, as they come and go', () => {
    const random = prng(3);
    const intervals = new Intervals<string>();
    const all = new Map<string, KeyRange>();
    const byte = (): number => random.u32() % 32;
    for (let round = 0; round < 400; round += 1) {
      const owner = `o${random.u32() % 60}`;
      const before = all.get(owner);
      if (before !== undefined) intervals.remove(1, before, owner);
      all.delete(owner);
      if (random.u32() % 4 > 0) {
        const from = byte();
        const to = random.u32() % 5 === 0 ? undefined : key(from + (byte() % 8));
        all.set(owner, { from: key(from), to });
        intervals.add(1, { from: key(from), to }, owner);
      }
      const at = key(byte());
      const expected = [...all].filter(([, { from, to }]) => {
        return compareBytes(from ?? key(), at) <= 0 && (!to || compareBytes(at, to) < 0);
      });
      expect(foundBy(intervals, 1, at)).toEqual(expected.map(([name]) => name).sort());
      expect(intervals.size).toBe(all.size);
    }
  });
});
