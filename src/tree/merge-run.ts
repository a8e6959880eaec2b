/**
 * One merge of a batch of changes into the pages of one tree.
 *
 * From the root down to the leaves that have changes, and on the way back from children to parents.
 * At each inner node one child is *held* until its neighbour is known: a child that became small is
 * joined with the one before or after it, and only then written. So each page is written once.
 * Invariants
 * - No page in memory is changed; a page that is absent is asked for and waited for.
 * - A page is written, or freed, or as it was; an inner page is written only if its children
 *   changed.
 */
import { assert } from '../base/assert.ts';
import { compareBytes, emptyBytes } from '../base/bytes.ts';
import {
  deltaBytesMax,
  deltasMax,
  inlineValueBytesMax,
  pageBytesSparse,
  readAheadPages,
  treeHeightMax,
} from '../base/limits.ts';
import type { TailEntry } from '../log/tail.ts';
import {
  buildNode,
  buildOverflow,
  type Cell,
  cellAt,
  cellsOf,
  childOf,
  inlineCell,
  innerCell,
  nodeSize,
  overflowCell,
  overflowPieceMax,
  removedCell,
} from '../pager/node.ts';
import { Page, type PageHeader } from '../pager/page.ts';
import { pageKey } from '../pager/versions.ts';
import { type Content, contentOf, isSmall, join, split } from './content.ts';
import {
  leadPosition,
  loadFirst,
  type MergeInput,
  type MergeStep,
  type PageWrite,
} from './merge-step.ts';
import { assertKind } from './search.ts';

type Steps<Result> = Generator<MergeStep, Result, void>;

/** A child of an inner node, once it is settled. */
interface Child {
  readonly separator: Uint8Array;
  readonly id: number;
  /** The page is as it was before the merge. */
  readonly same: boolean;
}

/** The children of one inner node while they are merged. */
interface Family {
  readonly height: number;
  readonly settled: Child[];
  held: Content | undefined;
  /** Whether children came, went, or have other separators. */
  changed: boolean;
}

/** Where a tree starts after a merge. */
export interface Top {
  readonly page: number;
  readonly height: number;
}

export class MergeRun {
  readonly #input: MergeInput;
  readonly #changes: readonly TailEntry[];
  /** Freed since the last step. */
  #freed: number[] = [];
  /** Inner pages written with one child, which only a root can have for long. */
  readonly #single = new Map<number, number>();

  constructor(input: MergeInput) {
    this.#input = input;
    this.#changes = [...input.changes];
  }

  /** Undefined when nothing is left. */
  *run(): Steps<Top | undefined> {
    if (this.#changes.length === 0) return this.#input.root;
    const top = yield* this.#top();
    if (this.#freed.length > 0) yield this.#wrote([]);
    return top;
  }

  *#top(): Steps<Top | undefined> {
    const root = this.#isLost(this.#input.root?.page) ? undefined : this.#input.root;
    const last = this.#changes.length;
    let content: Content;
    if (root === undefined) content = yield* this.#leaf(undefined, emptyBytes, 0, last);
    else {
      const page = yield* loadFirst(this.#input.pages, [root.page]);
      content = yield* this.#merge(page, root.height, emptyBytes, 0, last);
    }
    if (content.cells.length === 0) {
      if (root !== undefined) this.#freed.push(content.id);
      return undefined;
    }
    if (!content.changed) return root;
    return yield* this.#settleTop(content);
  }

  /**
   * Writes the topmost content, under as many new roots as it takes, or as few as there need be.
   */
  *#settleTop(content: Content): Steps<Top> {
    let { height } = content;
    if (height > 1 && content.cells.length === 1) {
      this.#freed.push(content.id);
      let page = childOf(content.cells[0] as Cell);
      height -= 1;
      let below = this.#single.get(page);
      while (below !== undefined) {
        this.#freed.push(page);
        page = below;
        height -= 1;
        below = this.#single.get(page);
      }
      return { page, height };
    }
    let children = yield* this.#settle(content);
    while (children.length > 1) {
      height += 1;
      assert(height <= treeHeightMax, `a tree of height ${height}`);
      children = yield* this.#settle(
        innerContent(this.#input.allocate(), height, emptyBytes, children, true),
      );
    }
    return { page: (children[0] as Child).id, height };
  }

  /** What a page becomes by the changes from index `from` to `to`. Nothing of itself is written. */
  *#merge(
    page: Page,
    height: number,
    separator: Uint8Array,
    from: number,
    to: number,
  ): Steps<Content> {
    if (height === 1) {
      assertKind(page, 'leaf');
      return yield* this.#leaf(page, separator, from, to);
    }
    assertKind(page, 'inner');
    return yield* this.#inner(page, height, separator, from, to);
  }

  *#leaf(page: Page | undefined, separator: Uint8Array, from: number, to: number): Steps<Content> {
    const cells: Cell[] = [];
    const delta: Cell[] = [];
    let at = 0;
    for (let index = from; index < to; index += 1) {
      const { key, value, position } = this.#changes[index] as TailEntry;
      if (position === leadPosition) continue;
      const found = page === undefined ? 0 : page.lowerBound(key);
      for (; page !== undefined && at < found; at += 1) cells.push(cellAt(page.bytes, at));
      const there = page !== undefined && at < page.count && page.compareKey(at, key) === 0;
      if (there) {
        this.#freeValue(page, at);
        at += 1;
        if (value === undefined) delta.push(removedCell(key));
      }
      if (value === undefined) continue;
      const cell = yield* this.#cell(key, value);
      cells.push(cell);
      delta.push(cell);
    }
    for (; page !== undefined && at < page.count; at += 1) cells.push(cellAt(page.bytes, at));
    const first = (this.#changes[from] as TailEntry).key;
    return {
      id: page === undefined ? this.#input.allocate() : page.id,
      height: 1,
      separator,
      cells,
      size: nodeSize(cells),
      changed: delta.length > 0 || (page !== undefined && this.#isWorthRewriting(page)),
      delta: page === undefined ? undefined : { page, cells: delta },
      appended: page !== undefined && page.compareKey(page.count - 1, first) < 0,
    };
  }

  *#inner(
    whole: Page,
    height: number,
    separator: Uint8Array,
    from: number,
    to: number,
  ): Steps<Content> {
    const page = this.#withoutLost(whole);
    if (page === undefined) return yield* this.#regrown(whole.id, height, separator, from, to);
    const changed = page !== whole || this.#isAnew(page);
    const family: Family = { height, settled: [], held: undefined, changed };
    const ends = this.#endsOf(page, from, to);
    let start = from;
    let appended = false;
    for (let index = 0; index < page.count; index += 1) {
      const end = ends[index] as number;
      const key = index === 0 ? separator : page.key(index);
      const touched = end > start;
      if (!touched && (family.held === undefined || !this.#isSmall(family.held))) {
        yield* this.#release(family);
        family.settled.push({ separator: key, id: page.child(index), same: true });
        continue;
      }
      const child = yield* loadFirst(this.#input.pages, touchedFrom(page, index, start, ends));
      const content = touched
        ? yield* this.#merge(child, height - 1, key, start, end)
        : contentOf(child, height - 1, key);
      appended = index === page.count - 1 && content.appended;
      start = end;
      yield* this.#join(family, content);
    }
    yield* this.#joinLast(family);
    yield* this.#release(family);
    return innerContent(page.id, height, separator, family.settled, family.changed, appended);
  }

  #isSmall(content: Content): boolean {
    return isSmall(content, this.#input.compact);
  }

  #isAnew({ id }: Page): boolean {
    return this.#input.anew?.has(id) === true;
  }

  /** A leaf that a compaction makes smaller, or may join with another. */
  #isWorthRewriting(page: Page): boolean {
    if (this.#isAnew(page)) return true;
    if (this.#input.compact !== true) return false;
    return page.deltas > 0 || page.bytes.length < pageBytesSparse;
  }

  #isLost(page: number | undefined): boolean {
    return page !== undefined && this.#input.lost?.has(page) === true;
  }

  /** An inner page without children that are to be cut out; undefined when none is left. */
  #withoutLost(page: Page): Page | undefined {
    const { lost } = this.#input;
    if (lost === undefined || lost.size === 0) return page;
    const kept = cellsOf(page.bytes).filter((cell) => !lost.has(childOf(cell)));
    if (kept.length === page.count) return page;
    if (kept.length === 0) return undefined;
    const header: PageHeader = {
      kind: 'inner',
      id: page.id,
      checkpoint: page.version,
      previous: 0,
    };
    return new Page(header, buildNode(header, withEmptyFirst(kept), false));
  }

  /** What takes the place of an inner page all of whose children were cut out. */
  *#regrown(
    id: number,
    height: number,
    separator: Uint8Array,
    from: number,
    to: number,
  ): Steps<Content> {
    let content = yield* this.#leaf(undefined, separator, from, to);
    if (content.cells.length === 0) return innerContent(id, height, separator, [], true);
    for (let above = 2; above <= height; above += 1) {
      const children = yield* this.#settle(content);
      const place = above === height ? id : this.#input.allocate();
      content = innerContent(place, above, separator, children, true);
    }
    return content;
  }

  /** Takes the next child into the family. */
  *#join(family: Family, content: Content): Steps<void> {
    if (content.cells.length === 0) {
      this.#freed.push(content.id);
      family.changed = true;
      return;
    }
    const { held } = family;
    if (
      held !== undefined &&
      (this.#isSmall(held) || (content.changed && this.#isSmall(content)))
    ) {
      this.#freed.push(content.id);
      family.changed = true;
      const pieces = split(join(held, content), this.#input.allocate);
      for (const piece of pieces.slice(0, -1)) yield* this.#settleInto(family, piece);
      family.held = pieces[pieces.length - 1];
      return;
    }
    yield* this.#release(family);
    if (content.changed) family.held = content;
    else family.settled.push({ separator: content.separator, id: content.id, same: true });
  }

  /** A last child that is small has no neighbour but the one before it. */
  *#joinLast(family: Family): Steps<void> {
    const { held, settled } = family;
    const before = settled[settled.length - 1];
    if (held === undefined || !this.#isSmall(held) || before === undefined || !before.same) return;
    const page = yield* loadFirst(this.#input.pages, [before.id]);
    settled.pop();
    family.held = contentOf(page, held.height, before.separator);
    yield* this.#join(family, held);
  }

  /** Writes the child that was held back. */
  *#release(family: Family): Steps<void> {
    const { held } = family;
    if (held === undefined) return;
    family.held = undefined;
    yield* this.#settleInto(family, held);
  }

  *#settleInto(family: Family, content: Content): Steps<void> {
    const children = yield* this.#settle(content);
    if (children.length > 1) family.changed = true;
    for (const child of children) family.settled.push(child);
  }

  /** Writes a content as one page or as many. */
  *#settle(content: Content): Steps<Child[]> {
    const children: Child[] = [];
    for (const piece of split(content, this.#input.allocate)) {
      const { id, separator, cells, height } = piece;
      if (height > 1 && cells.length === 1) this.#single.set(id, childOf(cells[0] as Cell));
      yield this.#wrote([this.#write(piece)]);
      children.push({ separator, id, same: false });
    }
    return children;
  }

  #write(content: Content): PageWrite {
    const { id, cells, height } = content;
    const { checkpoint } = this.#input;
    const key = pageKey(id, checkpoint);
    const kind = height > 1 ? 'inner' : 'leaf';
    const header: PageHeader = { kind, id, checkpoint, previous: 0 };
    const delta = this.#deltaOf(content);
    if (delta !== undefined) {
      const { page, bytes } = delta;
      const image = buildNode(header, cells, false);
      const next = new Page(header, image, page.deltas + 1, page.deltaBytes + bytes.length);
      return { key, bytes, entry: { page: id, kind: 'delta' }, page: next };
    }
    const stored = height > 1 ? withEmptyFirst(cells) : cells;
    const bytes = buildNode(header, stored, true);
    return { key, bytes, entry: { page: id, kind: 'image' }, page: new Page(header, bytes) };
  }

  /** The record of a delta, unless an image is due. */
  #deltaOf(content: Content): { readonly page: Page; readonly bytes: Uint8Array } | undefined {
    if (content.delta === undefined || this.#input.compact === true) return undefined;
    const { page, cells } = content.delta;
    if (this.#isAnew(page)) return undefined;
    const { checkpoint } = this.#input;
    const bytes = page.deltaBytes + nodeSize(cells);
    if (page.version >= checkpoint || page.deltas >= deltasMax) return undefined;
    if (bytes > Math.min(deltaBytesMax, content.size / 2)) return undefined;
    const header: PageHeader = { kind: 'delta', id: page.id, checkpoint, previous: page.version };
    return { page, bytes: buildNode(header, cells, true) };
  }

  /** The cell of a new value, whose overflow pages are written first if it needs some. */
  *#cell(key: Uint8Array, value: Uint8Array): Steps<Cell> {
    if (value.length <= inlineValueBytesMax) return inlineCell(key, value);
    const { allocate, checkpoint } = this.#input;
    const count = Math.ceil(value.length / overflowPieceMax);
    const writes: PageWrite[] = [];
    let firstPage = 0;
    for (let index = 0; index < count; index += 1) {
      const id = allocate();
      if (index === 0) firstPage = id;
      assert(id === firstPage + index, 'overflow pages are consecutive');
      const from = index * overflowPieceMax;
      const piece = value.subarray(from, from + overflowPieceMax);
      const bytes = buildOverflow(id, checkpoint, piece);
      const page = new Page({ kind: 'overflow', id, checkpoint, previous: 0 }, bytes);
      writes.push({
        key: pageKey(id, checkpoint),
        bytes,
        entry: { page: id, kind: 'image' },
        page,
      });
    }
    yield this.#wrote(writes);
    return overflowCell(key, { firstPage, pages: count, length: value.length });
  }

  #freeValue(page: Page, index: number): void {
    if (!page.isOverflow(index)) return;
    const { firstPage, pages } = page.overflow(index);
    for (let id = firstPage; id < firstPage + pages; id += 1) this.#freed.push(id);
  }

  #wrote(writes: readonly PageWrite[]): MergeStep {
    const freed = this.#freed;
    this.#freed = [];
    return { kind: 'wrote', writes, freed };
  }

  /** For each child of a page, the index of the first change that is not its own. */
  #endsOf(page: Page, from: number, to: number): number[] {
    const ends: number[] = [];
    let at = from;
    while (at < to) {
      const index = page.childIndex((this.#changes[at] as TailEntry).key);
      while (ends.length < index) ends.push(at);
      at = index + 1 < page.count ? this.#firstFrom(page.key(index + 1), at, to) : to;
      ends.push(at);
    }
    while (ends.length < page.count) ends.push(to);
    return ends;
  }

  #firstFrom(key: Uint8Array, from: number, to: number): number {
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes((this.#changes[middle] as TailEntry).key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The child at `index`, then those after it that have changes too. */
function touchedFrom(
  page: Page,
  index: number,
  start: number,
  ends: readonly number[],
): readonly number[] {
  const wanted = [page.child(index)];
  let before = Math.max(start, ends[index] as number);
  for (let at = index + 1; at < page.count && wanted.length <= readAheadPages; at += 1) {
    const end = ends[at] as number;
    if (end > before) wanted.push(page.child(at));
    before = end;
  }
  return wanted;
}

function innerContent(
  id: number,
  height: number,
  separator: Uint8Array,
  children: readonly Child[],
  changed: boolean,
  appended = false,
): Content {
  const cells = children.map((child, index) =>
    innerCell(index === 0 ? separator : child.separator, child.id),
  );
  const size = nodeSize(cells);
  return { id, height, separator, cells, size, changed, delta: undefined, appended };
}

function withEmptyFirst(cells: readonly Cell[]): readonly Cell[] {
  return [innerCell(emptyBytes, childOf(cells[0] as Cell)), ...cells.slice(1)];
}
