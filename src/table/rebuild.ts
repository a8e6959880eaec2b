/**
 * Building an index anew from its table: its tree is dropped, an empty one takes its place, and a
 * backfill job fills that, as for an index that was just added. Until then it cannot be read.
 */
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { backfillJobId, putBackfill } from './jobs.ts';
import type { IndexState, TableState } from './state.ts';
import { jobKey, jobsTree } from './system.ts';
import { dropTrees, putTable, removeSystemItem, takeTreeIds } from './system-items.ts';

/** Throws PageFault. */
export function rebuildIndex(
  reader: TreeReader,
  table: TableState,
  index: IndexState,
): readonly Mutation[] {
  const { ids, mutation } = takeTreeIds(reader, 1);
  const tree = ids[0] as number;
  const empty: IndexState = { ...index, tree, status: 'CREATING', backfilling: true };
  const next: TableState = {
    ...table,
    indexes: table.indexes.map((one) => (one === index ? empty : one)),
  };
  return [
    mutation,
    putTable(reader, next),
    putBackfill(reader, table, empty),
    ...removeSystemItem(reader, jobsTree, jobKey(backfillJobId(index.tree))),
    ...dropTrees(reader, [index.tree]),
  ];
}
