import { describe, expect, test } from 'vitest';
import { findOperation } from '../../../src/operation/registry.ts';
import { ItemWorld } from '../../support/item-world.ts';

const world = new ItemWorld();
world.table('Tab', ['p:S']);
world.call('PutItem', { TableName: 'Tab', Item: { p: { S: 'a' }, n: { N: '1' } } });
const batch = (...statements: readonly string[]) => ({
  Statements: statements.map((Statement) => ({ Statement })),
});

describe('BatchExecuteStatement', () => {
  test('commits each write by itself', () => {
    const { commits, transaction } = world.effect(
      'BatchExecuteStatement',
      batch(
        "INSERT INTO Tab VALUE {'p': 'b'}",
        "INSERT INTO Tab VALUE {'p': 'a'}",
        "DELETE FROM Tab WHERE p = 'c'",
        "INSERT INTO Tab VALUE {'p': 'd'}",
      ),
    );
    expect(commits).toHaveLength(2);
    expect(transaction).toBeUndefined();
  });

  test.each<[readonly string[], boolean]>([
    [["SELECT * FROM Tab WHERE p = 'a'"], true],
    [["DELETE FROM Tab WHERE p = 'a'", 'nonsense'], false],
    [['nonsense'], true],
  ])('%j only reads: %s', (statements, onlyReads) => {
    const row = findOperation('BatchExecuteStatement');
    const checked = row?.check(batch(...statements), { values: {} } as never);
    expect([row?.onlyReads?.(checked), row?.consistent?.(checked)]).toEqual([onlyReads, false]);
  });

  test('is consistent where a statement is', () => {
    const row = findOperation('BatchExecuteStatement');
    const input = {
      Statements: [{ Statement: "SELECT * FROM Tab WHERE p = 'a'", ConsistentRead: true }],
    };
    expect(row?.consistent?.(row.check(input, { values: {} } as never))).toBe(true);
  });

  test('is refused for one item in two spellings', () => {
    world.table('Num', ['p:N']);
    const input = batch('DELETE FROM Num WHERE p = 1', 'DELETE FROM Num WHERE p = 1.0');
    expect(world.invalid('BatchExecuteStatement', input)).toBe(
      'Provided list of item keys contains duplicates',
    );
  });
});
