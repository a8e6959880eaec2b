/** PeekTrigger and ReadTrigger: what can be read, in which order, and what is passed over. */
import { describe, expect, test } from 'vitest';
import { shardLifeMs } from '../../../src/base/limits.ts';
import { numbersOf, TriggerWorld } from './world.ts';

function upkeep(world: TriggerWorld, PartitionBytes = 1e9): void {
  for (let step = 0; step < 20; step += 1) {
    if (world.run('AdvanceStreams', { PartitionBytes }, 'plain')['Done'] === true) return;
  }
}

describe('ReadTrigger', () => {
  test('reads up to its limit, and goes on behind it', () => {
    const world = new TriggerWorld();
    world.hold();
    for (let n = 1; n <= 5; n += 1) world.put('x', n);
    const [at] = world.lanes();
    const all = numbersOf(world.read(at));
    const first = world.read(at, { Limit: 2 });
    expect([first['Part'], first['End'], first['After']]).toEqual([true, false, all[1]]);
    const rest = world.read(at, { After: first['After'] });
    expect([numbersOf(rest), rest['Part']]).toEqual([all.slice(2), false]);
    expect(numbersOf(world.read(at, { Bytes: 1 }))).toHaveLength(1);
  });

  test('passes over what its patterns do not want', () => {
    const world = new TriggerWorld();
    world.hold();
    for (let n = 1; n <= 3; n += 1) world.put('x', n);
    const Patterns = [JSON.stringify({ dynamodb: { NewImage: { n: { N: ['2'] } } } })];
    const all = numbersOf(world.read());
    const page = world.read(undefined, { Patterns });
    expect([numbersOf(page), page['After']]).toEqual([[all[1]], all[2]]);
  });

  test('lanes share the records, each key in one of them', () => {
    const world = new TriggerWorld();
    world.hold();
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (let n = 1; n <= 3; n += 1) for (const key of keys) world.put(key, n);
    const pages = world.lanes(3).map((at) => world.read(at, { Lanes: 3 }));
    const owners = new Map<string, Set<number>>();
    for (const [lane, page] of pages.entries()) {
      for (const { dynamodb } of page['Records'] as {
        dynamodb: { Keys: Map<string, unknown> };
      }[]) {
        const key = JSON.stringify(dynamodb.Keys.get('a'));
        owners.set(key, (owners.get(key) ?? new Set()).add(lane));
      }
    }
    expect(pages.flatMap(numbersOf)).toHaveLength(24);
    expect([...owners.values()].every(({ size }) => size === 1)).toBe(true);
    expect(new Set([...owners.values()].flatMap((set) => [...set])).size).toBeGreaterThan(1);
  });

  test('says that a shard is gone', () => {
    const world = new TriggerWorld();
    world.hold();
    const [at] = world.lanes();
    const page = world.read(at, { Shard: `shardId-${'0'.repeat(20)}-00000001` });
    expect(page).toMatchObject({ Gone: true, End: true, After: at?.After });
  });
});

describe('PeekTrigger', () => {
  test('of no trigger says so', () => {
    expect(new TriggerWorld().ask('PeekTrigger', { Lanes: 1 })).toMatchObject({ Known: false });
  });

  test('tells since when something waits', () => {
    const world = new TriggerWorld();
    world.hold();
    expect(world.ask('PeekTrigger', { Lanes: 1 })).not.toHaveProperty('OldestMs');
    world.put('x', 1);
    expect(world.ask('PeekTrigger', { Lanes: 1 })['OldestMs']).toBe(world.nowMs);
  });

  test('of a stream that is off and has nothing to read says since when another follows it', () => {
    const world = new TriggerWorld();
    world.hold();
    const set = (StreamSpecification: object): void => {
      world.nowMs += 1;
      world.run('UpdateTable', { TableName: 'Simple', StreamSpecification });
    };
    set({ StreamEnabled: false });
    const peek = (): Record<string, unknown> => world.ask('PeekTrigger', { Lanes: 1 });
    expect(peek()).not.toHaveProperty('OldestMs');
    set({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
    const onMs = world.nowMs;
    world.put('x', 1);
    expect(peek()).toMatchObject({ Advance: false, OldestMs: onMs });
    const [at] = world.lanes();
    world.save({ ...at, After: world.read(at)['After'] });
    const done = peek();
    expect([done['Advance'], done['OldestMs']]).toEqual([true, onMs]);
    world.save({ Advance: true });
    expect(peek()).toMatchObject({ Advance: false, OldestMs: world.nowMs });
  });

  test('offers a child when its parent is done, not before', () => {
    const world = new TriggerWorld();
    world.hold();
    world.put('x', 1);
    const [parent] = world.lanes();
    world.nowMs += shardLifeMs;
    upkeep(world);
    world.put('x', 2);
    expect(world.lanes()).toEqual([parent]);
    const page = world.read(parent);
    expect([page['End'], numbersOf(page).length]).toEqual([true, 1]);
    world.save({ ...parent, After: page['After'] });
    const [child, ...others] = world.lanes();
    expect(others).toEqual([]);
    expect(child?.Shard).not.toBe(parent?.Shard);
    expect(numbersOf(world.read(child))).toHaveLength(1);
  });

  test('offers all halves of a shard, and leaves out lanes that are at its end', () => {
    const world = new TriggerWorld();
    world.hold();
    for (let n = 1; n <= 20; n += 1) world.put(`k${n}`, n);
    const [first, second] = world.lanes(2);
    upkeep(world, 50);
    const end = world.read(first, { Lanes: 2 })['After'];
    world.save({ ...first, After: end, Lanes: 2 });
    expect(world.lanes(2)).toEqual([second]);
    world.save({ ...second, After: end, Lanes: 2 });
    expect(new Set(world.lanes(2).map(({ Shard }) => Shard)).size).toBeGreaterThan(1);
  });

  test('with another number of lanes all begin where the last was', () => {
    const world = new TriggerWorld();
    world.hold();
    for (let n = 1; n <= 3; n += 1) world.put('x', n);
    const [start] = world.lanes();
    const numbers = numbersOf(world.read());
    const two = world.lanes(2);
    world.save({ ...two[0], After: numbers[2], Lanes: 2 });
    expect(world.lanes(2).map(({ After }) => After)).toEqual([numbers[2], start?.After]);
    expect(world.lanes(3).map(({ After }) => After)).toEqual(Array(3).fill(start?.After));
  });
});
