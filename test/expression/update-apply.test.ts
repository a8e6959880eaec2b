import { describe, expect, test } from 'vitest';
import { item, type Plain, plainOf, refusalOf, update, worked, workedKey } from './fixture.ts';

const before = plainOf(worked) as Plain;
const values = {
  one: 1,
  two: 2,
  zero: 0,
  seven: 7,
  eight: 8,
  seventeen: 17,
  v: 'V',
  w: 'W',
  pre: [0, 1],
  ssw: new Set(['w']),
  ssuv: new Set(['u', 'v']),
  ssu: new Set(['u']),
  ssx: new Set(['x']),
  ns: new Set([1]),
  list: [{ k: 1 }],
  huge: 9e125,
};

const invalidPath = 'The document path provided in the update expression is invalid for update';
const wrongType = 'An operand in the update expression has an incorrect data type';
const missing = 'The provided expression refers to an attribute that does not exist in the item';

function applied(text: string, to?: typeof worked): unknown {
  return plainOf(update(text, values).apply(to, workedKey));
}

describe('the worked examples', () => {
  const { a: _a, ...noA } = before;
  const { s: _s, ...noS } = before;
  test.each<[string, Plain]>([
    ['REMOVE a[1] SET a[3] = :seventeen', { ...before, a: [2, 4, 17, 6, 7] }],
    ['SET a[3] = :seventeen REMOVE a[1]', { ...before, a: [2, 4, 17, 6, 7] }],
    ['SET a[50] = :eight, a[40] = :seven', { ...before, a: [2, 3, 4, 5, 6, 7, 7, 8] }],
    ['REMOVE a[0], a[2]', { ...before, a: [3, 5, 6, 7] }],
    ['REMOVE a[99]', before],
    ['SET n = n + :one, q = n', { ...before, n: 6, q: 5 }],
    ['SET n = :one - n', { ...before, n: -4 }],
    ['SET n = n + n', { ...before, n: 10 }],
    ['SET q = if_not_exists(q, :zero) + :one', { ...before, q: 1 }],
    ['SET a = list_append(:pre, a)', { ...before, a: [0, 1, 2, 3, 4, 5, 6, 7] }],
    ['SET m.x = :v, m.y.w = :w', { ...before, m: { x: 'V', y: { z: 2, w: 'W' } } }],
    ['ADD n :two, s :ssw', { ...before, n: 7, s: new Set(['u', 'v', 'w']) }],
    ['ADD q :ssx', { ...before, q: new Set(['x']) }],
    ['DELETE s :ssuv', noS],
    ['REMOVE m.x, m.y', { ...before, m: {} }],
    // And what sections 5 and 6 say besides.
    ['REMOVE a', noA],
    ['SET n = t, t = n', { ...before, n: 'dog', t: 5 }],
    ['SET a = a', before],
    ['SET m = :pre', { ...before, m: [0, 1] }],
    ['SET q = if_not_exists(m.y.z, :one)', { ...before, q: 2 }],
    ['SET q = if_not_exists(m.y.q, if_not_exists(q, :one))', { ...before, q: 1 }],
    ['SET q = (n + :one)', { ...before, q: 6 }],
    ['SET a = list_append(a, a)', { ...before, a: [2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6, 7] }],
    ['SET a[1] = n, a[6] = :v REMOVE a[0], a[5]', { ...before, a: [5, 4, 5, 6, 'V'] }],
    ['SET a[6] = :one ADD a[9] :two, a[0] :two', { ...before, a: [4, 3, 4, 5, 6, 7, 1, 2] }],
    ['ADD m.x :two', { ...before, m: { x: 3, y: { z: 2 } } }],
    ['ADD m.c :two', { ...before, m: { x: 1, y: { z: 2 }, c: 2 } }],
    ['DELETE s :ssu', { ...before, s: new Set(['v']) }],
    ['DELETE s :ssx', before],
    ['DELETE q :ssx', before],
    ['DELETE m.q :ssx', before],
    ['REMOVE q', before],
    ['REMOVE m.q', before],
    ['REMOVE m.y.z', { ...before, m: { x: 1, y: {} } }],
    ['SET q = :list', { ...before, q: [{ k: 1 }] }],
  ])('%s', (text, after) => {
    expect(applied(text, worked)).toEqual(after);
    expect(plainOf(worked)).toEqual(before);
  });

  test.each([
    ['SET m.q.r = :v', invalidPath],
    ['SET t.x = :v', invalidPath],
    ['SET t[0] = :v', invalidPath],
    ['SET q.x = :v', invalidPath],
    ['SET q[0] = :v', invalidPath],
    ['SET a.x = :v', invalidPath],
    ['SET m[0] = :v', invalidPath],
    ['SET a[9].x = :v', invalidPath],
    ['REMOVE q.x', invalidPath],
    ['REMOVE t.x', invalidPath],
    ['REMOVE a[0].x', invalidPath],
    ['ADD q.x :one', invalidPath],
    ['DELETE q.x :ssx', invalidPath],
    ['ADD t :one', wrongType],
    ['ADD n :ssx', wrongType],
    ['ADD s :ns', wrongType],
    ['DELETE s :ns', wrongType],
    ['DELETE n :ssx', wrongType],
    ['SET q = t + :one', wrongType],
    ['SET q = :one - a', wrongType],
    ['SET q = list_append(t, a)', wrongType],
    ['SET q = list_append(a, s)', wrongType],
    ['SET q = if_not_exists(t, :one) + :one', wrongType],
    ['SET q = r', missing],
    ['SET q = m.q', missing],
    ['SET q = r + :one', missing],
    ['SET q = list_append(r, :pre)', missing],
    ['SET q = if_not_exists(r, r)', missing],
  ])('%s is refused: %s', (text, message) => {
    expect(refusalOf(() => applied(text, worked))).toBe(message);
  });
});

describe('a missing item', () => {
  test.each<[string, Plain | undefined]>([
    ['SET q = :v', { p: 'k', q: 'V' }],
    ['ADD q :one', { p: 'k', q: 1 }],
    ['ADD q :ssx', { p: 'k', q: new Set(['x']) }],
    ['SET q = if_not_exists(n, :zero) + :one', { p: 'k', q: 1 }],
    ['SET q = p', { p: 'k', q: 'k' }],
    ['REMOVE q', undefined],
    ['REMOVE q.x', undefined],
    ['DELETE s :ssx', undefined],
    ['REMOVE q DELETE s :ssx', undefined],
    ['REMOVE r SET q = :v', { p: 'k', q: 'V' }],
    ['REMOVE r.x, r.y DELETE m[0] :ssx SET q = :v', { p: 'k', q: 'V' }],
  ])('%s makes %j', (text, after) => {
    expect(applied(text)).toEqual(after);
  });

  test.each([
    ['SET q.x = :v', invalidPath],
    ['ADD q.x :one', invalidPath],
    ['SET q.x = :v REMOVE q.y', invalidPath],
    ['SET q = n + :one', missing],
  ])('%s is refused: %s', (text, message) => {
    expect(refusalOf(() => applied(text))).toBe(message);
  });
});

test('an update that changes nothing gives the same item back', () => {
  for (const text of ['SET a = a', 'REMOVE a[99], q', 'DELETE s :ssx', 'REMOVE m.q']) {
    expect(update(text, values).apply(worked, workedKey)).toBe(worked);
  }
});

test('what an update does not touch is shared', () => {
  const after = update('SET m.x = :v', values).apply(worked, workedKey);
  expect(after?.get('a')).toBe(worked.get('a'));
});

test('a sum beyond the range of numbers is refused', () => {
  const nines = item({ p: 'k', n: 9 });
  const made = update('SET n = :huge + :huge, q = :huge + n', values);
  expect(refusalOf(() => made.apply(nines, workedKey))).toContain('Number overflow');
});

test('nesting that a SET puts together is limited', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 'x' : [nested(levels - 1)]);
  const deep = (levels: number): string =>
    refusalOf(() => update('SET m.y.w = :v', { v: nested(levels) }).apply(worked, workedKey));
  expect(deep(30)).toBe('no refusal');
  expect(deep(31)).toBe(
    'Nesting Levels have exceeded supported limits: ' +
      'Attributes in the item have nested levels beyond supported limit',
  );
});

describe('what is assigned together is limited before it is walked through', () => {
  const tooLarge = 'Item size to update has exceeded the maximum allowed size';
  const nulls = (count: number): Plain => ({ l: Array.from({ length: count }, () => null) });
  const refused = (text: string, of: Plain): string =>
    refusalOf(() => update(text, of).apply(worked, workedKey));
  const nested = (depth: number): string =>
    depth === 0 ? ':l' : `list_append(if_not_exists(z, ${nested(depth - 1)}), :l)`;

  test.each([
    ['lists that calls make of one another', `SET q = ${nested(100)}`],
    ['lists side by side', `SET ${[...Array(150)].map((_, at) => `q${at} = list_append(:l, :l)`)}`],
    ['one value, often', `SET ${[...Array(290)].map((_, at) => `q${at} = :l`)}`],
    ['one value, often, in a map', `SET ${[...Array(290)].map((_, at) => `m.q${at} = :l`)}`],
  ])('%s', (_name, text) => {
    expect(refused(text, nulls(100_000))).toBe(tooLarge);
  });

  test('to what an item may have, not less', () => {
    // A list is 3 bytes, each null in it 2.
    expect(refused('SET q = list_append(:l, :l)', nulls(102_300))).toBe('no refusal');
    expect(refused('SET q = list_append(:l, :l)', nulls(102_400))).toBe(tooLarge);
  });
});
