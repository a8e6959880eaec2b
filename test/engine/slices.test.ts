import { describe, expect, test } from 'vitest';
import { tailLeastBytes } from '../../src/base/memory-limits.ts';
import { readList } from '../../src/engine/follow.ts';
import { SliceWriter } from '../../src/engine/slices.ts';
import type { EngineState } from '../../src/engine/state.ts';
import { updateMeta } from '../../src/engine/meta-update.ts';
import { listEntriesMax } from '../../src/pager/list.ts';
import { buildOverflow } from '../../src/pager/node.ts';
import { Page } from '../../src/pager/page.ts';
import { pageKey } from '../../src/pager/versions.ts';
import type { PageWrite } from '../../src/tree/merge.ts';
import { keysOf, metaOf, openTestState } from '../support/engine.ts';
import { commitOf } from '../support/tree-world.ts';

const MB = 1024 * 1024;
const number = 1;

/** So many bytes in the tail. */
function addToTail(state: EngineState, position: number, bytes: number): void {
  const value = new Uint8Array(bytes);
  const sizes = { sizeBefore: undefined, sizeAfter: bytes };
  state.tail.apply(
    commitOf([{ tree: 64, key: Uint8Array.of(position), value, ...sizes }]),
    position,
  );
  state.fitCache();
}

function writeOf(id: number, bytes = 1000): PageWrite {
  const image = buildOverflow(id, number, new Uint8Array(bytes));
  const page = new Page({ kind: 'overflow', id, checkpoint: number, previous: 0 }, image);
  return { key: pageKey(id, number), bytes: image, entry: { page: id, kind: 'image' }, page };
}

async function reserve(state: EngineState): Promise<void> {
  await updateMeta(state, (meta) => ({
    ...meta,
    lastNumber: number,
    reservation: { number, engine: state.id, slices: 0 },
  }));
}

describe('the slices of a checkpoint', () => {
  test('write pages and the list that names them in one transaction, and count', async () => {
    const { state, store } = await openTestState();
    await reserve(state);
    const slices = new SliceWriter(state, number);
    for (const first of [300, 310]) {
      slices.write(writeOf(first));
      slices.write(writeOf(first + 1));
      slices.free(first + 2);
      expect(slices.bytes).toBeGreaterThan(2000);
      expect(await slices.flush()).toBe(true);
      expect(slices.bytes).toBe(0);
    }
    expect(metaOf(store.disk).reservation?.slices).toBe(2);
    const list = (await readList(state, number)) ?? [];
    expect(list.map(({ page, kind }) => `${page} ${kind}`)).toEqual([
      '300 image',
      '301 image',
      '302 freed',
      '310 image',
      '311 image',
      '312 freed',
    ]);
    expect(slices.freed()).toEqual([302, 312]);
    expect([...slices.pages().keys()]).toEqual([300, 301, 310, 311]);
  });

  test('are refused whole when the reservation does not stand any more', async () => {
    const { state, store } = await openTestState();
    await reserve(state);
    const slices = new SliceWriter(state, number);
    slices.write(writeOf(300));
    await updateMeta(state, (meta) => ({
      ...meta,
      reservation: { number: 2, engine: state.id, slices: 0 },
    }));
    expect(await slices.flush()).toBe(false);
    expect(keysOf(store.disk, 'page')).toEqual([]);
  });

  test('go on in another part when one of the list is full', async () => {
    const { state, store } = await openTestState();
    await reserve(state);
    const slices = new SliceWriter(state, number);
    const count = listEntriesMax + 10;
    for (let id = 0; id < count; id += 1) slices.free(1000 + id);
    expect(await slices.flush()).toBe(true);
    expect(keysOf(store.disk, 'page')).toEqual([pageKey(0, number), pageKey(1, number)]);
    expect(await readList(state, number)).toHaveLength(count);
  });

  test('keep new pages for the cache only while there is room', async () => {
    const { state } = await openTestState({ cacheBytes: 40_000 });
    await reserve(state);
    const slices = new SliceWriter(state, number);
    for (let id = 300; id < 330; id += 1) slices.write(writeOf(id));
    const kept = [...slices.pages().values()].filter((page) => page !== undefined);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.length).toBeLessThan(11);
  });

  test('let go of new pages when the tails need the room, and the cache has it back', async () => {
    const { state } = await openTestState({ cacheBytes: 4 * MB });
    await reserve(state);
    addToTail(state, 1, tailLeastBytes);
    const slices = new SliceWriter(state, number);
    for (let id = 300; id < 330; id += 1) slices.write(writeOf(id, 30_000));
    const made = state.made?.bytes ?? 0;
    expect(made).toBeGreaterThan(0.5 * MB);
    expect((state.cache.maxBytes + made) / MB).toBeCloseTo(4, 1);
    addToTail(state, 2, 8 * MB);
    expect(state.made?.bytes).toBeLessThanOrEqual(0.5 * MB);
    expect(state.cache.maxBytes + (state.made?.bytes ?? 0)).toBe(1 * MB);
    const kept = [...slices.pages()].filter(([, page]) => page !== undefined);
    expect(slices.pages().size).toBe(30);
    expect(kept.length).toBeGreaterThan(5);
    slices.end();
    expect([state.made, state.cache.maxBytes]).toEqual([undefined, 1 * MB]);
  });

  test('leave the new pages of who came after them alone', async () => {
    const { state } = await openTestState();
    const first = new SliceWriter(state, number);
    const second = new SliceWriter(state, number + 1);
    first.end();
    expect(state.made).toBeDefined();
    second.end();
    expect(state.made).toBeUndefined();
  });
});
