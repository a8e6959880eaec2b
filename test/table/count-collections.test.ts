import { describe, expect, test } from 'vitest';
import { prng } from '../../src/base/prng.ts';
import { uncount } from '../../src/table/collections.ts';
import { wrongCounters } from '../../src/table/count-collections.ts';
import { firstJob } from '../../src/table/jobs.ts';
import { compareCollections, localWorld, stateOf } from '../support/collections.ts';
import type { ItemWorld } from '../support/item-world.ts';

const S = (text: string): object => ({ S: text });
const N = (n: number): object => ({ N: String(n) });
const gone = { value: undefined, sizeBefore: undefined, sizeAfter: undefined };

const settle = (world: ItemWorld, slices = 1000): void => {
  for (let slice = 0; slice < slices; slice += 1) {
    const Job = firstJob(world.reader);
    if (Job === undefined) return;
    world.run('AdvanceJob', { Job });
  }
};

describe('a table with items and without counters', () => {
  /** As one of an earlier format, or one that an import has filled. */
  const unknown = (items: number): ItemWorld => {
    const world = localWorld();
    for (let at = 0; at < items; at += 1) {
      const Item = { p: S(`p${at % 7}`), s: N(at), c: S('c'), v: S('v'.repeat(at % 50)) };
      world.call('PutItem', { TableName: 'Loc', Item });
    }
    world.reader.apply(uncount(world.reader, stateOf(world)));
    expect(stateOf(world).collections).toBeUndefined();
    return world;
  };

  test('is counted once it is written to', () => {
    const world = unknown(20);
    world.call('PutItem', { TableName: 'Loc', Item: { p: S('p1'), s: N(1), d: S('new') } });
    expect(stateOf(world).collections?.counting).toBe(true);
    settle(world);
    compareCollections(world);
  });

  test.each([1, 2, 3])('is counted right while it is written to (seed %i)', (seed) => {
    const world = unknown(700);
    const random = prng(seed);
    for (let step = 0; step < 60; step += 1) {
      const Key = { p: S(`p${random.below(9)}`), s: N(random.below(700)) };
      const Item = { ...Key, c: S('x'.repeat(1 + random.below(5))) };
      if (random.below(2) === 0) world.call('PutItem', { TableName: 'Loc', Item });
      else world.call('DeleteItem', { TableName: 'Loc', Key });
      if (random.below(6) === 0) settle(world, 1);
    }
    settle(world);
    compareCollections(world);
  });

  test('that is deleted while it is counted leaves no job', () => {
    const world = unknown(300);
    world.call('DeleteItem', { TableName: 'Loc', Key: { p: S('p0'), s: N(0) } });
    settle(world, 1);
    world.call('DeleteTable', { TableName: 'Loc' });
    expect(firstJob(world.reader)).toBeUndefined();
  });
});

describe('a scrub', () => {
  test('counts anew where a counter is off', () => {
    const world = localWorld();
    const put = (s: number) =>
      world.call('PutItem', { TableName: 'Loc', Item: { p: S('a'), s: N(s) } });
    put(1);
    const { tree = 0 } = stateOf(world).collections ?? {};
    const sound = world.run('Scrub', { Table: 'Loc' });
    expect(sound).toMatchObject({ Checked: 1, Mended: 0 });
    world.reader.apply([{ tree, key: new Uint8Array([1]), ...gone }]);
    const cursor = world.reader.range(tree, {});
    cursor.next();
    world.reader.apply([{ tree, key: cursor.key, ...gone }]);
    expect(wrongCounters(world.reader, stateOf(world), undefined)).toBe(1);
    expect(world.run('Scrub', { Table: 'Loc' })['Mended']).toBeGreaterThan(0);
    expect(stateOf(world).collections).toBeUndefined();
    put(2);
    settle(world);
    compareCollections(world);
  });
});
