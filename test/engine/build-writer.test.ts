import { describe, expect, test } from 'vitest';
import {
  addBuild,
  BuildLost,
  BuildWriter,
  buildsOf,
  rangesOf,
  removeBuild,
} from '../../src/engine/build-writer.ts';
import {
  buildFlightsMax,
  buildPagesFrom,
  buildsMax,
  importAloneSliceBytes,
  importSliceBytes,
} from '../../src/base/limits.ts';
import { pageKey } from '../../src/pager/versions.ts';
import { gate, metaOf, openTestState } from '../support/engine.ts';

const range = { first: buildPagesFrom, pages: 10 };

describe('the writer of a build', () => {
  test('writes slices while the next is gathered; the first counts in meta, as a beat does', async () => {
    const { state, store } = await openTestState();
    await addBuild(state, 5);
    const writer = new BuildWriter(state, 5);
    writer.use(range);
    const page = writer.allocate(1);
    writer.write(page, new Uint8Array(importSliceBytes));
    expect(writer.isDue).toBe(true);
    await writer.flush();
    expect(writer.isDue).toBe(false);
    writer.write(writer.allocate(1), Uint8Array.of(1));
    await writer.flush();
    await writer.settle();
    const keys = [...store.disk.spaces.page.keys(0, Number.MAX_SAFE_INTEGER)];
    expect(keys).toEqual([pageKey(buildPagesFrom, 0), pageKey(buildPagesFrom + 1, 0)]);
    expect((await metaOf(store.disk)).builds).toEqual([{ number: 5, slices: 1 }]);
    await writer.beat();
    expect((await metaOf(store.disk)).builds).toEqual([{ number: 5, slices: 2 }]);
  });

  test('gathers more where no call of its engine came since the last slice', async () => {
    const { state } = await openTestState();
    await addBuild(state, 5);
    const writer = new BuildWriter(state, 5);
    writer.use(range);
    const gather = (bytes: number): boolean => {
      writer.write(writer.allocate(1), new Uint8Array(bytes));
      return writer.isDue;
    };
    // Of the first nobody knows whether any came.
    expect(gather(importSliceBytes)).toBe(true);
    await writer.flush();
    expect(gather(importSliceBytes)).toBe(false);
    expect(gather(importAloneSliceBytes - importSliceBytes)).toBe(true);
    await writer.flush();
    expect(gather(importSliceBytes)).toBe(false);
    state.progress.reads += 1;
    expect(writer.isDue).toBe(true);
    await writer.flush();
    state.head += 1;
    expect(gather(importSliceBytes)).toBe(true);
    await writer.settle();
  });

  test('counts the calls that came while it waited for the store', async () => {
    const { state, store } = await openTestState();
    await addBuild(state, 5);
    const writer = new BuildWriter(state, 5);
    writer.use(range);
    const held = gate();
    store.hooks.write = () => held.opened.then(() => undefined);
    for (let flight = 0; flight < buildFlightsMax; flight += 1) {
      writer.write(writer.allocate(1), Uint8Array.of(1));
      await writer.flush();
    }
    writer.write(writer.allocate(1), Uint8Array.of(1));
    const waits = writer.flush();
    state.progress.reads += 1;
    held.open();
    await waits;
    writer.write(writer.allocate(1), new Uint8Array(importSliceBytes));
    expect(writer.isDue).toBe(true);
    await writer.settle();
  });

  test('counts for its own build alone, and not while a slice that says so is under way', async () => {
    const { state, store } = await openTestState();
    await addBuild(state, 5);
    await addBuild(state, 6);
    const builds = (): readonly unknown[] => buildsOf(metaOf(store.disk));
    const writer = new BuildWriter(state, 6);
    writer.use(range);
    await writer.beat();
    const counted = [
      { number: 5, slices: 0 },
      { number: 6, slices: 1 },
    ];
    expect(builds()).toEqual(counted);
    const held = gate();
    store.hooks.write = () => held.opened.then(() => undefined);
    writer.write(writer.allocate(1), Uint8Array.of(1));
    await writer.flush();
    await writer.beat();
    held.open();
    await writer.settle();
    expect(builds()).toEqual(counted);
    await writer.beat();
    expect(builds()).toEqual([counted[0], { number: 6, slices: 2 }]);
  });

  test('writes no more slices once meta does not name the build, also when they do not count', async () => {
    const { state, store } = await openTestState();
    await addBuild(state, 5);
    const writer = new BuildWriter(state, 5);
    writer.use(range);
    writer.write(writer.allocate(1), Uint8Array.of(1));
    await writer.flush();
    await writer.settle();
    await addBuild(state, 6, 5);
    writer.write(writer.allocate(1), Uint8Array.of(2));
    await writer.flush();
    await expect(writer.settle()).rejects.toThrow(BuildLost);
    const keys = [...store.disk.spaces.page.keys(0, Number.MAX_SAFE_INTEGER)];
    expect(keys).toEqual([pageKey(buildPagesFrom, 0)]);
  });

  test('writes nothing once meta does not name the build', async () => {
    const { state, store } = await openTestState();
    await addBuild(state, 5);
    await addBuild(state, 6, 5);
    const writer = new BuildWriter(state, 5);
    writer.use(range);
    writer.write(writer.allocate(1), Uint8Array.of(1));
    await writer.flush();
    await expect(writer.settle()).rejects.toThrow(BuildLost);
    await expect(writer.beat()).rejects.toThrow(BuildLost);
    expect([...store.disk.spaces.page.keys(0, Number.MAX_SAFE_INTEGER)]).toEqual([]);
    await removeBuild(state, 6);
    expect(buildsOf(await metaOf(store.disk))).toEqual([]);
  });

  test('gives out the ids of its range only', async () => {
    const { state } = await openTestState();
    const writer = new BuildWriter(state, 5);
    writer.use(range);
    expect([writer.allocate(4), writer.allocate(6), writer.left]).toEqual([
      buildPagesFrom,
      buildPagesFrom + 4,
      0,
    ]);
    expect(() => writer.allocate(1)).toThrow('without page ids');
  });
});

test('of more builds than can be at once the oldest is fenced off', async () => {
  const { state, store } = await openTestState();
  for (let number = 1; number <= buildsMax + 1; number += 1) await addBuild(state, number);
  const numbers = buildsOf(await metaOf(store.disk)).map(({ number }) => number);
  expect(numbers).toEqual(Array.from({ length: buildsMax }, (_, at) => at + 2));
});

test('the pages of a stored run are those its bytes need', () => {
  expect(rangesOf([{ first: 7, bytes: 61_421 }])).toEqual([{ first: 7, pages: 2 }]);
});
