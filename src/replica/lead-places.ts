/**
 * The places of a scope of partition keys, in order, by the second order of the feed (lead.ts). It
 * follows from the versions; an entry whose place is not its item's is passed over by who reads it.
 */
import { compareBytes, concatBytes, prefixEnd } from '../base/bytes.ts';
import type { ItemPlace } from '../table/replicated.ts';
import type { KeySpan } from '../table/scope.ts';
import type { TableReplica, TableState } from '../table/state.ts';
import { treeOfKey } from '../table/system.ts';
import type { TreeReader } from '../tree/reader.ts';
import { leadLength } from '../value/key-decode.ts';
import { leadKey } from './lead.ts';
import type { Scope } from './scope.ts';
import { decodeVersion } from './version.ts';

const placeBytes = 8;

/** An item, and its place in the feed. */
export interface Placed {
  readonly place: number;
  readonly spot: ItemPlace;
}

interface Partition {
  readonly table: TableState & { readonly replica: TableReplica };
  readonly lead: Uint8Array;
  readonly span: KeySpan;
}

/**
 * The items of a scope behind `cursor` in the order of their places, as far as the caller goes;
 * undefined where the scope is not of partition keys alone. Throws PageFault.
 */
export function placesOfScope(
  reader: TreeReader,
  book: number,
  tables: Iterable<TableState>,
  scope: Scope,
  cursor: number,
): Generator<Placed, void, undefined> | undefined {
  const partitions: Partition[] = [];
  for (const { replica, ...rest } of tables) {
    if (replica === undefined) continue;
    const table = { ...rest, replica };
    for (const span of scope.tables.get(replica.global)?.read ?? []) {
      const lead = leadOfSpan(table, span);
      if (lead === undefined) return undefined;
      partitions.push({ table, lead, span });
    }
  }
  return merged(partitions.map((one) => placesOf(reader, book, one, cursor)));
}

/** Undefined where the span is of more than one partition. */
function leadOfSpan({ keys }: TableState, { from, to }: KeySpan): Uint8Array | undefined {
  const type = keys.hash[0]?.type;
  if (type === undefined || from.length === 0 || to === undefined) return undefined;
  const lead = from.slice(0, leadLength(from, type));
  const end = prefixEnd(lead);
  return end === undefined || compareBytes(to, end) <= 0 ? lead : undefined;
}

function* placesOf(
  reader: TreeReader,
  book: number,
  { table: { tree, replica }, lead, span }: Partition,
  cursor: number,
): Generator<Placed, void, undefined> {
  if (replica.lead === undefined) {
    const bytes = reader.get(replica.versions, lead);
    const place = bytes === undefined ? undefined : decodeVersion(bytes).place;
    if (place !== undefined && place > cursor) yield { place, spot: { tree, key: lead } };
    return;
  }
  const from = leadKey(tree, lead, cursor);
  const range = { from, fromOpen: true, to: leadKey(tree, lead, Number.MAX_SAFE_INTEGER) };
  const entries = reader.range(book, range);
  while (entries.next()) {
    const place = treeOfKey(entries.key.subarray(-placeBytes));
    const key = concatBytes(lead, entries.value);
    const isIn = compareBytes(key, span.from) >= 0 && span.to && compareBytes(key, span.to) < 0;
    if (isIn) yield { place, spot: { tree, key } };
  }
}

function* merged(
  sources: readonly Generator<Placed, void, undefined>[],
): Generator<Placed, void, undefined> {
  const heads = sources.flatMap((source) => {
    const first = source.next();
    return first.done === true ? [] : [{ source, placed: first.value }];
  });
  while (heads.length > 0) {
    const least = heads.reduce((best, head) =>
      head.placed.place < best.placed.place ? head : best,
    );
    yield least.placed;
    const next = least.source.next();
    if (next.done === true) heads.splice(heads.indexOf(least), 1);
    else least.placed = next.value;
  }
}
