/**
 * Building leaves, inner pages, deltas and overflow pages from cells.
 *
 * A cell is built once and then only referred to: a leaf that is rewritten copies its cells from
 * where they are, and a large value stays where it is when its cell moves (docs/formats/page.md).
 */
import { assert } from '../base/assert.ts';
import { recordBytesMax } from '../base/limits.ts';
import {
  cellEnd,
  cellOverhead,
  cellStart,
  countOf,
  keyLengthMask,
  nodeBytesMin,
  type OverflowRef,
  overflowFlag,
  overflowRefBytes,
  type PageHeader,
  pageHeaderBytes,
  putU16,
  putU32,
  removedFlag,
  seal,
  u16,
  u32,
  writePageHeader,
} from './page.ts';

/** A cell's bytes, from the length of its key to the end of its value, wherever they are. */
export interface Cell {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** What comes behind these bytes, of a change: it stays where it is until there is a page. */
  readonly value?: Uint8Array | undefined;
}

/** Bytes of a value that one overflow page holds. */
export const overflowPieceMax: number = recordBytesMax - pageHeaderBytes;

/** A cell of a leaf with its value inline. All cells of a new tree may be in memory at once. */
export function inlineCell(key: Uint8Array, value: Uint8Array): Cell {
  return { ...startCell(key, 0, 0), value };
}

/** A cell of a leaf whose value is in overflow pages. */
export function overflowCell(key: Uint8Array, ref: OverflowRef): Cell {
  const cell = startCell(key, overflowFlag, overflowRefBytes);
  const at = cell.end - overflowRefBytes;
  putU32(cell.bytes, at, ref.firstPage);
  putU16(cell.bytes, at + 4, ref.pages);
  putU32(cell.bytes, at + 6, ref.length);
  return cell;
}

/** A cell of a delta that says that the key is gone. */
export function removedCell(key: Uint8Array): Cell {
  return startCell(key, removedFlag, 0);
}

/** A cell of an inner page. */
export function innerCell(key: Uint8Array, child: number): Cell {
  const cell = startCell(key, 0, 4);
  putU32(cell.bytes, cell.end - 4, child);
  return cell;
}

/** The cell at `index` of a leaf, inner page or delta, where it is. */
export function cellAt(bytes: Uint8Array, index: number): Cell {
  return { bytes, start: cellStart(bytes, index), end: cellEnd(bytes, index, countOf(bytes)) };
}

/** Every cell of a leaf, inner page or delta. */
export function cellsOf(bytes: Uint8Array): Cell[] {
  const count = countOf(bytes);
  const cells: Cell[] = [];
  for (let index = 0; index < count; index += 1) cells.push(cellAt(bytes, index));
  return cells;
}

export function keyOf(cell: Cell): Uint8Array {
  const from = cell.start + 2;
  return cell.bytes.subarray(from, from + keyLengthOf(cell));
}

export function keyLengthOf({ bytes, start }: Cell): number {
  return u16(bytes, start) & keyLengthMask;
}

/** The value of a cell of a leaf that is not overflowing. */
export function cellValue(cell: Cell): Uint8Array {
  const from = cell.start + 2 + keyLengthOf(cell);
  return cell.value ?? cell.bytes.subarray(from, cell.end);
}

/** Page id in a cell of an inner page. */
export function childOf(cell: Cell): number {
  return u32(cell.bytes, cell.end - 4);
}

export function isRemoved(cell: Cell): boolean {
  return (u16(cell.bytes, cell.start) & removedFlag) !== 0;
}

/** What a cell takes in a page, its offset included. */
export function sizeOf(cell: Cell): number {
  return lengthOf(cell) + 2;
}

/** Bytes of a page or delta with these cells. */
export function nodeSize(cells: readonly Cell[]): number {
  let size = nodeBytesMin;
  for (const cell of cells) size += lengthOf(cell) + 2;
  return size;
}

/** A leaf, inner page or delta; `sealed` when it is to be stored. */
export function buildNode(header: PageHeader, cells: readonly Cell[], sealed: boolean): Uint8Array {
  const size = nodeSize(cells);
  assert(size <= recordBytesMax, `a ${header.kind} of ${size} bytes`);
  const bytes = new Uint8Array(size);
  writePageHeader(bytes, header);
  putU16(bytes, pageHeaderBytes, cells.length);
  let offset = nodeBytesMin;
  let at = nodeBytesMin + cells.length * 2;
  for (const cell of cells) {
    putU16(bytes, offset, at);
    offset += 2;
    copyBytes(bytes, at, cell.bytes, cell.start, cell.end);
    at += cell.end - cell.start;
    if (cell.value === undefined) continue;
    copyBytes(bytes, at, cell.value, 0, cell.value.length);
    at += cell.value.length;
  }
  if (sealed) seal(bytes);
  return bytes;
}

/** An overflow page, ready to be stored. */
export function buildOverflow(id: number, checkpoint: number, piece: Uint8Array): Uint8Array {
  assert(piece.length <= overflowPieceMax, `an overflow page of ${piece.length} bytes`);
  const bytes = new Uint8Array(pageHeaderBytes + piece.length);
  writePageHeader(bytes, { kind: 'overflow', id, checkpoint, previous: 0 });
  bytes.set(piece, pageHeaderBytes);
  seal(bytes);
  return bytes;
}

const sharedCellBytes = 0x10000;
let sharedCells = new Uint8Array(0);
let sharedCellsAt = 0;

/**
 * A cell with its key, whose value is still to be written. Cells share a buffer: they live until
 * the page is built that they are for, and one of their own would cost more than they do.
 */
function startCell(key: Uint8Array, flags: number, valueBytes: number): Cell {
  const { length } = key;
  assert(length <= keyLengthMask, `a key of ${length} bytes`);
  const size = cellOverhead - 2 + length + valueBytes;
  if (sharedCells.length - sharedCellsAt < size) {
    sharedCells = new Uint8Array(Math.max(size, sharedCellBytes));
    sharedCellsAt = 0;
  }
  const bytes = sharedCells;
  const start = sharedCellsAt;
  sharedCellsAt += size;
  putU16(bytes, start, length | flags);
  for (let at = 0; at < length; at += 1) bytes[start + 2 + at] = key[at] as number;
  return { bytes, start, end: start + size };
}

function lengthOf({ start, end, value }: Cell): number {
  return end - start + (value === undefined ? 0 : value.length);
}

function copyBytes(
  into: Uint8Array,
  at: number,
  from: Uint8Array,
  start: number,
  end: number,
): void {
  // Below some length a loop is faster than making a view to copy from.
  if (end - start > 64) {
    into.set(start === 0 && end === from.length ? from : from.subarray(start, end), at);
    return;
  }
  for (let next = start, to = at; next < end; next += 1, to += 1) into[to] = from[next] as number;
}
