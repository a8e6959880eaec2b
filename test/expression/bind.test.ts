import { describe, expect, test } from 'vitest';
import { condition, refusalOf } from './fixture.ts';

const values = {
  s: 'x',
  s2: 'y',
  n: 1,
  n2: 2,
  one: 1,
  bool: true,
  null: null,
  b: new Uint8Array([1]),
  b2: new Uint8Array([2]),
  l: ['x'],
  m: { k: 'v' },
  ss: new Set(['x']),
  ns: new Set([1]),
  bs: new Set([new Uint8Array([1])]),
  SS: 'SS',
};
const names = { a: 'a', r: 'size' };

function message(text: string): string {
  return refusalOf(() => condition(text, values, names));
}

const type = (operator: string, operand: string): string =>
  'Incorrect operand type for operator or function; ' +
  `operator or function: ${operator}, operand type: ${operand}`;
const count = (operator: string, operands: number): string =>
  'Incorrect number of operands for operator or function; ' +
  `operator or function: ${operator}, number of operands: ${operands}`;
const distinct = (operator: string, first: string): string =>
  'The first operand must be distinct from the remaining operands for this operator or function; ' +
  `operator: ${operator}, first operand: ${first}`;
const path = (operator: string): string =>
  `Operator or function requires a document path; operator or function: ${operator}`;
const between = (rule: string, lower: string, upper: string): string =>
  `The BETWEEN operator requires ${rule}; lower bound operand: AttributeValue: ${lower}, ` +
  `upper bound operand: AttributeValue: ${upper}`;
const sameType = 'same data type for lower and upper bounds';
const ascending = 'upper bound to be greater than or equal to lower bound';
const undefinedName =
  'An expression attribute name used in the document path is not defined; attribute name: ';
const undefinedValue =
  'An expression attribute value used in expression is not defined; attribute value: ';

describe('a condition is refused', () => {
  test.each([
    ['#x = :s', `${undefinedName}#x`],
    ['a.#x = :s', `${undefinedName}#x`],
    ['a = :x', `${undefinedValue}:x`],
    // Operand counts.
    ['attribute_exists(a, b)', count('attribute_exists', 2)],
    ['attribute_not_exists(a, b)', count('attribute_not_exists', 2)],
    ['attribute_type(a)', count('attribute_type', 1)],
    ['begins_with(a)', count('begins_with', 1)],
    ['contains(a, b, c)', count('contains', 3)],
    ['size(a, b) = :n', count('size', 2)],
    // Paths.
    ['attribute_exists(:s)', path('attribute_exists')],
    ['attribute_not_exists(:s)', path('attribute_not_exists')],
    // Identical operands.
    ['a = a', distinct('=', '[a]')],
    ['a.b[1] <> a.b[1]', distinct('<>', '[a, b, [1]]')],
    ['#a < a', distinct('<', '[a]')],
    [':s = :s', distinct('=', 'AttributeValue: {S:x}')],
    [':n = :one', distinct('=', 'AttributeValue: {N:1}')],
    ['contains(a, a)', distinct('contains', '[a]')],
    ['a IN (b, a)', distinct('IN', '[a]')],
    ['a BETWEEN :n AND a', distinct('BETWEEN', '[a]')],
    // Types of ordering operands.
    ['a < :bool', type('<', 'BOOL')],
    ['a <= :null', type('<=', 'NULL')],
    [':l > a', type('>', 'L')],
    ['a >= :m', type('>=', 'M')],
    ['a < :ss', type('<', 'SS')],
    ['a < :ns', type('<', 'NS')],
    ['a < :bs', type('<', 'BS')],
    ['a BETWEEN :bool AND :n', type('BETWEEN', 'BOOL')],
    [':l BETWEEN a AND b', type('BETWEEN', 'L')],
    ['a BETWEEN :n AND :s', between(sameType, '{N:1}', '{S:x}')],
    ['a BETWEEN :n2 AND :n', between(ascending, '{N:2}', '{N:1}')],
    ['a BETWEEN :s2 AND :s', between(ascending, '{S:y}', '{S:x}')],
    // Types of function operands.
    ['begins_with(a, :n)', type('begins_with', 'N')],
    ['begins_with(:n, a)', type('begins_with', 'N')],
    ['begins_with(a, :ss)', type('begins_with', 'SS')],
    ['contains(:n, a)', type('contains', 'N')],
    ['contains(:m, a)', type('contains', 'M')],
    ['contains(:bool, a)', type('contains', 'BOOL')],
    ['size(:n) = :n', type('size', 'N')],
    ['size(:bool) = :n', type('size', 'BOOL')],
    ['begins_with(a, size(b))', type('begins_with', 'N')],
    ['contains(size(a), b)', type('contains', 'N')],
    ['size(:null) = :n', type('size', 'NULL')],
    ['size(size(a)) = :n', type('size', 'N')],
    ['attribute_type(a, :n)', type('attribute_type', 'N')],
    ['attribute_type(a, b)', type('attribute_type', '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}')],
    [
      'attribute_type(a, :s)',
      'Invalid attribute type name found; type: x, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}',
    ],
    // In the order of evaluation.
    ['begins_with(a, :n) AND #x = :s', type('begins_with', 'N')],
    ['contains(#x, :x, a)', `${undefinedName}#x`],
    ['contains(a, :x, a)', `${undefinedValue}:x`],
    ['size = :x', 'Attribute name is a reserved keyword; reserved keyword: size'],
  ])('%j: %s', (text, tail) => {
    expect(message(text)).toBe(`Invalid ConditionExpression: ${tail}`);
  });
});

describe('a condition is allowed', () => {
  test.each([
    ':s = :s2',
    ':n <> :s',
    'a = :bool AND a <> :m AND a IN (:null, :l, :ss, :ns, :bs)',
    'a < :s AND a <= :n AND a > :b',
    'a BETWEEN :n AND :n2 AND b BETWEEN :b AND :b2',
    'a BETWEEN :n AND :one',
    'a BETWEEN b AND c',
    'begins_with(a, :s) AND begins_with(:b, a)',
    'contains(:s, a) AND contains(:b, a) AND contains(:ss, a)',
    'contains(:ns, a) AND contains(:bs, a) AND contains(:l, a)',
    'contains(a, :n) OR contains(a, :bool) OR contains(a, :m)',
    'size(a) > size(b)',
    'size(:s) = :n AND size(:m) = :n',
    'attribute_type(a, :SS)',
    '#r = :s',
  ])('%j', (text) => {
    expect(message(text)).toBe('no refusal');
  });
});

describe('IN', () => {
  test.each([
    [100, 'no refusal'],
    [101, `Invalid ConditionExpression: ${count('IN', 102)}`],
  ])('with %d operands: %s', (length, expected) => {
    const operands = Array.from({ length }, (_, at) => `b${at}`).join();
    expect(message(`a IN (${operands})`)).toBe(expected);
  });
});
