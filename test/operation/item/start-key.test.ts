import { describe, expect, test } from 'vitest';
import { compareBytes } from '../../../src/base/bytes.ts';
import { rangeAfter, readStart, scanStart } from '../../../src/operation/item/start-key.ts';
import { segmentOf } from '../../../src/value/key.ts';
import { wireReader } from '../../../src/value/wire.ts';
import { index, itemOf, keys, table } from '../../support/tables.ts';

const start = 'The provided starting key is invalid';
const g = index('g', 101, keys('g:S'));
const ranged = table(keys('p:S', 's:N'), { indexes: [g] });
const key = { p: { S: 'a' }, s: { N: '1' } };

describe('a start key as it comes', () => {
  const rows: readonly [object, string][] = [
    [
      {},
      `${start}: Supplied AttributeValue is empty, must contain exactly one of the ` +
        'supported datatypes',
    ],
    [
      { NULL: false },
      `${start}: One or more parameter values were invalid: Null attribute value types must have ` +
        'the value of true',
    ],
    [
      { SS: [] },
      `${start}: One or more parameter values were invalid: An string set  may not be empty`,
    ],
    [{ NS: [] }, 'One or more parameter values were invalid: An number set  may not be empty'],
    [{ NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
    [{ N: '' }, 'The parameter cannot be converted to a numeric value'],
    [
      { N: '1e126' },
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    ],
    [{ N: '1'.repeat(39) }, 'Attempting to store more than 38 significant digits in a Number'],
  ];
  test.each(rows)('%j is refused in these words', (value, message) => {
    expect(() => readStart({ p: value }, wireReader)).toThrow(
      expect.objectContaining({ name: 'ValidationException', message }),
    );
  });

  test('may be absent', () => {
    expect(readStart(undefined, wireReader)).toBeUndefined();
    expect(readStart(key, wireReader)).toEqual(itemOf(key));
  });
});

describe('the place of a scan', () => {
  test('is the same in the table whether the item exists or not, and after it in an index', () => {
    const one = scanStart(ranged, undefined, undefined, itemOf(key));
    const two = scanStart(ranged, undefined, undefined, itemOf({ ...key, s: { N: '2' } }));
    expect(compareBytes(one, two)).toBe(-1);
    const entry = scanStart(ranged, g, undefined, itemOf({ ...key, g: { S: 'x' } }));
    expect(entry.length).toBeGreaterThan(one.length);
  });

  test('must be in the segment', () => {
    const place = scanStart(ranged, undefined, undefined, itemOf(key));
    const mine = { segment: segmentOf(place, 8), total: 8 };
    expect(scanStart(ranged, undefined, mine, itemOf(key))).toEqual(place);
    const other = { segment: (mine.segment + 1) % 8, total: 8 };
    expect(() => scanStart(ranged, undefined, other, itemOf(key))).toThrow(
      `${start}: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. ` +
        `TotalSegments: 8 Segment: ${other.segment}`,
    );
  });
});

test('what is left is after the place, or before it in reverse', () => {
  const [from, at, to] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];
  expect(rangeAfter({ from, to }, at, false)).toEqual({ from: at, fromOpen: true, to });
  expect(rangeAfter({ from, to }, at, true)).toEqual({ from, to: at, toClosed: false });
});
