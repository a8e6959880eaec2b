import { describe, expect, test } from 'vitest';
import { compileCondition } from '../../src/expression/condition.ts';
import { type Compiled, compileStatement } from '../../src/partiql/compile.ts';
import { parseStatement } from '../../src/partiql/parser.ts';
import { itemToPlain, plainReader } from '../../src/value/plain.ts';
import type { Item } from '../../src/value/value.ts';

const compiled = (text: string, ...parameters: readonly unknown[]): Compiled =>
  compileStatement(
    parseStatement(text),
    parameters.map((each) => plainReader.value(each)),
  );
const item = plainReader.item({ p: 'k', n: 5, m: { x: 1, '#': [2, 3] }, '#n': 7 });
const plain = (of: Item | undefined): unknown => of && itemToPlain(of);

describe('a compiled statement', () => {
  test.each<[string, object]>([
    ['n, p', { n: 5, p: 'k' }],
    ['m.x', { x: 1 }],
    ['m."#"[1], "#n"', { '#[1]': 3, '#n': 7 }],
    ['gone, n.x', {}],
  ])('projects %s', (columns, found) => {
    const select = compiled(`SELECT ${columns} FROM T`);
    expect(select.type === 'select' && plain(select.projection?.project(item))).toEqual(found);
  });

  test('projects nothing where all is selected', () => {
    expect(compiled('SELECT * FROM T')).toMatchObject({ projection: undefined, where: undefined });
  });

  test('binds parameters in their order', () => {
    const { where } = compiled('DELETE FROM T WHERE n > ? AND m = ?', 4, { x: 1, '#': [2, 3] }) as {
      where: Parameters<typeof compileCondition>[0];
    };
    expect(compileCondition(where).holds(item)).toBe(true);
  });

  test('binds literals and parameters anew each time', () => {
    for (const n of [1, 2]) {
      const insert = compiled("INSERT INTO T VALUE {'a': ?, 'b': 'c'}", n);
      expect(insert.type === 'insert' && plain(insert.item)).toEqual({ a: n, b: 'c' });
    }
  });

  test('updates', () => {
    const update = compiled('UPDATE T SET "#n" = n + ?, s = set_add(s, ?)', 2, new Set(['a']));
    expect(update.type === 'update' && plain(update.update.apply(item, item))).toMatchObject({
      '#n': 7,
      s: new Set(['a']),
    });
  });

  const count = "Number of parameters in request and statement don't match.";
  test.each<[string, readonly unknown[], string]>([
    ['SELECT * FROM T WHERE n = ?', [], count],
    ['SELECT * FROM T', [1], count],
    ['SELECT * FROM T t WHERE a = ?', [], count],
    ['INSERT INTO T VALUE ?', [1], 'Unsupported data type: N under key root'],
    [
      'UPDATE T SET a = set_add(a, ?)',
      [[1]],
      'The second argument to SET_ADD must be a value with type SET at 1:26:1',
    ],
    [
      'SELECT * FROM T WHERE size(a)',
      [],
      'The function is not allowed to be used this way in an expression; function: size',
    ],
    [
      'SELECT * FROM T WHERE begins_with(a, ?)',
      [1],
      'Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
    ],
    [
      'SELECT * FROM T WHERE contains(a)',
      [],
      'Incorrect number of operands for operator or function; operator or function: contains, number of operands: 1',
    ],
    ['SELECT a, m.a FROM T', [], 'Duplicate identifiers in select clause: a'],
  ])('%s with %j is refused', (text, parameters, message) => {
    expect(() => compiled(text, ...parameters)).toThrow(
      expect.objectContaining({ name: 'ValidationException', message }),
    );
  });
});
