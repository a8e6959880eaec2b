/** What an engine gives a trigger's runner: waits for changes and for what is durable. */
import { expect, test } from 'vitest';
import { openInMemory } from '../../src/client/in-memory.ts';
import { engineHost, untilChange, untilDurable } from '../../src/engine/trigger-host.ts';
import { systemClock, systemRandom, systemScheduler } from '../../src/host/ports.ts';
import { fakeEngine } from '../support/fake-engine.ts';

test('a wait for a change ends with one, with its time, and when it is aborted', async () => {
  const watchers = new Set<() => void>();
  const engine = {
    watch: (moved: () => void) => {
      watchers.add(moved);
      return () => void watchers.delete(moved);
    },
  };
  const changed = untilChange(engine, systemScheduler, 60_000);
  for (const moved of watchers) moved();
  await changed;
  await untilChange(engine, systemScheduler, 1);
  const stop = new AbortController();
  const stopped = untilChange(engine, systemScheduler, 60_000, stop.signal);
  stop.abort();
  await stopped;
  await untilChange(engine, systemScheduler, 60_000, stop.signal);
  expect(watchers.size).toBe(0);
});

test('what is not durable soon has a barrier asked for', async () => {
  const asked: string[] = [];
  let durableSeq = 0;
  let reached: () => void = () => undefined;
  const engine = {
    status: () => ({ ...fakeEngine(() => ({})).status(), durableSeq }),
    whenDurable: () =>
      new Promise<void>((resolve) => {
        reached = resolve;
      }),
    barrier: async () => {
      asked.push('barrier');
      durableSeq = 5;
      reached();
    },
  };
  await untilDurable(engine, systemScheduler, 5);
  expect(asked).toEqual(['barrier']);
  await untilDurable(engine, systemScheduler, 5);
  expect(asked).toEqual(['barrier']);
});

test('calls are made in the name of the engine', async () => {
  const engine = fakeEngine(() => ({ Known: false }));
  const ports = { clock: systemClock, scheduler: systemScheduler, random: systemRandom };
  const host = engineHost(engine, ports);
  expect(await host.call('PeekTrigger', { Name: 't' })).toEqual({ Known: false });
  expect(engine.requests[0]).toMatchObject({
    operation: 'PeekTrigger',
    caller: { kind: 'engine' },
  });
  expect(host.lock('t')).toBeUndefined();
});

test('a record waits until power loss cannot undo it', async () => {
  const db = await openInMemory({
    seed: 1,
    barrierMs: Number.POSITIVE_INFINITY,
    tables: [
      {
        TableName: 'Tab',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
      },
    ],
  });
  let durable = -1;
  const delivered = new Promise<void>((resolve) => {
    void db.trigger('Tab', async () => {
      durable = (await db.status()).durableSeq;
      resolve();
    });
  });
  await db.putItem({ TableName: 'Tab', Item: { pk: 'a' } });
  const { sequence } = await db.status();
  await delivered;
  expect(durable).toBeGreaterThanOrEqual(sequence - 1);
  await db.close();
});
