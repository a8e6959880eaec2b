import { describe, expect, test } from 'vitest';
import { TestClock } from '../../src/client/test-clock.ts';
import type { Lock } from '../../src/port/lock.ts';
import { StoreFailure } from '../../src/port/store.ts';
import {
  ask,
  countOf,
  fill,
  find,
  gate,
  indexInput,
  keysOf,
  makeTable,
  metaOf,
  type Output,
  openRig,
  put,
  quiet,
  type Rig,
  type RigOptions,
  refusal,
} from '../support/engine.ts';

type Described = Record<string, unknown>;

async function indexOf(rig: Rig): Promise<Described | undefined> {
  const answer = await ask(rig, 'DescribeTable', { TableName: 'Things' });
  const { GlobalSecondaryIndexes: indexes } = answer['Table'] as Output;
  return (indexes as Described[] | undefined)?.[0];
}

/** Writes items `k<from>` and on, which an index on `g` takes up. */
async function fillIndexed(rig: Rig, count: number, from = 0): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => from + index);
  await Promise.all(ids.map((id) => put(rig, `k${id}`, { g: { S: `g${id % 7}` } })));
}

/** Is told once a condition holds; fails after very many rounds. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let round = 0; round < 2000; round += 1) {
    if (await holds()) return;
    await quiet(2);
  }
  throw new Error('it never came to pass');
}

describe('a backfill', () => {
  test('that is killed at every slice is finished by other engines, writes meanwhile too', async () => {
    let rig = await openRig();
    const { disk } = rig.store;
    await makeTable(rig);
    await fillIndexed(rig, 1000);
    await ask(rig, 'UpdateTable', indexInput);
    let kills = 0;
    for (let life = 0; life < 20; life += 1) {
      const dying = await openRig({ disk });
      let appends = 0;
      const never = new Promise<undefined>(() => undefined);
      dying.store.hooks.write = ({ add = [] }) => {
        appends += add.length > 0 ? 1 : 0;
        // One slice is stored; the engine dies in the next, before or after it is.
        return appends > 1 && life % 2 === 0 ? never : undefined;
      };
      dying.store.hooks.written = () => (appends > 1 ? never : undefined);
      const working = dying.engine.idle().then(() => 'over');
      const over = await Promise.race([working, quiet(60).then(() => 'killed')]);
      const seen = await openRig({ disk });
      // The last slice may have been stored before its engine died.
      const described = await indexOf(seen);
      if (over === 'over' || described?.['IndexStatus'] === 'ACTIVE') break;
      kills += 1;
      expect(described).toMatchObject({ IndexStatus: 'CREATING', Backfilling: true });
      expect(await refusal(countOf(seen, 'byG'))).toMatch(/^ValidationException/);
      await put(seen, `new${life}`, { g: { S: 'new' } });
      await ask(seen, 'DeleteItem', { TableName: 'Things', Key: { p: { S: `k${life}` } } });
      rig = seen;
    }
    expect(kills).toBeGreaterThanOrEqual(3);
    await rig.engine.idle();
    const last = await openRig({ disk });
    expect(await indexOf(last)).toMatchObject({ IndexStatus: 'ACTIVE' });
    expect((await indexOf(last))?.['Backfilling']).toBeUndefined();
    expect(await countOf(last, 'byG')).toBe(1000);
    expect(await countOf(last)).toBe(1000);
  });

  test('is taken up by an engine that was there all the time and only reads', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await fillIndexed(rig, 300);
    const reader = await openRig({ disk: rig.store.disk, background: true });
    await quiet();
    await ask(rig, 'UpdateTable', indexInput);
    expect(await find(reader, 'k1')).toBeDefined();
    await until(async () => (await indexOf(reader))?.['IndexStatus'] === 'ACTIVE');
    expect(await countOf(reader, 'byG')).toBe(300);
  });

  test('that the disk refused is tried again, though nobody calls', async () => {
    const first = await openRig();
    await makeTable(first);
    await fillIndexed(first, 300);
    await ask(first, 'UpdateTable', indexInput);
    const rig = await openRig({ disk: first.store.disk, exclusive: true, background: true });
    let refused = 0;
    rig.store.hooks.write = () => {
      refused += 1;
      return { kind: 'refused', why: 'full' };
    };
    await until(() => refused > 2);
    expect(rig.engine.status().backgroundError).toMatch(/quota is full/);
    delete rig.store.hooks.write;
    await until(() => rig.engine.status().backgroundError === undefined);
    expect(await indexOf(rig)).toMatchObject({ IndexStatus: 'ACTIVE' });
  });

  test('that fails for ever is left alone after a while', async () => {
    const first = await openRig();
    await makeTable(first);
    await fillIndexed(first, 10);
    await ask(first, 'UpdateTable', indexInput);
    const more = { background: true, barrierMs: Number.POSITIVE_INFINITY };
    const rig = await openRig({ disk: first.store.disk, ...more });
    let refused = 0;
    rig.store.hooks.write = () => {
      refused += 1;
      return { kind: 'refused', why: 'full' };
    };
    await quiet(500);
    expect(refused).toBe(11);
    await rig.engine.close();
  });
});

describe('background work', () => {
  test('makes a checkpoint when the log is long, and the log is trimmed', async () => {
    const rig = await openRig({ background: true, checkpointBytes: 50_000 });
    await makeTable(rig);
    for (let round = 0; round < 5; round += 1) await fill(rig, 100, 500, round * 100);
    await until(() => rig.engine.status().checkpoints > 0);
    await rig.engine.idle();
    expect(keysOf(rig.store.disk, 'log').length).toBeLessThan(20);
    expect(await countOf(rig)).toBe(500);
  });

  test('of a store that cannot be read breaks off, says so and goes on later', async () => {
    const rig = await openRig({ background: true, checkpointBytes: 10_000 });
    await makeTable(rig);
    rig.store.hooks.read = () => {
      throw new StoreFailure('lost', 'cut');
    };
    await fill(rig, 100, 500);
    await until(() => rig.engine.status().backgroundError === 'cut');
    delete rig.store.hooks.read;
    await until(() => rig.engine.status().checkpoints > 0);
    expect(rig.engine.status().backgroundError).toBeUndefined();
  });

  test('forgets dropped trees after the checkpoint that freed them', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await fill(rig, 100, 1000);
    await rig.engine.checkpoint();
    await ask(rig, 'DeleteTable', { TableName: 'Things' });
    await rig.engine.checkpoint();
    await rig.engine.idle();
    const { sequence } = rig.engine.status();
    await rig.engine.checkpoint();
    await rig.engine.idle();
    expect(rig.engine.status().sequence).toBe(sequence);
    expect(metaOf(rig.store.disk).unswept).toEqual([]);
  });
});

/** A lock that is granted when the test says so. */
function heldLock(): { readonly lock: Lock; grant(): void } {
  const grants: (() => void)[] = [];
  const lock: Lock = {
    hold: async (work, signal) => {
      await new Promise<void>((resolve) => {
        grants.push(resolve);
        signal.addEventListener('abort', () => resolve());
      });
      if (!signal.aborted) await work(signal);
    },
  };
  const grant = (): void => {
    for (const resolve of grants.splice(0)) resolve();
  };
  return { lock, grant };
}

/** A rig whose time stands still until `pass`. */
async function timed(more: RigOptions): Promise<Rig & { pass(ms: number): Promise<void> }> {
  const clock = new TestClock();
  clock.freeze();
  const never = Number.POSITIVE_INFINITY;
  const ports = { clock, scheduler: clock, barrierMs: never, background: true };
  const rig = await openRig({ ...ports, ...more });
  const pass = async (ms: number): Promise<void> => {
    await quiet();
    clock.advance(ms);
    await quiet();
  };
  return { ...rig, pass };
}

describe('the lock', () => {
  test('is waited for, and what waits is over when the engine closes', async () => {
    const { lock, grant } = heldLock();
    const rig = await timed({ checkpointBytes: 10_000, lock });
    await makeTable(rig);
    await fill(rig, 100, 500);
    for (let tenths = 0; tenths < 40; tenths += 1) await rig.pass(100);
    expect(rig.engine.status().checkpoints).toBe(0);
    grant();
    await until(() => rig.engine.status().checkpoints === 1);
    await fill(rig, 100, 501);
    await rig.engine.close();
    expect(rig.engine.status().closed).toBe(true);
  });

  test('of a tab that hangs keeps a checkpoint waiting for 5 s, and no longer', async () => {
    const hung = await openRig({ checkpointBytes: 10_000 });
    await makeTable(hung);
    // It hangs in the middle of a checkpoint.
    const { opened, open } = gate();
    let slices = 0;
    await fill(hung, 100, 500);
    hung.store.hooks.write = async ({ put: puts = [] }) => {
      if (puts.some(({ space }) => space === 'page')) slices += 1;
      if (slices > 0) await opened;
      return undefined;
    };
    const making = hung.engine.checkpoint();
    await until(() => slices > 0);
    const { lock } = heldLock();
    const rig = await timed({ disk: hung.store.disk, checkpointBytes: 10_000, lock });
    for (let tenths = 0; tenths < 45; tenths += 1) await rig.pass(100);
    expect(rig.engine.status().checkpoints).toBe(0);
    for (let tenths = 0; tenths < 12; tenths += 1) await rig.pass(100);
    await until(async () => {
      await rig.pass(10);
      return rig.engine.status().checkpoints === 1;
    });
    open();
    await making;
    expect(metaOf(rig.store.disk)).toMatchObject({ checkpoint: 2, reservation: undefined });
    expect(await countOf(hung)).toBe(100);
    await rig.engine.close();
  });

  test('is left to a holder that gets on, and not to one that stopped', async () => {
    const holder = await openRig();
    await makeTable(holder);
    for (let from = 0; from < 1500; from += 300) await fillIndexed(holder, 300, from);
    await ask(holder, 'UpdateTable', indexInput);
    const { lock } = heldLock();
    const rig = await timed({ disk: holder.store.disk, lock });
    const job = { Job: `backfill/${101}` };
    const caller = { kind: 'engine', principal: 'engine' } as const;
    for (let slice = 0; slice < 4; slice += 1) {
      for (let tenths = 0; tenths < 44; tenths += 1) await rig.pass(100);
      const done = await ask(holder, 'AdvanceJob', job, { caller, form: 'plain' });
      expect(done).toEqual({ Done: false });
    }
    expect(rig.store.batches).toEqual([]);
    for (let tenths = 0; tenths < 100; tenths += 1) await rig.pass(100);
    await until(async () => (await indexOf(rig))?.['IndexStatus'] === 'ACTIVE');
    expect(await countOf(rig, 'byG')).toBe(1500);
    await rig.engine.close();
  });
});
