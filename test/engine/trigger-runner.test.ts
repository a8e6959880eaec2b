/** The runner: who may hold a trigger, and how one that hangs is taken over and fenced. */
import { expect, test } from 'vitest';
import { openInMemory, type TestDatabase } from '../../src/client/in-memory.ts';
import type { Delivery, RunnerSettings } from '../../src/engine/trigger-lane.ts';
import { TriggerRunner } from '../../src/engine/trigger-runner.ts';
import type { TriggerHost } from '../../src/engine/trigger-host.ts';
import { rulesOf } from '../../src/engine/trigger-settings.ts';
import type { PeekOutput } from '../../src/operation/trigger/read-trigger.ts';
import { sequenceNumber } from '../../src/stream/sequence.ts';

const settings: RunnerSettings = {
  name: 't',
  rules: rulesOf({}),
  patterns: undefined,
  keepsDead: true,
  dropOldest: false,
};

const noneRead = sequenceNumber({ ms: 0, sequence: 0 });

/** A world of one trigger that always has a record, told by hand. */
class World {
  nowMs = 0;
  owner = '';
  locked = false;
  beat = 0;
  pending = true;
  readonly log: string[] = [];
  /** Those whose parents are done; one that is not there any more was trimmed. */
  shards: readonly string[] = ['s'];
  readonly #sleepers: { atMs: number; wake: () => void }[] = [];

  host(name: string): TriggerHost {
    return {
      call: async (operation, input) =>
        this.#call(name, operation, input as Record<string, unknown>),
      change: (ms, signal) => this.#sleep(ms, signal),
      delay: (ms, signal) => this.#sleep(ms, signal),
      durable: async () => undefined,
      random: { bytes: (length) => new Uint8Array(length).fill(name.charCodeAt(0)) },
      wallMs: () => this.nowMs,
      monoMs: () => this.nowMs,
      lock: () => undefined,
    };
  }

  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 500) {
      this.nowMs += 500;
      for (const { atMs, wake } of [...this.#sleepers]) if (atMs <= this.nowMs) wake();
      for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
    }
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      this.#sleepers.push({ atMs: this.nowMs + ms, wake: resolve });
      signal.addEventListener('abort', () => resolve());
    });
  }

  #call(name: string, operation: string, input: Record<string, unknown>): object {
    switch (operation) {
      case 'PeekTrigger':
        return this.#peek();
      case 'ClaimTrigger': {
        const Claimed = input['Expect'] === this.owner;
        if (Claimed) {
          this.owner = String(input['Owner']);
          this.beat += 1;
          this.log.push(`${name} holds it`);
        }
        return { Claimed };
      }
      case 'SaveTrigger': {
        const Held = input['Owner'] === this.owner;
        if (Held) this.beat += 1;
        if (Held && input['Release'] === true) this.owner = '';
        if (!Held) this.log.push(`${name} was refused`);
        return { Held, Blocked: false };
      }
      default: {
        const At = { Part: false, End: false, Sequence: 1, Gone: false };
        const SequenceNumber = sequenceNumber({ ms: 1, sequence: 1 });
        const Records = this.pending ? [{ dynamodb: { SequenceNumber, SizeBytes: 1 } }] : [];
        return { ...At, Records, After: SequenceNumber };
      }
    }
  }

  #peek(): PeekOutput {
    return {
      Known: true,
      Owner: this.owner,
      Locked: this.locked,
      Beat: this.beat,
      StreamArn: 'arn',
      Lanes: this.shards.map((Shard) => ({ Shard, Lane: 0, After: noneRead })),
      Advance: false,
      ...(this.pending && { OldestMs: 1 }),
      DeadLetters: 0,
      Dropped: 0,
      Trimmed: 0,
    };
  }
}

function runner(
  world: World,
  name: string,
  handle: (delivery: Delivery) => Promise<unknown>,
): TriggerRunner {
  return new TriggerRunner(world.host(name), settings, handle, () => undefined);
}

test('a free trigger is taken; one that is held and beats is left to its holder', async () => {
  const world = new World();
  const one = runner(world, 'a', () => new Promise(() => undefined));
  const two = runner(world, 'b', async () => undefined);
  one.start();
  await world.pass(1000);
  two.start();
  await world.pass(60_000);
  expect(world.log).toEqual(['a holds it']);
  expect([one.state, two.state]).toEqual(['running', 'waiting']);
});

test('a holder that does not get on is taken over, and learns it when it saves', async () => {
  const world = new World();
  world.owner = 'dead';
  const two = runner(world, 'b', () => new Promise(() => undefined));
  two.start();
  await world.pass(9000);
  expect(world.log).toEqual([]);
  await world.pass(9000);
  expect(world.log).toEqual(['b holds it']);
  world.owner = 'thief';
  await world.pass(3000);
  expect(world.log).toContain('b was refused');
  expect(two.state).toBe('running');
});

test('a holder that has nothing to do is left alone', async () => {
  const world = new World();
  world.owner = 'idle';
  world.pending = false;
  const two = runner(world, 'b', async () => undefined);
  two.start();
  await world.pass(120_000);
  expect(world.log).toEqual([]);
  const closed = two.close();
  await world.pass(1000);
  await closed;
  expect(two.state).toBe('closed');
});

test('a batch of a shard that was trimmed is not tried again once its child is read', async () => {
  const world = new World();
  const tried: string[] = [];
  const one = runner(world, 'a', async ({ shard }) => {
    tried.push(shard);
    if (shard === 's') throw new Error('not today');
    return new Promise(() => undefined);
  });
  one.start();
  // It waits longer and longer between its tries: 3 to 6 seconds now.
  await world.pass(8000);
  const before = tried.length;
  expect(before).toBeGreaterThan(4);
  world.shards = ['child'];
  await world.pass(120_000);
  const since = tried.slice(before);
  expect(since.at(-1)).toBe('child');
  expect(since.slice(since.indexOf('child'))).toEqual(['child']);
  expect(one.state).toBe('running');
});

test('a child waits for the handler that still has a batch of its trimmed parent', async () => {
  const world = new World();
  const tried: string[] = [];
  let answer: () => void = () => undefined;
  const one = runner(world, 'a', ({ shard }) => {
    tried.push(shard);
    return new Promise((resolve) => (answer = () => resolve(undefined)));
  });
  one.start();
  await world.pass(2000);
  world.shards = ['child'];
  await world.pass(30_000);
  expect(tried).toEqual(['s']);
  answer();
  await world.pass(5000);
  expect(tried).toEqual(['s', 'child']);
});

test('two tabs without locks: the second goes on when the first is gone without a word', async () => {
  const table = {
    TableName: 'Tab',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
  } as const;
  const one: TestDatabase = await openInMemory({ seed: 1, tables: [table] });
  const two: TestDatabase = await openInMemory({ seed: 2, disk: one.disk, clock: one.clock });
  const got: string[] = [];
  let stuck = false;
  // It never answers, and its beats are lost with its connection.
  await one.trigger('Tab', () => new Promise(() => (stuck = true)));
  await two.trigger('Tab', (event) => {
    got.push(...event.Records.map(({ dynamodb }) => JSON.stringify(dynamodb.Keys)));
  });
  await two.putItem({ TableName: 'Tab', Item: { pk: 'a' } });
  for (let turn = 0; turn < 400 && !stuck; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  one.faults.refuse('SaveTrigger', 'InternalServerError', 'gone', 1_000_000);
  for (let turn = 0; turn < 400 && got.length === 0; turn += 1) {
    one.clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(got).toEqual(['{"pk":{"S":"a"}}']);
  await two.close();
});
