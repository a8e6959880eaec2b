import { describe, expect, test } from 'vitest';
import { prng } from '../../src/base/prng.ts';
import { firstJob } from '../../src/table/jobs.ts';
import { droppedTree } from '../../src/table/system.ts';
import { compareCollections, localWorld, stateOf } from '../support/collections.ts';
import type { ItemWorld } from '../support/item-world.ts';

const S = (text: string): object => ({ S: text });
const N = (n: number): object => ({ N: String(n) });

/** One write by chance; some change nothing, some several items of one collection. */
function writeSome(world: ItemWorld, random: ReturnType<typeof prng>): void {
  const choose = <T>(...of: readonly T[]): T => of[random.below(of.length)] as T;
  const key = () => ({ p: S(choose('a', 'b', 'c')), s: N(random.below(6)) });
  const item = () => ({
    ...key(),
    ...(random.below(3) > 0 && { c: S(choose('x', 'yy')) }),
    ...(random.below(3) > 0 && { d: S(choose('x', 'yy')) }),
    ...(random.below(2) > 0 && { v: S('v'.repeat(random.below(40))) }),
  });
  const [one, two] = [item(), item()];
  const TableName = 'Loc';
  switch (random.below(8)) {
    case 0:
      return void world.call('PutItem', { TableName, Item: one });
    case 1:
      return void world.call('DeleteItem', { TableName, Key: key() });
    case 2:
      return void world.call('UpdateItem', {
        TableName,
        Key: key(),
        UpdateExpression: choose('SET c = :v', 'SET v = :v REMOVE d', 'REMOVE c'),
        ...(random.below(1) === 0 && {}),
        ExpressionAttributeValues: { ':v': S('w'.repeat(1 + random.below(9))) },
      });
    case 3:
      if (JSON.stringify([one.p, one.s]) === JSON.stringify([two.p, two.s])) return;
      return void world.call('BatchWriteItem', {
        RequestItems: {
          Loc: [{ PutRequest: { Item: one } }, { DeleteRequest: { Key: { p: two.p, s: two.s } } }],
          Pla: [{ PutRequest: { Item: one } }],
        },
      });
    case 4:
      if (JSON.stringify([one.p, one.s]) === JSON.stringify([two.p, two.s])) return;
      return void world.call('TransactWriteItems', {
        TransactItems: [
          { Put: { TableName, Item: one } },
          { Put: { TableName, Item: two } },
          { Put: { TableName: 'Pla', Item: two } },
        ],
      });
    case 5:
      return void world.call('BatchExecuteStatement', {
        Statements: [
          { Statement: `DELETE FROM Loc WHERE p = 'a' AND s = ${random.below(6)}` },
          { Statement: `UPDATE Loc SET v = 'new' WHERE p = 'b' AND s = ${random.below(6)}` },
        ],
      });
    default:
      return void world.call('PutItem', { TableName, Item: two });
  }
}

describe('the counters of item collections', () => {
  test.each([1, 2, 3, 4, 5])('follow every write (seed %i)', (seed) => {
    const world = localWorld();
    const random = prng(seed);
    for (let step = 0; step < 150; step += 1) {
      try {
        writeSome(world, random);
      } catch (error) {
        // An update with a value that its expression does not use.
        expect(String(error)).toContain('unused');
      }
    }
    compareCollections(world);
    expect(firstJob(world.reader)).toBeUndefined();
  });

  test('begin with the first write to a table with local indexes, and with no other', () => {
    const world = localWorld();
    world.call('PutItem', { TableName: 'Pla', Item: { p: S('a'), s: N(1) } });
    expect(stateOf(world, 'Pla').collections).toBeUndefined();
    expect(stateOf(world).collections).toBeUndefined();
    world.call('DeleteItem', { TableName: 'Loc', Key: { p: S('a'), s: N(1) } });
    expect(stateOf(world).collections).toBeUndefined();
    world.call('PutItem', { TableName: 'Loc', Item: { p: S('a'), s: N(1) } });
    expect(stateOf(world).collections?.counting).toBe(false);
    compareCollections(world);
    const effect = world.effect('PutItem', { TableName: 'Pla', Item: { p: S('b'), s: N(1) } });
    expect(effect.commits?.flatMap(({ mutations }) => mutations)).toHaveLength(1);
  });

  test('begin for several tables in one request', () => {
    const world = localWorld();
    world.table('Lo2', ['p:S', 's:N'], { local: { all: { keys: ['p:S', 'c:S'] } } });
    const Item = { p: S('a'), s: N(1), c: S('c') };
    world.call('BatchWriteItem', {
      RequestItems: { Loc: [{ PutRequest: { Item } }], Lo2: [{ PutRequest: { Item } }] },
    });
    const trees = ['Loc', 'Lo2'].map((name) => stateOf(world, name).collections?.tree);
    expect(new Set(trees).size).toBe(2);
    world.table('Lo3', ['p:S', 's:N']);
    expect(trees).not.toContain(stateOf(world, 'Lo3').tree);
    compareCollections(world);
  });

  test('are dropped with their table', () => {
    const world = localWorld();
    world.call('PutItem', { TableName: 'Loc', Item: { p: S('a'), s: N(1) } });
    const before = world.reader.counters(droppedTree).entries;
    world.call('DeleteTable', { TableName: 'Loc' });
    // The table, three indexes, and the counters.
    expect(world.reader.counters(droppedTree).entries).toBe(before + 5);
  });
});
