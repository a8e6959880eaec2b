import { describe, expect, test } from 'vitest';
import type { Operand } from '../../src/expression/bind.ts';
import { compileCondition } from '../../src/expression/condition.ts';
import type { Value } from '../../src/value/value.ts';
import { condition, item, type Plain, worked } from './fixture.ts';

const values = {
  str: 'x',
  one: 1,
  two: 2,
  five: 5,
  six: 6,
  three: 3,
  four: 4,
  do: 'do',
  u: 'u',
  w: 'w',
  SS: 'SS',
  S: 'S',
  NULL: 'NULL',
  ss: new Set(['u']),
  same: { y: { z: 2 }, x: 1 },
  set: new Set(['v', 'u']),
  true: true,
};

describe('the worked examples', () => {
  test.each([
    ['n < :str', false],
    ['#missing <> :str', true],
    ['NOT #missing = :str', true],
    ['n IN (:one, :five)', true],
    ['n BETWEEN :one AND t', false],
    ['contains(t, :do)', true],
    ['contains(a, :four)', true],
    ['contains(s, :u)', true],
    ['size(a) = :six', true],
    ['size(n) = :one', false],
    ['attribute_type(s, :SS)', true],
    ['a[1] = :three', true],
    ['attribute_exists(m.y.z) AND attribute_not_exists(m.y.q)', true],
    ['attribute_exists(t.x)', false],
    ['m = :same', true],
    ['n = :five', true],
  ])('%s is %s', (text, holds) => {
    // `missing` is a reserved word.
    expect(condition(text, values, { missing: 'missing' }).holds(worked)).toBe(holds);
  });
});

describe('the semantics', () => {
  const stored: Plain = {
    s: 'hello',
    n: 5,
    b: new Uint8Array([1, 2, 3]),
    t: true,
    z: null,
    l: [1, 'x', [1], new Set(['u'])],
    m: { k: 1 },
    ss: new Set(['u', 'v']),
    ns: new Set([1, 2]),
    bs: new Set([new Uint8Array([1]), new Uint8Array([2])]),
    e: [],
    lo: 1,
    hi: 9,
  };
  const given = {
    ...values,
    hell: 'hell',
    ll: 'll',
    half: '5.0',
    b12: new Uint8Array([1, 2]),
    b23: new Uint8Array([2, 3]),
    b1: new Uint8Array([1]),
    l1: [1],
    l2: [1, 'x'],
    zero: 0,
    N: 'N',
    B: 'B',
    BOOL: 'BOOL',
    L: 'L',
    M: 'M',
    NS: 'NS',
    BS: 'BS',
    nine: 9,
  };
  test.each([
    // A missing operand.
    ['q = :one', false],
    ['q = r', false],
    ['q <> r', true],
    ['q < :one', false],
    ['NOT q < :one', true],
    ['q BETWEEN :one AND :two', false],
    ['n BETWEEN q AND :nine', false],
    ['q IN (:one)', false],
    ['begins_with(q, :hell)', false],
    ['contains(q, :one)', false],
    ['contains(s, q)', false],
    ['size(q) = :zero', false],
    ['size(q) < :one', false],
    ['size(q) <> :one', false],
    [':one <> size(q)', false],
    ['NOT size(q) <> :one', true],
    ['size(n) <> :one', false],
    ['size(s) <> q', true],
    ['size(s) <> :one', true],
    // Types.
    ['s = :five', false],
    ['s <> :five', true],
    ['s < :five', false],
    ['t < z', false],
    ['l >= m', false],
    ['ss <= ns', false],
    ['ss = :set', true],
    // Order.
    ['n < :six AND n <= :five AND n > :four AND n >= :five', true],
    ['n < :five OR n > :five', false],
    ['b > :b12 AND b < :b23', true],
    ['n BETWEEN :five AND :five', true],
    ['n BETWEEN lo AND hi', true],
    ['n BETWEEN hi AND lo', false],
    [':five BETWEEN lo AND hi', true],
    ['n IN (:hell, :b12, lo, :five)', true],
    // Functions.
    ['begins_with(s, :hell)', true],
    ['begins_with(s, :ll)', false],
    ['begins_with(b, :b12)', true],
    ['begins_with(b, :b23)', false],
    ['begins_with(n, :hell)', false],
    ['begins_with(s, :b12)', false],
    ['contains(s, :ll)', true],
    ['contains(s, :five)', false],
    ['contains(b, :b23)', true],
    ['contains(b, :one)', false],
    ['contains(ns, :two)', true],
    ['contains(ns, :u)', false],
    ['contains(bs, :b1)', true],
    ['contains(bs, :b12)', false],
    ['contains(l, :l1)', true],
    ['contains(l, :l2)', false],
    ['contains(l, :ss)', true],
    ['contains(ss, :ss)', false],
    ['contains(m, :one)', false],
    ['contains(:l2, lo)', true],
    ['size(s) = :five', true],
    ['size(b) = :three', true],
    ['size(ss) = :two AND size(ns) = :two AND size(bs) = :two', true],
    ['size(l) = :four AND size(m) = :one AND size(e) = :zero', true],
    ['size(t) = :one OR size(z) = :one OR size(n) = :one', false],
    ['size(l) > size(m)', true],
    ['size(:u) = lo', true],
    ['attribute_exists(z) AND attribute_exists(e)', true],
    ['attribute_exists(l[3]) AND NOT attribute_exists(l[4])', true],
    ['attribute_exists(m[0]) OR attribute_exists(l.k)', false],
    ['attribute_type(s, :S) AND attribute_type(n, :N) AND attribute_type(b, :B)', true],
    ['attribute_type(t, :BOOL) AND attribute_type(z, :NULL)', true],
    ['attribute_type(l, :L) AND attribute_type(m, :M)', true],
    ['attribute_type(ns, :NS) AND attribute_type(bs, :BS)', true],
    ['attribute_type(q, :S) OR attribute_type(n, :S)', false],
    // Joining.
    ['t = :true OR n = :one AND n = :two', true],
    ['(t = :true OR n = :one) AND n = :two', false],
    ['NOT NOT t = :true', true],
    [':one = :two', false],
    [':one <> :two', true],
  ])('%s is %s', (text, holds) => {
    expect(condition(text, given).holds(item(stored))).toBe(holds);
  });
});

test('of an item that is missing every path is missing', () => {
  expect(condition('attribute_not_exists(p)').holds(undefined)).toBe(true);
  expect(condition('p = :u', values).holds(undefined)).toBe(false);
  expect(condition('p <> :u', values).holds(undefined)).toBe(true);
  expect(condition(':one < :two', values).holds(undefined)).toBe(true);
});

test('the size of a string counts UTF-16 units', () => {
  expect(condition('size(s) = :two', values).holds(item({ s: '😀' }))).toBe(true);
});

test('roots are the top-level names, resolved', () => {
  const { roots } = condition(
    '#a.b = :one AND NOT size(c[0]) = :two OR attribute_exists(d)',
    values,
    { a: 'x.y' },
  );
  expect([...roots].sort()).toEqual(['c', 'd', 'x.y']);
});

describe('IN', () => {
  const literal = (value: Value): Operand => ({ type: 'literal', value });
  const operand: Operand = { type: 'path', path: ['a'] };
  const inOf = (candidates: readonly Operand[]) =>
    compileCondition({ type: 'in', operand, candidates });
  const bytes = (...list: readonly number[]): Value => ({
    type: 'B',
    value: Uint8Array.of(...list),
  });
  const scalars: readonly Value[] = [
    { type: 'S', value: '1' },
    { type: 'N', value: '2' },
    bytes(1, 2),
    { type: 'BOOL', value: true },
  ];
  test.each<[Value, boolean]>([
    [{ type: 'S', value: '1' }, true],
    [{ type: 'N', value: '1' }, false],
    [{ type: 'S', value: 'N2' }, false],
    [{ type: 'N', value: '2' }, true],
    [bytes(1, 2), true],
    [bytes(0x10, 2), false],
    [{ type: 'S', value: '0102' }, false],
    [{ type: 'BOOL', value: true }, true],
    [{ type: 'S', value: 'true' }, false],
    [{ type: 'NULL', value: true }, false],
    [{ type: 'L', value: [] }, false],
  ])('finds scalars by type and value: %# %s', (value, holds) => {
    const condition = inOf(scalars.map(literal));
    expect(condition.holds(new Map([['a', value]]))).toBe(holds);
    expect(condition.holds(new Map())).toBe(false);
  });

  test('of any number of scalars costs one comparison, of others one for each', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => literal({ type: 'N', value: `${at}` }));
    expect(inOf(many).cost).toBe(1);
    const list: Value = { type: 'L', value: [] };
    expect(inOf([...many, literal(list), { type: 'path', path: ['b'] }]).cost).toBe(3);
    expect(inOf([literal(list)]).holds(new Map([['a', list]]))).toBe(true);
  });
});

describe('what a filter costs', () => {
  const literal = (value: Value): Operand => ({ type: 'literal', value });
  const path: Operand = { type: 'path', path: ['a'] };
  const text = (length: number): Value => ({ type: 'S', value: 'x'.repeat(length) });
  const list = (length: number): Value => ({
    type: 'L',
    value: Array.from({ length }, (_, at): Value => ({ type: 'N', value: `${at}` })),
  });
  const costOf = (operand: Operand, part: Operand) =>
    compileCondition({ type: 'contains', operand, part }).cost;

  test('is a comparison, and the pieces of the values given', () => {
    expect(costOf(path, literal(text(10)))).toBe(1);
    expect(costOf(path, literal(text(6400)))).toBe(101);
    expect(costOf(literal(text(6400)), path)).toBe(101);
  });

  test('grows not with a list in which scalars are looked up', () => {
    expect(costOf(literal(list(10_000)), path)).toBe(1);
    const within = compileCondition({ type: 'contains', operand: literal(list(9)), part: path });
    const holds = (value: Value) => within.holds(new Map([['a', value]]));
    expect(holds({ type: 'N', value: '8' })).toBe(true);
    expect(holds({ type: 'N', value: '9' })).toBe(false);
    expect(holds({ type: 'S', value: '8' })).toBe(false);
    expect(holds(list(9))).toBe(false);
  });

  test('what speaks of no item is asked once', () => {
    let read = 0;
    const value: Value = {
      type: 'M',
      get value() {
        read += 1;
        return new Map([['k', text(1)]]);
      },
    };
    const condition = compileCondition({
      type: 'compare',
      operator: '<>',
      left: literal(value),
      right: literal({ type: 'M', value: new Map([['k', text(2)]]) }),
    });
    const before = read;
    for (let item = 0; item < 10; item += 1) expect(condition.holds(new Map())).toBe(true);
    expect(read).toBe(before);
  });
});
