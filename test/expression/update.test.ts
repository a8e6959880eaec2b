import { describe, expect, test } from 'vitest';
import { itemToPlain } from '../../src/value/plain.ts';
import { refusalOf, update, value, worked, workedKey } from './fixture.ts';

const values = {
  s: 'x',
  n: 1,
  bool: true,
  null: null,
  b: new Uint8Array([1]),
  l: [1],
  m: { k: 1 },
  ss: new Set(['x']),
  ns: new Set([1]),
  bs: new Set([new Uint8Array([1])]),
};

function message(text: string): string {
  return refusalOf(() => update(text, values, { a: 'a' }));
}

const type = (operator: string, operand: string): string =>
  'Incorrect operand type for operator or function; ' +
  `operator or function: ${operator}, operand type: ${operand}`;
const clause = (operator: string, operand: string): string =>
  'Incorrect operand type for operator or function; ' +
  `operator: ${operator}, operand type: ${operand}`;
const count = (operator: string, operands: number): string =>
  'Incorrect number of operands for operator or function; ' +
  `operator or function: ${operator}, number of operands: ${operands}`;
const paths = (what: string, one: string, two: string): string =>
  `Two document paths ${what} with each other; must remove or rewrite one of these paths; ` +
  `path one: ${one}, path two: ${two}`;
const misused = (name: string): string =>
  `The function is not allowed to be used this way in an expression; function: ${name}`;
const notHere = (name: string): string =>
  `The function is not allowed in an update expression; function: ${name}`;
const undefinedName =
  'An expression attribute name used in the document path is not defined; attribute name: ';
const undefinedValue =
  'An expression attribute value used in expression is not defined; attribute value: ';

describe('an update is refused', () => {
  test.each([
    ['SET #x = :n', `${undefinedName}#x`],
    ['SET b = :x, c = #x', `${undefinedName}#x`],
    ['SET b = :x', `${undefinedValue}:x`],
    ['SET a = :n REMOVE a', paths('overlap', '[a]', '[a]')],
    ['SET a.b = :n, a = :s', paths('overlap', '[a, b]', '[a]')],
    ['SET m = :n, m.x = :s', paths('overlap', '[m]', '[m, x]')],
    ['SET a[0] = :n, a[0] = :s', paths('overlap', '[a, [0]]', '[a, [0]]')],
    ['SET a = :n REMOVE #a', paths('overlap', '[a]', '[a]')],
    ['SET m.x = :n, m[0] = :s', paths('conflict', '[m, x]', '[m, [0]]')],
    ['SET a = b + :s', type('+', 'S')],
    ['SET a = :l - b', type('-', 'L')],
    ['SET a = :bool + :null', type('+', 'BOOL')],
    ['SET a = list_append(b, :s)', type('list_append', 'S')],
    ['SET a = list_append(:ss, b)', type('list_append', 'SS')],
    [
      'SET a = if_not_exists(:n, b)',
      'Operator or function requires a document path; operator or function: if_not_exists',
    ],
    [
      'SET a = if_not_exists(if_not_exists(b, :n), :n)',
      'Operator or function requires a document path; operator or function: if_not_exists',
    ],
    ['SET a = list_append(list_append(b, :l), :l)', misused('list_append')],
    ['SET a = list_append(:l, list_append(b, :l))', misused('list_append')],
    ['SET a = if_not_exists(b)', count('if_not_exists', 1)],
    ['SET a = list_append(b, c, d)', count('list_append', 3)],
    ['ADD a :s', clause('ADD', 'STRING')],
    ['ADD a :b', clause('ADD', 'BINARY')],
    ['ADD a :bool', clause('ADD', 'BOOLEAN')],
    ['ADD a :null', clause('ADD', 'NULL')],
    ['ADD a :l', clause('ADD', 'LIST')],
    ['ADD a :m', clause('ADD', 'MAP')],
    ['DELETE a :n', clause('DELETE', 'NUMBER')],
    ['DELETE a :s', clause('DELETE', 'STRING')],
    ['DELETE a :l', clause('DELETE', 'LIST')],
    ['SET a = size(b)', notHere('size')],
    ['SET a = attribute_exists(b)', notHere('attribute_exists')],
    ['SET a = if_not_exists(b, size(c))', notHere('size')],
    // The order of detection.
    ['SET a = :x, b = #x', `${undefinedName}#x`],
    ['SET a = b + :s, a = :x', `${undefinedValue}:x`],
    ['SET a = b + :s, a = :n', paths('overlap', '[a]', '[a]')],
    ['SET m.x = :n, m[0] = :n, a = :s, a.b = :s', paths('overlap', '[a]', '[a, b]')],
    ['SET a = size(b) ADD c :s', clause('ADD', 'STRING')],
  ])('%j: %s', (text, tail) => {
    expect(message(text)).toBe(`Invalid UpdateExpression: ${tail}`);
  });
});

describe('an update is allowed', () => {
  test.each([
    'SET a[0] = :n, a[1] = :s',
    'SET a = b, b = a',
    'SET a = a',
    'SET a = :n + :n',
    'SET a = list_append(:l, :l)',
    'SET a = if_not_exists(a, a)',
    'SET a = (b + :n)',
    'ADD a :n, b :ss, c :ns, d :bs',
    'DELETE b :ss, c :ns, d :bs',
  ])('%j', (text) => {
    expect(message(text)).toBe('no refusal');
  });
});

describe('what an update says of itself', () => {
  const made = update(
    'SET a = :n, b.c = :s, d = e, f = (:l) REMOVE g[0] ADD h :n DELETE i :ss',
    values,
  );
  test('roots are what it assigns or removes', () => {
    expect([...made.roots]).toEqual(['a', 'b', 'd', 'f', 'g', 'h', 'i']);
    expect([...made.nestedRoots]).toEqual(['b', 'g']);
  });

  test('what it reads below a root is told apart', () => {
    const reading = update('SET a = b.c + c, d.e = if_not_exists(f[0], if_not_exists(g.h, :n))', {
      n: 1,
    });
    expect([...reading.readNestedRoots]).toEqual(['b', 'f', 'g']);
    expect([...reading.nestedRoots]).toEqual(['d']);
  });

  test('literals are what it assigns or adds directly', () => {
    expect([...made.literals]).toEqual([
      ['a', value(1)],
      ['f', value([1])],
      ['h', value(1)],
    ]);
  });

  test('actions are counted in two kinds', () => {
    expect(made.setAndAddCount).toBe(5);
    expect(made.removeAndDeleteCount).toBe(2);
  });
});

describe('fragments', () => {
  const nine = { nine: 9, eight: 8, v: 'v' };
  test.each([
    ['old', 'SET m.x = :nine', { m: { x: 1 } }],
    ['new', 'SET m.x = :nine, a[1] = :eight', { m: { x: 9 }, a: [8] }],
    ['old', 'REMOVE a[1], a[9]', { a: [3] }],
    ['new', 'REMOVE a[1]', { a: [4] }],
    ['new', 'SET a[100] = :eight', undefined],
    ['old', 'SET fresh = :v', undefined],
    ['new', 'SET a[2] = :v', { a: ['v'] }],
    ['new', 'SET n = n', { n: 5 }],
    ['new', 'REMOVE n', undefined],
    ['new', 'REMOVE n SET t = :v', { t: 'v' }],
    ['old', 'SET a[4] = :v, a[1] = :v, m.y.z = :v', { a: [3, 6], m: { y: { z: 2 } } }],
  ] as const)('%s of %s are %j', (which, text, fragments) => {
    const made = update(text, nine);
    const of = which === 'old' ? worked : made.apply(worked, workedKey);
    const found = made.fragments(of, which);
    expect(found && itemToPlain(found)).toEqual(fragments);
  });

  test('of no item are none', () => {
    expect(update('SET n = :v', nine).fragments(undefined, 'old')).toBeUndefined();
  });
});
