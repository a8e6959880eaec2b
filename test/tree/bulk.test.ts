import { describe, expect, test } from 'vitest';
import { concatBytes, hexOf, utf8 } from '../../src/base/bytes.ts';
import { buildPagesFrom, pageBytesTarget } from '../../src/base/limits.ts';
import { prng } from '../../src/base/prng.ts';
import { inlineCell } from '../../src/pager/node.ts';
import type { Page } from '../../src/pager/page.ts';
import type { TreeRoot } from '../../src/pager/root.ts';
import { assemble, pageKey } from '../../src/pager/versions.ts';
import { TreeBuilder } from '../../src/tree/bulk.ts';
import { openCursor } from '../../src/tree/cursor.ts';
import { findInTree, type Pages } from '../../src/tree/search.ts';

type Entry = readonly [key: Uint8Array, value: Uint8Array];

/** A tree of these entries, and its pages as a reader at checkpoint 9 finds them. */
function build(entries: readonly Entry[]): {
  root: TreeRoot | undefined;
  pages: Map<number, Page>;
} {
  const pages = new Map<number, Page>();
  let next = buildPagesFrom;
  const builder = new TreeBuilder({
    allocate: (count) => {
      next += count;
      return next - count;
    },
    write: (id, value) => {
      const page = assemble(id, [{ key: pageKey(id, 0), value }], 9, new Set());
      expect(pages.has(id)).toBe(false);
      if (page !== undefined) pages.set(id, page);
    },
  });
  for (const [key, value] of entries) {
    builder.add(inlineCell(key, value), key.length + value.length);
  }
  return { root: builder.finish(), pages };
}

function keyOf(at: number, length: number): Uint8Array {
  return concatBytes(new Uint8Array(length), utf8(String(at).padStart(7, '0')));
}

/** Kinds and fill of every page that can be reached. */
function walk(pages: Pages, id: number, height: number, seen: Page[]): void {
  const page = pages.get(id) as Page;
  seen.push(page);
  expect(page.kind).toBe(height > 1 ? 'inner' : 'leaf');
  expect(page.count).toBeGreaterThanOrEqual(height > 1 ? 2 : 1);
  if (height === 1) return;
  for (let at = 0; at < page.count; at += 1) walk(pages, page.child(at), height - 1, seen);
}

describe('a tree that is built', () => {
  test.each([
    // Entries, bytes of a key, bytes of a value at most, height.
    [1, 0, 10, 1],
    [200, 0, 100, 1],
    [400, 0, 200, 2],
    [20_000, 0, 50, 2],
    // Long keys that differ late: inner pages hold few children.
    [3000, 1500, 500, 3],
    [40, 0, 200_000, 1],
  ])('of %i entries is found whole, key by key and in order', (count, keyBytes, most, height) => {
    const random = prng(count);
    const entries = Array.from({ length: count }, (_, at): Entry => {
      return [keyOf(at, keyBytes), random.bytes(random.below(most))];
    });
    const { root, pages } = build(entries);
    const bytes = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
    expect(root).toMatchObject({ entries: count, bytes, height });
    for (const [key, value] of entries) {
      expect(hexOf(findInTree(pages, root, key) ?? utf8('none'))).toBe(hexOf(value));
    }
    const cursor = openCursor([], pages, root, 100, {}, false);
    let at = 0;
    for (; cursor.next(); at += 1) expect(hexOf(cursor.key)).toBe(hexOf((entries[at] as Entry)[0]));
    expect(at).toBe(count);
  });

  test('of nothing has no root', () => {
    expect(build([])).toEqual({ root: undefined, pages: new Map() });
  });

  test('has full pages, each in reach, with ids that ascend', () => {
    const entries = Array.from(
      { length: 5000 },
      (_, at): Entry => [keyOf(at, 0), new Uint8Array(90)],
    );
    const { root, pages } = build(entries);
    const seen: Page[] = [];
    walk(pages, root?.page as number, root?.height as number, seen);
    expect(seen.length).toBe(pages.size);
    const leaves = seen.filter(({ kind }) => kind === 'leaf');
    const ids = leaves.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    for (const { bytes } of leaves.slice(0, -1)) {
      expect(bytes.length).toBeGreaterThan(pageBytesTarget * 0.94);
      expect(bytes.length).toBeLessThanOrEqual(pageBytesTarget * 0.95);
    }
  });

  test('has an inner page of two children at least, whatever the number of leaves', () => {
    for (let count = 1; count < 60; count += 1) {
      // A page for each entry, and three children in an inner page.
      const entries = Array.from({ length: count }, (_, at): Entry => {
        return [keyOf(at, 8000), new Uint8Array(8000)];
      });
      const { root, pages } = build(entries);
      walk(pages, root?.page as number, root?.height as number, []);
    }
  });
});
