/**
 * Finding one key in the pages of a tree.
 *
 * From the root down, each page searched in place; a page that is absent is a PageFault, after
 * which the whole run begins again. Nothing is allocated but the view of the value found.
 */
import { emptyBytes } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { PageFault } from '../pager/fault.ts';
import type { OverflowRef, Page } from '../pager/page.ts';
import type { TreeRoot } from '../pager/root.ts';

export type { TreeRoot } from '../pager/root.ts';

/** The pages at hand. */
export interface Pages {
  get(id: number): Page | undefined;
}

/** The value of `key` (a view of a page, unless it was in overflow pages). Throws PageFault. */
export function findInTree(
  pages: Pages,
  root: TreeRoot | undefined,
  key: Uint8Array,
): Uint8Array | undefined {
  if (root === undefined) return undefined;
  const page = leafOf(pages, root, key);
  const index = page.find(key);
  if (index < 0) return undefined;
  return page.isOverflow(index) ? readOverflow(pages, page.overflow(index)) : page.value(index);
}

/** Whether page `id` is one of those that the value of `key` has of its own. Throws PageFault. */
export function isPieceOf(
  pages: Pages,
  root: TreeRoot | undefined,
  key: Uint8Array,
  id: number,
): boolean {
  if (root === undefined) return false;
  const leaf = leafOf(pages, root, key);
  const index = leaf.find(key);
  if (index < 0 || !leaf.isOverflow(index)) return false;
  const { firstPage, pages: count } = leaf.overflow(index);
  return id >= firstPage && id < firstPage + count;
}

/** From `from` to before `to`; without `to`, to the end of the tree. */
export interface KeySpan {
  readonly from: Uint8Array;
  readonly to: Uint8Array | undefined;
}

/**
 * The keys that page `id` is for, if the tree has it on the way to `key`; none of `lost` is read.
 * Throws PageFault.
 */
export function spanOf(
  pages: Pages,
  root: TreeRoot | undefined,
  key: Uint8Array,
  id: number,
  lost: ReadonlySet<number>,
): KeySpan | undefined {
  let next = root?.page;
  let from: Uint8Array = emptyBytes;
  let to: Uint8Array | undefined;
  for (let height = root?.height ?? 0; next !== undefined && next !== id; height -= 1) {
    if (height <= 1 || lost.has(next)) return undefined;
    const page = getPage(pages, next);
    assertKind(page, 'inner');
    const index = page.childIndex(key);
    if (index > 0) from = page.key(index);
    if (index + 1 < page.count) to = page.key(index + 1);
    next = page.child(index);
  }
  return next === id ? { from, to } : undefined;
}

/** Throws Corruption when a tree leads to a page of the wrong kind. */
export function assertKind(page: Page, kind: Page['kind']): void {
  if (page.kind !== kind) throw new Corruption(`page ${page.id}: ${page.kind}, not ${kind}`);
}

/** Throws PageFault, naming all pages of the value that are absent together. */
export function readOverflow(pages: Pages, ref: OverflowRef): Uint8Array {
  const value = new Uint8Array(ref.length);
  let missing: number[] | undefined;
  let at = 0;
  for (let id = ref.firstPage; id < ref.firstPage + ref.pages; id += 1) {
    const page = pages.get(id);
    if (page === undefined) {
      missing ??= [];
      missing.push(id);
      continue;
    }
    assertKind(page, 'overflow');
    if (missing !== undefined) continue;
    const piece = page.piece();
    if (at + piece.length > value.length) throw new Corruption(`page ${id}: too long`);
    value.set(piece, at);
    at += piece.length;
  }
  if (missing !== undefined) throw new PageFault(missing);
  if (at !== value.length) throw new Corruption(`overflow at page ${ref.firstPage}: too short`);
  return value;
}

function leafOf(pages: Pages, root: TreeRoot, key: Uint8Array): Page {
  let page = getPage(pages, root.page);
  for (let height = root.height; height > 1; height -= 1) {
    assertKind(page, 'inner');
    page = getPage(pages, page.child(page.childIndex(key)));
  }
  assertKind(page, 'leaf');
  return page;
}

function getPage(pages: Pages, id: number): Page {
  const page = pages.get(id);
  if (page === undefined) throw new PageFault([id]);
  return page;
}
