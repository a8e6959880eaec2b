import { describe, expect, test } from 'vitest';
import { onlyKey } from '../../../src/operation/statement/statement-get.ts';
import { compileStatement } from '../../../src/partiql/compile.ts';
import { parseStatement } from '../../../src/partiql/parser.ts';
import { wireOf } from '../../support/item-world.ts';
import { index, keys, table } from '../../support/tables.ts';

const two = table(keys('p:S', 's:N'), { indexes: [index('gsi', 101, keys('p:S', 's:N'))] });
const keyOf = (text: string, operation: Parameters<typeof onlyKey>[2] = 'ExecuteTransaction') => {
  const select = compileStatement(parseStatement(text), []);
  if (select.type !== 'select') throw new Error('no SELECT');
  return wireOf(onlyKey(select, two, operation));
};

describe('a SELECT of one item', () => {
  test('names its key and nothing else', () => {
    expect(keyOf("SELECT n FROM T WHERE s = 1 AND p = 'a'")).toEqual({
      p: { S: 'a' },
      s: { N: '1' },
    });
    // Of whatever types: they are told as those of a Key are.
    expect(keyOf("SELECT n FROM T WHERE s = 'b' AND p = 1")).toEqual({
      p: { N: '1' },
      s: { S: 'b' },
    });
  });

  test.each([
    'SELECT * FROM T',
    "SELECT * FROM T WHERE p = 'a'",
    "SELECT * FROM T WHERE p = 'a' AND s > 1",
    "SELECT * FROM T WHERE p = 'a' AND s IN [1]",
    "SELECT * FROM T WHERE p = 'a' AND s = 1 AND n = 1",
    "SELECT * FROM T WHERE p = 'a' AND p = 'b' AND s = 1",
    "SELECT * FROM T.gsi WHERE p = 'a' AND s = 1",
  ])('%s is refused', (text) => {
    for (const operation of ['ExecuteTransaction', 'BatchExecuteStatement'] as const) {
      expect(() => keyOf(text, operation)).toThrow(
        `Select statements within ${operation} must specify the primary key in the where clause.`,
      );
    }
  });

  test.each<[string, string]>([
    ["SELECT * FROM T WHERE p IN ['a', 'a'] AND s = 1", 'Overlapping conditions'],
    ["SELECT COUNT(*) FROM T WHERE p = 'a' AND s = 1", 'Unexpected path component at 1:8:5'],
    ["SELECT * FROM T.none WHERE p = 'a'", 'The table does not have the specified index'],
  ])('%s is refused for what is wrong with it anyway', (text, message) => {
    expect(() => keyOf(text)).toThrow(message);
  });
});
