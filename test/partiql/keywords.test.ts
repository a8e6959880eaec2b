import { describe, expect, test } from 'vitest';
import { isKeyword, keywordCount } from '../../src/partiql/keywords.ts';
import { parseStatement } from '../../src/partiql/parser.ts';

const malformed = /^Statement wasn't well formed, can't be processed: /;

function told(statement: string): string {
  try {
    parseStatement(statement);
    return 'read';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a word of the language', () => {
  const places = (word: string): readonly string[] => [
    `SELECT ${word} FROM T WHERE p = 'a'`,
    `SELECT * FROM T WHERE p = 'a' AND ${word} = 1`,
    `SELECT m.${word} FROM T`,
    `UPDATE T SET ${word} = 1 WHERE p = 'a'`,
    `UPDATE T REMOVE m.${word} WHERE p = 'a'`,
    `DELETE FROM ${word} WHERE p = 'a'`,
  ];

  test.each(['DATE', 'key', 'Count', 'size', 'user', 'TIMESTAMP', 'list', 'level', 'zone'])(
    '%s is no name without quotes',
    (word) => {
      expect(isKeyword(word.toUpperCase())).toBe(true);
      for (const statement of places(word)) expect(told(statement)).toMatch(malformed);
      for (const statement of places(`"${word}"`)) expect(told(statement)).toBe('read');
    },
  );

  test.each(['status', 'name', 'Data', 'ttl', 'type', 'year', 'keys', 'sizes', 'desk'])(
    '%s is none',
    (word) => {
      expect(isKeyword(word.toUpperCase())).toBe(false);
      for (const statement of places(word)) expect(told(statement)).toBe('read');
    },
  );

  test('is one of 241', () => {
    expect(keywordCount).toBe(241);
    expect(isKeyword('UNPIVOT') && isKeyword('ZONE') && !isKeyword('ABORT')).toBe(true);
  });

  test('keeps its own place', () => {
    for (const statement of [
      "SELECT * FROM T WHERE p = 'a' AND size(a) = 1 AND b IS STRING ORDER BY p DESC",
      "UPDATE T SET a = 1 WHERE p = 'a' RETURNING MODIFIED OLD *",
      "DELETE FROM T WHERE p = 'a' RETURNING ALL OLD *",
    ]) {
      expect(told(statement)).toBe('read');
    }
  });
});
