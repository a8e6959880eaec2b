import { describe, expect, test } from 'vitest';
import { toPlain } from '../../src/value/plain.ts';
import type { KeyCondition } from '../../src/expression/key-condition.ts';
import { parse, placeholders, refusalOf } from './fixture.ts';

const values = { v: 'v', w: 'w', n: 1, bool: true };

function keys(text: string): KeyCondition {
  const input = { KeyConditionExpression: text, ...placeholders(text, values, { p: 'pk' }) };
  return parse('Query', input).keyCondition as KeyCondition;
}

function show({ terms }: KeyCondition): string {
  return terms
    .map((term) => `${term.name} ${term.operator} ${term.values.map(toPlain).join()}`)
    .join('; ');
}

describe('a key condition', () => {
  test.each([
    ['pk = :v', 'pk = v'],
    ['#p = :v AND sk < :w', 'pk = v; sk < w'],
    ['sk >= :w AND (pk = :v)', 'sk >= w; pk = v'],
    [':v = pk AND :w < sk', 'pk = v; sk > w'],
    [':w <= sk', 'sk >= w'],
    [':w > sk', 'sk < w'],
    [':w >= sk', 'sk <= w'],
    ['pk = :v AND sk BETWEEN :v AND :w', 'pk = v; sk BETWEEN v,w'],
    ['pk = :v AND begins_with(sk, :w)', 'pk = v; sk begins_with w'],
    ['(pk = :v) AND (sk = :w)', 'pk = v; sk = w'],
    ['a = :v AND (b = :v AND c = :w)', 'a = v; b = v; c = w'],
  ])('%s has the terms %s', (text, terms) => {
    expect(show(keys(text))).toBe(terms);
    expect(keys(text).legacy).toBe(false);
  });
});

describe('a key condition is refused', () => {
  const operator = 'Invalid operator used in KeyConditionExpression: ';
  const term = 'Invalid condition in KeyConditionExpression: ';
  test.each([
    ['pk = :v OR sk = :w', `${operator}OR`],
    ['NOT pk = :v', `${operator}NOT`],
    ['pk IN (:v)', `${operator}IN`],
    ['pk <> :v', `${operator}<>`],
    ['attribute_exists(pk)', `${operator}attribute_exists`],
    ['pk = :v AND attribute_not_exists(sk)', `${operator}attribute_not_exists`],
    ['contains(pk, :v)', `${operator}contains`],
    ['pk.a = :v', 'KeyConditionExpressions cannot have conditions on nested attributes'],
    [
      'pk = :v AND sk[0] = :w',
      'KeyConditionExpressions cannot have conditions on nested attributes',
    ],
    ['size(pk) = :n', 'KeyConditionExpressions cannot contain nested operations'],
    ['pk = b', `${term}Multiple attribute names used in one condition`],
    ['pk BETWEEN :v AND b', `${term}Multiple attribute names used in one condition`],
    [':v = :w', `${term}No key attribute specified`],
    [
      ':v BETWEEN a AND b',
      `${term}BETWEEN operator must have the key attribute as its first operand`,
    ],
    [
      'begins_with(:v, sk)',
      `${term}begins_with operator must have the key attribute as its first operand`,
    ],
    ['pk = :v AND pk = :w', 'KeyConditionExpressions must only contain one condition per key'],
    ['pk > :v AND pk < :w', 'KeyConditionExpressions must only contain one condition per key'],
    ['pk = :v AND #p = :w', 'KeyConditionExpressions must only contain one condition per key'],
    [
      'pk = :v AND begins_with(sk, :n)',
      'Invalid KeyConditionExpression: Incorrect operand type for operator or function; ' +
        'operator or function: begins_with, operand type: N',
    ],
    [
      'pk = :v AND sk < :bool',
      'Invalid KeyConditionExpression: Incorrect operand type for operator or function; ' +
        'operator or function: <, operand type: BOOL',
    ],
    [
      'sk BETWEEN :w AND :v',
      'Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be ' +
        'greater than or equal to lower bound; lower bound operand: AttributeValue: {S:w}, ' +
        'upper bound operand: AttributeValue: {S:v}',
    ],
    ['((pk = :v))', 'Invalid KeyConditionExpression: The expression has redundant parentheses;'],
    ['', 'Invalid KeyConditionExpression: The expression can not be empty;'],
    [
      'name = :v',
      'Invalid KeyConditionExpression: Attribute name is a reserved keyword; ' +
        'reserved keyword: name',
    ],
  ])('%j: %s', (text, message) => {
    expect(refusalOf(() => keys(text))).toBe(message);
  });
});
