import { describe, expect, test } from 'vitest';
import {
  checkText,
  isConditionFunction,
  isUpdateFunction,
  TokenReader,
} from '../../src/expression/token-reader.ts';
import { refusalOf } from './fixture.ts';

describe('a path', () => {
  test.each([
    ['a', ['a']],
    ['a . b [ 0 ]\n. #c', ['a', 'b', 0, '#c']],
    ['any.sets', ['any', 'sets']],
    ['#a[007]', ['#a', 7]],
  ])('%j has its steps', (text, steps) => {
    const reader = new TokenReader('Projection', text);
    expect(reader.path().steps).toEqual(steps);
    expect(reader.done).toBe(true);
  });

  test.each([
    '',
    '.a',
    'a.',
    'a[',
    'a[]',
    'a[:v]',
    'a[-1]',
    'a[0',
    'a.[0]',
    '_a',
    '1',
    ':v',
    'set',
    'a.And',
  ])('%j is none', (text) => {
    const reader = new TokenReader('Projection', text);
    expect(refusalOf(() => reader.path())).toContain('Syntax error; ');
  });

  test('of 32 levels is allowed, of 33 is not', () => {
    const levels = (count: number): string => Array(count).fill('a').join('.');
    const check = (text: string): string =>
      refusalOf(() => {
        const reader = new TokenReader('Projection', text);
        reader.path();
        reader.checkLimits();
      });
    expect(check(levels(32))).toBe('no refusal');
    expect(check(levels(33))).toBe(
      'Invalid ProjectionExpression: The document path has too many nesting levels; ' +
        'nesting levels: 33',
    );
    expect(check('a[99999999999]')).toBe(
      'Invalid ProjectionExpression: List index is not within the allowable range; ' +
        'index: [99999999999]',
    );
  });
});

describe('a syntax error', () => {
  test.each([
    ['INVALID SYNTAX', 0, 'token: "INVALID", near: "INVALID SYNTAX"'],
    ['!!', 0, 'token: "!", near: "!!"'],
    ['a  = b', 1, 'token: "=", near: "a  = b"'],
    ['a = ', 2, 'token: "<EOF>", near: "= "'],
    ['', 0, 'token: "<EOF>", near: ""'],
  ])('in %j at token %d names it with its neighbours', (text, at, tail) => {
    const reader = new TokenReader('Update', text);
    for (let taken = 0; taken < at; taken += 1) reader.advance();
    expect(refusalOf(() => reader.fail())).toBe(`Invalid UpdateExpression: Syntax error; ${tail}`);
  });
});

describe('the text', () => {
  test.each(['', ' ', '\t\r\n'])('%j is empty', (text) => {
    expect(refusalOf(() => checkText('Filter', text, 10))).toBe(
      'Invalid FilterExpression: The expression can not be empty;',
    );
  });

  test('is measured in bytes before anything else', () => {
    expect(refusalOf(() => checkText('Filter', 'éé', 4))).toBe('no refusal');
    expect(refusalOf(() => checkText('Filter', ' é é ', 6))).toBe(
      'Invalid FilterExpression: Expression size has exceeded the maximum allowed size; ' +
        'expression size: 7',
    );
  });
});

test('a function belongs to conditions or to updates', () => {
  expect(isConditionFunction('size')).toBe(true);
  expect(isConditionFunction('Size')).toBe(false);
  expect(isUpdateFunction('list_append')).toBe(true);
  expect(isUpdateFunction('size')).toBe(false);
});

test('keywords are words of any letter case', () => {
  const reader = new TokenReader('Update', 'sEt x');
  expect(reader.section).toBe('SET');
  expect(reader.takeWord('SET')).toBe(true);
  expect(reader.section).toBeUndefined();
});
