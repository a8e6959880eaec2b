/**
 * A Store in memory: for tests, simulations and databases that nobody wants to keep.
 *
 * A MemoryDisk is what survives; several MemoryStores may stand on one disk, as tabs do on one
 * IndexedDB. Each store carries its calls out in the order they came; between stores only `settle`
 * decides. Invariants
 * - Bytes are copied in and out: nobody can change what is stored.
 * - After a power loss no store that was open before it can read or write any more.
 */
import { must } from '../base/assert.ts';
import { memoryUndoMax } from '../base/limits.ts';
import type { FaultPlan } from '../port/fault.ts';
import {
  metaKey,
  type ScanRange,
  type Space,
  type SpaceRecord,
  type Store,
  StoreFailure,
  type StoreRecord,
  type WriteBatch,
  type WriteResult,
} from '../port/store.ts';
import { SortedRecords } from './sorted-records.ts';

export interface MemoryDisk {
  readonly spaces: Readonly<Record<Space, SortedRecords>>;
  /** Counts power losses: a store of an earlier life is dead. */
  readonly life: number;
  /** Writes that a power loss may undo, at most memoryUndoMax (the oldest become durable). */
  readonly volatileWrites: number;
  /** Bytes of all values. */
  readonly bytes: number;
  /** Undoes all but the first `keep` of the volatile writes; every open store is lost. */
  powerLoss(keep: number): void;
}

export interface MemoryDiskOptions {
  /** Remember how to undo writes that are not strict, so that `powerLoss` can. */
  readonly undo?: boolean;
}

export interface MemoryOptions {
  /** Says that no other store is open on the disk; it is believed. */
  readonly exclusive?: boolean;
  /** Awaited before a call is carried out and again before it is answered. */
  readonly settle?: () => Promise<void>;
  readonly fault?: FaultPlan;
}

export function createMemory(options: MemoryDiskOptions = {}): MemoryDisk {
  return new Disk(options.undo === true);
}

export function openMemory(disk: MemoryDisk, options: MemoryOptions = {}): MemoryStore {
  return new MemoryStore(disk, options);
}

/** What a record was before a write: its value, or undefined for none. */
interface Undo {
  readonly space: Space;
  readonly key: number;
  readonly value: Uint8Array | undefined;
}

class Disk implements MemoryDisk {
  readonly spaces: Readonly<Record<Space, SortedRecords>> = {
    log: new SortedRecords(),
    page: new SortedRecords(),
    meta: new SortedRecords(),
  };
  life = 0;
  readonly #undo: (readonly Undo[])[] = [];
  readonly #keepsUndo: boolean;

  constructor(keepsUndo: boolean) {
    this.#keepsUndo = keepsUndo;
  }

  get volatileWrites(): number {
    return this.#undo.length;
  }

  get bytes(): number {
    const { log, page, meta } = this.spaces;
    return log.bytes + page.bytes + meta.bytes;
  }

  powerLoss(keep: number): void {
    this.life += 1;
    while (this.#undo.length > keep) {
      const write = must(this.#undo.pop(), 'a volatile write');
      for (const { space, key, value } of write.toReversed()) {
        if (value === undefined) this.spaces[space].removeRange(key, key);
        else this.spaces[space].put(key, value);
      }
    }
    this.#undo.length = 0;
  }

  /** Carries out a batch that was judged before. */
  apply({ remove = [], add = [], put = [], strict = false }: WriteBatch): void {
    const undo: Undo[] = [];
    for (const { space, from, to } of remove) {
      if (this.#keepsUndo) {
        for (const key of this.spaces[space].keys(from, to)) this.#note(undo, space, key);
      }
      this.spaces[space].removeRange(from, to);
    }
    for (const { space, key, value } of [...add, ...put]) {
      if (this.#keepsUndo) this.#note(undo, space, key);
      this.spaces[space].put(key, value.slice());
    }
    if (strict) this.#undo.length = 0;
    else if (this.#keepsUndo) this.#undo.push(undo);
    if (this.#undo.length > memoryUndoMax) this.#undo.shift();
  }

  #note(undo: Undo[], space: Space, key: number): void {
    undo.push({ space, key, value: this.spaces[space].get(key) });
  }
}

export class MemoryStore implements Store {
  readonly exclusive: boolean;
  readonly #disk: Disk;
  readonly #life: number;
  readonly #settle: (() => Promise<void>) | undefined;
  readonly #fault: FaultPlan | undefined;
  /** The last call that waits for its turn: calls of one store never overtake each other. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(disk: MemoryDisk, options: MemoryOptions) {
    if (!(disk instanceof Disk)) throw new TypeError('a disk comes from createMemory()');
    this.#disk = disk;
    this.#life = disk.life;
    this.exclusive = options.exclusive === true;
    this.#settle = options.settle;
    this.#fault = options.fault;
  }

  get(space: Space, key: number): Promise<Uint8Array | undefined> {
    if (this.#closed) return Promise.reject(closedFailure());
    return this.#run(() => {
      this.#checkRead('store.get');
      return this.#disk.spaces[space].get(key)?.slice();
    });
  }

  scan(ranges: readonly ScanRange[]): Promise<readonly (readonly StoreRecord[])[]> {
    if (this.#closed) return Promise.reject(closedFailure());
    return this.#run(() => {
      this.#checkRead('store.scan');
      return ranges.map((range) => this.#disk.spaces[range.space].scan(range));
    });
  }

  write(batch: WriteBatch): Promise<WriteResult> {
    if (this.#closed) return Promise.resolve({ kind: 'refused', why: 'closed' });
    // The caller may reuse its buffers as soon as this returns, so a waiting batch is copied.
    const kept = this.#settle === undefined ? batch : copyBatch(batch);
    return this.#run(() => this.#write(kept));
  }

  /** Lets calls that came before it end. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#last.then(() => undefined);
  }

  #run<T>(act: () => T): Promise<T> {
    const settle = this.#settle;
    if (settle === undefined) return attempt(act);
    const done = this.#last.then(settle).then(act);
    this.#last = done.catch(() => undefined);
    return done.finally(settle);
  }

  #checkRead(site: 'store.get' | 'store.scan'): void {
    if (this.#life !== this.#disk.life) throw new StoreFailure('lost', 'the power was lost');
    if (this.#fault?.(site) !== undefined) throw new StoreFailure('lost', `fault at ${site}`);
  }

  #write(batch: WriteBatch): WriteResult {
    if (this.#life !== this.#disk.life) return { kind: 'unknown', cause: 'the power was lost' };
    const fault = this.#fault?.('store.write');
    if (fault === 'full') return { kind: 'refused', why: 'full', cause: 'fault at store.write' };
    if (fault === 'lost') return { kind: 'unknown', cause: 'fault at store.write' };
    const meta = this.#disk.spaces.meta.get(metaKey)?.slice();
    if (batch.expectMeta !== undefined && !batch.expectMeta(meta)) {
      return { kind: 'refused', why: 'meta' };
    }
    if (this.#isTaken(batch)) return { kind: 'refused', why: 'taken' };
    this.#disk.apply(batch);
    if (fault === 'lost-after') return { kind: 'unknown', cause: 'fault at store.write' };
    const done = { kind: 'done', durable: batch.strict === true } as const;
    return batch.readMeta === true ? { ...done, meta } : done;
  }

  #isTaken({ add = [], remove = [] }: WriteBatch): boolean {
    const seen = new Set<string>();
    for (const { space, key } of add) {
      const name = `${space} ${key}`;
      if (seen.has(name)) return true;
      seen.add(name);
      const removed = remove.some((r) => r.space === space && r.from <= key && key <= r.to);
      if (!removed && this.#disk.spaces[space].get(key) !== undefined) return true;
    }
    return false;
  }
}

function closedFailure(): StoreFailure {
  return new StoreFailure('closed', 'the store is closed');
}

function attempt<T>(act: () => T): Promise<T> {
  try {
    return Promise.resolve(act());
  } catch (error) {
    return Promise.reject(error);
  }
}

function copyBatch(batch: WriteBatch): WriteBatch {
  const copy = (records: readonly SpaceRecord[] = []): readonly SpaceRecord[] =>
    records.map(({ space, key, value }) => ({ space, key, value: value.slice() }));
  return { ...batch, add: copy(batch.add), put: copy(batch.put) };
}
