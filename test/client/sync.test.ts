import { afterEach, describe, expect, test } from 'vitest';
import { sync, type SyncDatabase } from '../../src/client/sync.ts';
import { withSync } from '../../src/host/late-sync.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { DynamoError } from '../../src/base/errors.ts';
import { hashOf } from '../support/sync.ts';
import { callsOf, type NearHub, openNearHub, portsOf } from '../support/hubs.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Page {
  readonly db: SyncDatabase;
  readonly near: NearHub;
  put(id: string, v: string): Promise<void>;
  close(): void;
}

async function page(): Promise<Page> {
  const near = await openNearHub();
  const engine = await openNodeDatabase({ memory: true });
  const server = withSync(() => portsOf(engine, near.fetch), [], engine);
  const closing = new AbortController();
  ends.push(
    () => near.engine.close(),
    () => engine.close(),
    () => server.end(),
  );
  const call = callsOf(engine, server);
  return {
    db: { name: 'notes', closing: closing.signal, call, close: async () => closing.abort() },
    near,
    put: async (id, v) => {
      const input = { TableName: 'Notes', Item: { id, v } };
      await engine.call({ operation: 'PutItem', input, form: 'plain', caller: owner });
    },
    close: () => closing.abort(),
  };
}

describe('sync of a page', () => {
  test('goes live, drains, pauses, and closes with its database', async () => {
    const { db, close, put } = await page();
    const states: string[] = [];
    const remote = sync(db, { url: 'http://hub', tables: ['Notes'] });
    remote.on('status', ({ status }) => states.push(status.state));
    expect((await remote.until('live')).tables).toEqual(['Notes']);
    await put('a', 'one');
    await remote.drain();
    await remote.pause();
    await remote.until('paused');
    await put('a', 'two');
    await remote.resume();
    await remote.until('live');
    close();
    await remote.until('closed');
    expect(states.at(-1)).toBe('closed');
    await expect(remote.until('live')).rejects.toThrow();
  });

  test('can be begun again once it is closed, or closes; a second one beside it harms it not', async () => {
    const { db, put } = await page();
    const options = { url: 'http://hub', tables: ['Notes'] };
    const first = sync(db, options);
    await first.until('live');
    // As a component does that is taken away and put back.
    const closed = first.close();
    const second = sync(db, options);
    await second.until('live');
    await closed;
    expect(first.status.state).toBe('closed');
    await put('a', 'one');
    await second.drain();
    const third = sync(db, options);
    await expect(third.until('live')).rejects.toThrow('synced already');
    await third.close();
    await put('a', 'two');
    await second.drain();
    expect(second.status.state).toBe('live');
    await second.close();
    // Nor does one that is closed before it began.
    const before = sync(db, options);
    const [, , after] = [before.close(), sync(db, options).close(), sync(db, options)];
    await after.until('live');
    await before.close();
    await after.close();
    expect([before, after].map(({ status }) => status.state)).toEqual(['closed', 'closed']);
  });

  test('is paused though that is asked for at once, and while the one before it closes', async () => {
    const { db } = await page();
    const options = { url: 'http://hub', tables: ['Notes'] };
    const first = sync(db, options);
    await first.pause();
    await first.until('paused');
    await first.resume();
    await first.until('live');
    const closed = first.close();
    const second = sync(db, options);
    await second.pause();
    await second.until('paused');
    await closed;
    await second.resume();
    await second.until('live');
    await second.close();
  });

  test('tells what was refused, keeps it, and forgets it when told to', async () => {
    const { db, near, put } = await page();
    near.visitor = () => ({
      caller: owner,
      judge: (operation) => {
        if (operation === 'JudgeEntry') throw new DynamoError('AccessDeniedException', 'no');
      },
    });
    const empty = await hashOf(near.engine);
    const remote = sync(db, { url: 'http://hub', tables: ['Notes'], token: 'secret' });
    const rejected = new Promise((resolve) => remote.on('rejected', resolve));
    await remote.until('live');
    await put('a', 'forbidden');
    expect(await rejected).toEqual({ type: 'rejected', seq: 1, code: 'AccessDenied' });
    const [write] = await remote.quarantine();
    expect(write).toMatchObject({
      seq: 1,
      code: 'AccessDenied',
      items: [{ table: 'Notes', isDeleted: false, item: { id: 'a', v: 'forbidden' } }],
    });
    await expect(remote.wipe()).rejects.toThrow('1 writes are on no hub');
    near.visitor = () => ({ caller: owner, judge: () => undefined });
    await remote.retry([1]);
    await remote.drain();
    expect(await remote.quarantine()).toEqual([]);
    expect(await hashOf(near.engine)).not.toBe(empty);
    await remote.discard([1]);
    await remote.close();
  });

  test('needs a URL, and a token that does not fail', async () => {
    const { db } = await page();
    expect(() => sync(db, { url: 'ftp://hub' })).toThrow(TypeError);
    const remote = sync(db, {
      url: 'http://hub',
      token: () => Promise.reject(new Error('signed out')),
    });
    const { message } = await remote.until('needs-auth');
    expect(message).toContain('signed out');
    await remote.close();
  });

  test('that cannot fetch its token is offline, as nobody has said no', async () => {
    const { db } = await page();
    const remote = sync(db, {
      url: 'http://hub',
      token: () => Promise.reject(new TypeError('fetch failed')),
    });
    const { message } = await remote.until(['offline', 'needs-auth']);
    expect([remote.status.state, message]).toEqual(['offline', 'There is no token: fetch failed']);
    await remote.close();
  });
});
