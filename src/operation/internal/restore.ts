/**
 * Restore: puts entries that were saved from a damaged page back. GiveUp: a page's damage is no
 * longer on record: keys of it that are not found are gone.
 */
import { fromHex } from '../../base/bytes.ts';
import { restoredEntriesMax } from '../../base/limits.ts';
import { list, long, string, struct } from '../../shape/constructors.ts';
import { damageKey } from '../../table/damage.ts';
import { restoreItem } from '../../table/restore.ts';
import { damageTree } from '../../table/system.ts';
import { removeSystemItem } from '../../table/system-items.ts';
import { type Operation, operation } from '../operation.ts';

export const Restore: Operation = operation({
  name: 'Restore',
  kind: 'write',
  internal: true,
  input: struct({
    Table: string().required,
    Entries: list(struct({ Key: string().required, Value: string().required }), {
      max: restoredEntriesMax,
    }).required,
  }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Table, Entries }, { reader, catalog }) {
    const table = catalog.find(Table);
    if (table === undefined) return { output: { Restored: 0 } };
    const changes = Entries.map(({ Key, Value }) => {
      return restoreItem(reader, table, { key: fromHex(Key), value: fromHex(Value) });
    }).filter(({ length }) => length > 0);
    const mutations = changes.flat();
    const commits = mutations.length === 0 ? [] : [{ table: table.tree, mutations, units: 0 }];
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
    /** Of the one item whose value is damaged: it is removed. */
    Key: string(),
  }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Tree, Page, Key }, { reader }) {
    const mutations = [...removeSystemItem(reader, damageTree, damageKey(Tree, Page))];
    if (Key !== undefined && mutations.length > 0) {
      // Its size is unknown: the counters are corrected by the scrub that follows.
      const key = fromHex(Key);
      mutations.push({ tree: Tree, key, value: undefined, sizeBefore: 0, sizeAfter: undefined });
    }
    return {
      output: {},
      commits: mutations.length === 0 ? [] : [{ table: 0, mutations, units: 0 }],
    };
  },
});
