/**
 * NoteDamage: a damaged page is put on record.
 *
 * An index is rebuilt from its table: a new tree takes its place, empty, and a job fills it. Any
 * other tree has the keys of the page put out of reach, until they are repaired; the next
 * checkpoint cuts the page out. So are records of a stream. What a replica keeps is then made anew
 * (src/replica/mend.ts). A tree whose pages are to be freed has nothing to lose.
 *
 * Whose page it is may be out of reach itself: then it is on record without a table, and a repair
 * asks again when it has ended that. All other records are unreadable where one of their own pages
 * is what is damaged: that is noted without a look at them.
 */
import { emptyBytes, fromHex } from '../../base/bytes.ts';
import { tablesMax } from '../../base/limits.ts';
import type { Mutation } from '../../log/commit.ts';
import { boolean, long, string, struct } from '../../shape/constructors.ts';
import { findSelf, putSelf, type ReplicaSelf } from '../../replica/self.ts';
import { streamOfTree } from '../../stream/streams.ts';
import type { Catalog } from '../../table/catalog.ts';
import { uncount } from '../../table/collections.ts';
import { damageItem, damageKey, findDamage, lostRecords } from '../../table/damage.ts';
import { rebuildIndex } from '../../table/rebuild.ts';
import type { IndexState, TableState } from '../../table/state.ts';
import { damageTree, droppedTree, firstUserTree, rootsTree, treeKey } from '../../table/system.ts';
import { putSystemItem } from '../../table/system-items.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { encodeItem } from '../../value/codec.ts';
import { itemSize } from '../../value/size.ts';
import { type Effect, type Operation, operation } from '../operation.ts';

/** `gone`: the tree is not in use, and its pages are freed. */
export type NotedDamage = 'quarantined' | 'rebuilding' | 'gone';

export interface NoteDamageOutput {
  readonly Damage: NotedDamage;
  /** The table of what is on record without one. */
  readonly Table?: string;
}

export const NoteDamage: Operation = operation({
  name: 'NoteDamage',
  kind: 'write',
  internal: true,
  input: struct({
    Tree: long({ min: 0 }).required,
    Page: long({ min: 0 }).required,
    Height: long({ min: 0 }).required,
    From: string().required,
    To: string(),
    /** What says whose it is cannot be read. */
    IsHidden: boolean,
  }),
  check: (input) => input,
  plan: (input) => input,
  decide(input, { reader, catalog, nowMs }) {
    const { Tree: tree, Page: page, Height: height, From, To, IsHidden } = input;
    if (tree === damageTree) return noteLost(reader, page, nowMs);
    // Of the engine's own trees nothing else need be known: it may be what is damaged.
    const isHidden = IsHidden === true || tree < firstUserTree;
    const owner = isHidden ? undefined : ownerOf(reader, catalog, tree);
    const { table, index, stream, self } = owner ?? {};
    const name = table?.name ?? stream;
    const to = To === undefined ? undefined : fromHex(To);
    const record = { tree, page, height, from: fromHex(From), to, table: name, foundMs: nowMs };
    const put = (isReplica: boolean): Mutation => {
      const item = damageItem({ ...record, isReplica });
      return putSystemItem(reader, damageTree, damageKey(tree, page), item);
    };
    if (self !== undefined && (tree === self.book || tree === table?.replica?.versions)) {
      return noted('rebuilding', [put(true), putSelf(reader, { ...self, isMending: true })]);
    }
    if (name === undefined && !isHidden && isFreed(reader, tree)) return noted('gone');
    if (table !== undefined && index !== undefined) {
      return noted('rebuilding', rebuildIndex(reader, table, index));
    }
    // Counters are counted anew, and so are those of a table whose items may be lost.
    const uncounted = table === undefined ? [] : uncount(reader, table);
    if (table?.collections?.tree === tree) return noted('rebuilding', uncounted);
    // One who stood on an older checkpoint found it too: it may be cut out already.
    const known = findDamage(reader, tree, page);
    if (known === undefined) return noted('quarantined', [put(false), ...uncounted]);
    return known.table === undefined ? noted('quarantined', uncounted, name) : noted('quarantined');
  },
});

function noted(Damage: NotedDamage, mutations: readonly Mutation[] = [], Table?: string): Effect {
  const commits = mutations.length === 0 ? [] : [{ table: 0, mutations, units: 0 }];
  return { output: { Damage, ...(Table === undefined ? {} : { Table }) }, commits };
}

/**
 * Whether a tree that nobody owns goes with the next checkpoint, or has gone. One that stays, since
 * what said that it goes was lost, may have changes, which that checkpoint brings to its pages.
 */
function isFreed(reader: TreeReader, tree: number): boolean {
  const key = treeKey(tree);
  return reader.get(droppedTree, key) !== undefined || reader.get(rootsTree, key) === undefined;
}

/** All records are given up with one of their pages, and whatever is not found is in doubt. */
function noteLost(reader: TreeReader, page: number, foundMs: number): Effect {
  if (reader.newerThanPages(damageTree, lostRecords).length > 0) return noted('quarantined');
  const range = { height: 1, from: emptyBytes, to: undefined };
  const item = damageItem({ tree: damageTree, page, ...range, table: undefined, foundMs });
  const key = damageKey(damageTree, page);
  const sizes = { sizeBefore: undefined, sizeAfter: itemSize(item) };
  return noted('quarantined', [{ tree: damageTree, key, value: encodeItem(item), ...sizes }]);
}

interface Owner {
  readonly table?: TableState | undefined;
  readonly index?: IndexState | undefined;
  /** Name of the table of whose stream it is. */
  readonly stream?: string | undefined;
  readonly self?: ReplicaSelf | undefined;
}

function ownerOf(reader: TreeReader, catalog: Catalog, tree: number): Owner {
  const self = findSelf(reader);
  for (const name of catalog.names(undefined, tablesMax)) {
    const table = catalog.find(name);
    if (table === undefined) continue;
    const { collections, replica } = table;
    const trees = [table.tree, collections?.tree, replica?.versions];
    if (trees.includes(tree)) return { table, self };
    const index = table.indexes.find((one) => one.tree === tree);
    if (index !== undefined) return { table, index, self };
    // Also where what the stream is has been given up.
    if (table.stream?.shards.some((shard) => shard.tree === tree)) return { stream: name, self };
  }
  return { stream: streamOfTree(reader, tree)?.table, self };
}
