/** Writes and reads that the hub itself answers, while a device has edits of its own. */
import { describe, expect, test } from 'vitest';
import { hubCallTriesMax, syncAnswerMs } from '../../src/base/replica-limits.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { type EngineSync, sync } from '../../src/host/sync-engine.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { owner } from '../../src/operation/request.ts';
import { decodeFrame } from '../../src/replica/wire.ts';
import { askHub, type HubPorts } from '../../src/sync/ask-hub.ts';
import { SyncFault } from '../../src/sync/fault.ts';
import type { Fetch } from '../../src/sync/http-link.ts';
import { type NearHub, openNearHub } from '../support/hubs.ts';

interface Edge {
  readonly engine: Engine;
  readonly remote: EngineSync;
  close(): Promise<void>;
}

async function edge(near: NearHub, fetch: Fetch = near.fetch): Promise<Edge> {
  const engine = await openNodeDatabase({ memory: true });
  const remote = sync(engine, { url: 'http://hub', tables: ['Notes'], fetch });
  await remote.until('live');
  return {
    engine,
    remote,
    close: async () => {
      await remote.close();
      await engine.close();
    },
  };
}

async function write(engine: Engine, id: string, v: string): Promise<void> {
  const input = { TableName: 'Notes', Item: { id, v } };
  await engine.call({ operation: 'PutItem', input, form: 'plain', caller: owner });
}

async function read(engine: Engine, id: string): Promise<string | undefined> {
  const input = { TableName: 'Notes', Key: { id } };
  const request = { operation: 'GetItem', input, form: 'plain', caller: owner } as const;
  return textOf(await engine.call({ ...request, consistency: 'strong' }));
}

function textOf(output: object): string | undefined {
  const { Item } = output as { Item?: { item(): ReadonlyMap<string, { value: unknown }> } };
  const value = Item?.item().get('v')?.value;
  return value === undefined ? undefined : String(value);
}

const put = (id: string, v: string) => ({ TableName: 'Notes', Item: { id, v } });
const get = (id: string) => ({ TableName: 'Notes', Key: { id } });

describe('the mode hub', () => {
  test('L15: what was written here before comes to the hub before it', async () => {
    const near = await openNearHub();
    const a = await edge(near);
    const b = await edge(near);
    await write(a.engine, 'x', 'of the morning');
    const result = await a.remote.with({ mode: 'hub' }).call('PutItem', put('x', 'of the hub'));
    expect(await a.remote.settled(result)).toBe('hub');
    expect(await read(near.engine, 'x')).toBe('of the hub');
    // The answer waits for the feed to bring it here.
    expect(await read(a.engine, 'x')).toBe('of the hub');
    await expect.poll(() => read(b.engine, 'x'), { timeout: 5000 }).toBe('of the hub');
    expect(a.remote.status).toMatchObject({ pending: 0, quarantined: 0, conflicts: 0 });
    for (const one of [a, b]) await one.close();
    await near.engine.close();
  });

  test('U26: a read is answered by the hub, with the edits of this device', async () => {
    const near = await openNearHub();
    const a = await edge(near);
    await near.put('other', 'of the hub');
    await write(a.engine, 'x', 'pending');
    const { call } = a.remote.with({ mode: 'hub' });
    expect(textOf(await call('GetItem', get('x')))).toBe('pending');
    expect(textOf(await call('GetItem', get('other')))).toBe('of the hub');
    const { Count } = (await call('Scan', { TableName: 'Notes' })) as { readonly Count: number };
    expect(Count).toBe(2);
    await a.close();
    await near.engine.close();
  });

  test('is refused as the hub refuses it, and nothing is kept of it', async () => {
    const near = await openNearHub();
    await near.put('x', 'of the hub');
    const a = await edge(near);
    const free = { ...put('x', 'mine'), ConditionExpression: 'attribute_not_exists(id)' };
    const { call } = a.remote.with({ mode: 'hub' });
    await expect(call('PutItem', free)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
    await expect(call('CreateTable', {})).rejects.toThrow(TypeError);
    const late = a.remote.with({ mode: 'hub', expiresMs: 5 }).call('PutItem', free);
    await expect(late).rejects.toThrow(TypeError);
    expect(a.remote.status).toMatchObject({ pending: 0, quarantined: 0 });
    await a.close();
    await near.engine.close();
  });

  test('without a hub fails at once, and nothing is written anywhere', async () => {
    const near = await openNearHub();
    let isDown = false;
    const a = await edge(near, (url, init) => {
      return isDown ? Promise.reject(new TypeError('no network')) : near.fetch(url, init);
    });
    isDown = true;
    await write(a.engine, 'mine', 'offline');
    await a.remote.until('offline');
    const { call } = a.remote.with({ mode: 'hub' });
    for (const asked of [call('PutItem', put('x', 'v')), call('GetItem', get('x'))]) {
      await expect(asked).rejects.toMatchObject({
        name: 'HubError',
        why: 'offline',
        mayHaveBeenApplied: false,
      });
    }
    expect(await read(a.engine, 'x')).toBeUndefined();
    a.remote.pause();
    await a.remote.until('paused');
    await expect(call('GetItem', get('x'))).rejects.toMatchObject({ name: 'HubError' });
    isDown = false;
    a.remote.resume();
    await a.remote.drain();
    expect(await read(near.engine, 'x')).toBeUndefined();
    expect(await read(near.engine, 'mine')).toBe('offline');
    await a.close();
    await near.engine.close();
  });

  test('whose answer is lost says that the write may stand; a read says that it does not', async () => {
    const near = await openNearHub();
    const a = await edge(near, async (url, init) => {
      const answer = await near.fetch(url, init);
      const isCall = !url.endsWith('/pokes') && decodeFrame(init.body).message.kind === 'call';
      if (isCall) throw new TypeError('cut');
      return answer;
    });
    const { call } = a.remote.with({ mode: 'hub' });
    await expect(call('PutItem', put('x', 'v'))).rejects.toMatchObject({
      name: 'HubError',
      mayHaveBeenApplied: true,
    });
    await expect(call('GetItem', get('x'))).rejects.toMatchObject({ mayHaveBeenApplied: false });
    expect(await read(near.engine, 'x')).toBe('v');
    await a.close();
    await near.engine.close();
  });

  test('is sent again for as long as a hub takes to start, a read once', async () => {
    const near = await openNearHub();
    const a = await edge(near);
    let told = 0;
    let restMs = 0;
    const ports: HubPorts = {
      engine: a.engine,
      clock: { wallMs: () => 0, monoMs: () => restMs },
      random: { bytes: (length) => new Uint8Array(length) },
      scheduler: {
        delay: async (ms) => {
          if (told > 0) restMs += ms;
        },
        breathe: async () => undefined,
      },
      status: () => a.remote.status,
      watch: () => () => undefined,
      tell: () => {
        told += 1;
        return Promise.reject(new SyncFault('offline', 'gone'));
      },
    };
    for (const [operation, input, times] of [
      ['PutItem', put('x', 'v'), hubCallTriesMax],
      ['GetItem', get('x'), 1],
    ] as const) {
      told = 0;
      restMs = 0;
      const asked = askHub(ports, { operation, input, form: 'plain', caller: owner });
      await expect(asked).rejects.toMatchObject({ mayHaveBeenApplied: times > 1 });
      expect(told).toBe(times);
      expect(restMs > 7000).toBe(times > 1);
      expect(restMs).toBeLessThan(syncAnswerMs);
    }
    await a.close();
    await near.engine.close();
  });

  test('is not put off for longer than an answer may take, whatever a proxy asks for', async () => {
    const near = await openNearHub();
    const a = await edge(near);
    let told = 0;
    let nowMs = 0;
    const ports: HubPorts = {
      engine: a.engine,
      clock: { wallMs: () => 0, monoMs: () => nowMs },
      random: { bytes: (length) => new Uint8Array(length) },
      scheduler: {
        delay: async (ms) => {
          if (told > 0) nowMs += ms;
        },
        breathe: async () => undefined,
      },
      status: () => a.remote.status,
      watch: () => () => undefined,
      tell: () => {
        told += 1;
        return Promise.reject(new SyncFault('offline', 'too many', 3_600_000, 429));
      },
    };
    const request = { operation: 'PutItem', input: put('x', 'v'), form: 'plain' } as const;
    const asked = askHub(ports, { ...request, caller: owner });
    await expect(asked).rejects.toMatchObject({ name: 'HubError', why: 'offline' });
    expect(nowMs).toBeLessThanOrEqual(syncAnswerMs);
    expect(told).toBe(2);
    await a.close();
    await near.engine.close();
  });

  test('U4: is the only way to write a table that asks for it', async () => {
    const near = await openNearHub();
    const { Table } = (await near.engine.call({
      operation: 'DescribeTable',
      input: { TableName: 'Notes' },
      form: 'plain',
      caller: owner,
    })) as { readonly Table: { readonly TableArn: string } };
    const Tags = [{ Key: 'tidetable:mode', Value: 'hub' }];
    const tag = { ResourceArn: Table.TableArn, Tags };
    const a = await edge(near);
    // Not told of it yet: the hub refuses what comes by another way, whatever it asks for.
    a.remote.pause();
    await a.remote.until('paused');
    await near.engine.call({ operation: 'TagResource', input: tag, form: 'plain', caller: owner });
    await write(a.engine, 'local', 'v');
    const confirmed = await a.remote.with({ mode: 'confirm' }).call('PutItem', put('confirm', 'v'));
    a.remote.resume();
    expect(await a.remote.settled(confirmed)).toBe('rejected');
    await a.remote.drain();
    expect((await a.remote.quarantine()).map(({ code }) => code)).toEqual([
      'ModeTooLow',
      'ModeTooLow',
    ]);
    await expect.poll(() => write(a.engine, 'x', 'v').then(() => '', String)).toMatch(/mode hub/);
    const local = a.remote.with({ mode: 'local' }).call('PutItem', put('x', 'v'));
    await expect(local).rejects.toThrow('ask for the mode hub');
    await a.remote.with({ mode: 'hub' }).call('PutItem', put('x', 'of the hub'));
    expect(await read(a.engine, 'x')).toBe('of the hub');
    await a.close();
    await near.engine.close();
  });
});
