/** Triggers in a page: over a connection, with the page's locks, ended with the database. */
import { expect, test } from 'vitest';
import { openInMemory } from '../../src/client/in-memory.ts';
import { triggerThrough } from '../../src/client/trigger.ts';

const table = {
  TableName: 'Tab',
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
} as const;

test('closing the database lets the handler end, saves, and closes its triggers', async () => {
  const db = await openInMemory({ seed: 1, tables: [table] });
  let begun: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let ended = false;
  const trigger = await db.trigger('Tab', async () => {
    begun();
    await new Promise((resolve) => setTimeout(resolve, 30));
    ended = true;
  });
  const closed = new Promise((resolve) => trigger.on('closed', resolve));
  await db.putItem({ TableName: 'Tab', Item: { pk: 'a' } });
  await first;
  await db.close();
  await closed;
  expect(ended).toBe(true);
  const again = await openInMemory({ disk: db.disk, clock: db.clock });
  const got: unknown[] = [];
  const next = await again.trigger('Tab', (event) => void got.push(event));
  expect((await next.status()).lagMs).toBe(0);
  await again.close();
  expect(got).toEqual([]);
});

test('its signal closes it, and frees its name', async () => {
  const db = await openInMemory({ seed: 1, tables: [table] });
  const stop = new AbortController();
  const trigger = await db.trigger('Tab', () => undefined, { signal: stop.signal });
  const closed = new Promise((resolve) => trigger.on('closed', resolve));
  stop.abort();
  await closed;
  await (await db.trigger('Tab', () => undefined)).remove();
  await expect(db.trigger('Tab', () => undefined, { signal: stop.signal })).rejects.toThrow();
  await db.close();
});

test('a connection that is at its end closes it', async () => {
  const error = Object.assign(new Error('the worker died'), { name: 'DatabaseError' });
  let dies = false;
  const connection = {
    triggers: new Map<string, { close(): Promise<void> }>(),
    call: async (operation: string): Promise<object> => {
      if (dies) throw error;
      if (operation === 'OpenTrigger') return { Made: true };
      if (operation === 'PeekTrigger') return { Owner: '', Lanes: [], Locked: false, Beat: 0 };
      if (operation === 'TriggerDelay') dies = true;
      return { Claimed: true, Held: true };
    },
  };
  const trigger = await triggerThrough(
    connection,
    'db',
    'Tab',
    () => undefined,
    {},
    {
      clock: { wallMs: () => 0, monoMs: () => 0 },
      lock: () => undefined,
    },
  );
  await new Promise((resolve) => trigger.on('closed', resolve));
  expect(connection.triggers.size).toBe(0);
});
