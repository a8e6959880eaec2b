import { describe, expect, test } from 'vitest';
import {
  checkIndexKeys,
  checkIndexLiterals,
  checkUpdatedIndexKeys,
} from '../../src/table/index-checks.ts';
import { index, itemOf, keys, table } from '../support/tables.ts';

const invalid = 'One or more parameter values were invalid: ';
const two = table(keys('p:S', 's:S'), {
  indexes: [
    index('zed', 101, keys('z:S')),
    index('abc', 102, keys('z:N', 'a:S')),
    index('own', 103, keys('o:N'), { kind: 'system' }),
  ],
});

describe('index keys of a whole item', () => {
  const rows: readonly [string, object, string][] = [
    [
      'a wrong type, at the alphabetically first index',
      { z: { BOOL: true } },
      `${invalid}Type mismatch for Index Key z Expected: N Actual: BOOL IndexName: abc`,
    ],
    [
      'NULL',
      { a: { NULL: true } },
      `${invalid}Type mismatch for Index Key a Expected: S Actual: NULL IndexName: abc`,
    ],
    [
      'an empty string',
      { a: { S: '' } },
      'One or more parameter values are not valid. A value specified for a secondary index key ' +
        'is not supported. The AttributeValue for a key attribute cannot contain an empty string ' +
        'value. IndexName: abc, IndexKey: a',
    ],
    [
      'a long range',
      { a: { S: 'x'.repeat(1025) } },
      `${invalid}Aggregated size of all range keys has exceeded the size limit of 1024 bytes`,
    ],
  ];
  test.each(rows)('refuse %s', (_, wire, message) => {
    expect(() => checkIndexKeys(two, itemOf(wire))).toThrow(
      expect.objectContaining({ name: 'ValidationException', message }),
    );
  });

  test('may be missing, and those of the engine may be anything', () => {
    expect(() => checkIndexKeys(two, itemOf({ o: { S: '' } }))).not.toThrow();
  });

  test('refuse a long hash', () => {
    const one = table(keys('p:S'), { indexes: [index('i', 101, keys('h:S'))] });
    expect(() => checkIndexKeys(one, itemOf({ h: { S: 'x'.repeat(2049) } }))).toThrow(
      `${invalid}Size of hashkey has exceeded the maximum size limit of2048 bytes`,
    );
  });
});

describe('index keys of an update', () => {
  const one = table(keys('p:S'), { indexes: [index('i', 101, keys('h:S'))] });
  const emptied =
    'One or more parameter values are not valid. The update expression attempted to update a ' +
    'secondary index key to a value that is not supported. The AttributeValue for a key ' +
    'attribute cannot contain an empty string value.';

  test('refuse literals of a wrong type, and empty ones', () => {
    expect(() => checkIndexLiterals(one, itemOf({ h: { N: '1' } }))).toThrow(
      `${invalid}Type mismatch for Index Key h Expected: S Actual: N IndexName: i`,
    );
    expect(() => checkIndexLiterals(one, itemOf({ h: { S: '' } }))).toThrow(emptied);
    expect(() => checkIndexLiterals(one, itemOf({ x: { S: '' } }))).not.toThrow();
  });

  test('refuse what was computed', () => {
    const check = (value: object): void =>
      checkUpdatedIndexKeys(one, new Set(['h']), itemOf({ p: { S: 'a' }, h: value }));
    expect(() => check({ N: '1' })).toThrow(
      'The update expression attempted to update the secondary index key to unsupported type',
    );
    expect(() => check({ S: '' })).toThrow(emptied);
    expect(() => check({ S: 'x'.repeat(2049) })).toThrow('beyond allowed size limits');
    expect(() => check({ S: 'x' })).not.toThrow();
  });

  test('are not judged where the update does not name them', () => {
    const odd = itemOf({ p: { S: 'a' }, h: { N: '1' } });
    expect(() => checkUpdatedIndexKeys(one, new Set(['v']), odd)).not.toThrow();
    expect(() =>
      checkUpdatedIndexKeys(one, new Set(['h']), itemOf({ p: { S: 'a' } })),
    ).not.toThrow();
  });
});
