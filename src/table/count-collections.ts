/**
 * Counting the item collections of a table that had items before it had counters: a slice of the
 * table at a time, in the order of its keys. The cursor moves in the commit that moves the
 * counters, and writes look at it: each item is counted once, by the job or by its own write.
 */
import { compareBytes, mapKey } from '../base/bytes.ts';
import { backfillSliceBytes, backfillSliceItems } from '../base/limits.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { StoredItem } from '../value/codec.ts';
import { collectionKey, moveCounter, readCounter } from './collections.ts';
import { sizeWithLocalEntries } from './indexes.ts';
import { type CollectionsJob, jobItem } from './jobs.ts';
import type { TableState } from './state.ts';
import { jobKey, jobsTree } from './system.ts';
import { putSystemItem, putTable, removeSystemItem } from './system-items.ts';

export interface CountStep {
  readonly mutations: readonly Mutation[];
  readonly done: boolean;
}

interface Slice {
  /** Bytes by collection, and its key. */
  readonly sums: ReadonlyMap<string, { readonly key: Uint8Array; bytes: number }>;
  readonly last: Uint8Array | undefined;
}

/** The next slice of a job; one whose table or tree is gone is done. Throws PageFault. */
export function advanceCount(
  reader: TreeReader,
  table: TableState | undefined,
  id: string,
  job: CollectionsJob,
): CountStep {
  const over = removeSystemItem(reader, jobsTree, jobKey(id));
  const collections = table?.id === job.tableId ? table.collections : undefined;
  if (table === undefined || collections?.tree !== job.tree || !collections.counting) {
    return { mutations: over, done: true };
  }
  const { sums, last } = sumSlice(reader, table, job.cursor);
  const mutations: Mutation[] = [...sums.values()].map(({ key, bytes }) => {
    const before = readCounter(reader, job.tree, key);
    return moveCounter(job.tree, key, before, before + bytes);
  });
  if (last !== undefined) {
    const item = jobItem({ ...job, cursor: last });
    mutations.push(putSystemItem(reader, jobsTree, jobKey(id), item));
    return { mutations, done: false };
  }
  const counted = { ...table, collections: { tree: job.tree, counting: false } };
  mutations.push(putTable(reader, counted));
  return { mutations: [...mutations, ...over], done: true };
}

/**
 * Collections that lie whole in the slice after `after` and whose counters are not what they should
 * be; those that do not are passed over. Nothing where the table is not counted. Throws PageFault.
 */
export function wrongCounters(
  reader: TreeReader,
  table: TableState,
  after: Uint8Array | undefined,
): number {
  const { collections } = table;
  if (collections === undefined || collections.counting) return 0;
  const { sums, last } = sumSlice(reader, table, after);
  let wrong = 0;
  for (const { key, bytes } of sums.values()) {
    const isCut = isWithin(after, key) || isWithin(last, key);
    if (!isCut && readCounter(reader, collections.tree, key) !== bytes) wrong += 1;
  }
  return wrong;
}

/** Whether a key is of the collection of `prefix`. */
function isWithin(key: Uint8Array | undefined, prefix: Uint8Array): boolean {
  return key !== undefined && compareBytes(key.subarray(0, prefix.length), prefix) === 0;
}

function sumSlice(reader: TreeReader, table: TableState, after: Uint8Array | undefined): Slice {
  const cursor = reader.range(
    table.tree,
    after === undefined ? {} : { from: after, fromOpen: true },
  );
  const sums = new Map<string, { readonly key: Uint8Array; bytes: number }>();
  let bytes = 0;
  for (let items = 1; cursor.next(); items += 1) {
    const stored = new StoredItem(cursor.value.slice());
    const item = stored.item();
    const key = collectionKey(table, item);
    const name = mapKey(key);
    const size = sizeWithLocalEntries(table, stored.size, item);
    const sum = sums.get(name);
    if (sum === undefined) sums.set(name, { key, bytes: size });
    else sum.bytes += size;
    bytes += stored.size;
    if (items >= backfillSliceItems || bytes >= backfillSliceBytes) {
      return { sums, last: cursor.key.slice() };
    }
  }
  return { sums, last: undefined };
}
