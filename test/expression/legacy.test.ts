import { describe, expect, test } from 'vitest';
import type { ExpressionInput } from '../../src/expression/request.ts';
import type { Condition } from '../../src/expression/condition.ts';
import { toPlain } from '../../src/value/plain.ts';
import { item, parse, refusalOf } from './fixture.ts';

type Expected = NonNullable<ExpressionInput['Expected']>;
type Filter = NonNullable<ExpressionInput['ScanFilter']>;
type Element = Expected[string];

const stored = item({
  s: 'hello',
  n: 5,
  l: [1, 'x'],
  ss: new Set(['u']),
  ns: new Set([1]),
  z: null,
  'a.b': 1,
});

function expected(of: Expected, ConditionalOperator?: string): Condition {
  return parse('PutItem', { Expected: of, ConditionalOperator }).condition as Condition;
}

describe('an operator of Expected and of filters', () => {
  test.each<[string, string, unknown[], boolean]>([
    ['n', 'EQ', [5], true],
    ['n', 'EQ', ['5'], false],
    ['q', 'EQ', [5], false],
    ['ss', 'EQ', [new Set(['u'])], true],
    ['n', 'NE', [6], true],
    ['n', 'NE', [5], false],
    ['q', 'NE', [5], true],
    ['n', 'LE', [5], true],
    ['n', 'LT', [5], false],
    ['n', 'GE', [5], true],
    ['n', 'GT', [4], true],
    ['n', 'GT', ['4'], false],
    ['q', 'LT', [4], false],
    ['n', 'BETWEEN', [5, 6], true],
    ['n', 'BETWEEN', [6, 7], false],
    ['n', 'BETWEEN', [5, 5], true],
    ['n', 'IN', [1, 5], true],
    ['n', 'IN', [1, 2], false],
    ['n', 'IN', [5, 5], true],
    ['q', 'IN', [1], false],
    ['s', 'BEGINS_WITH', ['he'], true],
    ['s', 'BEGINS_WITH', ['lo'], false],
    ['q', 'BEGINS_WITH', ['lo'], false],
    ['s', 'CONTAINS', ['ell'], true],
    ['ss', 'CONTAINS', ['u'], true],
    ['ns', 'CONTAINS', [1], true],
    ['l', 'CONTAINS', ['x'], true],
    ['q', 'CONTAINS', ['x'], false],
    ['s', 'NOT_CONTAINS', ['z'], true],
    ['s', 'NOT_CONTAINS', ['ell'], false],
    ['l', 'NOT_CONTAINS', [1], false],
    ['q', 'NOT_CONTAINS', ['x'], false],
    ['q', 'NULL', [], true],
    ['z', 'NULL', [], false],
    ['z', 'NOT_NULL', [], true],
    ['q', 'NOT_NULL', [], false],
    ['a.b', 'EQ', [1], true],
    ['l[0]', 'NOT_NULL', [], false],
  ])('%s %s %j is %s', (name, operator, list, holds) => {
    const element = { ComparisonOperator: operator, AttributeValueList: list } as Filter[string];
    expect(expected({ [name]: element }).holds(stored)).toBe(holds);
    const { filter } = parse('Scan', { ScanFilter: { [name]: element } });
    expect(filter?.holds(stored)).toBe(holds);
    expect([...(filter?.roots ?? [])]).toEqual([name]);
  });
});

describe('Expected without an operator', () => {
  test.each<[string, Element, boolean]>([
    ['n', { Value: 5 }, true],
    ['n', { Value: 6 }, false],
    ['q', { Value: 6 }, false],
    ['n', { Value: 5, Exists: true }, true],
    ['q', { Exists: false }, true],
    ['n', { Exists: false }, false],
  ])('%s %j is %s', (name, element, holds) => {
    expect(expected({ [name]: element }).holds(stored)).toBe(holds);
  });

  test('joins its elements with AND, or as ConditionalOperator says', () => {
    const two: Expected = { n: { Value: 5 }, s: { Value: 'no' } };
    expect(expected(two).holds(stored)).toBe(false);
    expect(expected(two, 'AND').holds(stored)).toBe(false);
    expect(expected(two, 'OR').holds(stored)).toBe(true);
  });

  test('is no condition when it is empty', () => {
    expect(parse('PutItem', { Expected: {} })).toEqual({});
    expect(parse('Scan', { ScanFilter: {} })).toEqual({});
  });
});

describe('a refusal', () => {
  const invalid = 'One or more parameter values were invalid: ';
  const value = 'Value must be provided when Exists is';
  test.each<[Element, string]>([
    [
      { Value: 1, AttributeValueList: [1] },
      `${invalid}Value and AttributeValueList cannot be used together for Attribute: a`,
    ],
    [
      { Exists: true, ComparisonOperator: 'EQ', Value: 1 },
      `${invalid}Exists and ComparisonOperator cannot be used together for Attribute: a`,
    ],
    [
      { ComparisonOperator: 'GE' },
      `${invalid}Value or AttributeValueList must be used with ` +
        'ComparisonOperator: GE for Attribute: a',
    ],
    [
      { ComparisonOperator: 'EQ', AttributeValueList: [] },
      `${invalid}Invalid number of argument(s) for the EQ ComparisonOperator`,
    ],
    [
      { ComparisonOperator: 'NULL', Value: 1 },
      `${invalid}Invalid number of argument(s) for the NULL ComparisonOperator`,
    ],
    [
      { ComparisonOperator: 'BETWEEN', Value: 1 },
      `${invalid}Invalid number of argument(s) for the BETWEEN ComparisonOperator`,
    ],
    [
      { ComparisonOperator: 'IN', AttributeValueList: [] },
      `${invalid}Invalid number of argument(s) for the IN ComparisonOperator`,
    ],
    [
      { AttributeValueList: [1] },
      `${invalid}AttributeValueList can only be used with a ComparisonOperator for Attribute: a`,
    ],
    [
      { ComparisonOperator: 'IN', AttributeValueList: [1, 'x'] },
      `${invalid}AttributeValues inside AttributeValueList must be of same type`,
    ],
    [
      { ComparisonOperator: 'LT', Value: new Set(['x']) },
      `${invalid}ComparisonOperator LT is not valid for SS AttributeValue type`,
    ],
    [
      { ComparisonOperator: 'IN', Value: true },
      `${invalid}ComparisonOperator IN is not valid for BOOL AttributeValue type`,
    ],
    [
      { ComparisonOperator: 'CONTAINS', Value: [] },
      `${invalid}ComparisonOperator CONTAINS is not valid for L AttributeValue type`,
    ],
    [
      { ComparisonOperator: 'BEGINS_WITH', Value: 1 },
      `${invalid}ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type`,
    ],
    [
      { ComparisonOperator: 'BETWEEN', AttributeValueList: [2, 1] },
      'The BETWEEN condition was provided a range where ' +
        'the lower bound is greater than the upper bound',
    ],
    [{}, `${invalid}${value} null for Attribute: a`],
    [{ Exists: true }, `${invalid}${value} true for Attribute: a`],
    [
      { Exists: false, Value: 1 },
      `${invalid}Value cannot be used when Exists is false for Attribute: a`,
    ],
  ])('of %j: %s', (element, message) => {
    expect(refusalOf(() => expected({ a: element }))).toBe(message);
  });

  const single =
    'ConditionalOperator can only be used when Filter or Expected has two or more elements';
  const alone = 'ConditionalOperator cannot be used without Filter or Expected';
  test.each<[ExpressionInput, string]>([
    [{ Expected: { a: { Value: 1 } }, ConditionalOperator: 'OR' }, single],
    [{ ConditionalOperator: 'OR' }, alone],
    [{ Expected: {}, ConditionalOperator: 'AND' }, alone],
  ])('of %j: %s', (input, message) => {
    expect(refusalOf(() => parse('DeleteItem', input))).toBe(message);
  });

  test('of a filter without values counts them', () => {
    const filter: Filter = { a: { ComparisonOperator: 'EQ' } };
    expect(refusalOf(() => parse('Scan', { ScanFilter: filter }))).toBe(
      `${invalid}Invalid number of argument(s) for the EQ ComparisonOperator`,
    );
  });
});

describe('KeyConditions', () => {
  test('become terms, unsupported operators by their own name', () => {
    const { keyCondition } = parse('Query', {
      KeyConditions: {
        pk: { ComparisonOperator: 'EQ', AttributeValueList: ['x'] },
        'a.b': { ComparisonOperator: 'BETWEEN', AttributeValueList: [1, 2] },
        c: { ComparisonOperator: 'BEGINS_WITH', AttributeValueList: ['x'] },
        d: { ComparisonOperator: 'LE', AttributeValueList: ['x'] },
        e: { ComparisonOperator: 'NE', AttributeValueList: ['x'] },
        f: { ComparisonOperator: 'NULL' },
      },
    });
    const shown = keyCondition?.terms.map(
      (term) => `${term.name} ${term.operator} ${term.values.map(toPlain).join()}`,
    );
    expect(shown).toEqual([
      'pk = x',
      'a.b BETWEEN 1,2',
      'c begins_with x',
      'd <= x',
      'e NE x',
      'f NULL ',
    ]);
    expect(keyCondition?.legacy).toBe(true);
  });

  test('are checked like filters', () => {
    const KeyConditions: Filter = {
      a: { ComparisonOperator: 'BETWEEN', AttributeValueList: [2, 1] },
    };
    expect(refusalOf(() => parse('Query', { KeyConditions }))).toContain(
      'The BETWEEN condition was provided a range',
    );
  });
});

describe('null as a value of Expected', () => {
  test.each<[Element, boolean]>([
    [{ Value: null }, true],
    [{ Value: null, Exists: true }, true],
    [{ Value: null, ComparisonOperator: 'NE' }, false],
    [{ AttributeValueList: [null], ComparisonOperator: 'EQ' }, true],
  ])('%j compares with NULL', (z, holds) => {
    expect(expected({ z }).holds(stored)).toBe(holds);
    expect(expected({ n: z }).holds(stored)).toBe(!holds);
  });
});
