import { describe, expect, test } from 'vitest';
import { findOperation } from '../../../src/operation/registry.ts';
import { ItemWorld } from '../../support/item-world.ts';

const world = new ItemWorld();
world.table('Tab', ['p:S']);
const all = (...statements: readonly string[]) => ({
  TransactStatements: statements.map((Statement) => ({ Statement })),
});

describe('ExecuteTransaction', () => {
  test('writes in commits of one transaction', () => {
    const input = all("INSERT INTO Tab VALUE {'p': 'b'}", "INSERT INTO Tab VALUE {'p': 'c'}");
    const { output, commits, transaction } = world.effect('ExecuteTransaction', input);
    expect([output, commits?.length, transaction]).toEqual([{}, 2, true]);
  });

  test('reads without a commit, at the head', () => {
    const input = all("SELECT * FROM Tab WHERE p = 'a'");
    expect(world.effect('ExecuteTransaction', input)).toEqual({ output: { Responses: [{}] } });
    const row = findOperation('ExecuteTransaction');
    const checked = row?.check(input, { values: {} } as never);
    expect([row?.onlyReads?.(checked), row?.consistent?.(checked)]).toEqual([true, true]);
  });

  test('happens anew once its token is forgotten', () => {
    world.call('PutItem', { TableName: 'Tab', Item: { p: { S: 'a' }, n: { N: '1' } } });
    const input = {
      ...all("UPDATE Tab SET n = n + 1 WHERE p = 'a' AND n < 9"),
      ClientRequestToken: 'token',
    };
    const numberIs = (): unknown =>
      world.call('GetItem', { TableName: 'Tab', Key: { p: { S: 'a' } } })['Item'];
    world.call('ExecuteTransaction', input);
    world.call('ExecuteTransaction', input);
    expect(numberIs()).toMatchObject({ n: { N: '2' } });
    world.nowMs += 10 * 60 * 1000;
    world.call('ExecuteTransaction', input);
    expect(numberIs()).toMatchObject({ n: { N: '3' } });
  });
});
