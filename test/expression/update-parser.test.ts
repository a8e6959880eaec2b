import { describe, expect, test } from 'vitest';
import { parseProjectionText, parseUpdateText } from '../../src/expression/update-parser.ts';
import { refusalOf } from './fixture.ts';

describe('an update', () => {
  test.each([
    ['SET a = :v', 'SET a'],
    ['set a=:v,b=:w remove c , d', 'SET a, SET b, REMOVE c, REMOVE d'],
    ['DELETE s :s ADD n :n SET a.b[1] = c', 'DELETE s, ADD n, SET a/b/1'],
    ['SET a = (b + :v)', 'SET a'],
    ['SET a = if_not_exists(b, if_not_exists(c, :v)) + :w', 'SET a'],
    ['SET a = list_append(if_not_exists(a, :e), :l)', 'SET a'],
    ['SET a = if_not_exists(b, :v) - if_not_exists(c, :w)', 'SET a'],
  ])('%j has its actions', (text, actions) => {
    const shown = parseUpdateText(text).actions.map(
      ({ section, path }) => `${section} ${path.steps.join('/')}`,
    );
    expect(shown.join(', ')).toBe(actions);
  });

  test.each([
    'a = :v',
    'SET',
    'SET a',
    'SET a =',
    'SET a = :v,',
    'SET a = :v b = :w',
    'SET a = b + c + d',
    'SET a = b - c + d',
    'SET a = f(x + y)',
    'SET a = if_not_exists(a, b + c)',
    'SET :v = a',
    'SET a = b = c',
    'SET a = b * c',
    'SET a = ()',
    'SET a = (:v',
    'REMOVE',
    'REMOVE a = :v',
    'REMOVE :v',
    'ADD a',
    'ADD a = :v',
    'ADD a b',
    'DELETE a list_append(b, c)',
    'SET a = :v;',
    'SET remove = :v',
    'SET a = set(b)',
    'ADD a.Between :v',
    'PUT a = :v',
    '!!',
  ])('%j is a syntax error', (text) => {
    expect(refusalOf(() => parseUpdateText(text))).toContain(
      'Invalid UpdateExpression: Syntax error; token: "',
    );
  });

  test.each([
    ['SET a = ((:v))', 'The expression has redundant parentheses;'],
    ['SET a = :v SET b = foo(c)', 'Invalid function name; function: foo'],
    ['SET a = :v SET b = :w', 'The "SET" section can only be used once in an update expression;'],
    ['remove a remove b', 'The "REMOVE" section can only be used once in an update expression;'],
    ['SET a = foo(name)', 'Attribute name is a reserved keyword; reserved keyword: name'],
    ['SET a.values = :v', 'Attribute name is a reserved keyword; reserved keyword: values'],
    ['ADD #a.count :v', 'Attribute name is a reserved keyword; reserved keyword: count'],
    ['REMOVE a[9999999999]', 'List index is not within the allowable range; index: [9999999999]'],
  ])('%j: %s', (text, tail) => {
    expect(refusalOf(() => parseUpdateText(text))).toBe(`Invalid UpdateExpression: ${tail}`);
  });
});

describe('limits of an update', () => {
  const sums = (count: number): string =>
    `SET ${Array.from({ length: count }, (_, at) => `a${at}=b+c`).join()}`;
  test('300 operators are allowed, one more is not', () => {
    expect(refusalOf(() => parseUpdateText(sums(300)))).toBe('no refusal');
    expect(refusalOf(() => parseUpdateText(sums(301)))).toBe(
      'Invalid UpdateExpression: The expression contains too many operators; operator count: 301',
    );
  });

  test.each([
    ['parentheses', `SET a = ${'('.repeat(1500)}:v${')'.repeat(1500)}`],
    ['open parentheses', `SET a = ${'('.repeat(4000)}`],
    ['calls', `SET a = ${'f('.repeat(1000)}b${')'.repeat(1000)}`],
  ])('%s without end are refused', (_, text) => {
    expect(refusalOf(() => parseUpdateText(text))).toContain(
      'Invalid UpdateExpression: The expression ',
    );
  });
});

describe('a projection', () => {
  test('is paths with commas between them', () => {
    const { paths, names } = parseProjectionText('a , b.c[1],#d');
    expect(paths.map(({ steps }) => steps)).toEqual([['a'], ['b', 'c', 1], ['#d']]);
    expect([...names]).toEqual(['#d']);
  });

  test.each(['a,', ',a', 'a b', 'a, :v', 'size(a)', '!!', 'a = b', '(a)'])(
    '%j is a syntax error',
    (text) => {
      expect(refusalOf(() => parseProjectionText(text))).toContain(
        'Invalid ProjectionExpression: Syntax error; token: "',
      );
    },
  );

  test('may not name a reserved word', () => {
    expect(refusalOf(() => parseProjectionText('a.all'))).toBe(
      'Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: all',
    );
  });
});
