import { describe, expect, test, vi } from 'vitest';
import { UpdateNeeded } from '../../src/base/corruption.ts';
import type { Answer } from '../../src/operation/request.ts';
import { encodeMeta, metaFormat } from '../../src/pager/meta.ts';
import { metaKey, StoreFailure } from '../../src/port/store.ts';
import { createMemory } from '../../src/storage/memory.ts';
import {
  ask,
  damage,
  fill,
  find,
  gate,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  put,
  quiet,
  type Rig,
  refusal,
  requestOf,
} from '../support/engine.ts';

vi.mock('../../src/base/limits.ts', async (original) => ({
  ...(await original<Record<string, unknown>>()),
  queuedRequestsMax: 50,
}));

const read = (p: string) => ({ TableName: 'Things', Key: { p: { S: p } } });
const strongRead = (p: string) => ({ ...read(p), ConsistentRead: true });

/** A closed rig's disk with a table of `count` items in pages, read by a fresh engine. */
async function reopened(count: number, more: object = {}): Promise<Rig> {
  const first = await openRig();
  await makeTable(first);
  for (let from = 0; from < count; from += 40) {
    await fill(first, Math.min(40, count - from), 1000, from);
  }
  await first.engine.checkpoint();
  return openRig({ disk: first.store.disk, ...more });
}

describe('a read', () => {
  test('is answered before submit returns when memory is fresh', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await put(rig, 'a');
    let answer: Answer | undefined;
    rig.engine.submit(requestOf('GetItem', read('a')), (given) => {
      answer = given;
    });
    expect(answer?.output).toHaveProperty('Item');
  });

  test('that is strongly consistent asks for the head after it arrived, once for many', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const other = await openRig({ disk: rig.store.disk });
    await put(rig, 'a');
    const before = other.store.reads;
    const found = await Promise.all(['a', 'a', 'a'].map((p) => find(other, p)));
    expect(found.every((item) => item !== undefined)).toBe(true);
    expect(other.store.reads - before).toBe(1);
  });

  test('that is not asks only when the head was not seen in 250 ms', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const other = await openRig({ disk: rig.store.disk });
    await put(rig, 'a');
    expect(await ask(other, 'GetItem', read('a'))).toEqual({});
    other.time.pass(251);
    expect(await ask(other, 'GetItem', read('a'))).toHaveProperty('Item');
  });

  test('never asks for the head of a store that is its own', async () => {
    const rig = await openRig({ exclusive: true });
    await makeTable(rig);
    await put(rig, 'a');
    const { reads } = rig.store;
    expect(await find(rig, 'a')).toBeDefined();
    expect(rig.store.reads).toBe(reads);
  });

  test('that waits for the head is told when it is aborted or too late', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const aborter = new AbortController();
    rig.store.hooks.readDone = () => {
      aborter.abort();
      rig.time.pass(100);
    };
    const { signal } = aborter;
    const deadlineMs = rig.time.monoMs + 50;
    const answers = [{ signal }, { deadlineMs }].map((more) => {
      return refusal(ask(rig, 'GetItem', strongRead('a'), more));
    });
    expect(await Promise.all(answers)).toEqual([
      'AbortError The call was aborted; nothing was written',
      'TimeoutError The call was not begun before its deadline; nothing was written',
    ]);
  });

  test('of a store that fails gets an error, and the next one its answer', async () => {
    const rig = await reopened(10);
    rig.store.hooks.read = () => {
      throw new StoreFailure('lost', 'cut');
    };
    for (let tries = 0; tries < 5; tries += 1) {
      expect(await refusal(find(rig, 'k1'))).toBe(
        'InternalServerError The store could not be used: cut',
      );
    }
    delete rig.store.hooks.read;
    expect(await find(rig, 'k1')).toBeDefined();
  });

  test('beyond the bound of waiting calls is refused', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const held = gate();
    rig.store.hooks.read = () => held.opened;
    const answers = Array.from({ length: 120 }, () => refusal(find(rig, 'a')));
    await quiet();
    held.open();
    const refused = (await Promise.all(answers)).filter((told) => told !== undefined);
    expect(new Set(refused)).toEqual(
      new Set(['RequestLimitExceeded Too many calls are waiting for this engine']),
    );
    expect(refused.length).toBeGreaterThan(60);
    expect(await refusal(find(rig, 'a'))).toBeUndefined();
  });
});

describe('damaged pages', () => {
  /** A rig one of whose leaves is damaged, and the keys of two items, one in it and one not. */
  async function damaged(): Promise<{ rig: Rig; bad: string; good: string }> {
    const rig = await reopened(200);
    const { disk } = rig.store;
    const images = keysOf(disk, 'page').filter((key) => {
      return (disk.spaces.page.get(key)?.length ?? 0) > 20_000;
    });
    damage(disk, 'page', images[0] as number);
    const told = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const fresh = index % 40 === 0 ? await openRig({ disk }) : rig;
        return [`k${index}`, await refusal(find(fresh, `k${index}`))] as const;
      }).slice(0, 45),
    );
    const bad = told.find(([, error]) => error !== undefined)?.[0] ?? '';
    const good = told.find(([, error]) => error === undefined)?.[0] ?? '';
    return { rig: await openRig({ disk }), bad, good };
  }

  test('give an error to who asks for them, and to nobody else in the same request', async () => {
    const { rig, bad, good } = await damaged();
    const [lost, found] = await Promise.all([refusal(find(rig, bad)), find(rig, good)]);
    expect(lost).toMatch(/^DamagedData A part of table Things is damaged \(page \d+\): .*repair/);
    expect(found).toBeDefined();
  });

  test('leave the engine as it is: no memory is dropped for them', async () => {
    const { rig, bad, good } = await damaged();
    await find(rig, good);
    const { cacheBytes } = rig.engine.status();
    await refusal(find(rig, bad));
    await quiet();
    expect(rig.engine.status().cacheBytes).toBeGreaterThanOrEqual(cacheBytes);
    await put(rig, 'new');
    expect(await find(rig, 'new')).toBeDefined();
  });
});

describe('an answer', () => {
  test('whose taker throws is given once, and the others get theirs', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const caught: unknown[] = [];
    const listeners = process.rawListeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => caught.push(error));
    let given = 0;
    const bad = (): void => {
      given += 1;
      throw new Error('a bad taker');
    };
    rig.engine.submit(requestOf('PutItem', { TableName: 'Things', Item: { p: { S: 'a' } } }), bad);
    const other = put(rig, 'b');
    await other;
    rig.engine.submit(requestOf('GetItem', strongRead('a')), bad);
    expect(await find(rig, 'b')).toBeDefined();
    rig.engine.submit(requestOf('GetItem', read('a')), bad);
    await quiet();
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener as () => void);
    expect(given).toBe(3);
    expect(caught).toHaveLength(3);
    expect(await find(rig, 'a')).toBeDefined();
  });

  test('of an unknown operation, or an internal one asked by a user, is an error', async () => {
    const rig = await openRig();
    expect(await refusal(ask(rig, 'Nothing'))).toMatch(/^UnknownOperationException/);
    expect(await refusal(ask(rig, 'AdvanceJob', { Job: 'x' }))).toMatch(/^UnknownOp/);
  });

  test('to a call that was aborted before it came is an error', async () => {
    const rig = await openRig();
    const signal = AbortSignal.abort();
    expect(await refusal(ask(rig, 'ListTables', {}, { signal }))).toMatch(/^AbortError/);
  });
});

describe('a hint', () => {
  test('of a higher position makes the engine ask for the head', async () => {
    const rig = await openRig();
    await makeTable(rig);
    let tell = (_position: number): void => undefined;
    const hint = {
      tell: () => undefined,
      listen: (heard: (position: number) => void) => {
        tell = heard;
      },
      close: () => undefined,
    };
    const other = await openRig({ disk: rig.store.disk, hint });
    await put(rig, 'a');
    const { head } = rig.engine.status();
    tell(head);
    await quiet();
    expect(other.engine.status().head).toBe(head);
    const { reads } = other.store;
    tell(head);
    await quiet();
    expect(other.store.reads).toBe(reads);
  });

  test('that cannot be given harms nobody', async () => {
    const hint = {
      tell: () => {
        throw new Error('the channel is closed');
      },
      listen: () => undefined,
      close: () => undefined,
    };
    const rig = await openRig({ hint });
    await makeTable(rig);
    await put(rig, 'a');
    await quiet();
    await put(rig, 'b');
    expect(await find(rig, 'b')).toBeDefined();
  });
});

describe('close', () => {
  test('lets calls in flight end, and refuses later ones', async () => {
    const rig = await reopened(50);
    const calls = [put(rig, 'a'), find(rig, 'k1'), find(rig, 'k20')];
    const closing = rig.engine.close();
    expect(await refusal(put(rig, 'late'))).toBe('Error The database is closed');
    expect(await refusal(find(rig, 'k1'))).toBe('Error The database is closed');
    expect((await Promise.all(calls))[1]).toBeDefined();
    await closing;
    expect(rig.engine.status().closed).toBe(true);
    expect(await find(await openRig({ disk: rig.store.disk }), 'a')).toBeDefined();
  });

  test('twice is over when the store is closed, both times', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const held = gate();
    rig.store.hooks.write = () => held.opened.then(() => undefined);
    const writing = put(rig, 'a');
    const first = rig.engine.close();
    let over = false;
    const second = rig.engine.close().then(() => {
      over = true;
    });
    await quiet();
    expect(over).toBe(false);
    held.open();
    await Promise.all([writing, first, second]);
    expect(rig.engine.status().closed).toBe(true);
  });

  test('answers calls of a store that fails meanwhile', async () => {
    const rig = await reopened(50);
    rig.store.hooks.write = () => ({ kind: 'refused', why: 'closed' });
    rig.store.hooks.read = () => {
      throw new StoreFailure('closed', 'gone');
    };
    const calls = [refusal(put(rig, 'a')), refusal(find(rig, 'k1'))];
    await rig.engine.close();
    for (const told of await Promise.all(calls)) expect(told).toMatch(/^InternalServerError/);
  });
});

describe('a store that a newer version took over', () => {
  const encoded = (rig: Rig): Uint8Array => {
    const meta = metaOf(rig.store.disk);
    // docs/formats/meta.md: who raises the format moves the log out of reach.
    return encodeMeta({ ...meta, format: metaFormat + 1, position: 2 ** 40, trimmed: 2 ** 40 });
  };
  const big = (rig: Rig) =>
    ask(rig, 'BatchWriteItem', {
      RequestItems: {
        Things: [1, 2, 3].map((p) => ({
          PutRequest: { Item: { p: { S: `${p}` }, v: { S: 'x'.repeat(40_000) } } },
        })),
      },
    });

  test.each<[string, (rig: Rig) => Promise<unknown>]>([
    ['a strongly consistent read', (rig) => find(rig, 'a')],
    ['a write', (rig) => put(rig, 'b')],
    ['a write of several records', big],
    ['a checkpoint', (rig) => rig.engine.checkpoint()],
    ['a barrier', (rig) => rig.engine.barrier()],
  ])('stops the engine that meets it by %s', async (_name, act) => {
    const rig = await openRig();
    await makeTable(rig);
    await put(rig, 'a');
    const { disk } = rig.store;
    const newer = encoded(rig);
    disk.spaces.meta.put(metaKey, newer);
    expect(await refusal(act(rig))).toMatch(/^(UpdateNeeded|StoreFailure what was written)/);
    expect(rig.engine.status().stopped).toBe('update-needed');
    const { length } = rig.store.batches;
    const { reads } = rig.store;
    for (const call of [put(rig, 'c'), find(rig, 'a'), ask(rig, 'ListTables')]) {
      expect(await refusal(call)).toMatch(/^UpdateNeeded .*format \d+.*update it/);
    }
    const { durableSeq } = rig.engine.status();
    await expect(rig.engine.whenDurable(durableSeq + 1)).rejects.toThrow(UpdateNeeded);
    await rig.engine.close();
    expect([rig.store.batches.length, rig.store.reads]).toEqual([length, reads]);
    expect(disk.spaces.meta.get(metaKey)).toEqual(newer);
    // What an append left before it had seen the new meta is where nobody reads.
    expect(keysOf(disk, 'log').every((position) => position < 2 ** 40)).toBe(true);
  });

  test('stops an engine with nothing to do when it hears of it, its background work too', async () => {
    const first = await openRig();
    await makeTable(first);
    let tell = (_position: number): void => undefined;
    const hint = {
      tell: () => undefined,
      listen: (heard: (position: number) => void) => {
        tell = heard;
      },
      close: () => undefined,
    };
    const rig = await openRig({ disk: first.store.disk, hint, background: true });
    await quiet();
    const { length } = rig.store.batches;
    first.store.disk.spaces.meta.put(metaKey, encoded(first));
    tell(2 ** 40 + 1);
    await quiet();
    expect(rig.engine.status().stopped).toBe('update-needed');
    await rig.engine.close();
    expect(rig.store.batches.length).toBe(length);
  });
});

describe('a database that is idle', () => {
  test('writes nothing, whoever opens and reads it', async () => {
    const rig = await reopened(50, { background: true });
    await find(rig, 'k1');
    await quiet();
    rig.time.pass(60_000);
    await find(rig, 'k2');
    await rig.engine.idle();
    await rig.engine.close();
    expect(rig.store.batches).toEqual([]);
  });

  test('is sound after its engine was dropped and its meta is that of another', async () => {
    const disk = createMemory();
    const first = await openRig({ disk });
    const second = await openRig({ disk });
    expect(metaOf(disk).checkpoint).toBe(0);
    await makeTable(first);
    await put(second, 'a');
    expect(await find(first, 'a')).toBeDefined();
  });
});
