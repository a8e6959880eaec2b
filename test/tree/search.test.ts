import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { Corruption } from '../../src/base/corruption.ts';
import { PageFault } from '../../src/pager/fault.ts';
import { buildNode, inlineCell, innerCell } from '../../src/pager/node.ts';
import { Page } from '../../src/pager/page.ts';
import { findInTree } from '../../src/tree/search.ts';
import { TreeWorld } from '../support/tree-world.ts';

function keyOf(number: number): Uint8Array {
  return utf8(`key-${String(number).padStart(5, '0')}`);
}

function faultOf(run: () => unknown): PageFault {
  try {
    run();
  } catch (error) {
    if (error instanceof PageFault) return error;
    throw error;
  }
  throw new Error('no fault');
}

describe('finding a key', () => {
  test('in an empty tree needs no page', () => {
    expect(findInTree({ get: () => undefined }, undefined, utf8('a'))).toBeUndefined();
  });

  test('faults on one page of each level', () => {
    const world = new TreeWorld();
    for (let at = 0; at < 1000; at += 1) world.put(keyOf(at), utf8('x'.repeat(200)));
    world.merge();
    world.loaded.clear();
    expect(world.root?.height).toBe(2);
    const search = (): unknown => findInTree(world.pages, world.root, keyOf(500));
    const first = faultOf(search);
    expect(first.pages).toEqual([world.root?.page]);
    world.load(first.pages[0] as number);
    const second = faultOf(search);
    expect(second.pages.length).toBe(1);
    world.load(second.pages[0] as number);
    expect(search()).toEqual(utf8('x'.repeat(200)));
  });

  test('faults on all pages of a large value together', () => {
    const world = new TreeWorld();
    const value = utf8('y'.repeat(400 * 1024));
    world.put(utf8('a'), value);
    world.merge();
    world.loaded.clear();
    world.load(world.root?.page as number);
    const fault = faultOf(() => findInTree(world.pages, world.root, utf8('a')));
    expect(fault.pages.length).toBe(7);
    for (const id of fault.pages) world.load(id);
    expect(findInTree(world.pages, world.root, utf8('a'))).toEqual(value);
  });

  test.each<['leaf' | 'inner', number]>([
    ['leaf', 2],
    ['inner', 1],
  ])('notices that a %s page is at height %i', (kind, height) => {
    const header = { kind, id: 300, checkpoint: 1, previous: 0 };
    const cell = kind === 'leaf' ? inlineCell(utf8('a'), utf8('b')) : innerCell(utf8(''), 300);
    const page = new Page(header, buildNode(header, [cell], false));
    const root = { page: 300, height, entries: 1, bytes: 1 };
    expect(() => findInTree({ get: () => page }, root, utf8('a'))).toThrow(Corruption);
  });

  test('notices that a large value is shorter than it should be', () => {
    const world = new TreeWorld();
    world.put(utf8('a'), new Uint8Array(100_000));
    world.put(utf8('b'), new Uint8Array(70_000));
    world.merge();
    const leaf = world.load(world.root?.page as number) as Page;
    const [a, b] = [leaf.overflow(0), leaf.overflow(1)];
    for (let at = 0; at < 2; at += 1) world.load(a.firstPage + at);
    const last = world.load(b.firstPage + 1) as Page;
    world.loaded.set(a.firstPage + 1, last);
    expect(() => findInTree(world.pages, world.root, utf8('a'))).toThrow(Corruption);
  });
});
