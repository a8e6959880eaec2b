/**
 * The quarantine of a device, as its user sees it: ListQuarantine tells what the hub has refused
 * and why, of those that are named also what it was asked; DiscardQuarantine forgets what the user
 * has decided about.
 */
import { validation } from '../../base/errors.ts';
import { quarantineListMax } from '../../base/replica-limits.ts';
import type { Mutation } from '../../log/commit.ts';
import { remove } from '../../replica/book.ts';
import type { Entry, EntryMutation } from '../../replica/entry.ts';
import {
  decodeQuarantined,
  type Quarantined,
  quarantinedFrom,
  quarantineKey,
} from '../../replica/quarantine.ts';
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
  input: struct({ Seqs: list(long({ min: 1 }), { max: quarantineListMax }) }),
  consistent: () => true,
  check: (input) => input,
  plan: ({ Seqs }, { catalog }) => ({ Seqs, tables: byGlobal(catalog) }),
  decide({ Seqs, tables }, { reader }) {
    const book = bookOf(reader);
    const Writes: object[] = [];
    for (const seq of Seqs ?? []) {
      const bytes = reader.get(book, quarantineKey(seq));
      const one = bytes && decodeQuarantined(bytes);
      if (one !== undefined) Writes.push({ ...shown(one, tables), ...askedOf(one.entry) });
    }
    if (Seqs !== undefined) return { output: { Writes } };
    for (const one of quarantinedFrom(reader, book, 0)) {
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
  const { seq, stamp, mutations, request } = entry;
  const items = mutations.map((one) => itemOf(one, tables.get(one.table)));
  const operation = request === undefined ? {} : { operation: request.operation };
  return { seq, code, madeAt: stamp.ms, items, ...operation };
}

/** Of a write that asked for the hub's word: what that was to be. */
function askedOf({ confirm, expiresMs, request }: Entry): object {
  const isAsked = confirm === 'request' || confirm === 'always';
  return isAsked ? { asked: { expiresMs, request } } : {};
}

function itemOf(mutation: EntryMutation, table: ReplicatedTable | undefined): object {
  const { image, isDeleted, key } = mutation;
  if (table === undefined) return { table: mutation.table, isDeleted };
  const item = image === undefined ? itemOfKey(table, key) : new StoredItem(image).item();
  return { table: table.name, isDeleted, item: itemToPlain(item) };
}
