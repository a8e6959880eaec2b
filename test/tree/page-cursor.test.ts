import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { readAheadPages } from '../../src/base/limits.ts';
import { PageCursor } from '../../src/tree/page-cursor.ts';
import type { KeyRange } from '../../src/tree/reader.ts';
import { TreeWorld } from '../support/tree-world.ts';

function keyOf(number: number): Uint8Array {
  return utf8(`key-${String(number).padStart(5, '0')}`);
}

/** Leaves of about 130 entries. */
function worldOf(count: number): TreeWorld {
  const world = new TreeWorld();
  for (let at = 0; at < count; at += 1) world.put(keyOf(at), utf8('x'.repeat(200)));
  world.merge();
  world.loaded.clear();
  return world;
}

describe('a cursor over pages', () => {
  test.each<[string, KeyRange, boolean, number]>([
    ['the whole tree', {}, false, 40],
    ['the whole tree, backward', {}, true, 40],
    ['a start', { from: keyOf(2000) }, false, 25],
    ['a start, backward', { to: keyOf(2000) }, true, 25],
  ])('loads a cold range of %s in few rounds', (_name, range, reverse, pages) => {
    const world = worldOf(5000);
    const entries = world.range(range, reverse);
    expect(entries.length).toBeGreaterThan(1900);
    expect(world.loaded.size).toBeGreaterThan(pages / 2);
    // The root, then rounds that bring three times as much as those before, or nearly so.
    let rounds = 1;
    for (let leaves = 0; leaves < world.loaded.size - 1; rounds += 1) {
      leaves += 1 + Math.max(readAheadPages, 2 * leaves);
    }
    expect(world.faults).toBe(rounds);
    expect(rounds).toBeLessThanOrEqual(4);
  });

  test.each([false, true])('asks for no page beyond its range (reverse: %s)', (reverse) => {
    const world = worldOf(5000);
    const range = { from: keyOf(2000), to: keyOf(2010), toClosed: true };
    expect(world.range(range, reverse).length).toBe(11);
    expect(world.loaded.size).toBeLessThanOrEqual(3);
  });

  test('of one key needs one leaf, whichever key it is', () => {
    const world = worldOf(1000);
    for (let at = 0; at < 1000; at += 1) {
      for (const reverse of [false, true]) {
        world.loaded.clear();
        const range = { from: keyOf(at), to: keyOf(at), toClosed: true };
        expect(world.range(range, reverse).length).toBe(1);
        expect(world.loaded.size).toBe(2);
      }
    }
  });

  test('asks for the large values after the one it needs', () => {
    const world = new TreeWorld();
    for (let at = 0; at < 30; at += 1) world.put(keyOf(at), new Uint8Array(10_000).fill(at));
    world.merge();
    world.loaded.clear();
    expect(world.range({}, false).length).toBe(30);
    expect(world.faults).toBe(1 + Math.ceil(30 / (1 + readAheadPages)));
  });

  test('moves over keys without the pages of a large value', () => {
    const world = new TreeWorld();
    for (let at = 0; at < 3; at += 1) world.put(keyOf(at), new Uint8Array(10_000).fill(at));
    world.merge();
    world.loaded.clear();
    const count = world.run(() => {
      const cursor = new PageCursor(world.pages, world.root, {}, false);
      let keys = 0;
      while (cursor.nextKey()) keys += 1;
      return keys;
    });
    expect([count, world.loaded.size]).toEqual([3, 1]);
  });
});
