/**
 * What a table waits for and no job does any more: its job was given up with a damaged page.
 *
 * An index whose backfill is lost is filled from the start, where entries that are there stay; a
 * table whose import is lost is empty, as it was before; collections that were being counted are
 * counted anew by the next write.
 */
import { DamagedData } from '../base/corruption.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { forgetCounters } from './collections.ts';
import { importJobs } from './import-job.ts';
import { backfillJobId, collectionsJobId, putBackfill } from './jobs.ts';
import type { TableState } from './state.ts';
import { jobKey, jobsTree } from './system.ts';
import { putTable } from './system-items.ts';

/** Nothing where a job is there, or out of reach: it may be. Throws PageFault. */
export function replaceJobs(reader: TreeReader, table: TableState): readonly Mutation[] {
  const isLost = (id: string): boolean => reader.get(jobsTree, jobKey(id)) === undefined;
  try {
    const mutations: Mutation[] = [];
    const { collections, ...rest } = table;
    let next: TableState = table;
    if (collections?.counting === true && isLost(collectionsJobId(collections.tree))) {
      next = rest;
      mutations.push(...forgetCounters(reader, collections));
    }
    const isImported = ({ tableId }: { tableId: string }): boolean => tableId === table.id;
    if (table.status === 'CREATING' && !importJobs(reader).some(isImported)) {
      next = { ...next, status: 'ACTIVE' };
    }
    if (next !== table) mutations.push(putTable(reader, next));
    for (const index of table.indexes) {
      if (index.backfilling && isLost(backfillJobId(index.tree))) {
        mutations.push(putBackfill(reader, table, index));
      }
    }
    return mutations;
  } catch (error) {
    if (error instanceof DamagedData) return [];
    throw error;
  }
}
