import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsedExpressionsMax } from '../../src/base/limits.ts';
import { compileStatement } from '../../src/partiql/compile.ts';
import { parseStatement } from '../../src/partiql/parser.ts';
import { malformation } from './printer.ts';

describe('a statement', () => {
  test.each<[string, object]>([
    ['SELECT * FROM T', { type: 'select', table: 'T', index: undefined, columns: undefined }],
    [
      'SELECT a FROM "T-1"."I" ORDER BY a DESC, b',
      {
        type: 'select',
        table: 'T-1',
        index: 'I',
        orderBy: [
          { name: 'a', isDescending: true },
          { name: 'b', isDescending: false },
        ],
      },
    ],
    [
      "INSERT INTO T VALUE {'a': ?, 'b': 1}",
      {
        type: 'insert',
        item: new Map([
          ['a', ':0'],
          ['b', ':l0'],
        ]),
      },
    ],
    ['INSERT INTO T VALUE ?', { type: 'insert', item: ':0' }],
    [
      'UPDATE T SET a = 1 RETURNING MODIFIED OLD *',
      { type: 'update', returning: 'UPDATED_OLD', where: undefined },
    ],
    ['FROM T WHERE a = 1 REMOVE b RETURNING ALL NEW *', { type: 'update', returning: 'ALL_NEW' }],
    ['DELETE FROM T WHERE a = 1 RETURNING ALL OLD *', { type: 'delete', returning: 'ALL_OLD' }],
    ['EXISTS(SELECT * FROM T.i WHERE a = 1);', { type: 'exists', table: 'T', index: 'i' }],
  ])('%s', (text, statement) => {
    expect(parseStatement(text)).toMatchObject({ statement, fault: undefined });
  });

  test.each([
    '',
    'SELECT',
    'SELECT a',
    'SELECT a b FROM T',
    'SELECT *, a FROM T',
    'SELECT * FROM T ORDER a',
    'SELECT * FROM T ORDER BY',
    'INSERT T',
    'INSERT INTO T',
    'INSERT INTO T VALUE',
    'INSERT INTO T VALUES {}',
    "INSERT INTO T VALUE {'a': 1",
    'UPDATE T WHERE a = 1',
    'DELETE T',
    'DELETE FROM T RETURNING',
    'DELETE FROM T RETURNING ALL',
    'DELETE FROM T RETURNING ALL OLD',
    'EXISTS',
    'EXISTS(DELETE FROM T)',
    'EXISTS(SELECT * FROM T',
    'CREATE TABLE T',
    'SELECT * FROM T, U',
    'SELECT COUNT( FROM T',
    'SELECT 1 FROM T',
    '?',
    '1',
  ])('%j is not well formed', (text) => {
    expect(malformation(text)).toContain("Statement wasn't well formed, can't be processed: ");
  });

  test('is kept by its text, as long as there is room', () => {
    const first = parseStatement('SELECT * FROM kept');
    expect(parseStatement('SELECT * FROM kept')).toBe(first);
    for (let at = 0; at < parsedExpressionsMax; at += 1) parseStatement(`SELECT * FROM t${at}`);
    expect(parseStatement('SELECT * FROM kept')).not.toBe(first);
    const long = `SELECT * FROM ${'t'.repeat(2000)}`;
    expect(parseStatement(long)).not.toBe(parseStatement(long));
  });
});

describe('garbage ends in a refusal', () => {
  const words =
    'SELECT FROM WHERE INSERT INTO VALUE UPDATE SET REMOVE DELETE RETURNING ALL OLD NEW MODIFIED ' +
    'ORDER BY AND OR NOT IN BETWEEN IS NULL MISSING TRUE EXISTS LIKE AS a "b" \'c\' 1 1e5 -1 ? ' +
    '( ) [ ] { } << >> , . : ; * + - = <> < size( contains( set_add( list_append( /* */ -- # \n';
  const token = fc.constantFrom(...words.split(' '));

  const tryOut = (text: string): void => {
    let parsed: ReturnType<typeof parseStatement>;
    try {
      parsed = parseStatement(text);
    } catch (error) {
      expect((error as Error).name).toBe('ValidationException');
      return;
    }
    const one = { type: 'N', value: '1' } as const;
    const parameters = Array.from({ length: parsed.parameters }, () => one);
    try {
      compileStatement(parsed, parameters);
    } catch (error) {
      expect((error as Error).name).toBe('ValidationException');
    }
  };

  test('for tokens in any order', () => {
    const starts = ['', 'SELECT * FROM T WHERE ', 'UPDATE T SET ', "INSERT INTO T VALUE {'a':"];
    const text = fc
      .tuple(fc.constantFrom(...starts), fc.array(token, { maxLength: 40 }))
      .map(([start, tokens]) => start + tokens.join(' '));
    fc.assert(fc.property(text, tryOut), { numRuns: 2000 });
  });

  test('for any characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), tryOut), { numRuns: 500 });
  });

  // As long as a statement may be, whatever is said over and over.
  test.each([
    '(',
    '[',
    '{',
    '<<',
    '-',
    '- ',
    'NOT ',
    'a.',
    'a[',
    '[0]',
    "{'a':",
    'size(',
    'a=1 AND ',
    'a=1 OR (',
    'a IN (',
    'a,',
    '?',
    '?,',
    "'",
    '"',
    '/*',
    '.',
    ';',
    'a BETWEEN ',
    'a + ',
    '[1,',
    '<<1,',
    'set_add(a,',
    'EXISTS(',
  ])('for %j without end', (part) => {
    const many = part.repeat(8192 / part.length);
    for (const start of [
      '',
      'SELECT ',
      'SELECT * FROM ',
      'SELECT * FROM T WHERE ',
      'SELECT * FROM T WHERE a = ',
      'SELECT * FROM T WHERE a IN [',
      'SELECT * FROM T ORDER BY ',
      'INSERT INTO T VALUE ',
      "INSERT INTO T VALUE {'a': ",
      'UPDATE T SET a = ',
      'UPDATE T ',
    ]) {
      tryOut(start + many);
    }
  });
});
