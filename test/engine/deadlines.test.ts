import { describe, expect, test } from 'vitest';
import { callMsMax, callStallMs, callTickMs, closeWaitMs } from '../../src/base/limits.ts';
import { StoreFailure } from '../../src/port/store.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import {
  fill,
  find,
  gate,
  makeTable,
  openRig,
  put,
  quiet,
  type Rig,
  refusal,
  TestTime,
} from '../support/engine.ts';

interface TickingRig extends Rig {
  /** Lets time pass, tick by tick. */
  pass(ms: number): Promise<void>;
  readonly ticking: Set<() => void>;
}

/** An engine with a table, and a timer that a test drives. */
async function ticking(disk?: MemoryDisk): Promise<TickingRig> {
  const time = new TestTime();
  const timers = new Set<() => void>();
  const every = (_everyMs: number, act: () => void): (() => void) => {
    timers.add(act);
    return () => timers.delete(act);
  };
  const scheduler = { ...time.scheduler, every };
  const rig = await openRig({ time, scheduler, ...(disk === undefined ? {} : { disk }) });
  if (disk === undefined) await makeTable(rig);
  const tick = (): void => {
    for (const act of [...timers]) act();
  };
  tick();
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += callTickMs) {
      time.pass(callTickMs);
      tick();
      await quiet(2);
    }
  };
  return { ...rig, pass, ticking: timers };
}

const never = new Promise<never>(() => undefined);

/** What a call came to so far. */
function watched(call: Promise<unknown>): { readonly error: () => unknown } {
  let error: unknown;
  call.catch((thrown: unknown) => {
    error = thrown;
  });
  return { error: () => error };
}

const hangs = (applied: boolean): object => ({
  name: 'InternalServerError',
  message: expect.stringMatching(/^The store has not answered for \d+ ms\. Try again/),
  members: { reason: 'hangs', mayHaveBeenApplied: applied },
});

describe('a store that never answers', () => {
  test('writes end, of unknown outcome: the one under way and the one on top of it', async () => {
    const rig = await ticking();
    rig.store.hooks.write = () => never;
    const first = watched(put(rig, 'a'));
    await quiet();
    await rig.pass(1000);
    const second = watched(put(rig, 'b'));
    await rig.pass(callStallMs - 1500);
    expect([first.error(), second.error()]).toEqual([undefined, undefined]);
    await rig.pass(1500 + 2 * callTickMs);
    expect(first.error()).toMatchObject(hangs(true));
    expect(second.error()).toMatchObject(hangs(true));
  });

  test('a write that waits for its page ends, and was not written', async () => {
    const first = await ticking();
    await fill(first, 400, 1000);
    await first.engine.checkpoint();
    const rig = await ticking(first.store.disk);
    rig.store.hooks.read = () => never;
    const write = watched(put(rig, 'k7'));
    await rig.pass(callStallMs + 2 * callTickMs);
    expect(write.error()).toMatchObject(hangs(false));
  });

  test('a strong read ends', async () => {
    const rig = await ticking();
    await put(rig, 'a');
    rig.store.hooks.read = () => never;
    const read = watched(find(rig, 'a'));
    await rig.pass(callStallMs + 2 * callTickMs);
    expect(read.error()).toMatchObject(hangs(false));
  });

  test('and answers at last: the write is there, nobody is answered twice', async () => {
    const rig = await ticking();
    const held = gate();
    rig.store.hooks.write = () => held.opened.then(() => undefined);
    const write = watched(put(rig, 'a'));
    await quiet();
    await rig.pass(callStallMs + 2 * callTickMs);
    expect(write.error()).toMatchObject(hangs(true));
    delete rig.store.hooks.write;
    held.open();
    expect(await find(rig, 'a')).toBeDefined();
    await put(rig, 'b');
    expect(rig.engine.status().head).toBe(3);
  });

  test('a slow store is no stuck one: what moves is waited for', async () => {
    const rig = await ticking();
    let held = gate();
    rig.store.hooks.write = () => held.opened.then(() => undefined);
    const writes = ['a', 'b', 'c'].map(async (key) => {
      await put(rig, key);
      return key;
    });
    for (let turn = 0; turn < 4; turn += 1) {
      await rig.pass(callStallMs - 1000);
      const now = held;
      held = gate();
      now.open();
      await quiet();
    }
    held.open();
    expect(await Promise.all(writes)).toEqual(['a', 'b', 'c']);
  });

  test('the time that a tab was frozen does not count', async () => {
    const rig = await ticking();
    const held = gate();
    rig.store.hooks.write = () => held.opened.then(() => undefined);
    const write = put(rig, 'a');
    await quiet();
    rig.time.pass(3_600_000);
    await rig.pass(1000);
    held.open();
    await write;
    expect(await find(rig, 'a')).toBeDefined();
  });
});

describe('a call', () => {
  test('ends by its own deadline while it waits', async () => {
    const rig = await ticking();
    rig.store.hooks.write = () => never;
    rig.store.hooks.read = () => never;
    const deadlineMs = rig.time.monoMs + 1000;
    const write = watched(put(rig, 'a', {}, { deadlineMs }));
    await quiet();
    const read = watched(rig.engine.call({ ...strongRead, deadlineMs }));
    await rig.pass(1000 + callTickMs);
    expect(write.error()).toMatchObject({ name: 'TimeoutError', mayHaveBeenApplied: true });
    expect(read.error()).toMatchObject({ name: 'TimeoutError', mayHaveBeenApplied: false });
  });

  test('ends at once by its signal while it waits, and leaves no listener', async () => {
    const rig = await ticking();
    rig.store.hooks.write = () => never;
    rig.store.hooks.read = () => never;
    const aborter = new AbortController();
    const { signal } = aborter;
    const write = watched(put(rig, 'a', {}, { signal }));
    await quiet();
    const read = watched(rig.engine.call({ ...strongRead, signal }));
    await quiet();
    aborter.abort();
    await quiet(1);
    expect(write.error()).toMatchObject({ name: 'AbortError', mayHaveBeenApplied: true });
    expect(read.error()).toMatchObject({ name: 'AbortError', mayHaveBeenApplied: false });
  });

  test('that is undecided when it ends is never written', async () => {
    const rig = await ticking();
    const held = gate();
    rig.store.hooks.write = () => ({ kind: 'refused', why: 'taken' });
    rig.store.hooks.read = () => held.opened;
    const aborter = new AbortController();
    const write = watched(put(rig, 'a', {}, { signal: aborter.signal }));
    await quiet();
    aborter.abort();
    delete rig.store.hooks.write;
    held.open();
    await quiet();
    expect(write.error()).toMatchObject({ name: 'AbortError' });
    expect(await find(rig, 'a')).toBeUndefined();
  });

  test('of a user ends after callMsMax, however much the store moves', async () => {
    const first = await ticking();
    await fill(first, 400, 1000);
    await first.engine.checkpoint();
    const rig = await ticking(first.store.disk);
    let asked = 0;
    rig.store.hooks.read = (spaces) => {
      if (!spaces.includes('page')) return undefined;
      asked += 1;
      return asked === 1 ? never : undefined;
    };
    const read = watched(find(rig, 'k7'));
    await quiet();
    expect(asked).toBe(1);
    for (let waited = 0; waited < callMsMax - 5000; waited += 5000) {
      await find(rig, 'k9');
      await rig.pass(5000);
    }
    expect(read.error()).toBeUndefined();
    await find(rig, 'k9');
    await rig.pass(5000 + 2 * callTickMs);
    expect(read.error()).toMatchObject(hangs(false));
  }, 20_000);

  test('the timer runs only while somebody waits', async () => {
    const rig = await ticking();
    await rig.pass(callTickMs);
    expect(rig.ticking.size).toBe(0);
    const held = gate();
    rig.store.hooks.write = () => held.opened.then(() => undefined);
    const writes = [put(rig, 'a'), put(rig, 'b')];
    expect(rig.ticking.size).toBe(1);
    held.open();
    await Promise.all(writes);
    await rig.pass(callTickMs);
    expect(rig.ticking.size).toBe(0);
  });
});

describe('closing', () => {
  test('ends calls in flight after closeWaitMs, and is over', async () => {
    const rig = await ticking();
    rig.store.hooks.write = () => never;
    const write = watched(put(rig, 'a'));
    await quiet();
    await rig.pass(callStallMs / 3);
    let over = false;
    const closing = rig.engine.close().then(() => {
      over = true;
    });
    rig.store.hooks.read = () => {
      throw new StoreFailure('closed', 'closed');
    };
    await rig.pass(closeWaitMs + 2 * callTickMs);
    await closing;
    expect(over).toBe(true);
    expect(write.error()).toMatchObject({ members: { mayHaveBeenApplied: true } });
    expect(rig.engine.status().closed).toBe(true);
    await rig.pass(2 * callTickMs);
    expect(rig.ticking.size).toBe(0);
    expect(await refusal(put(rig, 'b'))).toBe('Error The database is closed');
  });
});

const strongRead = {
  operation: 'GetItem',
  input: { TableName: 'Things', Key: { p: { S: 'a' } }, ConsistentRead: true },
  form: 'wire',
  caller: { kind: 'user', principal: '' },
} as const;
