import { describe, expect, test } from 'vitest';
import { anyValue, type Known, holds, readConditions } from '../../src/access/condition.ts';

const leading = 'dynamodb:LeadingKeys';
const select = 'dynamodb:Select';
const variables = new Map([
  ['jwt:sub', ['ada']],
  ['jwt:level', ['7']],
  ['jwt:word', ['seven']],
  ['jwt:groups', ['red', 'blue']],
]);

/** Whether it holds in a statement that allows, and in one that denies. */
function judged(
  condition: object,
  facts: Readonly<Record<string, Known | undefined>>,
): readonly boolean[] {
  const known = new Map<string, Known>();
  for (const [name, one] of Object.entries(facts)) {
    if (one !== undefined) known.set(name.toLowerCase(), one);
  }
  return (['Allow', 'Deny'] as const).map((effect) =>
    readConditions(condition, 'c').every((one) => holds(one, known, variables, effect)),
  );
}

const yes = [true, true];
const no = [false, false];
/** What is in doubt is judged against the caller. */
const doubt = [false, true];

describe('operators', () => {
  const rows: readonly (readonly [string, string, Known | undefined, readonly boolean[]])[] = [
    ['StringEquals', 'COUNT', ['COUNT'], yes],
    ['StringEquals', 'COUNT', ['count'], no],
    ['StringEquals', 'C*', ['COUNT'], no],
    ['StringEquals', 'COUNT', undefined, no],
    ['StringEqualsIfExists', 'COUNT', undefined, yes],
    ['StringNotEquals', 'COUNT', ['COUNT'], no],
    ['StringNotEquals', 'COUNT', ['X'], yes],
    ['StringNotEquals', 'COUNT', undefined, yes],
    ['StringEqualsIgnoreCase', 'count', ['COUNT'], yes],
    ['StringNotEqualsIgnoreCase', 'count', ['COUNT'], no],
    ['StringLike', 'C*', ['COUNT'], yes],
    ['StringNotLike', 'C*', ['COUNT'], no],
    ['StringEquals', '${jwt:sub}', ['ada'], yes],
    ['StringEquals', '${jwt:absent}', ['ada'], doubt],
    ['StringNotEquals', '${jwt:absent}', ['ada'], doubt],
    ['NumericLessThan', '10', ['9'], yes],
    ['NumericLessThan', '10', ['10'], no],
    ['NumericLessThanEquals', '10', ['10.0'], yes],
    ['NumericGreaterThan', '${jwt:level}', ['8'], yes],
    ['NumericGreaterThanEquals', '${jwt:level}', ['6'], no],
    ['NumericEquals', '1e1', ['10'], yes],
    ['NumericNotEquals', '10', ['10'], no],
    ['NumericEquals', '10', ['ten'], doubt],
    ['NumericGreaterThan', '${jwt:word}', ['8'], doubt],
    ['NumericGreaterThan', '1${jwt:level}', ['99'], doubt],
    ['Bool', 'true', ['true'], yes],
    ['Bool', 'false', ['true'], no],
    ['Null', 'true', undefined, yes],
    ['Null', 'true', ['x'], no],
    ['Null', 'false', ['x'], yes],
    ['Null', 'false', anyValue, yes],
    ['Null', 'true', [], yes],
  ];
  test.each(rows)('%s %j of %j', (operator, value, known, expected) => {
    expect(judged({ [operator]: { [select]: value } }, { [select]: known })).toEqual(expected);
  });
});

describe('sets', () => {
  const rows: readonly (readonly [string, Known | undefined, readonly boolean[]])[] = [
    ['ForAllValues:StringEquals', ['ada'], yes],
    ['ForAllValues:StringEquals', ['ada', 'eve'], no],
    ['ForAllValues:StringEquals', undefined, yes],
    ['ForAllValues:StringEquals', [], yes],
    ['ForAllValues:StringEquals', anyValue, doubt],
    ['ForAnyValue:StringEquals', ['ada', 'eve'], yes],
    ['ForAnyValue:StringEquals', ['eve'], no],
    ['ForAnyValue:StringEquals', undefined, no],
    ['ForAnyValue:StringEquals', anyValue, doubt],
    ['ForAllValues:StringNotEquals', ['eve', 'bob'], yes],
    ['ForAllValues:StringNotEquals', ['ada', 'bob'], no],
    ['ForAnyValue:StringNotEquals', anyValue, doubt],
    ['ForAllValues:StringLike', anyValue, doubt],
  ];
  test.each(rows)('%s ada of %j', (operator, known, expected) => {
    expect(judged({ [operator]: { [leading]: 'ada' } }, { [leading]: known })).toEqual(expected);
  });

  test('every value is let by a star, and by nothing else', () => {
    const like = { 'ForAllValues:StringLike': { [leading]: ['x', '*'] } };
    expect(judged(like, { [leading]: anyValue })).toEqual(yes);
    const equals = { 'ForAllValues:StringEquals': { [leading]: '*' } };
    expect(judged(equals, { [leading]: anyValue })).toEqual(doubt);
  });

  test('a claim of several values is one of them, or none of them', () => {
    expect(judged({ StringEquals: { 'jwt:groups': 'blue' } }, {})).toEqual(yes);
    expect(judged({ StringNotEquals: { 'jwt:groups': 'blue' } }, {})).toEqual(no);
    expect(judged({ 'ForAllValues:StringEquals': { 'jwt:groups': 'blue' } }, {})).toEqual(no);
  });
});

test('all keys of all operators must hold', () => {
  const condition = {
    'ForAllValues:StringEquals': { [leading]: 'ada', 'dynamodb:Attributes': ['id', 'text'] },
    StringEqualsIfExists: { [select]: 'SPECIFIC_ATTRIBUTES' },
  };
  const facts = { [leading]: ['ada'], 'dynamodb:Attributes': ['id'] };
  expect(judged(condition, facts)).toEqual(yes);
  expect(judged(condition, { ...facts, [select]: ['COUNT'] })).toEqual(no);
  expect(judged(condition, { ...facts, 'dynamodb:Attributes': ['id', 'pay'] })).toEqual(no);
});

test('a claim of the caller is not to be had from the call', () => {
  expect(judged({ StringEquals: { 'jwt:sub': 'ada' } }, {})).toEqual(yes);
  expect(judged({ StringEquals: { 'jwt:absent': 'ada' } }, {})).toEqual(no);
});

describe('the sort key', () => {
  const like = (value: unknown): object => ({ StringLike: { 'tidetable:SortKey': value } });
  const rows: readonly (readonly [string, unknown, Known, readonly boolean[]])[] = [
    ['one that begins so', 'note#*', ['note#1'], yes],
    ['another', 'note#*', ['task#1'], no],
    ['any', 'note#*', anyValue, doubt],
    ['any, where all will do', '*', anyValue, yes],
    ['a part of it', 'note#*', { beginsWith: 'note#2026' }, yes],
    ['the same part', 'note#*', { beginsWith: 'note#' }, yes],
    ['more than it', 'note#*', { beginsWith: 'no' }, doubt],
    ['a part that it does not meet', 'note#*', { beginsWith: 'task' }, no],
    ['a part of one of them', ['a*', 'b*'], { beginsWith: 'bc' }, yes],
    ['of the token', '${jwt:sub}#*', { beginsWith: 'ada#1' }, yes],
    ['of a token that lacks it', '${jwt:absent}#*', { beginsWith: 'ada#1' }, doubt],
  ];
  test.each(rows)('%s', (_, value, known, expected) => {
    expect(judged(like(value), { 'tidetable:SortKey': known })).toEqual(expected);
  });

  test.each([
    ['StringLike', 'note'],
    ['StringLike', 'a*b'],
    ['StringLike', 'a*b*'],
    ['StringLike', 'a?*'],
    ['StringEquals', 'note#*'],
    ['StringNotLike', 'note#*'],
    ['StringLikeIfExists', 'note#*'],
    ['ForAllValues:StringLike', 'note#*'],
  ])('with %s of %s is no range', (operator, value) => {
    const condition = { [operator]: { 'tidetable:SortKey': value } };
    expect(() => readConditions(condition, 'c')).toThrow(
      'takes StringLike, and texts with one * at their end',
    );
  });
});
