import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  binarySet,
  numberSet,
  type SetValue,
  stringSet,
  subtractSets,
  uniteSets,
} from '../../src/value/set.ts';
import { compareText } from '../../src/value/text.ts';
import { storedText } from './arbitrary.ts';

const b = (...bytes: number[]): Uint8Array => new Uint8Array(bytes);
const prefix = 'One or more parameter values were invalid: ';

describe('a set', () => {
  test('is sorted by UTF-8 bytes, by value, by bytes', () => {
    expect(stringSet(['b', '😀', 'ｱ', 'a']).value).toEqual(['a', 'b', 'ｱ', '😀']);
    expect(numberSet(['10', '-1', '9', '0.5']).value).toEqual(['-1', '0.5', '9', '10']);
    expect(binarySet([b(2), b(1, 1), b(1)]).value).toEqual([b(1), b(1, 1), b(2)]);
  });

  test('does not change the list it was made of', () => {
    const list = ['b', 'a'];
    stringSet(list);
    expect(list).toEqual(['b', 'a']);
  });

  test.each([
    [() => stringSet([]), `${prefix}An string set  may not be empty`],
    [() => numberSet([]), `${prefix}An number set  may not be empty`],
    [() => binarySet([]), `${prefix}Binary sets should not be empty`],
    [() => stringSet(['a', 'a']), `${prefix}Input collection [a, a] contains duplicates.`],
    [() => stringSet(['b', 'a', 'b']), `${prefix}Input collection [b, a, b] contains duplicates.`],
    [() => numberSet(['1', '2', '1']), 'Input collection contains duplicates'],
    [
      () => binarySet([b(98), b(98)]),
      `${prefix}Input collection [Yg==, Yg==]of type BS contains duplicates.`,
    ],
  ])('is refused in the words of section 1: %s', (make, message) => {
    expect(make).toThrow(expect.objectContaining({ name: 'ValidationException', message }));
  });
});

describe('union and difference', () => {
  test.each<[SetValue, SetValue, readonly unknown[], readonly unknown[] | undefined]>([
    [stringSet(['a', 'c']), stringSet(['b', 'c']), ['a', 'b', 'c'], ['a']],
    [stringSet(['a']), stringSet(['a']), ['a'], undefined],
    [numberSet(['1', '10']), numberSet(['9', '10']), ['1', '9', '10'], ['1']],
    [binarySet([b(1), b(3)]), binarySet([b(2), b(3)]), [b(1), b(2), b(3)], [b(1)]],
  ])('row %#', (x, y, union, difference) => {
    expect(uniteSets(x, y)).toEqual({ type: x.type, value: union });
    expect(subtractSets(x, y)?.value).toEqual(difference);
  });

  test('are those of sets of strings', () => {
    const strings = fc.uniqueArray(storedText, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(strings, strings, (x, y) => {
        const union = [...new Set([...x, ...y])].sort(compareText);
        const difference = x.filter((each) => !y.includes(each)).sort(compareText);
        expect(uniteSets(stringSet(x), stringSet(y)).value).toEqual(union);
        expect(subtractSets(stringSet(x), stringSet(y))?.value ?? []).toEqual(difference);
      }),
    );
  });

  test('are refused to sets of different types', () => {
    const mixed: [SetValue, SetValue] = [stringSet(['1']), numberSet(['1'])];
    expect(() => uniteSets(...mixed)).toThrow('a union of SS and NS');
    expect(() => subtractSets(...mixed)).toThrow('a difference of SS and NS');
  });
});
