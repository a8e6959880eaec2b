/**
 * A cursor over the pages of a tree, without layers.
 *
 * It keeps the path from the root. In a leaf the end of the range is searched once, so that a step
 * is no more than an index. There are no sibling pointers: the parent names the next leaves, and
 * when one is absent the fault names those after it too: the more, the more leaves were passed.
 */
import { emptyBytes } from '../base/bytes.ts';
import { readAheadPages, readAheadPagesMax } from '../base/limits.ts';
import { PageFault } from '../pager/fault.ts';
import type { Page } from '../pager/page.ts';
import type { TreeRoot } from '../pager/root.ts';
import type { KeyRange, TreeCursor } from './reader.ts';
import { assertKind, type Pages, readOverflow } from './search.ts';

interface Step {
  readonly page: Page;
  index: number;
}

export class PageCursor implements TreeCursor {
  readonly #pages: Pages;
  readonly #root: TreeRoot | undefined;
  readonly #range: KeyRange;
  readonly #reverse: boolean;
  /** Inner pages from the root down. */
  readonly #path: Step[] = [];
  #leaf: Page | undefined;
  #leaves = 0;
  #index = 0;
  /** Where the range ends in this leaf: one past its last cell, in the direction of reading. */
  #end = 0;
  #started = false;
  #value: Uint8Array = emptyBytes;

  constructor(pages: Pages, root: TreeRoot | undefined, range: KeyRange, reverse: boolean) {
    this.#pages = pages;
    this.#root = root;
    this.#range = range;
    this.#reverse = reverse;
  }

  get key(): Uint8Array {
    return (this.#leaf as Page).key(this.#index);
  }

  get value(): Uint8Array {
    const leaf = this.#leaf as Page;
    return leaf.isOverflow(this.#index) ? this.#value : leaf.value(this.#index);
  }

  next(): boolean {
    if (!this.nextKey()) return false;
    if ((this.#leaf as Page).isOverflow(this.#index)) this.#value = this.load();
    return true;
  }

  /** Moves on without asking for the pages of a large value. */
  nextKey(): boolean {
    if (!this.#started) {
      if (this.#root === undefined) return false;
      this.#start(this.#root);
    } else {
      this.#index += this.#reverse ? -1 : 1;
    }
    while (this.#leaf !== undefined) {
      if (this.#reverse ? this.#index > this.#end : this.#index < this.#end) return true;
      this.#nextLeaf();
    }
    return false;
  }

  /** Orders the key of the current entry and `key`. */
  compareKey(key: Uint8Array): number {
    return (this.#leaf as Page).compareKey(this.#index, key);
  }

  /** The value of the current entry, wherever it is. */
  load(): Uint8Array {
    const leaf = this.#leaf as Page;
    if (!leaf.isOverflow(this.#index)) return leaf.value(this.#index);
    try {
      return readOverflow(this.#pages, leaf.overflow(this.#index));
    } catch (error) {
      if (!(error instanceof PageFault)) throw error;
      throw new PageFault(error.pages, this.#valuesAhead(leaf));
    }
  }

  #start(root: TreeRoot): void {
    const { from, fromOpen, to, toClosed } = this.#range;
    const first = this.#reverse ? to : from;
    this.#started = true;
    let page = this.#get(root.page);
    for (let height = root.height; height > 1; height -= 1) {
      assertKind(page, 'inner');
      const index =
        first === undefined ? (this.#reverse ? page.count - 1 : 0) : page.childIndex(first);
      page = this.#descend(page, index, height);
    }
    this.#enter(page);
    if (first === undefined) return;
    // #enter has set the index at the near end of the leaf; the range may begin further inside.
    const open = this.#reverse ? toClosed !== true : fromOpen === true;
    const found = page.lowerBound(first);
    const equal = found < page.count && page.compareKey(found, first) === 0;
    if (this.#reverse) this.#index = equal && !open ? found : found - 1;
    else this.#index = equal && open ? found + 1 : found;
  }

  /** Sets the leaf, its near end, and where the range ends in it. */
  #enter(page: Page): void {
    assertKind(page, 'leaf');
    const { from, fromOpen, to, toClosed } = this.#range;
    const last = page.count - 1;
    this.#leaf = page;
    this.#leaves += 1;
    if (this.#reverse) {
      this.#index = last;
      this.#end = from === undefined ? -1 : bound(page, from, fromOpen === true) - 1;
    } else {
      this.#index = 0;
      // A leaf that ends before the range does, as most do in a long one, costs one comparison.
      const inside = to === undefined || page.compareKey(last, to) < 0;
      this.#end = inside ? page.count : bound(page, to, toClosed === true);
    }
  }

  #nextLeaf(): void {
    const leaf = this.#leaf as Page;
    // Whether the range ended inside this leaf.
    const over = this.#reverse ? this.#end >= 0 : this.#end < leaf.count;
    this.#leaf = undefined;
    if (over) return;
    const step = this.#reverse ? -1 : 1;
    const path = this.#path;
    let depth = path.length - 1;
    while (depth >= 0 && !hasChild(path[depth] as Step, step)) depth -= 1;
    if (depth < 0) return;
    const height = (this.#root as TreeRoot).height;
    const turn = path[depth] as Step;
    if (!this.#reaches(turn.page, turn.index + step)) return;
    path.length = depth;
    let page = this.#descend(turn.page, turn.index + step, height - depth);
    for (let below = height - depth - 1; below > 1; below -= 1) {
      assertKind(page, 'inner');
      page = this.#descend(page, this.#reverse ? page.count - 1 : 0, below);
    }
    this.#enter(page);
  }

  /** The child of a page at `height`, which is put on the path. */
  #descend(page: Page, index: number, height: number): Page {
    this.#path.push({ page, index });
    const id = page.child(index);
    const child = this.#pages.get(id);
    if (child !== undefined) return child;
    throw new PageFault([id], height === 2 ? this.#leavesAhead(page, index) : []);
  }

  #get(id: number): Page {
    const page = this.#pages.get(id);
    if (page === undefined) throw new PageFault([id]);
    return page;
  }

  /** Whether the range can have keys under that child, coming to it from a neighbour. */
  #reaches(page: Page, index: number): boolean {
    const { from, to, toClosed } = this.#range;
    if (this.#reverse) {
      // What is under the child is less than the key of the one after it.
      return from === undefined || page.compareKey(index + 1, from) > 0;
    }
    if (to === undefined) return true;
    const order = page.compareKey(index, to);
    return order < 0 || (order === 0 && toClosed === true);
  }

  /** Absent leaves after that child of their parent, as far as the range goes. */
  #leavesAhead(parent: Page, index: number): number[] {
    const ahead: number[] = [];
    const step = this.#reverse ? -1 : 1;
    // A run begins anew after each fault, so what it reads grows by a factor and not by a number.
    const most = Math.min(readAheadPagesMax, Math.max(readAheadPages, 2 * this.#leaves));
    for (let at = index + step; at >= 0 && at < parent.count; at += step) {
      if (ahead.length === most) break;
      if (!this.#reaches(parent, at)) break;
      const id = parent.child(at);
      if (this.#pages.get(id) === undefined) ahead.push(id);
    }
    return ahead;
  }

  /** Absent overflow pages of the entries after this one, in its leaf and in the range. */
  #valuesAhead(leaf: Page): number[] {
    const ahead: number[] = [];
    const step = this.#reverse ? -1 : 1;
    for (let at = this.#index + step; at !== this.#end; at += step) {
      if (!leaf.isOverflow(at)) continue;
      const { firstPage, pages } = leaf.overflow(at);
      for (let id = firstPage; id < firstPage + pages; id += 1) {
        if (ahead.length === readAheadPages) return ahead;
        if (this.#pages.get(id) === undefined) ahead.push(id);
      }
    }
    return ahead;
  }
}

function hasChild({ page, index }: Step, step: number): boolean {
  return index + step >= 0 && index + step < page.count;
}

/** Index of the first cell not less than `key`; with `after`, of the first greater one. */
function bound(page: Page, key: Uint8Array, after: boolean): number {
  const index = page.lowerBound(key);
  return after && index < page.count && page.compareKey(index, key) === 0 ? index + 1 : index;
}
