import { describe, expect, test } from 'vitest';
import { leadPosition, mergeTree } from '../../src/tree/merge.ts';
import { TreeWorld, tree } from '../support/tree-world.ts';

function numberKey(number: number): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setUint32(4, number);
  return key;
}

function bytesOf(length: number, seed: number): Uint8Array {
  const value = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) value[at] = (seed + at) & 0xff;
  return value;
}

function expectSound(world: TreeWorld): void {
  expect(world.stored()).toEqual(world.walk());
  expect(world.range({}, false)).toEqual(world.sorted());
}

describe('what a merge writes', () => {
  test('one changed cell is written as a delta, and not as a page', () => {
    const world = new TreeWorld();
    for (let at = 0; at < 1000; at += 1) world.put(numberKey(at), bytesOf(100, at));
    world.merge();
    world.put(numberKey(500), bytesOf(100, 1));
    expect(world.merge().map(({ kind }) => kind)).toEqual(['delta']);
    const bytes = [...world.store].filter(([key]) => key % 2 ** 24 === world.checkpoint);
    expect(bytes.length).toBe(1);
    expect(bytes[0]?.[1].length).toBeLessThan(150);
  });

  test('a page that this checkpoint wrote already becomes an image, in its place', () => {
    const world = new TreeWorld();
    for (let at = 0; at < 1000; at += 1) world.put(numberKey(at), bytesOf(100, at));
    world.merge();
    for (const id of world.walk()) world.load(id);
    world.put(numberKey(500), bytesOf(100, 1));
    const steps = [
      ...mergeTree({
        root: world.root,
        changes: world.layers[0]?.entries(tree) ?? [],
        counters: { entries: 0, bytes: 0 },
        pages: world.pages,
        allocate: () => 0,
        checkpoint: world.checkpoint,
      }),
    ];
    const kinds = steps.map((step) =>
      step.kind === 'wrote' ? step.writes[0]?.entry.kind : 'need',
    );
    expect(kinds).toEqual(['image']);
  });

  test.each([
    ['a leaf', 0],
    ['an inner page', 1],
  ])('%s that is to be written anew becomes an image, in its place', (_, above) => {
    const world = new TreeWorld();
    for (let at = 0; at < 1000; at += 1) world.put(numberKey(at), bytesOf(100, at));
    world.merge();
    for (const id of world.walk()) world.load(id);
    const { root } = world;
    const top = world.pages.get(root?.page ?? 0);
    const page = above === 0 ? (top?.child(1) ?? 0) : (root?.page ?? 0);
    const key = above === 0 ? (top?.key(1) ?? bytesOf(0, 0)) : numberKey(0);
    const steps = [
      ...mergeTree({
        root,
        changes: [{ key, value: undefined, position: leadPosition }],
        counters: { entries: 0, bytes: 0 },
        anew: new Set([page]),
        pages: world.pages,
        allocate: () => 0,
        checkpoint: world.checkpoint + 1,
      }),
    ];
    const entries = steps.flatMap((step) =>
      step.kind === 'wrote' ? step.writes.map(({ entry }) => entry) : [],
    );
    expect(entries).toContainEqual({ page, kind: 'image' });
    expect(entries.every((entry) => [page, root?.page].includes(entry.page))).toBe(true);
  });

  test('deltas end in an image after a while', () => {
    const world = new TreeWorld();
    for (let at = 0; at < 200; at += 1) world.put(numberKey(at), bytesOf(100, at));
    world.merge();
    const kinds: string[] = [];
    for (let at = 0; at < 12; at += 1) {
      world.put(numberKey(at), bytesOf(100, 77));
      kinds.push(...world.merge().map(({ kind }) => kind));
    }
    expect(kinds.indexOf('image')).toBe(8);
    expectSound(world);
  });

  test('a large value keeps its pages when its neighbours change, and loses them with it', () => {
    const world = new TreeWorld();
    world.put(numberKey(5), bytesOf(400 * 1024, 3));
    world.merge();
    const before = world.stored();
    expect(before.size).toBe(1 + 7);
    for (let at = 10; at < 1000; at += 1) world.put(numberKey(at), bytesOf(100, at));
    world.merge();
    for (const id of before) expect(world.stored().has(id)).toBe(true);
    world.put(numberKey(5), bytesOf(10, 1));
    world.merge();
    expectSound(world);
    expect([...world.stored()].filter((id) => before.has(id)).length).toBeLessThan(2);
  });

  test('removing what is not there writes nothing', () => {
    const world = new TreeWorld();
    world.put(numberKey(1), undefined);
    expect(world.merge()).toEqual([]);
    expect(world.root).toBeUndefined();
    world.put(numberKey(2), bytesOf(4, 4));
    world.merge();
    world.put(numberKey(1), undefined);
    expect(world.merge()).toEqual([]);
    expectSound(world);
  });
});
