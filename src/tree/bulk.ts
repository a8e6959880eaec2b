/**
 * Building a tree from cells in key order: each page once, full, from the leaves up.
 *
 * The tree has no pages before, so nothing is read, and page ids ascend with the keys. What it is
 * in the end is what a merge of the same entries would have made, but for how full its pages are.
 * Invariants
 * - Cells come in ascending order of their keys, each key once.
 * - An inner page has two children at least: a full one leaves its last child to the next.
 */
import { emptyBytes } from '../base/bytes.ts';
import { appendedFillPercent, inlineValueBytesMax, pageBytesTarget } from '../base/limits.ts';
import {
  buildNode,
  buildOverflow,
  type Cell,
  childOf,
  innerCell,
  keyLengthOf,
  keyOf,
  overflowCell,
  overflowPieceMax,
  sizeOf,
  cellValue,
} from '../pager/node.ts';
import { cellOverhead, nodeBytesMin } from '../pager/page.ts';
import type { TreeRoot } from '../pager/root.ts';
import { separatorOf } from './content.ts';

/** What a leaf is filled to, and an inner page but for three of the longest separators. */
export const fullPageBytes: number = (pageBytesTarget * appendedFillPercent) / 100;

/** What a builder does with the pages it makes. */
export interface PageSink {
  /** The first of so many consecutive page ids. */
  allocate(pages: number): number;
  /** The image of a page, under checkpoint number 0. */
  write(page: number, bytes: Uint8Array): void;
}

/** The page of one height that is being filled. */
interface Level {
  cells: Cell[];
  size: number;
  /** Of the whole page: not greater than any key in it, greater than every key before. */
  separator: Uint8Array;
}

export class TreeBuilder {
  readonly #sink: PageSink;
  readonly #levels: Level[] = [{ cells: [], size: nodeBytesMin, separator: emptyBytes }];
  #entries = 0;
  #bytes = 0;

  constructor(sink: PageSink) {
    this.#sink = sink;
  }

  /** `size` is DynamoDB's. */
  add(cell: Cell, size: number): void {
    const inline = sizeOf(cell) - cellOverhead - keyLengthOf(cell) <= inlineValueBytesMax;
    const leaf = inline ? cell : this.#overflow(keyOf(cell), cellValue(cell));
    const level = this.#levels[0] as Level;
    if (level.size + sizeOf(leaf) > fullPageBytes && level.cells.length > 0) {
      const before = keyOf(level.cells[level.cells.length - 1] as Cell);
      this.#flush(0, level.cells);
      level.cells = [];
      level.size = nodeBytesMin;
      level.separator = separatorOf(before, keyOf(cell));
    }
    level.cells.push(leaf);
    level.size += sizeOf(leaf);
    this.#entries += 1;
    this.#bytes += size;
  }

  /** Undefined when nothing was added. */
  finish(): TreeRoot | undefined {
    if (this.#entries === 0) return undefined;
    for (let at = 0; at < this.#levels.length; at += 1) {
      const { cells } = this.#levels[at] as Level;
      const page = this.#flush(at, cells, at + 1 < this.#levels.length);
      const height = at + 1;
      if (page !== undefined) return { page, height, entries: this.#entries, bytes: this.#bytes };
    }
    return undefined;
  }

  /** Writes a page of `cells` and tells the level above; without `up` answers its id instead. */
  #flush(at: number, cells: readonly Cell[], up = true): number | undefined {
    const id = this.#sink.allocate(1);
    const kind = at === 0 ? 'leaf' : 'inner';
    const stored =
      at === 0 ? cells : [innerCell(emptyBytes, childOf(cells[0] as Cell)), ...cells.slice(1)];
    this.#sink.write(id, buildNode({ kind, id, checkpoint: 0, previous: 0 }, stored, true));
    if (!up) return id;
    this.#addChild(at + 1, (this.#levels[at] as Level).separator, id);
    return undefined;
  }

  #addChild(at: number, separator: Uint8Array, child: number): void {
    const cell = innerCell(separator, child);
    let level = this.#levels[at];
    if (level === undefined) {
      level = { cells: [], size: nodeBytesMin, separator };
      this.#levels.push(level);
    }
    const { cells } = level;
    if (level.size + sizeOf(cell) > fullPageBytes && cells.length > 2) {
      const kept = cells[cells.length - 1] as Cell;
      this.#flush(at, cells.slice(0, -1));
      level.cells = [kept];
      level.size = nodeBytesMin + sizeOf(kept);
      level.separator = keyOf(kept);
    }
    level.cells.push(cell);
    level.size += sizeOf(cell);
  }

  #overflow(key: Uint8Array, value: Uint8Array): Cell {
    const pages = Math.ceil(value.length / overflowPieceMax);
    const firstPage = this.#sink.allocate(pages);
    for (let index = 0; index < pages; index += 1) {
      const from = index * overflowPieceMax;
      const piece = value.subarray(from, from + overflowPieceMax);
      this.#sink.write(firstPage + index, buildOverflow(firstPage + index, 0, piece));
    }
    return overflowCell(key, { firstPage, pages, length: value.length });
  }
}
