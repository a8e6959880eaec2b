import { describe, expect, test } from 'vitest';
import { textOf, utf8 } from '../../src/base/bytes.ts';
import { prng } from '../../src/base/prng.ts';
import { Layer } from '../../src/log/tail.ts';
import { PageFault } from '../../src/pager/fault.ts';
import { openCursor } from '../../src/tree/cursor.ts';
import { TreeWorld, tree } from '../support/tree-world.ts';

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

describe('a cursor', () => {
  test('over nothing has no entry', () => {
    const cursor = openCursor([new Layer()], { get: () => undefined }, undefined, tree, {}, false);
    expect([cursor.next(), cursor.next()]).toEqual([false, false]);
  });

  test.each([false, true])('sees through layers, the newest first (reverse: %s)', (reverse) => {
    const world = new TreeWorld();
    const put = (text: string, value?: string): void =>
      world.put(utf8(text), value === undefined ? undefined : utf8(value));
    for (const text of ['a', 'c', 'e', 'g', 'i']) put(text, 'pages');
    world.merge();
    world.layers.unshift(new Layer());
    for (const text of ['b', 'c', 'd', 'i']) put(text, 'tail');
    put('e');
    world.layers.unshift(new Layer());
    for (const text of ['d', 'e', 'j']) put(text, 'turn');
    put('g');
    put('b');
    const seen = world.range({}, reverse).map(([key, value]) => `${textOf(key)} ${textOf(value)}`);
    const expected = ['a pages', 'c tail', 'd turn', 'e turn', 'i tail', 'j turn'];
    expect(seen).toEqual(reverse ? expected.reverse() : expected);
  });

  test('does not move on in the pages before it is asked to', () => {
    const world = worldOf(1000);
    world.put(keyOf(0), utf8('new'));
    const first = world.run(() => {
      const cursor = openCursor(world.layers, world.pages, world.root, tree, {}, false);
      return cursor.next() && textOf(cursor.value);
    });
    expect(first).toBe('new');
    // The root and the first leaves: no page was asked for after the entry was found.
    expect(world.faults).toBe(2);
  });

  test('finds the same whichever page is absent, and whenever', () => {
    const random = prng(8);
    const world = worldOf(1500);
    for (let at = 0; at < 100; at += 1) {
      world.put(keyOf(random.below(1600)), random.chance(0.5) ? undefined : utf8('new'));
    }
    const expected = world.range({}, false);
    const ids = [...world.loaded.keys()];
    for (const id of ids) {
      world.loaded.delete(id);
      expect(world.range({}, random.chance(0.5)).length).toBe(expected.length);
    }
    for (const reverse of [false, true]) {
      world.loaded.clear();
      let budget = 0;
      // Each round only one more look at the pages succeeds than in the round before.
      const pages = { get: (id: number) => (budget-- > 0 ? world.load(id) : undefined) };
      let keys: string[] | undefined;
      for (let round = 0; round < 200 && keys === undefined; round += 1) {
        budget = round;
        try {
          const cursor = openCursor(world.layers, pages, world.root, tree, {}, reverse);
          const found: string[] = [];
          while (cursor.next()) found.push(textOf(cursor.key));
          keys = found;
        } catch (error) {
          if (!(error instanceof PageFault)) throw error;
        }
      }
      const all = expected.map(([key]) => textOf(key));
      expect(keys).toEqual(reverse ? all.reverse() : all);
    }
  });
});
