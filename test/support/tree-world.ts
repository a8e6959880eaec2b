/**
 * One tree over a store of page versions, as a checkpoint of the engine treats it: changes gather
 * in layers, a merge writes records, a sweep deletes what its list replaced. Pages are absent until
 * a fault or a merge asks for them.
 */
import { compareBytes, hexOf } from '../../src/base/bytes.ts';
import { listPages, pageBytesTarget, recordBytesMax } from '../../src/base/limits.ts';
import type { Commit, Mutation } from '../../src/log/commit.ts';
import { Layer } from '../../src/log/tail.ts';
import { PageFault } from '../../src/pager/fault.ts';
import type { ListEntry } from '../../src/pager/list.ts';
import type { Page } from '../../src/pager/page.ts';
import type { TreeRoot } from '../../src/pager/root.ts';
import { assemble, pageKey, pageRange } from '../../src/pager/versions.ts';
import type { StoreRecord } from '../../src/port/store.ts';
import { openCursor } from '../../src/tree/cursor.ts';
import { dropTree, type MergeStep, mergeTree } from '../../src/tree/merge.ts';
import type { KeyRange } from '../../src/tree/reader.ts';
import { findInTree, type Pages } from '../../src/tree/search.ts';

export const tree = 100;
const faultsMax = 5000;

export type Entry = readonly [key: Uint8Array, value: Uint8Array];

export class TreeWorld {
  readonly store = new Map<number, Uint8Array>();
  readonly loaded = new Map<number, Page>();
  readonly dead = new Set<number>();
  readonly model = new Map<string, Entry>();
  /** Newest first. */
  layers: Layer[] = [];
  root: TreeRoot | undefined;
  checkpoint = 0;
  lastNumber = 0;
  nextPage = listPages;
  position = 0;
  faults = 0;
  /** How many pages were asked for as `ahead`. */
  aheads = 0;
  /** Pages are forgotten whenever this says so. */
  forget: () => boolean = () => false;

  readonly pages: Pages = { get: (id) => this.loaded.get(id) };

  /** Puts into the newest layer, or removes when there is no value. */
  put(key: Uint8Array, value: Uint8Array | undefined): void {
    if (this.layers.length === 0) this.layers.push(new Layer());
    const id = hexOf(key);
    const before = this.model.get(id)?.[1];
    const mutation: Mutation = {
      tree,
      key,
      value,
      sizeBefore: before && key.length + before.length,
      sizeAfter: value && key.length + value.length,
    };
    this.position += 1;
    this.layers[0]?.apply(commitOf([mutation]), this.position);
    if (value === undefined) this.model.delete(id);
    else this.model.set(id, [key, value]);
  }

  sorted(): Entry[] {
    return [...this.model.values()].sort((a, b) => compareBytes(a[0], b[0]));
  }

  load(id: number): Page | undefined {
    const page = assemble(id, this.versions(id, this.checkpoint), this.checkpoint, this.dead);
    if (page !== undefined) this.loaded.set(id, page);
    return page;
  }

  versions(id: number, checkpoint: number): StoreRecord[] {
    const { from } = pageRange(id, checkpoint);
    const records: StoreRecord[] = [];
    for (let key = from; key <= pageRange(id, this.lastNumber).to; key += 1) {
      const value = this.store.get(key);
      if (value !== undefined) records.push({ key, value });
    }
    return records;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    for (const layer of this.layers) {
      const entry = layer.get(tree, key);
      if (entry !== undefined) return entry.value;
    }
    return this.run(() => findInTree(this.pages, this.root, key));
  }

  range(range: KeyRange, reverse: boolean): Entry[] {
    return this.run(() => {
      const cursor = openCursor(this.layers, this.pages, this.root, tree, range, reverse);
      const entries: Entry[] = [];
      while (cursor.next()) entries.push([cursor.key, cursor.value]);
      return entries;
    });
  }

  /** Runs again after every fault, as the engine does. */
  run<Result>(read: () => Result): Result {
    for (let round = 0; round < faultsMax; round += 1) {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof PageFault)) throw error;
        this.faults += 1;
        this.aheads += error.ahead.length;
        for (const id of [...error.pages, ...error.ahead]) {
          if (this.loaded.has(id)) throw new Error(`page ${id} was there`);
          if (this.load(id) === undefined) throw new Error(`no page ${id}`);
        }
      }
    }
    throw new Error('faults without end');
  }

  /** Merges all layers into pages. With `fail`, everything is written but does not count. */
  merge(fail = false): readonly ListEntry[] {
    const frozen = new Layer();
    for (const layer of [...this.layers].reverse()) {
      const copy = new Layer();
      copy.absorb(layer);
      frozen.absorb(copy);
    }
    const number = ++this.lastNumber;
    let next = this.nextPage;
    const list = new Map<string, ListEntry>();
    const merge = mergeTree({
      root: this.root,
      changes: frozen.entries(tree),
      counters: frozen.counters(tree),
      pages: this.pages,
      allocate: () => next++,
      checkpoint: number,
    });
    const { result, written } = this.drive(merge, list);
    if (fail) {
      this.dead.add(number);
      return [...list.values()];
    }
    this.root = result;
    this.layers = [];
    this.commit(number, next, list, written);
    return [...list.values()];
  }

  drop(): void {
    const list = new Map<string, ListEntry>();
    const { written } = this.drive(dropTree(this.root, this.pages), list);
    this.root = undefined;
    this.model.clear();
    this.lastNumber += 1;
    this.commit(this.lastNumber, this.nextPage, list, written);
  }

  commit(
    number: number,
    next: number,
    list: ReadonlyMap<string, ListEntry>,
    written: ReadonlyMap<number, Page>,
  ): void {
    this.nextPage = next;
    this.checkpoint = number;
    for (const { page } of list.values()) this.loaded.delete(page);
    for (const [id, page] of written) {
      const stored = this.load(id);
      if (stored === undefined || !sameCells(stored, page)) throw new Error(`page ${id} differs`);
    }
    this.sweep(number, [...list.values()]);
  }

  drive<Result>(
    steps: Generator<MergeStep, Result, void>,
    list: Map<string, ListEntry>,
  ): { result: Result; written: Map<number, Page> } {
    const written = new Map<number, Page>();
    for (let count = 0; count < 100_000; count += 1) {
      const step = steps.next();
      if (step.done) return { result: step.value, written };
      if (this.forget()) this.loaded.clear();
      if (step.value.kind === 'need') {
        for (const id of step.value.pages) this.load(id);
        continue;
      }
      for (const { key, bytes, entry, page } of step.value.writes) {
        if (bytes.length > recordBytesMax) throw new Error(`a record of ${bytes.length} bytes`);
        if (this.store.has(key)) throw new Error(`${key} is written twice`);
        if (pageKey(entry.page, this.lastNumber) !== key) throw new Error('wrong key');
        this.store.set(key, bytes);
        list.set(`${entry.page}`, entry);
        written.set(entry.page, page);
      }
      for (const page of step.value.freed) {
        if (list.get(`${page} freed`)) throw new Error(`page ${page} is freed twice`);
        list.set(`${page} freed`, { page, kind: 'freed' });
        written.delete(page);
      }
    }
    throw new Error('steps without end');
  }

  /** Deletes what the list says is replaced. */
  sweep(number: number, list: readonly ListEntry[]): void {
    for (const { page, kind } of list) {
      if (kind === 'delta') continue;
      const last = kind === 'freed' ? number : number - 1;
      for (let key = pageKey(page, 0); key <= pageKey(page, last); key += 1) {
        this.store.delete(key);
      }
    }
  }

  /** Page ids with records of live checkpoints in the store. */
  stored(): Set<number> {
    const ids = new Set<number>();
    for (const key of this.store.keys()) {
      if (!this.dead.has(key % 2 ** 24)) ids.add(Math.floor(key / 2 ** 24));
    }
    return ids;
  }

  /** Walks the whole tree, checks its form, and answers the ids of its pages. */
  walk(): Set<number> {
    const ids = new Set<number>();
    if (this.root !== undefined) {
      this.walkPage(this.root.page, this.root.height, undefined, undefined, ids, true);
    }
    return ids;
  }

  walkPage(
    id: number,
    height: number,
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    ids: Set<number>,
    root: boolean,
  ): void {
    const page = this.load(id);
    if (page === undefined) throw new Error(`page ${id} is nowhere`);
    if (ids.has(id)) throw new Error(`page ${id} is twice in the tree`);
    ids.add(id);
    const leaf = height === 1;
    if (page.kind !== (leaf ? 'leaf' : 'inner')) throw new Error(`page ${id} is ${page.kind}`);
    if (page.count < (leaf ? 1 : 2)) throw new Error(`page ${id} has ${page.count} cells`);
    if (page.bytes.length > pageBytesTarget * 1.5) throw new Error(`page ${id} is too large`);
    if (root && from !== undefined) throw new Error('a root has no separator');
    for (let index = 0; index < page.count; index += 1) {
      const key = page.key(index);
      if (!leaf && index === 0 && key.length > 0) throw new Error('the first key is not empty');
      if (index > 0 && compareBytes(page.key(index - 1), key) >= 0) throw new Error('order');
      if ((leaf || index > 0) && from && compareBytes(key, from) < 0) throw new Error('below');
      if (to && compareBytes(key, to) >= 0) throw new Error('above');
      if (!leaf) {
        const after = index + 1 < page.count ? page.key(index + 1) : to;
        this.walkPage(page.child(index), height - 1, index === 0 ? from : key, after, ids, false);
      } else if (page.isOverflow(index)) {
        const ref = page.overflow(index);
        for (let at = ref.firstPage; at < ref.firstPage + ref.pages; at += 1) {
          if (ids.has(at)) throw new Error(`overflow page ${at} has two owners`);
          ids.add(at);
        }
      }
    }
  }
}

export function commitOf(mutations: readonly Mutation[], sequence = 1): Commit {
  return {
    sequence,
    stamp: { ms: 1, counter: 0, replica: new Uint8Array(16) },
    transaction: 0,
    transactionEnd: true,
    caller: 'user',
    units: 2,
    table: tree,
    mutations,
  };
}

/** The same content, whatever the checksum: only a stored record has one. */
function sameCells(a: Page, b: Page): boolean {
  const same = a.id === b.id && a.version === b.version && a.deltas === b.deltas;
  const [x, y] = [a.bytes.slice(), b.bytes.slice()];
  x.fill(0, 16, 20);
  y.fill(0, 16, 20);
  return same && a.deltaBytes === b.deltaBytes && compareBytes(x, y) === 0;
}
