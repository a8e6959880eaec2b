/** The end of a database that is synced: nothing goes that was not counted. */
import 'fake-indexeddb/auto';
import { afterEach, describe, expect, test } from 'vitest';
import { listDatabases } from '../../src/client/databases.ts';
import { type Sync, sync } from '../../src/client/sync.ts';
import { DynamoError } from '../../src/base/errors.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { systemClock, systemRandom, systemScheduler } from '../../src/host/ports.ts';
import { replicaOperations } from '../../src/operation/replica/rows.ts';
import { owner } from '../../src/operation/request.ts';
import { openIndexedDB } from '../../src/storage/indexeddb.ts';
import { initialStatus } from '../../src/sync/initial-status.ts';
import { SyncServer } from '../../src/sync/serve-sync.ts';
import { callsOf, type NearHub, openNearHub, portsOf } from '../support/hubs.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end().catch(() => undefined);
});

interface Tab {
  readonly engine: Engine;
  readonly remote: Sync;
  put(id: string): Promise<void>;
}

/** `beforeClose`: what happens when all is counted, and the database begins to close. */
async function tab(
  near: NearHub,
  name: string,
  beforeClose: () => Promise<void> = async () => undefined,
): Promise<Tab> {
  const engine = await openEngine({
    store: await openIndexedDB(name),
    ...{ clock: systemClock, random: systemRandom, scheduler: systemScheduler },
    ...{ operations: replicaOperations, scrub: false },
  });
  const server = new SyncServer(portsOf(engine, near.fetch));
  ends.push(
    () => engine.close(),
    () => server.end(),
  );
  const call = callsOf(engine, server);
  const db = {
    ...{ name, call, closing: new AbortController().signal },
    close: async () => {
      await beforeClose();
      await engine.close();
    },
  };
  const remote = sync(db, { url: 'http://hub', tables: ['Notes'] });
  await remote.until('live');
  const put = async (id: string): Promise<void> =>
    void (await call('PutItem', { TableName: 'Notes', Item: { id } }));
  return { engine, remote, put };
}

async function world(): Promise<{ near: NearHub; name: string }> {
  const near = await openNearHub();
  ends.push(() => near.engine.close());
  return { near, name: `wipe-${crypto.randomUUID()}` };
}

/** News come one after another, as a channel brings them: the second never does. */
function inTurn<A extends readonly [string, object], R>(
  call: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  let news = 0;
  return (...args) => {
    if (args[0] === 'SyncNext') news += 1;
    return news > 1 && args[0] === 'SyncNext' ? new Promise(() => undefined) : call(...args);
  };
}

async function paused({ remote }: Tab): Promise<void> {
  await remote.pause();
  await remote.until('paused');
}

/** Whether the database has the note, for who opens it anew. */
async function isKept(name: string, id: string): Promise<boolean> {
  const again = await openEngine({
    store: await openIndexedDB(name),
    ...{ clock: systemClock, random: systemRandom, scheduler: systemScheduler },
    ...{ operations: replicaOperations, scrub: false },
  });
  ends.push(() => again.close());
  const input = { TableName: 'Notes', Key: { id } };
  const found = await again.call({ operation: 'GetItem', input, form: 'plain', caller: owner });
  return 'Item' in found;
}

describe('wipe', () => {
  test('takes what was never sent when told how much that is', async () => {
    const { near, name } = await world();
    const one = await tab(near, name);
    await paused(one);
    await one.put('a');
    await expect(one.remote.wipe()).rejects.toThrow('1 writes are on no hub, and discard is 0');
    expect(await listDatabases()).toContain(name);
    await one.remote.wipe({ discard: 1 });
    expect(await listDatabases()).not.toContain(name);
    expect(one.remote.status.state).toBe('closed');
  });

  test('that is refused leaves sync as it was: paused, or not', async () => {
    const { near, name } = await world();
    const one = await tab(near, name);
    await expect(one.remote.wipe({ discard: 1 })).rejects.toThrow('0 writes are on no hub');
    await one.remote.until('live');
    await paused(one);
    await one.put('a');
    await expect(one.remote.wipe()).rejects.toThrow('1 writes are on no hub');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(one.remote.status.state).toBe('paused');
  });

  test('counts all that is in quarantine, and not only what the status does', async () => {
    const all = { Pending: 2, Quarantined: 1500 };
    const db = {
      ...{ name: 'many', closing: new AbortController().signal, close: () => Promise.resolve() },
      call: async (operation: string, input: object): Promise<object> => {
        if (operation === 'SyncAsk') {
          expect(input).toEqual({ Operation: 'DescribeReplica', Input: { CountAll: true } });
          return all;
        }
        if (operation !== 'SyncNext') return {};
        return { Status: { ...initialStatus, state: 'paused', quarantined: 1000 } };
      },
    };
    const remote = sync({ ...db, call: inTurn(db.call) }, { url: 'http://hub' });
    await expect(remote.wipe({ discard: 1002 })).rejects.toThrow('1502 writes are on no hub');
  });

  test('counts more in quarantine than a page of it has', async () => {
    const { near, name } = await world();
    const one = await tab(near, name);
    const refused = 1001;
    near.visitor = () => ({
      caller: { ...owner, principal: 'local' },
      judge: (operation) => {
        if (operation === 'JudgeEntry') throw new DynamoError('AccessDeniedException', 'no');
      },
    });
    await Promise.all(Array.from({ length: refused }, (_, at) => one.put(`${at}`)));
    await one.remote.drain();
    await expect(one.remote.wipe({ discard: 1000 })).rejects.toThrow('1001 writes are on no hub');
    await one.remote.wipe({ discard: refused });
    expect(await listDatabases()).not.toContain(name);
  });

  test('deletes nothing where another tab has written since it was counted', async () => {
    const { near, name } = await world();
    let other: Tab | undefined;
    const one = await tab(near, name, async () => other?.put('of the other'));
    other = await tab(near, name);
    await expect(one.remote.wipe()).rejects.toMatchObject({
      name: 'StoreFailure',
      message: expect.stringContaining('another tab has written'),
    });
    expect(await isKept(name, 'of the other')).toBe(true);
  });

  test('a checkpoint meanwhile hides no write of another tab', async () => {
    const { near, name } = await world();
    let other: Tab | undefined;
    const one = await tab(near, name, async () => {
      await other?.put('of the other');
      await other?.engine.checkpoint();
    });
    await one.put('a');
    // So nothing is in the log at first, nor at the end.
    await one.engine.checkpoint();
    other = await tab(near, name);
    await paused(other);
    await other.engine.checkpoint();
    await expect(one.remote.wipe()).rejects.toThrow('another tab has written');
    expect(await isKept(name, 'of the other')).toBe(true);
  });

  test('a checkpoint meanwhile is no write', async () => {
    const { near, name } = await world();
    const one = await tab(near, name, async () => void (await one.engine.checkpoint()));
    await paused(one);
    await one.put('a');
    await one.remote.wipe({ discard: 1 });
    expect(await listDatabases()).not.toContain(name);
  });
});
