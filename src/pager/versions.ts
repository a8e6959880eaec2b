/**
 * The versions of a page: which records of it count, and the one page they make.
 *
 * The records of a page are its versions, by checkpoint number: images, and deltas that say which
 * cells of a leaf changed since the version before. A version above the checkpoint that a reader
 * stands on, or of a dead number, does not exist for it.
 * Invariants
 * - A delta names the version it follows, so a version that is missing in between is noticed.
 */
import { compareBytes } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { checkpointSpan } from '../base/limits.ts';
import type { StoreRecord } from '../port/store.ts';
import { buildNode, type Cell, cellsOf, isRemoved, keyOf } from './node.ts';
import { checkPageRecord, Page, type PageHeader } from './page.ts';

/** Keys in the page space, both included. */
export interface PageKeyRange {
  readonly from: number;
  readonly to: number;
}

/** Where the version of a page that a checkpoint wrote is. */
export function pageKey(id: number, checkpoint: number): number {
  return id * checkpointSpan + checkpoint;
}

/** Where the versions of a page up to a checkpoint are. */
export function pageRange(id: number, checkpoint: number): PageKeyRange {
  return { from: pageKey(id, 0), to: pageKey(id, checkpoint) };
}

/**
 * The page as `checkpoint` has it, of the records of pageRange(pageId, checkpoint): the last image
 * that is not dead, and the live deltas after it. Undefined when there is no such image. Throws
 * Corruption on records that are damaged, in a wrong place, or do not follow one another.
 */
export function assemble(
  pageId: number,
  records: readonly StoreRecord[],
  checkpoint: number,
  dead: ReadonlySet<number>,
): Page | undefined {
  const live = records.filter(({ key }) => {
    const number = key - pageKey(pageId, 0);
    return number >= 0 && number <= checkpoint && !dead.has(number);
  });
  // From the newest back to the last image: what is older is not even looked at.
  const deltas: Uint8Array[] = [];
  let follows: number | undefined;
  let version = 0;
  for (let at = live.length - 1; at >= 0; at -= 1) {
    const { key, value } = live[at] as StoreRecord;
    const header = checkVersion(pageId, key, value);
    if (follows !== undefined && header.checkpoint !== follows) {
      throw new Corruption(`page ${pageId}: version ${follows} is missing`);
    }
    if (at === live.length - 1) version = header.checkpoint;
    if (header.kind !== 'delta') return withDeltas(header, value, deltas.reverse(), version);
    deltas.push(value);
    follows = header.previous;
  }
  if (deltas.length > 0) throw new Corruption(`page ${pageId}: deltas without an image`);
  return undefined;
}

function checkVersion(pageId: number, key: number, value: Uint8Array): PageHeader {
  const header = checkPageRecord(value);
  if (header.id !== pageId || pageKey(pageId, header.checkpoint) !== key) {
    throw new Corruption(`page ${pageId}: another record is at ${key}`);
  }
  if (header.kind === 'list') throw new Corruption(`page ${pageId}: a list is in its place`);
  return header;
}

function withDeltas(
  header: PageHeader,
  image: Uint8Array,
  deltas: readonly Uint8Array[],
  version: number,
): Page {
  if (deltas.length === 0) return new Page(header, image);
  if (header.kind !== 'leaf') throw new Corruption(`page ${header.id}: deltas of no leaf`);
  let changes: Cell[] = [];
  let deltaBytes = 0;
  for (const delta of deltas) {
    changes = overlay(changes, cellsOf(delta), true);
    deltaBytes += delta.length;
  }
  const newest = { ...header, checkpoint: version };
  const bytes = buildNode(newest, overlay(cellsOf(image), changes, false), false);
  return new Page(newest, bytes, deltas.length, deltaBytes);
}

/** Cells of `base` with those of `over` in their places; both in key order. */
function overlay(base: readonly Cell[], over: readonly Cell[], keepRemoved: boolean): Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  for (const cell of over) {
    const key = keyOf(cell);
    at = copyBelow(base, at, key, cells);
    const there = base[at];
    if (there !== undefined && compareBytes(keyOf(there), key) === 0) at += 1;
    if (keepRemoved || !isRemoved(cell)) cells.push(cell);
  }
  for (; at < base.length; at += 1) cells.push(base[at] as Cell);
  return cells;
}

function copyBelow(base: readonly Cell[], from: number, key: Uint8Array, into: Cell[]): number {
  let at = from;
  while (at < base.length && compareBytes(keyOf(base[at] as Cell), key) < 0) {
    into.push(base[at] as Cell);
    at += 1;
  }
  return at;
}
