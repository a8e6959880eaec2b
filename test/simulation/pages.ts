/**
 * What the page space of a store should hold when nothing is left to sweep: the records that the
 * pages of the checkpoint are made of, and the lists of the last checkpoints.
 */
import { emptyBytes, equalBytes } from '../../src/base/bytes.ts';
import { buildPagesFrom, listPages, listsKept } from '../../src/base/limits.ts';
import { decodeMeta, decodeRoot, type TreeRoot } from '../../src/pager/meta.ts';
import { buildOverflow } from '../../src/pager/node.ts';
import { checkPageRecord, type Page } from '../../src/pager/page.ts';
import { assemble, pageKey, pageRange } from '../../src/pager/versions.ts';
import { metaKey } from '../../src/port/store.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';

class Walk {
  /** Keys of the records that count. */
  readonly keys = new Set<number>();
  readonly #disk: MemoryDisk;
  readonly #checkpoint: number;

  constructor(disk: MemoryDisk, checkpoint: number) {
    this.#disk = disk;
    this.#checkpoint = checkpoint;
  }

  /** Visits every page of a tree; `leaf` is called for each of its leaves. */
  tree(root: TreeRoot | undefined, leaf: (page: Page) => void): void {
    if (root !== undefined) this.#node(root.page, root.height, leaf);
  }

  #node(id: number, height: number, leaf: (page: Page) => void): void {
    const page = this.#page(id);
    for (let index = 0; index < page.count; index += 1) {
      if (height > 1) {
        this.#node(page.child(index), height - 1, leaf);
      } else if (page.isOverflow(index)) {
        const { firstPage, pages } = page.overflow(index);
        for (let at = firstPage; at < firstPage + pages; at += 1) this.#page(at);
      }
    }
    if (height === 1) leaf(page);
  }

  #page(id: number): Page {
    const records = this.#disk.spaces.page.scan({
      space: 'page',
      ...pageRange(id, this.#checkpoint),
    });
    const page = assemble(id, records, this.#checkpoint, new Set());
    if (page === undefined) throw new Error(`page ${id} is missing`);
    // From the newest back to its last image.
    for (const { key, value } of records.toReversed()) {
      this.keys.add(key);
      if (checkPageRecord(value).kind !== 'delta') break;
    }
    return page;
  }
}

/** Whether a checkpoint is under way, or has left something to be swept. */
export function isUnswept(disk: MemoryDisk): boolean {
  const stored = disk.spaces.meta.get(metaKey);
  if (stored === undefined) return false;
  const { dead, unswept, reservation } = decodeMeta(stored);
  return dead.length + unswept.length > 0 || reservation !== undefined;
}

/** What is wrong with the page space of a store at rest. */
export function strayPages(disk: MemoryDisk): readonly string[] {
  const stored = disk.spaces.meta.get(metaKey);
  if (stored === undefined) return ['there is no meta record'];
  const { checkpoint, roots } = decodeMeta(stored);
  if (isUnswept(disk)) return ['something is left to sweep'];
  const walk = new Walk(disk, checkpoint);
  const trees: TreeRoot[] = [];
  walk.tree(roots, (page) => {
    for (let index = 0; index < page.count; index += 1) trees.push(decodeRoot(page.value(index)));
  });
  for (const tree of trees) walk.tree(tree, () => undefined);
  const stray: string[] = [];
  for (const key of disk.spaces.page.keys(0, Number.MAX_SAFE_INTEGER)) {
    const [id, number] = [Math.floor(key / pageKey(1, 0)), key % pageKey(1, 0)];
    const isList = id < listPages && number > checkpoint - listsKept && number <= checkpoint;
    const isMark = id >= buildPagesFrom && number === 0 && isEmpty(disk.spaces.page.get(key), id);
    if (!isList && !isMark && !walk.keys.has(key))
      stray.push(`page ${id} of checkpoint ${number} is stray`);
  }
  return stray;
}

/** A mark in front of pages that were freed (src/engine/builds.ts). */
function isEmpty(bytes: Uint8Array | undefined, id: number): boolean {
  return bytes !== undefined && equalBytes(bytes, buildOverflow(id, 0, emptyBytes));
}
