import { describe, expect, test } from 'vitest';
import { Corruption } from '../../src/base/corruption.ts';
import { openState, recover } from '../../src/engine/recover.ts';
import { metaFormat } from '../../src/pager/meta.ts';
import { StoreFailure } from '../../src/port/store.ts';
import { createMemory } from '../../src/storage/memory.ts';
import {
  damage,
  fill,
  find,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  openTestState,
  put,
  quiet,
} from '../support/engine.ts';

describe('opening', () => {
  test('a new store: one engine makes its meta record, the others find it', async () => {
    const disk = createMemory();
    const [a, b] = await Promise.all([openTestState({ disk }), openTestState({ disk })]);
    expect(a.state.meta.storeId).toEqual(b.state.meta.storeId);
    expect(a.state.id).not.toEqual(b.state.id);
  });

  test('tries again after an unknown outcome', async () => {
    const { store } = await openTestState();
    expect(metaOf(store.disk).format).toBe(metaFormat);
    const again = await openTestState();
    again.store.disk.spaces.meta.removeRange(0, 0);
    let tries = 0;
    again.store.hooks.written = () => {
      tries += 1;
      return { kind: 'unknown' };
    };
    const state = await openState(again.state.options);
    expect([tries, state.head]).toEqual([1, 0]);
  });

  test('is not taken for damage when the store fails while the log is read', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const { disk } = rig.store;
    const records = keysOf(disk, 'log');
    const read = (spaces: readonly string[]): void => {
      if (spaces.includes('log')) throw new StoreFailure('lost', 'the disk has gone');
    };
    await expect(openRig({ disk, storeHooks: { read } })).rejects.toThrow(StoreFailure);
    expect(keysOf(disk, 'log')).toEqual(records);
  });

  test.each(['full', 'closed'] as const)('a new store that is %s fails', async (why) => {
    const { state, store } = await openTestState();
    store.disk.spaces.meta.removeRange(0, 0);
    store.hooks.write = () => ({ kind: 'refused', why });
    await expect(openState(state.options)).rejects.toThrow(StoreFailure);
  });
});

describe('starting over', () => {
  test('from a log whose last turn is not whole changes nothing in memory', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await fill(rig, 1, 300_000);
    const { state, store } = await openTestState({ disk: rig.store.disk });
    const before = [state.head, state.sequence, state.tail.bytes];
    store.disk.spaces.log.removeRange(state.head, state.head);
    await expect(recover(state)).rejects.toThrow(/the turn at log position \d+ is not whole/);
    expect([state.head, state.sequence, state.tail.bytes]).toEqual(before);
  });

  test('brings memory back to what the store says', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await fill(rig, 50);
    await rig.engine.checkpoint();
    await put(rig, 'above');
    const { state } = await openTestState({ disk: rig.store.disk });
    const before = [state.head, state.sequence, state.tail.bytes, state.log.bytes];
    state.tail.dropThrough(state.head);
    state.sequence = 0;
    await recover(state);
    expect([state.head, state.sequence, state.tail.bytes, state.log.bytes]).toEqual(before);
  });

  test('is one step: nobody sees a state in between, or an older one', async () => {
    const rig = await openRig();
    await makeTable(rig);
    for (let id = 0; id < 200; id += 1) await put(rig, `k${id}`);
    const { state } = await openTestState({ disk: rig.store.disk });
    const { head } = state;
    let over = false;
    const recovering = recover(state).then(() => {
      over = true;
    });
    const seen = new Set<number>();
    for (let step = 0; step < 10_000 && !over; step += 1) {
      seen.add(state.head);
      await Promise.resolve();
    }
    await recovering;
    expect([...seen, state.head]).toEqual([head, head]);
  });

  test('leaves memory as it was when the store cannot be read, or is damaged', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await put(rig, 'a');
    const { state, store } = await openTestState({ disk: rig.store.disk });
    const before = [state.head, state.tail.bytes];
    store.hooks.read = (spaces) => {
      if (spaces.includes('log')) throw new StoreFailure('lost', 'cut');
    };
    await expect(recover(state)).rejects.toThrow(StoreFailure);
    expect([state.head, state.tail.bytes]).toEqual(before);
    delete store.hooks.read;
    damage(rig.store.disk, 'log', state.head);
    await expect(recover(state)).rejects.toThrow(Corruption);
    expect([state.head, state.tail.bytes]).toEqual(before);
  });

  test('reads again when a catch-up or a checkpoint came between', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await put(rig, 'a');
    const { state, store } = await openTestState({ disk: rig.store.disk });
    let reads = 0;
    store.hooks.read = async () => {
      reads += 1;
      if (reads !== 2) return;
      await put(rig, 'b');
      await rig.engine.checkpoint();
    };
    await recover(state);
    await quiet();
    expect(state.meta.checkpoint).toBe(1);
    expect(state.sequence).toBe(rig.engine.status().sequence);
  });
});

describe('after a loss of power', () => {
  test('a prefix of the relaxed writes is there, never one with a hole', async () => {
    for (let keep = 0; keep < 40; keep += 1) {
      const disk = createMemory({ undo: true });
      const rig = await openRig({ disk });
      await makeTable(rig);
      const { durableSeq } = rig.engine.status();
      for (let id = 0; id < 20; id += 1) {
        await put(rig, `k${id}`, {}, id === 3 ? { durability: 'strict' } : {});
        if (id === 10) await fill(rig, 200, 300, 100);
        if (id === 12) await rig.engine.checkpoint();
      }
      const status = rig.engine.status();
      disk.powerLoss(keep);
      const fresh = await openRig({ disk });
      const { sequence } = fresh.engine.status();
      expect(sequence).toBeGreaterThanOrEqual(status.durableSeq);
      expect(status.durableSeq).toBeGreaterThan(durableSeq + 200);
      const there = await Promise.all([...Array(20).keys()].map((id) => find(fresh, `k${id}`)));
      const first = there.indexOf(undefined);
      expect(there.slice(first < 0 ? 20 : first).every((item) => item === undefined)).toBe(true);
      expect(first < 0 || first > 12).toBe(true);
      await put(fresh, 'after');
      await fresh.engine.checkpoint();
      expect(await find(await openRig({ disk }), 'after')).toBeDefined();
    }
  });
});
