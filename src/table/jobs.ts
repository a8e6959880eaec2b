/**
 * Work the engine still owes itself: jobs, and trees whose pages are to be freed.
 *
 * A job is an item in `jobsTree`, written by the commit that made it necessary and removed by the
 * commit that finished it, so it survives any crash and any engine may go on with it.
 */
import { assert } from '../base/assert.ts';
import { mapKey, textOf } from '../base/bytes.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeItem } from '../value/codec.ts';
import type { Item, Value } from '../value/value.ts';
import type { IndexState, TableState } from './state.ts';
import { droppedTree, jobKey, jobsTree, treeOfKey } from './system.ts';
import { putSystemItem } from './system-items.ts';

/** Fill `index` of `table` from the items after `cursor`. */
export interface BackfillJob {
  readonly kind: 'backfill';
  readonly table: string;
  /** UUID: a table of the same name may have taken its place. */
  readonly tableId: string;
  readonly index: string;
  /** Tree of the index: an index of the same name may have taken its place. */
  readonly tree: number;
  /** Key of the last item seen, in the table's tree; undefined at the start. */
  readonly cursor: Uint8Array | undefined;
}

/** Count the item collections of `table` from the items after `cursor` (collections.ts). */
export interface CollectionsJob {
  readonly kind: 'collections';
  readonly table: string;
  readonly tableId: string;
  /** Of the counters. */
  readonly tree: number;
  readonly cursor: Uint8Array | undefined;
}

export type Job = BackfillJob | CollectionsJob;

/** What the ids of imports (import-job.ts) begin with: they come after all others. */
export const importJobPrefix = 'import/';

/** The id of the backfill of one index. Tree ids are never used twice, and so are these. */
export function backfillJobId(tree: number): string {
  return `backfill/${tree}`;
}

/** The same of the job that fills a tree of counters. */
export function collectionsJobId(tree: number): string {
  return `collections/${tree}`;
}

/** The id of a job of these kinds that is pending: the first in byte order. */
export function firstJob(reader: TreeReader): string | undefined {
  const cursor = reader.range(jobsTree, { to: jobKey(importJobPrefix) });
  return cursor.next() ? textOf(cursor.key) : undefined;
}

/** A text that changes with every slice of the first job, and when it is done. */
export function jobProgress(reader: TreeReader): string {
  const cursor = reader.range(jobsTree, {});
  return cursor.next() ? `${textOf(cursor.key)} ${mapKey(cursor.value)}` : '';
}

export function findJob(reader: TreeReader, job: string): Job | undefined {
  const bytes = reader.get(jobsTree, jobKey(job));
  return bytes && jobOf(decodeItem(bytes));
}

/** At most `limit` trees that are out of reach and whose pages are to be freed. */
export function droppedTrees(reader: TreeReader, limit: number): readonly number[] {
  const cursor = reader.range(droppedTree, {});
  const trees: number[] = [];
  while (trees.length < limit && cursor.next()) trees.push(treeOfKey(cursor.key));
  return trees;
}

export function jobItem(job: Job): Item {
  const item = new Map<string, Value>([
    ['kind', { type: 'S', value: job.kind }],
    ['table', { type: 'S', value: job.table }],
    ['tableId', { type: 'S', value: job.tableId }],
    ['tree', { type: 'N', value: String(job.tree) }],
  ]);
  if (job.kind === 'backfill') item.set('index', { type: 'S', value: job.index });
  if (job.cursor !== undefined) item.set('cursor', { type: 'B', value: job.cursor });
  return item;
}

/** The job that fills an index from the start. */
export function putBackfill(
  reader: TreeReader,
  { name: table, id: tableId }: TableState,
  { name: index, tree }: IndexState,
): Mutation {
  const job = jobItem({ kind: 'backfill', table, tableId, index, tree, cursor: undefined });
  return putSystemItem(reader, jobsTree, jobKey(backfillJobId(tree)), job);
}

function jobOf(item: Item): Job {
  const text = (name: string): string => {
    const value = item.get(name);
    assert(value?.type === 'S', `a job lacks ${name}`);
    return value.value;
  };
  const kind = text('kind');
  assert(kind === 'backfill' || kind === 'collections', `a job of kind ${kind}`);
  const cursor = item.get('cursor');
  assert(cursor === undefined || cursor.type === 'B', 'a job whose cursor is no key');
  const fields = {
    table: text('table'),
    tableId: text('tableId'),
    tree: Number(item.get('tree')?.value),
    cursor: cursor?.value,
  };
  return kind === 'backfill' ? { kind, ...fields, index: text('index') } : { kind, ...fields };
}
