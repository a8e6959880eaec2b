/**
 * The log of conflicts, as a device's user sees it: ListConflicts tells which versions of this
 * principal lost to writes that had not seen them, DiscardConflicts forgets what the user has
 * decided about, here and on the hub. What the hub sends of the log is what the caller may read.
 */
import { hexOf } from '../../base/bytes.ts';
import { validation } from '../../base/errors.ts';
import { conflictListMax } from '../../base/replica-limits.ts';
import { conflictsTable } from '../../replica/conflict.ts';
import { readLink } from '../../replica/link.ts';
import { findSelf } from '../../replica/self.ts';
import { list, string, struct } from '../../shape/constructors.ts';
import type { Catalog } from '../../table/catalog.ts';
import { findItem, removeItem } from '../../table/items.ts';
import { storedKey } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { decodeItem } from '../../value/codec.ts';
import { hashPrefix } from '../../value/key.ts';
import { itemToPlain } from '../../value/plain.ts';
import type { Item, StringValue } from '../../value/value.ts';
import { type CommitDraft, type Operation, operation } from '../operation.ts';

export const ListConflicts: Operation = operation({
  name: 'ListConflicts',
  kind: 'read',
  internal: true,
  input: struct({}),
  consistent: () => true,
  check: (input) => input,
  plan: (_, { catalog }) => logOf(catalog),
  decide(log, { reader }) {
    const loser = loserHere(reader);
    return { output: { Conflicts: log === undefined ? [] : conflictsIn(reader, log, loser) } };
  },
});

export const DiscardConflicts: Operation = operation({
  name: 'DiscardConflicts',
  kind: 'write',
  internal: true,
  input: struct({ Ids: list(string({ min: 1, max: 128 }), { max: conflictListMax }).required }),
  check: (input) => input,
  plan: ({ Ids }, { catalog }) => ({ Ids, log: logOf(catalog) }),
  decide({ Ids, log }, { reader }) {
    if (log === undefined) return { output: { Discarded: 0 } };
    const loser = loserHere(reader);
    const commits = [...new Set(Ids)].flatMap((id): readonly CommitDraft[] => {
      const key = storedKey(
        log,
        new Map([
          ['principal', loser],
          ['id', text(id)],
        ]),
      );
      const before = findItem(reader, log, key);
      if (before === undefined) return [];
      const { draft } = removeItem(reader, log, key, before);
      return [{ ...draft, units: 0 }];
    });
    return { output: { Discarded: commits.length }, commits };
  },
});

/** Undefined where the hub has told of none. */
function logOf(catalog: Catalog): TableState | undefined {
  const table = catalog.find(conflictsTable);
  return table?.replica === undefined ? undefined : table;
}

/** As the hub names who writes here. */
function loserHere(reader: TreeReader): StringValue {
  const self = findSelf(reader);
  if (self?.role !== 'device') throw validation('The database is no device of a hub');
  const { principal } = readLink(reader, self.book).link;
  return text(principal === '' ? `replica:${hexOf(self.id)}` : principal);
}

/** The oldest first. */
function conflictsIn(reader: TreeReader, log: TableState, loser: StringValue): readonly object[] {
  const prefix = hashPrefix([loser]);
  const cursor = reader.range(log.tree, { from: prefix });
  const found: object[] = [];
  while (found.length < conflictListMax && cursor.next()) {
    const { key } = cursor;
    if (key.length < prefix.length || prefix.some((byte, at) => key[at] !== byte)) break;
    found.push(shown(decodeItem(cursor.value)));
  }
  return found;
}

function shown(item: Item): object {
  const plain = (name: string): unknown => {
    const value = item.get(name);
    return value?.type === 'M' ? itemToPlain(value.value) : value?.value;
  };
  return {
    id: plain('id'),
    table: plain('table'),
    key: plain('key'),
    lost: plain('lost'),
    lostAt: Number(plain('lostAt')),
    lostBy: plain('lostBy'),
    wonAt: Number(plain('wonAt')),
    wonBy: plain('wonBy'),
  };
}

function text(value: string): StringValue {
  return { type: 'S', value };
}
