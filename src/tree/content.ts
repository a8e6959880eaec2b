/**
 * What a node of a tree is to hold, before it has the form of pages: joined, split, and cut to
 * size.
 *
 * A merge works on lists of cells that stay where they are, in old pages or in changes; only when
 * it is settled which cells are neighbours do they become pages.
 * Invariants
 * - The first cell of an inner content has the key of its separator; the page has an empty one.
 * - Pieces of a split are never empty, and those of an inner node have two children at least.
 */
import { assert } from '../base/assert.ts';
import {
  appendedFillPercent,
  pageBytesMin,
  pageBytesSparse,
  pageBytesTarget,
  splitFillPercent,
} from '../base/limits.ts';
import { type Cell, cellsOf, innerCell, keyOf, nodeSize, sizeOf } from '../pager/node.ts';
import { nodeBytesMin, type Page } from '../pager/page.ts';

export interface Content {
  readonly id: number;
  /** 1 for a leaf. */
  readonly height: number;
  /** Not greater than any key below, and greater than every key before. */
  readonly separator: Uint8Array;
  readonly cells: readonly Cell[];
  /** Bytes as one page. */
  readonly size: number;
  /** Whether it differs from what the tree has there. */
  readonly changed: boolean;
  /** The leaf it was, and the cells of a delta that make it what it is; undefined for an image. */
  readonly delta: { readonly page: Page; readonly cells: readonly Cell[] } | undefined;
  /** Everything new came after everything old: more will probably come there. */
  readonly appended: boolean;
}

/** A page as it stands. */
export function contentOf(page: Page, height: number, separator: Uint8Array): Content {
  const cells = cellsOf(page.bytes);
  if (height > 1) cells[0] = innerCell(separator, page.child(0));
  return {
    id: page.id,
    height,
    separator,
    cells,
    size: nodeSize(cells),
    changed: false,
    delta: undefined,
    appended: false,
  };
}

/** Whether it should be joined with a neighbour. */
export function isSmall(content: Content, compact = false): boolean {
  if (content.height > 1 && content.cells.length < 2) return true;
  return content.size < (compact ? pageBytesSparse : pageBytesMin) && !content.appended;
}

/** Both in one, under the id and separator of the left. */
export function join(left: Content, right: Content): Content {
  assert(left.height === right.height, 'neighbours of different height');
  const cells = [...left.cells, ...right.cells];
  return {
    id: left.id,
    height: left.height,
    separator: left.separator,
    cells,
    size: nodeSize(cells),
    changed: true,
    delta: undefined,
    appended: false,
  };
}

/** Cuts what is larger than a page into pieces; the first keeps the id, the others get new ones. */
export function split(content: Content, allocate: () => number): readonly Content[] {
  if (content.size <= pageBytesTarget) return [content];
  const least = content.height > 1 ? 2 : 1;
  const ends = content.appended
    ? endsOfFull(content.cells, least)
    : endsOfEven(content.cells, content.size, least);
  let start = 0;
  return ends.map((end) => {
    const cells = content.cells.slice(start, end);
    const first = start === 0;
    const separator = first ? content.separator : separatorAt(content, start);
    start = end;
    return {
      ...content,
      id: first ? content.id : allocate(),
      separator,
      cells,
      size: nodeSize(cells),
      changed: true,
      delta: undefined,
    };
  });
}

/** The shortest key that is greater than `left` and not greater than `right`. */
export function separatorOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  let shared = 0;
  while (shared < left.length && left[shared] === right[shared]) shared += 1;
  assert(shared < right.length, 'keys out of order');
  return right.subarray(0, shared + 1);
}

function separatorAt(content: Content, index: number): Uint8Array {
  const right = keyOf(content.cells[index] as Cell);
  if (content.height > 1) return right;
  return separatorOf(keyOf(content.cells[index - 1] as Cell), right);
}

/** Full pages, and what is left in a last one: for keys that ascend. */
function endsOfFull(cells: readonly Cell[], least: number): readonly number[] {
  const full = (pageBytesTarget * appendedFillPercent) / 100;
  const ends: number[] = [];
  let start = 0;
  let size = nodeBytesMin;
  for (let at = 0; at < cells.length; at += 1) {
    const more = sizeOf(cells[at] as Cell);
    // The last piece must not be left with less than it needs.
    const cut = Math.min(at, cells.length - least);
    if (size + more > full && cut - start >= least) {
      ends.push(cut);
      start = cut;
      size = nodeSize(cells.slice(cut, at));
    }
    size += more;
  }
  ends.push(cells.length);
  return ends;
}

/** Pages of about one size, with room to grow. */
function endsOfEven(cells: readonly Cell[], size: number, least: number): readonly number[] {
  const pieces = Math.ceil(size / ((pageBytesTarget * splitFillPercent) / 100));
  const goal = size / pieces;
  const ends: number[] = [];
  let start = 0;
  let sum = 0;
  for (let at = 0; at < cells.length; at += 1) {
    const more = sizeOf(cells[at] as Cell);
    const left = cells.length - at;
    // The cut nearest to where an even one would be.
    const due = sum + more / 2 > goal * (ends.length + 1);
    if (due && at - start >= least && left >= least) {
      ends.push(at);
      start = at;
    }
    sum += more;
  }
  ends.push(cells.length);
  return ends;
}
