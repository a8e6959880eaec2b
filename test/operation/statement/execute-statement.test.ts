import { describe, expect, test } from 'vitest';
import { findOperation } from '../../../src/operation/registry.ts';
import { ItemWorld } from '../../support/item-world.ts';

const world = new ItemWorld();
world.table('Tab', ['p:S']);
world.call('PutItem', { TableName: 'Tab', Item: { p: { S: 'a' }, n: { N: '1' } } });
const effect = (Statement: string) => world.effect('ExecuteStatement', { Statement });

describe('ExecuteStatement', () => {
  test('answers items and tells which calls read', () => {
    const { output, commits } = effect("SELECT n FROM Tab WHERE p = 'a'");
    expect(output).toEqual({ Items: [new Map([['n', { type: 'N', value: '1' }]])] });
    expect(commits).toBeUndefined();
  });

  test.each<[string, boolean]>([
    ['SELECT * FROM Tab', true],
    ["DELETE FROM Tab WHERE p = 'a'", false],
  ])('%s only reads: %s', (Statement, onlyReads) => {
    const row = findOperation('ExecuteStatement');
    const input = { Statement, ConsistentRead: true };
    const checked = row?.check(input, { values: {} } as never);
    expect(row?.onlyReads?.(checked)).toBe(onlyReads);
    // A write is at the head anyway.
    expect(row?.consistent?.(checked)).toBe(onlyReads);
  });

  test('commits what it writes, and nothing where nothing changes', () => {
    expect(effect("UPDATE Tab SET n = 2 WHERE p = 'a'").commits).toHaveLength(1);
    expect(effect("UPDATE Tab SET n = 1 WHERE p = 'a'").commits).toBeUndefined();
    expect(effect("DELETE FROM Tab WHERE p = 'b'")).toEqual({ output: { Items: [] } });
  });

  test('takes plain values', () => {
    const input = {
      Statement: 'SELECT * FROM Tab WHERE p = ? AND n IN [?, ?]',
      Parameters: ['a', 1, null],
    };
    expect(world.run('ExecuteStatement', input, 'plain')['Items']).toHaveLength(1);
  });
});
