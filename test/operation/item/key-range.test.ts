import { describe, expect, test } from 'vitest';
import { compareBytes } from '../../../src/base/bytes.ts';
import type { KeyTerm } from '../../../src/expression/key-condition.ts';
import { keyRange } from '../../../src/operation/item/key-range.ts';
import { joinKey } from '../../../src/value/key.ts';
import type { KeyValue } from '../../../src/value/value.ts';
import { keys } from '../../support/tables.ts';

const s = (value: string): KeyValue => ({ type: 'S', value });
const n = (value: string): KeyValue => ({ type: 'N', value });
const term = (name: string, operator: KeyTerm['operator'], ...values: KeyValue[]): KeyTerm => ({
  name,
  operator,
  values,
});
const schema = keys('p:S', 's:N');
const text = keys('p:S', 's:S');
const p = term('p', '=', s('x'));

/** The sort keys among `all` that a condition lets pass. */
function among(of: typeof schema, all: readonly KeyValue[], ...terms: KeyTerm[]): string[] {
  const { range } = keyRange(of, { terms: [p, ...terms], legacy: false });
  return all
    .filter((value) => {
      const key = joinKey([s('x')], [value]);
      const isAfter = range.from === undefined || compareBytes(key, range.from) >= 0;
      return isAfter && (range.to === undefined || compareBytes(key, range.to) < 0);
    })
    .map(({ value }) => String(value));
}

describe('a range', () => {
  const numbers = ['-10', '-1', '0', '0.5', '1', '10'].map(n);
  test.each([
    [[], ['-10', '-1', '0', '0.5', '1', '10']],
    [[term('s', '=', n('0'))], ['0']],
    [[term('s', '<', n('0'))], ['-10', '-1']],
    [[term('s', '<=', n('0'))], ['-10', '-1', '0']],
    [[term('s', '>', n('0.5'))], ['1', '10']],
    [[term('s', '>=', n('0.5'))], ['0.5', '1', '10']],
    [[term('s', 'BETWEEN', n('-1'), n('0.5'))], ['-1', '0', '0.5']],
    [[term('s', 'BETWEEN', n('2'), n('3'))], []],
  ])('of numbers by %j', (terms, passed) => {
    expect(among(schema, numbers, ...terms)).toEqual(passed);
  });

  const texts = ['A', 'a', 'a\u0000', 'a\u0000b', 'ab', 'b', '\u{10ffff}'].map(s);
  test.each([
    [term('s', 'begins_with', s('a')), ['a', 'a\u0000', 'a\u0000b', 'ab']],
    [term('s', 'begins_with', s('a\u0000')), ['a\u0000', 'a\u0000b']],
    [term('s', '>', s('a')), ['a\u0000', 'a\u0000b', 'ab', 'b', '\u{10ffff}']],
    [term('s', '<=', s('a\u0000')), ['A', 'a', 'a\u0000']],
  ])('of texts by %j', (one, passed) => {
    expect(among(text, texts, one)).toEqual(passed);
  });

  test('stays inside its partition', () => {
    const { range } = keyRange(schema, { terms: [p, term('s', '>', n('0'))], legacy: false });
    const { range: all } = keyRange(schema, { terms: [p], legacy: false });
    expect(range.to).toEqual(all.to);
  });

  test('is whole when every key attribute has its value', () => {
    const whole = (...terms: KeyTerm[]): boolean =>
      keyRange(schema, { terms: [p, ...terms], legacy: false }).isWhole;
    expect(whole(term('s', '=', n('1')))).toBe(true);
    expect(whole(term('s', '>=', n('1')))).toBe(false);
    expect(whole()).toBe(false);
    expect(keyRange(keys('p:S'), { terms: [p], legacy: false }).isWhole).toBe(true);
  });
});

describe('a condition is refused', () => {
  const invalid = 'One or more parameter values were invalid: ';
  // In the order of judgement: each row has the faults of those below it too.
  const rows: readonly [string, readonly KeyTerm[], string][] = [
    [
      'for the number of its terms',
      [term('q', '<', n('1')), term('s', '=', s('')), term('r', '=', n('1'))],
      'The number of query conditions (3) exceeds the number of key attributes defined in the ' +
        'schema (2)',
    ],
    [
      'for a missing hash',
      [term('q', '<', n('1')), term('s', '=', s(''))],
      'Query condition missed key schema element: p',
    ],
    [
      'for a missing range',
      [term('p', '<', n('1')), term('q', '=', s(''))],
      'Query condition missed key schema element: s',
    ],
    [
      'for an operator',
      [term('p', '<', n('1')), term('s', '=', s(''))],
      'Query key condition not supported',
    ],
    [
      'for a type',
      [term('p', '=', s('')), term('s', '=', s('1'))],
      `${invalid}Condition parameter type does not match schema type`,
    ],
    [
      'for an empty value',
      [term('p', '=', s('')), term('s', '=', n('1'))],
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
        'contain an empty string value. Key: p',
    ],
    [
      'for the size of a value',
      [term('p', '=', s('x'.repeat(2049)))],
      `${invalid}Size of hashkey has exceeded the maximum size limit of2048 bytes`,
    ],
  ];
  test.each(rows)('%s', (_, terms, message) => {
    expect(() => keyRange(schema, { terms, legacy: false })).toThrow(
      expect.objectContaining({ name: 'ValidationException', message }),
    );
  });

  test.each(['NE', 'IN', 'CONTAINS', 'NOT_CONTAINS', 'NULL', 'NOT_NULL'] as const)(
    'for the legacy operator %s',
    (operator) => {
      const terms = [p, term('s', operator, n('1'))];
      expect(() => keyRange(schema, { terms, legacy: true })).toThrow(
        'Attempted conditional constraint is not an indexable operation',
      );
    },
  );
});
