/** SaveTrigger: places that never go back, holders that are fenced, dead letters with a bound. */
import { describe, expect, test } from 'vitest';
import { streamRetentionMs } from '../../../src/base/limits.ts';
import { deadLetterBytesMax, deadLettersBytesMax } from '../../../src/base/trigger-limits.ts';
import { numbersOf, TriggerWorld } from './world.ts';

const failed = { Condition: 'RetryAttemptsExhausted', Error: 'Error: no', Attempts: 3 };

function filled(count: number, bytes = 1): TriggerWorld {
  const world = new TriggerWorld();
  world.hold();
  for (let n = 1; n <= count; n += 1) {
    world.nowMs += 1;
    const Item = { a: { S: `k${n}` }, n: { N: String(n) }, text: { S: 'x'.repeat(bytes) } };
    world.run('PutItem', { TableName: 'Simple', Item });
  }
  return world;
}

describe('SaveTrigger', () => {
  test('keeps a place, and never goes back', () => {
    const world = filled(3);
    const numbers = numbersOf(world.read());
    const [at] = world.lanes();
    expect(world.save({ ...at, After: numbers[1] })).toEqual({ Held: true, Blocked: false });
    world.save({ ...at, After: numbers[0] });
    expect(world.lanes()[0]?.After).toBe(numbers[1]);
    expect(numbersOf(world.read())).toEqual([numbers[2]]);
  });

  test('of another than the holder changes nothing', () => {
    const world = filled(1);
    const [at] = world.lanes();
    const before = world.ask('PeekTrigger', { Lanes: 1 });
    const [number] = numbersOf(world.read());
    expect(world.save({ ...at, After: number }, 'thief')).toEqual({ Held: false, Blocked: false });
    expect(world.ask('PeekTrigger', { Lanes: 1 })).toEqual(before);
  });

  test('counts up, and gives the trigger free', () => {
    const world = filled(0);
    const beat = (): unknown => world.ask('PeekTrigger', { Lanes: 1 })['Beat'];
    const before = beat() as number;
    world.save({});
    expect(beat()).toBe(before + 1);
    world.save({ Release: true });
    expect(world.ask('PeekTrigger', { Lanes: 1 })['Owner']).toBe('');
  });

  test('goes on to the next stream when this one is off and done', () => {
    const world = filled(1);
    const set = (StreamSpecification: object): void => {
      world.nowMs += 1;
      world.run('UpdateTable', { TableName: 'Simple', StreamSpecification });
    };
    set({ StreamEnabled: false });
    const [at] = world.lanes();
    world.save({ ...at, After: world.read(at)['After'] });
    const peek = (): Record<string, unknown> => world.ask('PeekTrigger', { Lanes: 1 });
    expect([peek()['Lanes'], peek()['Advance']]).toEqual([[], false]);
    set({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
    expect(peek()['Advance']).toBe(true);
    const arn = peek()['StreamArn'];
    world.save({ Advance: true });
    expect([peek()['Advance'], peek()['StreamArn'] === arn]).toEqual([false, false]);
    world.put('x', 2);
    expect(numbersOf(world.read())).toHaveLength(1);
  });

  test('counts shards that were trimmed before they were done', () => {
    const world = filled(1);
    const [at] = world.lanes();
    const [number] = numbersOf(world.read());
    world.put('k', 9);
    world.save({ ...at, After: number });
    world.run('UpdateTable', {
      TableName: 'Simple',
      StreamSpecification: { StreamEnabled: false },
    });
    world.nowMs += streamRetentionMs;
    for (let step = 0; step < 5; step += 1) {
      world.run('AdvanceStreams', { PartitionBytes: 1e9 }, 'plain');
    }
    expect(world.lanes()).toEqual([]);
    world.save({ Advance: true });
    expect(world.ask('PeekTrigger', { Lanes: 1 })['Trimmed']).toBe(1);
  });
});

describe('dead letters', () => {
  test('are kept with the place behind them, in one commit', () => {
    const world = filled(3);
    const [at] = world.lanes();
    const numbers = numbersOf(world.read());
    const Failed = { ...failed, Numbers: numbers.slice(0, 2) };
    world.save({ ...at, After: numbers[1], Failed });
    expect(numbersOf(world.read())).toEqual([numbers[2]]);
    const page = world.ask('ListDeadLetters', { Limit: 10 });
    expect(page).toMatchObject({
      More: false,
      Letters: [
        {
          id: 0,
          shard: at?.Shard,
          first: numbers[0],
          last: numbers[1],
          count: 2,
          condition: 'RetryAttemptsExhausted',
          error: 'Error: no',
          attempts: 3,
          missing: 0,
          failedMs: world.nowMs,
        },
      ],
    });
  });

  test('are as many as their records need', () => {
    const world = filled(4, deadLetterBytesMax / 3);
    const numbers = numbersOf(world.read());
    world.save({ ...world.lanes()[0], After: numbers[3], Failed: { ...failed, Numbers: numbers } });
    const { Letters } = world.ask('ListDeadLetters', { Limit: 10 });
    expect((Letters as { count: number }[]).map(({ count }) => count)).toEqual([2, 2]);
  });

  test('have a bound: nothing is saved beyond it, or the oldest go', () => {
    const bytes = 300_000;
    const count = Math.ceil(deadLettersBytesMax / bytes) + 1;
    const world = filled(count, bytes);
    const at = (): object => world.lanes()[0] as object;
    let blocked = 0;
    for (let n = 0; n < count; n += 1) {
      const [number] = numbersOf(world.read(undefined, { Limit: 1 }));
      const saved = world.save({
        ...at(),
        After: number,
        Failed: { ...failed, Numbers: [number] },
      });
      if (saved['Blocked'] === true) blocked += 1;
    }
    expect(blocked).toBeGreaterThan(0);
    const kept = world.ask('PeekTrigger', { Lanes: 1 })['DeadLetters'] as number;
    const [number] = numbersOf(world.read(undefined, { Limit: 1 }));
    const Failed = { ...failed, Numbers: [number], DropOldest: true };
    expect(world.save({ ...at(), After: number, Failed })).toEqual({ Held: true, Blocked: false });
    expect(world.ask('PeekTrigger', { Lanes: 1 })).toMatchObject({ DeadLetters: kept, Dropped: 1 });
    const { Letters } = world.ask('ListDeadLetters', { Limit: 1 });
    expect((Letters as { id: number }[])[0]?.id).toBe(1);
  });
});
