import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import { serve } from '../../src/host/http.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import { type EngineSync, sync } from '../../src/host/sync-engine.ts';
import { owner } from '../../src/operation/request.ts';
import { converged, notes } from '../support/sync.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function hub(): Promise<{ engine: Engine; url: string; close(): Promise<void> }> {
  const engine = await openNodeDatabase({ memory: true });
  const server = await serve({ engine, port: 0, hub: await openHub(engine) });
  open.push(engine, server);
  return { engine, url: `http://127.0.0.1:${server.port}`, close: () => server.close() };
}

async function edge(url: string): Promise<{ engine: Engine; remote: EngineSync }> {
  const engine = await openNodeDatabase({ memory: true });
  await call(engine, 'CreateTable', notes);
  const remote = sync(engine, { url, tables: ['Notes'] });
  open.push(engine, remote);
  return { engine, remote };
}

function call(engine: Engine, operation: string, input: object): Promise<object> {
  return engine.call({ operation, input, form: 'plain', caller: owner });
}
const put = (engine: Engine, id: string): Promise<object> =>
  call(engine, 'PutItem', { TableName: 'Notes', Item: { id, v: id } });

describe('sync of an engine', () => {
  test('makes it a device: both ways, until it is closed', async () => {
    const { engine: central, url } = await hub();
    const a = await edge(url);
    expect(await a.remote.until('live')).toMatchObject({ leads: true, tables: ['Notes'] });
    await vi.waitFor(() => expect(a.remote.status.storage).toEqual({ mode: 'memory' }));
    const b = await edge(url);
    await b.remote.until('live');
    await put(a.engine, 'of a');
    await put(b.engine, 'of b');
    await a.remote.drain();
    await b.remote.drain();
    await converged(a.engine, b.engine, central);
    await b.remote.close();
    expect(b.remote.status.state).toBe('closed');
    await put(a.engine, 'later');
    await a.remote.drain();
    const { Item } = (await call(b.engine, 'GetItem', {
      ...{ TableName: 'Notes', Key: { id: 'later' } },
    })) as { readonly Item?: object };
    expect(Item).toBeUndefined();
    await expect(b.remote.until('live')).rejects.toThrow('closed');
  });

  test('takes what is to be loaded first, and refuses what is no range of a table', async () => {
    const { url } = await hub();
    const engine = await openNodeDatabase({ memory: true });
    await call(engine, 'CreateTable', notes);
    const good = sync(engine, { url, tables: ['Notes'], first: [{ table: 'Notes' }] });
    open.push(engine, good);
    await good.until('live');
    await good.close();
    const bad = sync(engine, {
      url,
      tables: ['Notes'],
      first: [{ table: 'Notes', key: { no: 'key' } }],
    });
    open.push(bad);
    const { message } = await bad.until(['blocked', 'live']);
    expect(message).toContain('What is to be loaded first');
  });

  test('tells events of one type, pauses and resumes', async () => {
    const { url } = await hub();
    const { engine, remote } = await edge(url);
    const states = new Set<string>();
    const leave = remote.on('status', ({ status }) => states.add(status.state));
    await remote.until('live');
    remote.pause();
    await remote.until('paused');
    await put(engine, 'meanwhile');
    leave();
    const drained = remote.drain();
    remote.resume();
    await drained;
    await remote.until('live');
    expect([...states]).toEqual(expect.arrayContaining(['live', 'paused']));
    expect(await remote.quarantine()).toEqual([]);
  });

  test('keeps what was refused until it is discarded or written again', async () => {
    const { engine: central, url } = await hub();
    const { engine, remote } = await edge(url);
    await remote.until('live');
    remote.pause();
    await remote.until('paused');
    // A table that the hub has dropped meanwhile refuses what comes for it.
    await call(central, 'DeleteTable', { TableName: 'Notes' });
    await put(engine, 'one');
    await put(engine, 'two');
    const refused = new Promise((resolve) => remote.on('rejected', resolve));
    remote.resume();
    await refused;
    await remote.drain();
    const writes = await remote.quarantine();
    expect(writes.map(({ code }) => code)).toEqual(['TableGone', 'TableGone']);
    const [first, second] = writes;
    await remote.discard([first?.seq ?? 0]);
    expect(await remote.quarantine()).toHaveLength(1);
    await remote.retry([second?.seq ?? 0]);
    const { Item } = (await call(engine, 'GetItem', {
      ...{ TableName: 'Notes', Key: { id: 'two' } },
    })) as { readonly Item?: object };
    expect(Item).toBeDefined();
  });

  test('tells which versions of its own were replaced unseen, until they are discarded', async () => {
    const { url } = await hub();
    const a = await edge(url);
    const b = await edge(url);
    await a.remote.until('live');
    await b.remote.until('live');
    a.remote.pause();
    b.remote.pause();
    await a.remote.until('paused');
    await b.remote.until('paused');
    await put(a.engine, 'both');
    await call(b.engine, 'PutItem', { TableName: 'Notes', Item: { id: 'both', v: 'of b' } });
    a.remote.resume();
    await a.remote.drain();
    b.remote.resume();
    await b.remote.drain();
    await converged(a.engine, b.engine);
    await expect.poll(() => a.remote.status.conflicts, { timeout: 10_000 }).toBe(1);
    const [conflict] = await a.remote.conflicts();
    expect(conflict).toMatchObject({ table: 'Notes', key: { id: 'both' }, lost: { id: 'both' } });
    await a.remote.discardConflicts([conflict?.id ?? '']);
    expect(await a.remote.conflicts()).toEqual([]);
    expect(a.remote.status.conflicts).toBe(0);
  });

  test('is ended by its signal, and refuses a URL that is none', async () => {
    const { url } = await hub();
    const engine = await openNodeDatabase({ memory: true });
    open.push(engine);
    expect(() => sync(engine, { url: 'ftp://hub' })).toThrow('no HTTP URL');
    const over = new AbortController();
    const remote = sync(engine, { url, signal: over.signal });
    const waiting = remote.until('paused', { signal: AbortSignal.abort(new Error('enough')) });
    await expect(waiting).rejects.toThrow('enough');
    over.abort();
    await expect(remote.until('paused')).rejects.toThrow();
    await remote.close();
  });
});
