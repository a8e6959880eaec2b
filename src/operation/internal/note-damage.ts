/**
 * NoteDamage: a damaged page is put on record.
 *
 * An index is rebuilt from its table: a new tree takes its place, empty, and a job fills it. Any
 * other tree has the keys of the page put out of reach, until they are repaired; the next
 * checkpoint cuts the page out. So are records of a stream. What a replica keeps is then made anew
 * (src/replica/mend.ts). A tree that is in no use any more has nothing to lose.
 */
import { fromHex } from '../../base/bytes.ts';
import { tablesMax } from '../../base/limits.ts';
import { long, string, struct } from '../../shape/constructors.ts';
import { findSelf, putSelf } from '../../replica/self.ts';
import { streamOfTree } from '../../stream/streams.ts';
import type { Catalog } from '../../table/catalog.ts';
import { uncount } from '../../table/collections.ts';
import { damageItem, damageKey, findDamage } from '../../table/damage.ts';
import { rebuildIndex } from '../../table/rebuild.ts';
import type { IndexState, TableState } from '../../table/state.ts';
import { damageTree, firstUserTree } from '../../table/system.ts';
import { putSystemItem } from '../../table/system-items.ts';
import { type Effect, type Operation, operation } from '../operation.ts';

/** `gone`: the tree is not in use. */
export type NotedDamage = 'quarantined' | 'rebuilding' | 'gone';

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
  }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Tree: tree, Page: page, Height: height, From, To }, { reader, catalog, nowMs }) {
    // Of the engine's own trees nothing else need be known: it may be what is damaged.
    const isOwn = tree < firstUserTree;
    const owner = isOwn ? undefined : ownerOf(catalog, tree);
    const table = owner?.table.name ?? (isOwn ? undefined : streamOfTree(reader, tree)?.table);
    const self = isOwn ? undefined : findSelf(reader);
    const isReplica = tree === self?.book || tree === owner?.table.replica?.versions;
    if (self !== undefined && isReplica) {
      const to = To === undefined ? undefined : fromHex(To);
      const at = { tree, page, height, from: fromHex(From), to };
      const item = damageItem({ ...at, table, foundMs: nowMs, isReplica });
      const put = putSystemItem(reader, damageTree, damageKey(tree, page), item);
      return noted('rebuilding', [put, putSelf(reader, { ...self, isMending: true })]);
    }
    if (table === undefined && !isOwn) return noted('gone');
    if (owner?.index !== undefined) {
      return noted('rebuilding', rebuildIndex(reader, owner.table, owner.index));
    }
    // Counters are counted anew, and so are those of a table whose items may be lost.
    const uncounted = owner === undefined ? [] : uncount(reader, owner.table);
    if (owner?.table.collections?.tree === tree) return noted('rebuilding', uncounted);
    // One who stood on an older checkpoint found it too: it may be cut out already.
    if (findDamage(reader, tree, page) !== undefined) return noted('quarantined');
    const from = fromHex(From);
    const to = To === undefined ? undefined : fromHex(To);
    const item = damageItem({ tree, page, height, from, to, table, foundMs: nowMs });
    const put = putSystemItem(reader, damageTree, damageKey(tree, page), item);
    return noted('quarantined', [put, ...uncounted]);
  },
});

function noted(Damage: NotedDamage, mutations: ReturnType<typeof rebuildIndex> = []): Effect {
  const commits = mutations.length === 0 ? [] : [{ table: 0, mutations, units: 0 }];
  return { output: { Damage }, commits };
}

function ownerOf(
  catalog: Catalog,
  tree: number,
): { readonly table: TableState; readonly index: IndexState | undefined } | undefined {
  for (const name of catalog.names(undefined, tablesMax)) {
    const table = catalog.find(name);
    if (table === undefined) continue;
    const { collections, replica } = table;
    const trees = [table.tree, collections?.tree, replica?.versions];
    if (trees.includes(tree)) return { table, index: undefined };
    const index = table.indexes.find((one) => one.tree === tree);
    if (index !== undefined) return { table, index };
  }
  return undefined;
}
