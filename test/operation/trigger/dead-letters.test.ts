/** ListDeadLetters and DiscardDeadLetters: in pages, by id, and all. */
import { expect, test } from 'vitest';
import { wireOf } from '../../support/item-world.ts';
import { numbersOf, TriggerWorld } from './world.ts';

function withLetters(count: number): TriggerWorld {
  const world = new TriggerWorld();
  world.hold();
  for (let n = 0; n < count; n += 1) {
    world.put(`k${n}`, n);
    const [at] = world.lanes();
    const [number] = numbersOf(world.read());
    const Failed = { Numbers: [number], Condition: 'c', Error: 'e', Attempts: 1 };
    world.save({ ...at, After: number, Failed });
  }
  return world;
}

function ids(world: TriggerWorld, more: object = {}): readonly number[] {
  const page = world.ask('ListDeadLetters', { Limit: 20, ...more });
  return (page['Letters'] as { id: number }[]).map(({ id }) => id);
}

test('letters come in pages with their records', () => {
  const world = withLetters(5);
  expect(ids(world, { Limit: 2 })).toEqual([0, 1]);
  expect(ids(world, { Limit: 2, After: 1 })).toEqual([2, 3]);
  expect(ids(world, { After: 3 })).toEqual([4]);
  const { Letters } = wireOf(world.ask('ListDeadLetters', { Limit: 1 })) as { Letters: object[] };
  expect(Letters[0]).toMatchObject({
    arn: expect.stringContaining('/stream/'),
    records: [{ eventName: 'INSERT', dynamodb: { NewImage: { a: { S: 'k0' }, n: { N: '0' } } } }],
  });
});

test('letters go by id, or all', () => {
  const world = withLetters(4);
  expect(world.ask('DiscardDeadLetters', { Ids: [1, 1, 9] })).toEqual({ Discarded: 1 });
  expect(ids(world)).toEqual([0, 2, 3]);
  expect(world.ask('PeekTrigger', { Lanes: 1 })['DeadLetters']).toBe(3);
  expect(world.ask('DiscardDeadLetters')).toEqual({ Discarded: 3 });
  expect(world.ask('DiscardDeadLetters')).toEqual({ Discarded: 0 });
});
