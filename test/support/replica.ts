/** Databases that are replicas, and what their commits and trees say. */
import { PageLoader } from '../../src/engine/load.ts';
import type { EngineState } from '../../src/engine/state.ts';
import type { Commit } from '../../src/log/commit.ts';
import { readTurns } from '../../src/log/record.ts';
import { PageFault } from '../../src/pager/fault.ts';
import { decodeEntry, type Entry } from '../../src/replica/entry.ts';
import { decodePlace } from '../../src/replica/book.ts';
import { findSelf, type ReplicaSelf } from '../../src/replica/self.ts';
import { byTree, type ReplicatedTable } from '../../src/replica/tables.ts';
import { decodeVersion, type Version } from '../../src/replica/version.ts';
import { conflictsTable } from '../../src/replica/conflict.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import type { ItemPlace } from '../../src/table/replicated.ts';
import type { TableState } from '../../src/table/state.ts';
import type { TreeReader } from '../../src/tree/reader.ts';
import { decodeItem } from '../../src/value/codec.ts';
import { itemToPlain, type PlainValue } from '../../src/value/plain.ts';
import { createMemory, type MemoryDisk } from '../../src/storage/memory.ts';
import { ask, makeTable, openRig, openTestState, type Rig, type RigOptions } from './engine.ts';

export const engineCaller = { kind: 'engine', principal: 'engine' } as const;

/** A database of that role whose table Things is replicated. */
export async function openReplica(
  Role: 'device' | 'hub',
  options: RigOptions = {},
  Global?: string,
): Promise<Rig> {
  const rig = await openRig(options);
  await makeTable(rig);
  await ask(rig, 'OpenReplica', { Role }, { caller: engineCaller });
  const input = { TableName: 'Things', ...(Global === undefined ? {} : { Global }) };
  await ask(rig, 'ReplicateTable', input, { caller: engineCaller });
  return rig;
}

/** Every commit that the log has, in order. */
export function commitsOf(disk: MemoryDisk): readonly Commit[] {
  const records = disk.spaces.log.scan({ space: 'log', from: 0, to: Number.MAX_SAFE_INTEGER });
  return readTurns(records).turns.flatMap(({ commits }) => commits);
}

/** What a replica has stored, as an engine that has just opened it reads it. */
export class Stored {
  readonly reader: TreeReader;
  readonly self: ReplicaSelf;
  readonly table: TableState;

  constructor(reader: TreeReader, name = 'Things') {
    this.reader = reader;
    const self = findSelf(reader);
    const table = createCatalog(reader).find(name);
    if (self === undefined || table === undefined) throw new Error('not a replica');
    this.self = self;
    this.table = table;
  }

  static async of(disk: MemoryDisk, name?: string): Promise<Stored> {
    const { state } = await openTestState({ disk });
    return new Stored(state.published, name);
  }

  /** The same of a state whose pages come as they are asked for; its cache must hold them all. */
  static async loaded(state: EngineState): Promise<Stored> {
    const loader = new PageLoader(state);
    const pins = loader.begin();
    for (let round = 0; round < 1000; round += 1) {
      try {
        const stored = new Stored(state.published);
        const { self, table } = stored;
        for (const tree of [table.tree, table.replica?.versions ?? 0, self.book]) {
          entriesOf(stored.reader, tree);
        }
        stored.conflicts();
        return stored;
      } catch (error) {
        if (!(error instanceof PageFault)) throw error;
        await loader.load(error, pins);
      }
    }
    throw new Error('a replica that cannot be read');
  }

  /** Entries of the book that begin with a byte: keys without it, and values. */
  book(kind: number): readonly (readonly [Uint8Array, Uint8Array])[] {
    return entriesOf(this.reader, this.self.book)
      .filter(([key]) => key[0] === kind)
      .map(([key, value]) => [key.slice(1), value]);
  }

  /** The replicated tables by their trees. */
  trees(): ReadonlyMap<number, ReplicatedTable> {
    return byTree(createCatalog(this.reader));
  }

  entries(): readonly Entry[] {
    return this.book(2).map(([, value]) => decodeEntry(value));
  }

  /** Of the table that it was opened for. */
  feed(): readonly ItemPlace[] {
    const all = this.book(5).map(([, value]) => decodePlace(value));
    return all.filter(({ tree }) => tree === this.table.tree);
  }

  /** The log of conflicts, as plain items. */
  conflicts(): readonly Readonly<Record<string, PlainValue>>[] {
    const log = createCatalog(this.reader).find(conflictsTable);
    if (log === undefined) return [];
    return entriesOf(this.reader, log.tree).map(([, value]) => itemToPlain(decodeItem(value)));
  }

  versions(): readonly Version[] {
    const tree = this.table.replica?.versions ?? 0;
    return entriesOf(this.reader, tree).map(([, value]) => decodeVersion(value));
  }
}

export function entriesOf(reader: TreeReader, tree: number): [Uint8Array, Uint8Array][] {
  const cursor = reader.range(tree, {});
  const entries: [Uint8Array, Uint8Array][] = [];
  while (cursor.next()) entries.push([cursor.key.slice(), cursor.value.slice()]);
  return entries;
}

/** A disk with the same on it, as a copy of a folder or of a profile is. */
export function copyOf(disk: MemoryDisk, copy: MemoryDisk = createMemory()): MemoryDisk {
  for (const space of ['log', 'page', 'meta'] as const) {
    for (const key of disk.spaces[space].keys(0, Number.MAX_SAFE_INTEGER)) {
      const value = disk.spaces[space].get(key);
      if (value !== undefined) copy.spaces[space].put(key, value.slice());
    }
  }
  return copy;
}
