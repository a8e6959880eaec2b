import { describe, expect, test } from 'vitest';
import * as tags from '../../src/value/tags.ts';

describe('the tags of stored values', () => {
  const numbers = Object.entries(tags).filter(([name]) => name.endsWith('Tag'));

  test('are each of one type only, and fit a byte', () => {
    const all = numbers.map(([, tag]) => tag);
    expect(new Set(all).size).toBe(all.length);
    expect(all.every((tag) => Number.isInteger(tag) && tag >= 0 && tag < 256)).toBe(true);
  });

  test('are those of the format that is on disk', () => {
    expect(Object.fromEntries(numbers)).toEqual({
      nullTag: 0,
      falseTag: 1,
      trueTag: 2,
      asciiTag: 3,
      utf8Tag: 4,
      integerTag: 5,
      decimalTag: 6,
      binaryTag: 7,
      listTag: 8,
      mapTag: 9,
      stringSetTag: 10,
      numberSetTag: 11,
      binarySetTag: 12,
    });
  });

  test('and the flag of a stamp is one bit', () => {
    expect(Number.isInteger(Math.log2(tags.stampFlag))).toBe(true);
  });
});
