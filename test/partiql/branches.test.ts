import { describe, expect, test } from 'vitest';
import type { BoundCondition } from '../../src/expression/bind.ts';
import { allOf, branchesOf, onlyKeyOf, writtenKeyOf } from '../../src/partiql/branches.ts';
import { compileStatement } from '../../src/partiql/compile.ts';
import { parseStatement } from '../../src/partiql/parser.ts';
import { itemToPlain } from '../../src/value/plain.ts';

const keys = ['p', 's'] as const;
function whereOf(text: string): BoundCondition {
  const compiled = compileStatement(parseStatement(`SELECT * FROM T WHERE ${text}`), []);
  return (compiled as { where: BoundCondition }).where;
}

/** `p value: terms on s (conditions left), ! when it excludes` for each branch. */
const shown = (text: string): readonly string[] | undefined =>
  branchesOf(whereOf(text), keys)?.map(({ hash, range, rest, excludes }) => {
    const terms = range.map(({ operator, values }) => operator + values.map((v) => v.value).join());
    return `${hash.value}:${terms.join('&')}(${rest.length})${excludes ? '!' : ''}`;
  });

describe('branches', () => {
  test.each<[string, readonly string[] | undefined]>([
    ["p = 'a'", ['a:(0)']],
    ["'a' = p AND 3 > s", ['a:<3(0)']],
    ["p = 'a' AND s = 1 AND n = 2", ['a:=1(1)']],
    ["p = 'a' AND s > 1 AND s < 5", ['a:>1&<5(0)']],
    ["p = 'a' AND s > 1 AND s > 1", ['a:>1(0)']],
    ["p = 'a' AND s BETWEEN 1 AND 2", ['a:BETWEEN1,2(0)']],
    ["p = 'a' AND begins_with(s, 'x')", ['a:begins_withx(0)']],
    ["p = 'a' AND begins_with('x', s)", ['a:(1)']],
    ["p = 'a' AND 1 BETWEEN s AND 2", ['a:(1)']],
    ["p IN ['a', 'b'] AND s IN [1, 2]", ['a:=1(0)', 'a:=2(0)', 'b:=1(0)', 'b:=2(0)']],
    ["p = 'a' OR p = 'b'", ['a:(0)', 'b:(0)']],
    ["(p = 'a' OR p = 'b') AND (s = 1 OR n = 1)", ['a:=1(0)', 'a:(1)', 'b:=1(0)', 'b:(1)']],
    ["p = 'a' AND (n = 1 OR m = 2)", ['a:(1)']],
    ["p = 'a' AND n IN [1, 2]", ['a:(1)']],
    ["p = 'a' AND s <> 1", ['a:(1)!']],
    ["p = 'a' AND NOT s IN [1]", ['a:(1)!']],
    ["p = 'a' AND NOT n = 1", ['a:(1)']],
    ["p = 'a' AND p = 'a'", ['a:(0)']],
    ["p = 'a' AND p = 'b'", []],
    ["p = 'a' AND p > 'A'", ['a:(1)']],
    ["p = 'a' AND p.x = 1", ['a:(1)']],
    ["p = 'a' AND size(s) = 1", ['a:(1)']],
    ["p = 'a' AND s = n", ['a:(1)']],
    ["p > 'a'", undefined],
    ['p = n', undefined],
    ['n = 1', undefined],
    ["p = 'a' OR n = 1", undefined],
    ["NOT p = 'a'", undefined],
    ["p IN ['a', n]", undefined],
  ])('of %s', (where, branches) => {
    expect(shown(where)).toEqual(branches);
  });

  test('are not without number', () => {
    const list = (count: number): string =>
      Array.from({ length: count }, (_, at) => `'${at}'`).join();
    expect(shown(`p IN [${list(50)}]`)).toHaveLength(50);
    expect(() => shown(`p IN [${list(25)}] AND s IN [1, 2, 3]`)).toThrow('Too many decomposed');
    expect(shown(`p IN [${list(51)}] OR n = 1`)).toBeUndefined();
    const pairs = Array.from({ length: 300 }, () => "(p = 'a' OR s = 1)").join(' AND ');
    expect(() => shown(`p = 'a' AND ${pairs}`)).toThrow('Too many decomposed');
  });
});

describe('the only key', () => {
  const only = (text: string, names: readonly [string, string?] = keys) => {
    const key = onlyKeyOf(whereOf(text), names);
    return key && itemToPlain(key);
  };
  test.each<[string, object | undefined]>([
    ["p = 'a' AND s = 1", { p: 'a', s: 1 }],
    ["s = 1 AND (p = 'a') AND p = 'a'", { p: 'a', s: 1 }],
    ["p = 'a' AND s IN [1]", undefined],
    ["p IN ('a') AND s = 1", undefined],
    ["p = 'a' AND s = 1 OR p = 'a' AND s = 1", undefined],
    ["p = 'a'", undefined],
    ["p = 'a' AND s > 1", undefined],
    ["p = 'a' AND s = 1 AND s < 2", undefined],
    ["p = 'a' AND s = 1 AND n = 1", undefined],
    ["p = 'a' AND s IN [1, 2]", undefined],
    ['s = 1', undefined],
  ])('of %s', (where, key) => {
    expect(only(where)).toEqual(key);
  });

  test('of a table without a sort key', () => {
    expect(only("p = 'a'", ['p'])).toEqual({ p: 'a' });
    expect(only("p = 'a' AND s = 1", ['p'])).toBeUndefined();
  });
});

describe('the key of a write', () => {
  test.each<[string, object, number, string | undefined]>([
    ["p = 'a' AND s = 1", { p: 'a', s: 1 }, 0, undefined],
    ["(p = 'a' AND n = 1) AND s = 1 AND s > 0", { p: 'a', s: 1 }, 2, undefined],
    ["p = 'a'", { p: 'a' }, 0, undefined],
    ["p IN ['a'] AND s = 1", { s: 1 }, 1, undefined],
    ["p = 'a' AND p = 'a'", { p: 'a' }, 0, undefined],
    ["p = 'a' AND p = 'b'", { p: 'a' }, 1, 'p'],
    ["p = 'a' OR p = 'b'", {}, 1, undefined],
  ])('%s', (where, key, rest, conflict) => {
    const written = writtenKeyOf(whereOf(where), keys);
    expect(itemToPlain(written.key)).toEqual(key);
    expect([written.rest.length, written.conflict]).toEqual([rest, conflict]);
  });

  test('is nothing without a condition', () => {
    expect(writtenKeyOf(undefined, keys)).toEqual({
      key: new Map(),
      rest: [],
      conflict: undefined,
    });
  });
});

test('conditions are joined only where there are several', () => {
  const one = whereOf('n = 1');
  expect([allOf([]), allOf([one])]).toEqual([undefined, one]);
  expect(allOf([one, one])).toEqual({ type: 'and', operands: [one, one] });
});
