/**
 * Restore: puts entries that were saved from a damaged page back. GiveUp: a page's damage is no
 * longer on record: keys of it that are not found are gone.
 */
import { emptyBytes, fromHex, mapKey } from '../../base/bytes.ts';
import { DamagedData } from '../../base/corruption.ts';
import { restoredEntriesMax } from '../../base/limits.ts';
import type { Mutation } from '../../log/commit.ts';
import { forgetRanges } from '../../replica/absence.ts';
import { findSelf, putSelf, type ReplicaSelf } from '../../replica/self.ts';
import { replicatedTables } from '../../replica/tables.ts';
import { boolean, list, long, string, struct } from '../../shape/constructors.ts';
import type { Catalog } from '../../table/catalog.ts';
import { uncount } from '../../table/collections.ts';
import { damageItem, damageKey, findDamage } from '../../table/damage.ts';
import { restoreRecord } from '../../stream/restore.ts';
import { markRepair, restoreItem, restoreOwn } from '../../table/restore.ts';
import { damageTree, firstUserTree } from '../../table/system.ts';
import { putSystemItem, removeSystemItem } from '../../table/system-items.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type Operation, operation } from '../operation.ts';

const markBytes = 8;

export const Restore: Operation = operation({
  name: 'Restore',
  kind: 'write',
  internal: true,
  input: struct({
    /** None for a tree of the engine's own. */
    Table: string(),
    /** The tree that the page was of: the table's, or that of a shard of its stream. */
    Tree: long({ min: 0 }).required,
    /** The page on record; nothing is restored of one that is not. */
    Page: long({ min: 0 }).required,
    Entries: list(struct({ Key: string().required, Value: string().required }), {
      max: restoredEntriesMax,
    }).required,
  }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Table, Tree, Page, Entries }, { reader, catalog, random }) {
    const table = Table === undefined ? undefined : catalog.find(Table);
    const record = findDamage(reader, Tree, Page);
    if (record?.isCut !== true) return { output: { Restored: 0 } };
    const superseded = new Set(record.superseded?.map(mapKey));
    const changes = Entries.map(({ Key, Value }) => {
      const entry = { key: fromHex(Key), value: fromHex(Value) };
      const { key } = entry;
      // What was written since is newer, and so is that it was removed.
      const isNewer =
        reader.newerThanPages(Tree, { from: key, to: key, toClosed: true }).length > 0;
      if (isNewer || superseded.has(mapKey(key))) return [];
      if (Tree < firstUserTree) return restoreOwn(reader, Tree, entry);
      if (Tree !== table?.tree) return restoreRecord(reader, Tree, entry);
      return restoreItem(reader, table, entry);
    }).filter(({ length }) => length > 0);
    const owner = Tree === table?.tree ? Tree : 0;
    const mutations = [...changes.flat(), markRepair(reader, random().bytes(markBytes))];
    const commits = changes.length === 0 ? [] : [{ table: owner, mutations, units: 0 }];
    return { output: { Restored: changes.length }, commits };
  },
});

export const GiveUp: Operation = operation({
  name: 'GiveUp',
  kind: 'write',
  internal: true,
  input: struct({
    Tree: long({ min: 0 }).required,
    Page: long({ min: 0 }).required,
    /** Of the one item whose value is damaged: it is removed, but where it was written since. */
    Key: string(),
    /** Not all that it held is restored. */
    IsLost: boolean,
  }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Tree, Page, Key, IsLost }, { reader, catalog, random }) {
    const mutations = [...removeSystemItem(reader, damageTree, damageKey(Tree, Page))];
    // Somebody else has done so before.
    if (mutations.length === 0) return { output: { IsGiven: false, IsLost: false } };
    const key = Key === undefined ? undefined : fromHex(Key);
    const isLost = key === undefined ? IsLost === true : reader.hasPiece(Tree, key, Page);
    if (isLost) {
      const isAll = Tree === damageTree;
      mutations.push(...(isAll ? mendAll(reader, Page) : loadAgain(reader, catalog, Tree)));
    }
    if (isLost && key !== undefined) {
      // Its size is unknown: the counters are corrected by the scrub that follows.
      mutations.push({ tree: Tree, key, value: undefined, sizeBefore: 0, sizeAfter: undefined });
      // Who had it in memory may have counted it among its collection.
      const table = catalog.find(findDamage(reader, Tree, Page)?.table ?? '');
      if (table?.tree === Tree) mutations.push(...uncount(reader, table));
    }
    mutations.push(markRepair(reader, random().bytes(markBytes)));
    return {
      output: { IsGiven: true, IsLost: isLost },
      commits: [{ table: 0, mutations, units: 0 }],
    };
  },
});

/** A device knows no absence in a table that has lost items: it loads it from its hub again. */
function loadAgain(reader: TreeReader, catalog: Catalog, tree: number): readonly Mutation[] {
  // Of the engine's own no table is looked for: the catalog may be what is given up.
  if (tree < firstUserTree) return [];
  const self = findSelf(reader);
  const isReplicated = replicatedTables(catalog).some((one) => one.tree === tree);
  if (self?.role !== 'device' || !isReplicated) return [];
  try {
    return forgetRanges(reader, self.book, tree);
  } catch (error) {
    // A part of the book is lost too: no range outlives that (replica/mend-device.ts).
    if (error instanceof DamagedData) return [];
    throw error;
  }
}

/** What a replica has lost is not on record any more either: all that it keeps is made anew. */
function mendAll(reader: TreeReader, page: number): readonly Mutation[] {
  const self = selfIfFound(reader);
  if (self === undefined) return [];
  const tree = self.book;
  const range = { height: 1, from: emptyBytes, to: undefined, table: undefined };
  const item = damageItem({ tree, page, ...range, foundMs: 0, isReplica: true });
  return [
    putSystemItem(reader, damageTree, damageKey(tree, page), item),
    putSelf(reader, { ...self, isMending: true }),
  ];
}

/** Where nothing that is not found is known to be absent. */
function selfIfFound(reader: TreeReader): ReplicaSelf | undefined {
  try {
    return findSelf(reader);
  } catch (error) {
    if (error instanceof DamagedData) return undefined;
    throw error;
  }
}
