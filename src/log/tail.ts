/**
 * A layer of the tail: what commits said, by tree and key, newest only.
 *
 * Pages are the past, layers are the present: a turn's own layer, the tail, and the tail that a
 * checkpoint has frozen. A commit is complete, so applying it is a blind put that asks nothing. The
 * sums of sizes are kept as a journal by position, because a cut must take back exactly what the
 * pages of another checkpoint already count, even where a later commit hid the entry.
 * Invariants
 * - `bytes` is the sum over all entries of key, value and `tailEntryBytes`; a value that mutations
 * in a row share, as an item and its indexes do, counts once.
 * - Positions never fall from one `apply` to the next.
 */
import type { Arena } from '../base/arena.ts';
import { systemTreesMax } from '../base/limits.ts';
import { tailEntryBytes } from '../base/memory-limits.ts';
import { changeRecord } from './change.ts';
import type { Attach, Commit, Mutation, Recorded } from './commit.ts';
import { type EntryCursor, type EntryRange, OrderedEntries, type TailEntry } from './ordered.ts';

export type { EntryCursor, EntryRange, TailEntry } from './ordered.ts';

/** What commits added to a tree, less what they removed. */
export interface CounterDeltas {
  readonly entries: number;
  readonly bytes: number;
}

interface JournalEntry {
  readonly position: number;
  entries: number;
  bytes: number;
}

interface TreeLayer {
  readonly ordered: OrderedEntries;
  /** By ascending position, one entry each. */
  journal: JournalEntry[];
  entries: number;
  bytes: number;
}

const noEntries: EntryCursor = {
  next: () => false,
  get entry(): TailEntry {
    throw new RangeError('a cursor that is at its end');
  },
};

export class Layer {
  readonly #trees = new Map<number, TreeLayer>();
  /** Roots of bulk builds, with the position of the record that put each within reach. */
  #attached: Map<number, { readonly root: Attach; readonly position: number }> | undefined;
  #bytes = 0;
  #recordBytes = 0;
  #systemVersion = 0;
  readonly #arena: Arena | undefined;

  /** With an `arena` it has copies of what it is given, and keeps nothing else in memory. */
  constructor(arena?: Arena) {
    this.#arena = arena;
  }

  /** Values by reference, keys, and what an entry costs besides. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The same without records of streams, of which the log has a few bytes each. Of a layer that was
   * never cut.
   */
  get loggedBytes(): number {
    return this.#bytes - this.#recordBytes;
  }

  get empty(): boolean {
    return this.#trees.size === 0;
  }

  /** Rises whenever a mutation touches one of the engine's own trees. */
  get systemVersion(): number {
    return this.#systemVersion;
  }

  apply(commit: Commit, position: number): void {
    let given: Uint8Array | undefined;
    let kept: Uint8Array | undefined;
    for (const mutation of commit.mutations) {
      const { tree, value } = mutation;
      const layer = this.#layer(tree);
      // As the log has it (codec.ts): whoever reads that counts the same.
      const isShared = value !== undefined && value === given;
      if (!isShared) kept = value && this.#keep(value);
      given = value;
      const key = this.#keep(mutation.key);
      this.#put(layer, { key, value: kept, position, isShared });
      count(layer, mutation, position);
      if (tree < systemTreesMax) this.#systemVersion += 1;
      if (mutation.recorded !== undefined) {
        this.#record(commit, mutation, mutation.recorded, position);
      }
    }
    for (const root of commit.attach ?? []) this.#attach(root, position);
  }

  /** The root that a bulk build has given a tree; what the layers say of it lies above. */
  attached(tree: number): Attach | undefined {
    return this.#attached?.get(tree)?.root;
  }

  get(tree: number, key: Uint8Array): TailEntry | undefined {
    return this.#trees.get(tree)?.ordered.get(key);
  }

  cursor(tree: number, range: EntryRange, reverse: boolean): EntryCursor {
    return this.#trees.get(tree)?.ordered.cursor(range, reverse) ?? noEntries;
  }

  /** Ids of the trees that it says anything about, ascending. */
  trees(): readonly number[] {
    const trees = new Set([...this.#trees.keys(), ...(this.#attached?.keys() ?? [])]);
    return [...trees].sort((a, b) => a - b);
  }

  /** In key order. */
  entries(tree: number): Iterable<TailEntry> {
    return this.#trees.get(tree)?.ordered.all() ?? [];
  }

  size(tree: number): number {
    return this.#trees.get(tree)?.ordered.size ?? 0;
  }

  counters(tree: number): CounterDeltas {
    const layer = this.#trees.get(tree);
    return { entries: layer?.entries ?? 0, bytes: layer?.bytes ?? 0 };
  }

  /** Takes over what a newer layer says, on top of this. The newer one is not to be used again. */
  absorb(newer: Layer): void {
    for (const [tree, theirs] of newer.#trees) {
      const ours = this.#layer(tree);
      for (const entry of theirs.ordered.all()) this.#put(ours, entry);
      for (const { position, entries, bytes } of theirs.journal) {
        note(ours, position, entries, bytes);
      }
    }
    for (const { root, position } of newer.#attached?.values() ?? []) this.#attach(root, position);
    this.#systemVersion += newer.#systemVersion;
  }

  /** Forgets what records up to `position` said: the pages hold it now. */
  dropThrough(position: number): void {
    this.#bytes = 0;
    this.#recordBytes = 0;
    for (const [tree, layer] of this.#trees) {
      layer.ordered.filter((entry) => entry.position > position);
      const kept = layer.journal.filter((entry) => entry.position > position);
      layer.journal = kept;
      layer.entries = kept.reduce((sum, { entries }) => sum + entries, 0);
      layer.bytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
      if (layer.ordered.size === 0) this.#trees.delete(tree);
      for (const entry of layer.ordered.all()) this.#bytes += costOf(entry);
    }
    for (const [tree, { position: at }] of this.#attached ?? []) {
      if (at <= position) this.#attached?.delete(tree);
    }
  }

  /** The stream's record follows from the change: wherever that is applied, it is there. */
  #record(commit: Commit, mutation: Mutation, { tree, images }: Recorded, position: number): void {
    const { key, value, size } = changeRecord(commit, mutation, images);
    const layer = this.#layer(tree);
    const [keptKey, kept] = [this.#keep(key), this.#keep(value)];
    const entry: TailEntry = { key: keptKey, value: kept, position, isShared: false };
    this.#put(layer, entry);
    this.#recordBytes += costOf(entry);
    note(layer, position, 1, size);
  }

  #keep(bytes: Uint8Array): Uint8Array {
    return this.#arena?.copy(bytes) ?? bytes;
  }

  #attach(root: Attach, position: number): void {
    this.#attached ??= new Map();
    this.#attached.set(root.tree, { root, position });
  }

  #layer(tree: number): TreeLayer {
    const there = this.#trees.get(tree);
    if (there !== undefined) return there;
    const made = { ordered: new OrderedEntries(), journal: [], entries: 0, bytes: 0 };
    this.#trees.set(tree, made);
    return made;
  }

  #put(layer: TreeLayer, entry: TailEntry): void {
    const before = layer.ordered.put(entry);
    this.#bytes += costOf(entry) - (before === undefined ? 0 : costOf(before));
  }
}

function costOf({ key, value, isShared }: TailEntry): number {
  return key.length + (isShared || value === undefined ? 0 : value.length) + tailEntryBytes;
}

function count(layer: TreeLayer, mutation: Mutation, position: number): void {
  const { sizeBefore, sizeAfter } = mutation;
  const entries = (sizeAfter === undefined ? 0 : 1) - (sizeBefore === undefined ? 0 : 1);
  note(layer, position, entries, (sizeAfter ?? 0) - (sizeBefore ?? 0));
}

function note(layer: TreeLayer, position: number, entries: number, bytes: number): void {
  layer.entries += entries;
  layer.bytes += bytes;
  const last = layer.journal[layer.journal.length - 1];
  if (last !== undefined && last.position === position) {
    last.entries += entries;
    last.bytes += bytes;
  } else {
    layer.journal.push({ position, entries, bytes });
  }
}
