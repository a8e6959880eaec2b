/**
 * Filling an index that was added to a table with items: one slice of the table at a time.
 *
 * Writes keep the index from the commit that added it, so an entry that is there is as new as the
 * item read here, or newer, and is left alone. The cursor moves in the commit that writes the
 * entries of a slice: however often a slice is run again, interrupted or raced, the index comes out
 * as if it had been there from the start.
 */
import { backfillSliceBytes, backfillSliceItems } from '../base/limits.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { StoredItem } from '../value/codec.ts';
import type { Catalog } from './catalog.ts';
import { advanceCount } from './count-collections.ts';
import { indexEntry } from './indexes.ts';
import { type BackfillJob, findJob, jobItem } from './jobs.ts';
import type { IndexState, TableState } from './state.ts';
import { jobKey, jobsTree } from './system.ts';
import { putSystemItem, putTable, removeSystemItem } from './system-items.ts';

export interface BackfillStep {
  readonly mutations: readonly Mutation[];
  /** Nothing is left to do for this job. */
  readonly done: boolean;
}

/** The next slice of a job; one whose table or index is gone is done. Throws PageFault. */
export function advanceJob(reader: TreeReader, catalog: Catalog, id: string): BackfillStep {
  const job = findJob(reader, id);
  if (job === undefined) return { mutations: [], done: true };
  const table = catalog.find(job.table);
  if (job.kind === 'collections') return advanceCount(reader, table, id, job);
  const index = table?.indexes.find(({ tree }) => tree === job.tree);
  if (table?.id !== job.tableId || index === undefined || !index.backfilling) {
    return { mutations: removeSystemItem(reader, jobsTree, jobKey(id)), done: true };
  }
  const { mutations, last } = fillSlice(reader, table, index, job.cursor);
  if (last === undefined) {
    return { mutations: [...mutations, ...finish(reader, table, index, id)], done: true };
  }
  return { mutations: [...mutations, moveCursor(reader, id, job, last)], done: false };
}

/** Entries of the items after `after`; `last` is the key to go on after, undefined at the end. */
function fillSlice(
  reader: TreeReader,
  table: TableState,
  index: IndexState,
  after: Uint8Array | undefined,
): { readonly mutations: readonly Mutation[]; readonly last: Uint8Array | undefined } {
  const cursor = reader.range(
    table.tree,
    after === undefined ? {} : { from: after, fromOpen: true },
  );
  const mutations: Mutation[] = [];
  let bytes = 0;
  for (let items = 0; cursor.next(); items += 1) {
    // Copied: what a cursor shows is its own.
    const item = new StoredItem(cursor.value.slice());
    const entry = indexEntry(table, index, item);
    if (entry !== undefined && reader.get(index.tree, entry.key) === undefined) {
      const { key, value, size } = entry;
      mutations.push({ tree: index.tree, key, value, sizeBefore: undefined, sizeAfter: size });
    }
    bytes += item.size;
    if (items + 1 >= backfillSliceItems || bytes >= backfillSliceBytes) {
      return { mutations, last: cursor.key.slice() };
    }
  }
  return { mutations, last: undefined };
}

function moveCursor(
  reader: TreeReader,
  id: string,
  job: BackfillJob,
  cursor: Uint8Array,
): Mutation {
  return putSystemItem(reader, jobsTree, jobKey(id), jobItem({ ...job, cursor }));
}

/** The index may be read from now on, and the job is no more. */
function finish(
  reader: TreeReader,
  table: TableState,
  index: IndexState,
  id: string,
): readonly Mutation[] {
  const ready: IndexState = { ...index, status: 'ACTIVE', backfilling: false };
  const next: TableState = {
    ...table,
    indexes: table.indexes.map((one) => (one === index ? ready : one)),
  };
  return [putTable(reader, next), ...removeSystemItem(reader, jobsTree, jobKey(id))];
}
