import { describe, expect, test } from 'vitest';
import { spliced } from '../../src/client/live.ts';
import { diff, type Held } from '../../src/live/diff.ts';
import { prng } from '../../src/base/prng.ts';

function held(key: number, shown: number, part = 0): Held {
  return {
    part,
    key: Uint8Array.of(key),
    shown: Uint8Array.of(shown),
    raw: undefined,
    itemKey: undefined,
  };
}

/** `1:5` is key 1 that shows 5. */
function list(text: string): readonly Held[] {
  const pairs = text === '' ? [] : text.split(' ').map((pair) => pair.split(':').map(Number));
  return pairs.map(([key = 0, shown = key]) => held(key, shown));
}

describe('the difference of two lists', () => {
  const rows: readonly (readonly [string, string, string, readonly number[], number])[] = [
    ['nothing', '1 2 3', '1 2 3', [], 0],
    ['equal entries made anew', '1:1 2:2', '1:1 2:2', [], 0],
    ['one that is new', '1 3', '1 2 3', [1, 0, 1], 1],
    ['one that is gone', '1 2 3', '1 3', [1, 1, 0], 0],
    ['one that changed', '1 2:2 3', '1 2:9 3', [1, 1, 1], 1],
    ['both ends', '1 2 3', '0 2 4', [0, 1, 1, 2, 1, 1], 2],
    ['all of it', '1 2', '3 4', [0, 2, 2], 2],
    ['a beginning', '', '1 2', [0, 0, 2], 2],
    ['an end', '1 2', '', [0, 2, 0], 0],
  ];
  test.each(rows)('is %s', (_name, before, after, splices, inserted) => {
    const found = diff(list(before), list(after), [false]);
    expect(found.splices).toEqual(splices);
    expect(found.inserted).toHaveLength(inserted);
  });

  test('makes the one of the other, in both directions, with parts', () => {
    const random = prng(11);
    const listOf = (isReverse: boolean): readonly Held[] =>
      [0, 1].flatMap((part) => {
        const keys = [...Array(12).keys()].filter(() => random.u32() % 2 === 0);
        if (isReverse) keys.reverse();
        return keys.map((key) => held(key, random.u32() % 2, part));
      });
    const textOf = ({ part, key, shown }: Held): string => `${part} ${key} ${shown}`;
    for (let round = 0; round < 500; round += 1) {
      const isReverse = round % 2 === 0;
      const before = listOf(isReverse);
      const after = listOf(isReverse);
      const { splices, inserted } = diff(before, after, [isReverse, isReverse]);
      const made = spliced(before, splices, inserted) as readonly Held[];
      expect(made.map(textOf)).toEqual(after.map(textOf));
      const kept = before.filter((one) => after.some((other) => textOf(one) === textOf(other)));
      expect(kept.every((one) => made.includes(one))).toBe(true);
    }
  });
});
