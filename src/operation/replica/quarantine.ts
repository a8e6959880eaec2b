/**
 * The quarantine of a device, as its user sees it: ListQuarantine tells what the hub has refused
 * and why, DiscardQuarantine forgets what the user has decided about.
 */
import { validation } from '../../base/errors.ts';
import { quarantineListMax } from '../../base/replica-limits.ts';
import type { Mutation } from '../../log/commit.ts';
import { remove } from '../../replica/book.ts';
import type { EntryMutation } from '../../replica/entry.ts';
import { type Quarantined, quarantinedFrom, quarantineKey } from '../../replica/quarantine.ts';
import { findSelf } from '../../replica/self.ts';
import { byGlobal, type ReplicatedTable } from '../../replica/tables.ts';
import { itemOfKey } from '../../table/key-item.ts';
import { list, long, struct } from '../../shape/constructors.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { StoredItem } from '../../value/codec.ts';
import { itemToPlain } from '../../value/plain.ts';
import { type Operation, operation } from '../operation.ts';

export const ListQuarantine: Operation = operation({
  name: 'ListQuarantine',
  kind: 'read',
  internal: true,
  input: struct({}),
  consistent: () => true,
  check: (input) => input,
  plan: (_, { catalog }) => byGlobal(catalog),
  decide(tables, { reader }) {
    const Writes: object[] = [];
    for (const one of quarantinedFrom(reader, bookOf(reader), 0)) {
      if (Writes.length >= quarantineListMax) break;
      Writes.push(shown(one, tables));
    }
    return { output: { Writes } };
  },
});

export const DiscardQuarantine: Operation = operation({
  name: 'DiscardQuarantine',
  kind: 'write',
  internal: true,
  input: struct({ Seqs: list(long({ min: 1 }), { max: quarantineListMax }).required }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Seqs }, { reader }) {
    const book = bookOf(reader);
    const mutations = [...new Set(Seqs)].flatMap((seq): readonly Mutation[] => {
      const key = quarantineKey(seq);
      const bytes = reader.get(book, key);
      return bytes === undefined ? [] : [remove(book, key, bytes)];
    });
    if (mutations.length === 0) return { output: { Discarded: 0 } };
    const commits = [{ table: 0, mutations, units: 0 }];
    return { output: { Discarded: mutations.length }, commits };
  },
});

function bookOf(reader: TreeReader): number {
  const self = findSelf(reader);
  if (self?.role !== 'device') throw validation('The database is no device of a hub');
  return self.book;
}

function shown({ entry, code }: Quarantined, tables: ReadonlyMap<string, ReplicatedTable>): object {
  const { seq, stamp, mutations } = entry;
  const items = mutations.map((one) => itemOf(one, tables.get(one.table)));
  return { seq, code, madeAt: stamp.ms, items };
}

function itemOf(mutation: EntryMutation, table: ReplicatedTable | undefined): object {
  const { image, isDeleted, key } = mutation;
  if (table === undefined) return { table: mutation.table, isDeleted };
  const item = image === undefined ? itemOfKey(table, key) : new StoredItem(image).item();
  return { table: table.name, isDeleted, item: itemToPlain(item) };
}
