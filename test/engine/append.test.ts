import { describe, expect, test } from 'vitest';
import { append, prepare } from '../../src/engine/append.ts';
import { catchUp } from '../../src/engine/follow.ts';
import { recover } from '../../src/engine/recover.ts';
import type { EngineState } from '../../src/engine/state.ts';
import { Turnstile } from '../../src/engine/turnstile.ts';
import type { Commit } from '../../src/log/commit.ts';
import { UpdateNeeded } from '../../src/base/corruption.ts';
import { turnstileStandBackMs } from '../../src/base/limits.ts';
import { encodeMeta } from '../../src/pager/meta.ts';
import { metaKey, type WriteResult } from '../../src/port/store.ts';
import { createMemory, type MemoryDisk } from '../../src/storage/memory.ts';
import { keysOf, metaOf, openTestState } from '../support/engine.ts';

const unknown: WriteResult = { kind: 'unknown' };

function commitOf(state: EngineState, bytes = 10): Commit {
  const value = new Uint8Array(bytes);
  return {
    sequence: state.sequence + 1,
    stamp: { ms: 1, counter: 0, replica: state.id },
    transaction: 0,
    transactionEnd: true,
    caller: 'user',
    units: 0,
    table: 200,
    mutations: [
      { tree: 200, key: new Uint8Array([1]), value, sizeBefore: undefined, sizeAfter: bytes },
    ],
  };
}

function offer(state: EngineState, bytes = 10): ReturnType<typeof append> {
  const attempt = prepare(state, [commitOf(state, bytes)], state.clock);
  return append(state, attempt, false, new Turnstile(state));
}

/** Says in the store that the log is in pages up to `position`, and gone. */
function trimTo(disk: MemoryDisk, position: number, more: object = {}): void {
  const meta = { ...metaOf(disk), position, trimmed: position, ...more };
  disk.spaces.meta.put(metaKey, encodeMeta(meta));
  disk.spaces.log.removeRange(0, position);
}

// A turn of one record and one of many take different ways to the store.
describe.each([
  ['one record', 10],
  ['many records', 200_000],
])('an append of %s', (_name, bytes) => {
  test('is stored above the head', async () => {
    const { state, store } = await openTestState();
    const result = await offer(state, bytes);
    expect(result.kind).toBe('stored');
    expect(keysOf(store.disk, 'log')[0]).toBe(1);
    await catchUp(state);
    expect(state.sequence).toBe(1);
  });

  test('is lost when another engine came first, which is then followed', async () => {
    const disk = createMemory();
    const first = await openTestState({ disk });
    const second = await openTestState({ disk });
    await offer(first.state, bytes);
    expect(await offer(second.state, bytes)).toEqual({ kind: 'lost' });
    expect(second.state.sequence).toBe(1);
  });

  test('whose outcome is unknown is offered again, and known by its name', async () => {
    const { state, store } = await openTestState();
    let tries = 0;
    store.hooks.written = () => {
      tries += 1;
      return tries === 1 ? unknown : undefined;
    };
    expect((await offer(state, bytes)).kind).toBe('stored');
    expect([tries, state.sequence]).toEqual([2, 1]);
  });

  test('that was not carried out is stored by the next try', async () => {
    const { state, store } = await openTestState();
    let tries = 0;
    store.hooks.write = () => {
      tries += 1;
      return tries === 1 ? unknown : undefined;
    };
    const result = await offer(state, bytes);
    expect(result.kind).toBe('stored');
    expect(store.batches.filter(({ add = [] }) => add.length > 0)).toHaveLength(1);
  });

  test('of an engine below the trimmed log is lost, and leaves nothing that is read', async () => {
    const { state, store } = await openTestState();
    trimTo(store.disk, 100, { sequence: 500 });
    expect(await offer(state, bytes)).toEqual({ kind: 'lost' });
    expect([state.head, state.sequence]).toEqual([100, 500]);
    expect(keysOf(store.disk, 'log')).toEqual([]);
  });

  test('that was trimmed before it could be looked for may have happened', async () => {
    const { state, store } = await openTestState();
    store.hooks.written = () => unknown;
    store.hooks.read = () => {
      delete store.hooks.read;
      // Another engine made a checkpoint of it before our catch-up.
      trimTo(store.disk, state.head + 20);
    };
    const trimLate = offer(state, bytes);
    delete store.hooks.written;
    store.hooks.written = (_batch, result) => {
      delete store.hooks.written;
      return result.kind === 'done' ? unknown : undefined;
    };
    expect(await trimLate).toEqual({ kind: 'failed', why: 'unknown' });
  });

  test.each(['full', 'closed'] as const)('refused as %s failed', async (why) => {
    const { state, store } = await openTestState();
    store.hooks.write = () => ({ kind: 'refused', why });
    expect(await offer(state, bytes)).toEqual({ kind: 'failed', why });
    expect(keysOf(store.disk, 'log')).toEqual([]);
  });

  test('refused after an unknown outcome is unknown', async () => {
    const { state, store } = await openTestState();
    const answers: WriteResult[] = [unknown, { kind: 'refused', why: 'full' }];
    store.hooks.write = () => answers.shift();
    expect(await offer(state, bytes)).toEqual({ kind: 'failed', why: 'unknown' });
  });

  test('to a store of a newer version says that an update is needed', async () => {
    const { state, store } = await openTestState();
    // docs/formats/meta.md: who raises the format moves the log out of reach.
    trimTo(store.disk, 2 ** 40, { format: 9 });
    await expect(offer(state, bytes)).rejects.toThrow(UpdateNeeded);
    expect(keysOf(store.disk, 'log').every((position) => position < 2 ** 40)).toBe(true);
    await expect(recover(state)).rejects.toThrow(UpdateNeeded);
  });

  test.each([
    ['that was emptied', undefined],
    ['that is another by now', new Uint8Array(16).fill(7)],
  ])('to a store %s finds it gone, and leaves no record there', async (_name, storeId) => {
    const { state, store } = await openTestState();
    const meta = { ...metaOf(store.disk), storeId: storeId ?? new Uint8Array(16) };
    store.disk.spaces.meta.removeRange(0, Number.MAX_SAFE_INTEGER);
    if (storeId !== undefined) store.disk.spaces.meta.put(metaKey, encodeMeta(meta));
    await expect(offer(state, bytes)).rejects.toMatchObject({ why: 'gone' });
    expect(keysOf(store.disk, 'log')).toEqual([]);
  });
});

test('a turn of many records lets one that waits go first, and is then stored', async () => {
  const disk = createMemory();
  const [mine, other] = [await openTestState({ disk }), await openTestState({ disk })];
  const turnstile = new Turnstile(mine.state);
  await new Turnstile(other.state).sign();
  const big = (): ReturnType<typeof append> => {
    const attempt = prepare(mine.state, [commitOf(mine.state, 200_000)], mine.state.clock);
    return append(mine.state, attempt, false, turnstile);
  };
  const fromMs = mine.time.monoMs;
  expect(await big()).toEqual({ kind: 'lost' });
  expect(mine.time.monoMs - fromMs).toBe(turnstileStandBackMs);
  expect((await big()).kind).toBe('stored');
  expect(mine.time.monoMs - fromMs).toBe(turnstileStandBackMs);
});

test('a turn of unknown outcome in a store that is gone is gone', async () => {
  const { state, store } = await openTestState();
  const answers: readonly WriteResult[] = [unknown, { kind: 'refused', why: 'gone' }];
  let at = 0;
  store.hooks.write = () => answers[at++];
  expect(await offer(state)).toEqual({ kind: 'failed', why: 'gone' });
  expect(at).toBe(2);
});
