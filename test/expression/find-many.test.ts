import { describe, expect, test } from 'vitest';
import { prng } from '../../src/base/prng.ts';
import { PartSearch, unitsOf } from '../../src/expression/find-many.ts';

function find(text: string, parts: readonly string[]): readonly boolean[] {
  return [...new PartSearch(parts.map(unitsOf)).find(unitsOf(text))].map((one) => one === 1);
}

describe('many parts are found as one alone is', () => {
  const rows: [string, string[]][] = [
    ['', []],
    ['', ['', 'a']],
    ['abc', ['', 'a', 'b', 'c', 'ab', 'bc', 'abc', 'abcd', 'ac', 'd']],
    ['ushers', ['he', 'she', 'his', 'hers', 'her', 'ers', 'rs', 's', 'hes']],
    ['aaaa', ['a', 'aa', 'aaa', 'aaaa', 'aaaaa', 'a']],
    ['abababac', ['abac', 'babac', 'ababc', 'bac', 'c']],
    ['x\u0000\uffffy', ['\u0000', '\uffff', '\u0000\uffff', '\uffff\u0000', '\u0000y']],
    ['😀😁', ['😀', '😁', '\ude00', '😁😀']],
  ];
  test.each(rows)('in %j: %j', (text, parts) => {
    expect(find(text, parts)).toEqual(parts.map((part) => text.includes(part)));
  });

  test('in texts from a seed', () => {
    const random = prng(11);
    const word = (length: number, letters: number): string =>
      Array.from({ length }, () => 'abcdefgh'[random.u32() % letters]).join('');
    for (let round = 0; round < 400; round += 1) {
      const letters = 1 + (random.u32() % 5);
      const text = word(random.u32() % 60, letters);
      const parts = Array.from({ length: random.u32() % 30 }, () =>
        random.u32() % 3 === 0
          ? text.slice(random.u32() % 60, random.u32() % 60)
          : word(random.u32() % 9, letters),
      );
      expect(find(text, parts), `${text}: ${parts}`).toEqual(
        parts.map((part) => text.includes(part)),
      );
    }
  });

  test('in bytes', () => {
    const search = new PartSearch([new Uint8Array([0, 255]), new Uint8Array([255, 0])]);
    expect([...search.find(new Uint8Array([1, 0, 255]))]).toEqual([1, 0]);
  });
});
