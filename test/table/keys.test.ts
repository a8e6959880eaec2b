import { describe, expect, test } from 'vitest';
import { equalBytes } from '../../src/base/bytes.ts';
import { checkEmptyKeys, itemKey, keyItem, primaryKey } from '../../src/table/keys.ts';
import { itemOf, keys, table } from '../support/tables.ts';

const plain = table(keys('p:S'));
const ranged = table(keys('p:S', 's:N'));
const binary = table(keys('p:S', 's:B'));
const mismatch = 'The provided key element does not match the schema';
const empty = (word: string, name: string): string =>
  'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
  `contain an empty ${word} value. Key: ${name}`;
const invalid = 'One or more parameter values were invalid: ';
const long = (length: number): string => 'x'.repeat(length);

describe('a Key', () => {
  test.each([
    ['no attribute', ranged, {}, mismatch],
    ['a missing range', ranged, { p: { S: 'a' } }, mismatch],
    ['one too many', plain, { p: { S: 'a' }, x: { S: 'a' } }, mismatch],
    ['another name', plain, { q: { S: 'a' } }, mismatch],
    ['a wrong type', ranged, { p: { S: 'a' }, s: { S: '1' } }, mismatch],
    ['NULL', plain, { p: { NULL: true } }, mismatch],
    ['an empty string', plain, { p: { S: '' } }, empty('string', 'p')],
    [
      'an empty binary',
      binary,
      { p: { S: 'a' }, s: { B: new Uint8Array() } },
      empty('binary', 's'),
    ],
    [
      'a long hash',
      plain,
      { p: { S: long(2049) } },
      `${invalid}Size of hashkey has exceeded the maximum size limit of2048 bytes`,
    ],
    [
      'a long range',
      binary,
      { p: { S: 'a' }, s: { B: new Uint8Array(1025) } },
      `${invalid}Aggregated size of all range keys has exceeded the size limit of 1024 bytes`,
    ],
  ])('with %s is refused', (_, target, key, message) => {
    expect(() => primaryKey(target, itemOf(key))).toThrow(
      expect.objectContaining({ name: 'ValidationException', message }),
    );
  });

  test('at the limits is taken', () => {
    const key = itemOf({ p: { S: long(2048) }, s: { B: new Uint8Array(1024) } });
    expect(primaryKey(binary, key).length).toBeGreaterThan(3072);
  });

  test('is the same however its number is spelled', () => {
    const a = primaryKey(ranged, itemOf({ p: { S: 'a' }, s: { N: '1e3' } }));
    const b = primaryKey(ranged, itemOf({ p: { S: 'a' }, s: { N: '1000.0' } }));
    expect(equalBytes(a, b)).toBe(true);
  });
});

describe('the key of an Item', () => {
  test.each([
    ['missing', { p: { S: 'a' } }, `${invalid}Missing the key s in the item`],
    [
      'mistyped',
      { p: { N: '1' }, s: { N: '1' } },
      `${invalid}Type mismatch for key p expected: S actual: N`,
    ],
    [
      'mistyped as a set',
      { p: { S: '' }, s: { SS: ['a'] } },
      `${invalid}Type mismatch for key s expected: N actual: SS`,
    ],
    ['empty', { p: { S: '' }, s: { N: '1' } }, empty('string', 'p')],
  ])('when %s is told in detail', (_, item, message) => {
    expect(() => itemKey(ranged, itemOf(item))).toThrow(
      expect.objectContaining({ name: 'ValidationException', message }),
    );
  });

  test('is that of its Key', () => {
    const item = itemOf({ x: { S: 'more' }, s: { N: '1' }, p: { S: 'a' } });
    expect(itemKey(ranged, item)).toEqual(primaryKey(ranged, keyItem(item, ranged.keys)));
  });
});

test('empty keys are found whatever else is wrong', () => {
  expect(() => checkEmptyKeys(ranged, itemOf({ p: { S: '' } }))).toThrow(empty('string', 'p'));
  expect(() => checkEmptyKeys(ranged, itemOf({ p: { N: '1' } }))).not.toThrow();
});
