import { describe, expect, test } from 'vitest';
import { pageOverheadBytes } from '../../src/base/limits.ts';
import { PageCache } from '../../src/pager/cache.ts';
import { buildNode, buildOverflow, innerCell } from '../../src/pager/node.ts';
import { Page } from '../../src/pager/page.ts';

const cost = 1000 + pageOverheadBytes;

function leaf(id: number): Page {
  const bytes = buildOverflow(id, 1, new Uint8Array(980));
  return new Page({ kind: 'overflow', id, checkpoint: 1, previous: 0 }, bytes);
}

function inner(id: number): Page {
  const header = { kind: 'inner' as const, id, checkpoint: 1, previous: 0 };
  return new Page(header, buildNode(header, [innerCell(new Uint8Array(970), 1)], false));
}

function held(cache: PageCache, ids: readonly number[]): number[] {
  return ids.filter((id) => cache.has(id));
}

describe('the page cache', () => {
  test('holds no more bytes than its bound', () => {
    const cache = new PageCache(cost * 10);
    for (let id = 0; id < 100; id += 1) {
      cache.put(leaf(id));
      expect(cache.bytes).toBeLessThanOrEqual(cost * 10);
    }
    expect(held(cache, [...Array(100).keys()]).length).toBe(10);
    expect(cache.bytes).toBe(cost * 10);
  });

  test('keeps what is asked for, and lets go what is not', () => {
    const cache = new PageCache(cost * 4);
    for (let id = 0; id < 40; id += 1) {
      cache.put(leaf(id));
      cache.get(0);
    }
    expect(cache.get(0)?.id).toBe(0);
  });

  test('keeps inner pages longer than leaves', () => {
    const cache = new PageCache(cost * 8);
    for (let id = 0; id < 4; id += 1) cache.put(inner(id));
    for (let id = 10; id < 18; id += 1) cache.put(leaf(id));
    expect(held(cache, [0, 1, 2, 3])).toEqual([0, 1, 2, 3]);
  });

  test('never lets go a pinned page, even beyond its bound', () => {
    const cache = new PageCache(cost * 2);
    for (let id = 0; id < 5; id += 1) {
      cache.pin(id);
      cache.put(leaf(id));
    }
    cache.put(leaf(9));
    expect(held(cache, [0, 1, 2, 3, 4])).toEqual([0, 1, 2, 3, 4]);
    cache.unpin([0, 1, 2, 3, 4]);
    expect(cache.bytes).toBeLessThanOrEqual(cost * 2);
  });

  test('keeps a page that two have pinned until both let it go', () => {
    const cache = new PageCache(cost);
    cache.pin(0);
    cache.pin(0);
    cache.put(leaf(0));
    cache.unpin([0]);
    cache.put(leaf(1));
    expect(held(cache, [0])).toEqual([0]);
    cache.unpin([0]);
    cache.put(leaf(2));
    expect(held(cache, [0])).toEqual([]);
  });

  test('replaces, drops, clears and shrinks', () => {
    const cache = new PageCache(cost * 10);
    const [one, other] = [leaf(1), leaf(1)];
    cache.put(one);
    cache.put(other);
    expect([cache.get(1), cache.bytes]).toEqual([other, cost]);
    cache.put(leaf(2));
    cache.drop(1);
    cache.drop(1);
    expect([cache.get(1), cache.bytes]).toEqual([undefined, cost]);
    for (let id = 3; id < 9; id += 1) cache.put(leaf(id));
    cache.resize(cost * 3);
    expect(cache.bytes).toBe(cost * 3);
    cache.clear();
    expect([cache.bytes, cache.get(8)]).toEqual([0, undefined]);
  });
});
