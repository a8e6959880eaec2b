/**
 * The job of an import: an item in `jobsTree` that names the pages of its build, and how it goes.
 *
 * While it builds, the table is CREATING and empty, and the build's trees are in nobody's reach.
 * One commit ends it: with the new trees in the table, or with the table as it was. What pages are
 * then still to be freed stays in the job, until they are.
 *   begin -> grow, save (any number) -> attach | abandon -> [free] -> gone
 * Every step is decided at the head, by who knows the number of the build: so a build that was
 * taken over cannot take another step.
 */
import { assert } from '../base/assert.ts';
import { textOf } from '../base/bytes.ts';
import { resourceInUse, resourceNotFound } from '../base/errors.ts';
import {
  buildPagesEnd,
  buildPagesFrom,
  buildRangesMax,
  lostIdsMax,
  tablesMax,
} from '../base/limits.ts';
import type { Attach, Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeItem } from '../value/codec.ts';
import type { Item } from '../value/value.ts';
import type { Catalog } from './catalog.ts';
import { forgetCounters } from './collections.ts';
import { importJobPrefix } from './jobs.ts';
import { drawnByRepair } from './restore.ts';
import type { TableState } from './state.ts';
import { catalogKey, catalogTree, countersTree, jobKey, jobsTree, nextPageKey } from './system.ts';
import {
  dropTrees,
  putSystemItem,
  putTable,
  removeSystemItem,
  takeTreeIds,
} from './system-items.ts';

/** Page ids from `first` on. */
export interface PageRange {
  readonly first: number;
  readonly pages: number;
}

/** A sorted run in overflow pages from `first` on. */
export interface StoredRun {
  readonly first: number;
  readonly bytes: number;
}

/** How far an import has come in its source, and what of it is in stored runs. */
export interface ImportProgress {
  readonly processed: number;
  readonly errors: number;
  /** Of the source. */
  readonly bytes: number;
  readonly runs: readonly StoredRun[];
}

export interface ImportJob {
  readonly id: string;
  readonly table: string;
  readonly tableId: string;
  /** Of the build, as the meta record has it. */
  readonly number: number;
  /** The trees that are built: the table's, and one for each index in its order. */
  readonly trees: readonly number[];
  readonly ranges: readonly PageRange[];
  /** The table was made for this import, and goes if it fails. */
  readonly made: boolean;
  /** By which it can be resumed; empty when it cannot. */
  readonly importId: string;
  /** Wall time of the last step, milliseconds. */
  readonly atMs: number;
  /** The build is over; only its ranges are still to be freed. */
  readonly freeing: boolean;
  readonly progress: ImportProgress;
}

/** What a step writes; `job` undefined when it is gone. */
export interface ImportStep {
  readonly job: ImportJob | undefined;
  readonly mutations: readonly Mutation[];
  readonly attach?: readonly Attach[];
}

export const noProgress: ImportProgress = { processed: 0, errors: 0, bytes: 0, runs: [] };

/** All there are; a table has one at most. */
export function importJobs(reader: TreeReader): readonly ImportJob[] {
  const cursor = reader.range(jobsTree, { from: jobKey(importJobPrefix) });
  const jobs: ImportJob[] = [];
  while (jobs.length < 2 * tablesMax && cursor.next()) {
    jobs.push(jobOf(textOf(cursor.key), decodeItem(cursor.value)));
  }
  return jobs;
}

/**
 * Whether a build can give `table` its items: otherwise they go through the log, as they do where a
 * stream or a replica is to have them. Throws DamagedData when what it holds is out of reach: its
 * trees are dropped by a build, and nothing could be brought back.
 */
export function isBuildable(reader: TreeReader, table: TableState): boolean {
  const trees = [table.tree, ...table.indexes.map(({ tree }) => tree)];
  return (
    table.status === 'ACTIVE' &&
    table.stream === undefined &&
    table.replica === undefined &&
    trees.every((tree) => isEmpty(reader, tree)) &&
    table.indexes.every(({ status, backfilling }) => status === 'ACTIVE' && !backfilling)
  );
}

/** Counters do not tell of items that are out of reach, and a repair may have left them off. */
function isEmpty(reader: TreeReader, tree: number): boolean {
  return reader.counters(tree).entries === 0 && !reader.range(tree, {}).next();
}

/** The table is CREATING from now on. */
export function beginImport(
  reader: TreeReader,
  table: TableState,
  fields: Pick<ImportJob, 'number' | 'made' | 'importId' | 'atMs'>,
): ImportStep {
  const { ids, mutation } = takeTreeIds(reader, 1 + table.indexes.length);
  const job: ImportJob = {
    ...fields,
    id: `${importJobPrefix}${ids[0]}`,
    table: table.name,
    tableId: table.id,
    trees: ids,
    ranges: [],
    freeing: false,
    progress: noProgress,
  };
  return {
    job,
    mutations: [mutation, putTable(reader, { ...table, status: 'CREATING' }), putJob(reader, job)],
  };
}

/** Another engine, or another life, goes on with a build under a number of its own. */
export function resumeImport(
  reader: TreeReader,
  job: ImportJob,
  number: number,
  atMs: number,
): ImportStep {
  const next = { ...job, number, atMs };
  return { job: next, mutations: [putJob(reader, next)] };
}

/** `pages` more ids, which no build ever had. */
export function growImport(reader: TreeReader, job: ImportJob, pages: number): ImportStep {
  const first = nextPage(reader);
  if (first + pages > buildPagesEnd || job.ranges.length >= buildRangesMax) {
    throw resourceInUse('There are no page numbers left for an import');
  }
  const next = { ...job, ranges: [...job.ranges, { first, pages }] };
  return { job: next, mutations: [putNextPage(reader, first + pages), putJob(reader, next)] };
}

export function saveImport(
  reader: TreeReader,
  job: ImportJob,
  progress: ImportProgress,
  atMs: number,
): ImportStep {
  const next = { ...job, progress, atMs };
  return { job: next, mutations: [putJob(reader, next)] };
}

/** The table has the trees that were built. `free`: pages of the build that are in none of them. */
export function attachImport(
  reader: TreeReader,
  catalog: Catalog,
  job: ImportJob,
  roots: readonly Attach[],
  free: readonly PageRange[],
): ImportStep {
  const table = tableOf(catalog, job);
  if (table === undefined) throw resourceNotFound();
  const [tree = 0, ...trees] = job.trees;
  // Filled by this, though damage of its old pages may have told to build one anew meanwhile.
  const filled = { status: 'ACTIVE', backfilling: false } as const;
  const indexes = table.indexes.map((index, at) => {
    return { ...index, ...filled, tree: trees[at] as number };
  });
  const old = [table.tree, ...table.indexes.map((index) => index.tree)];
  const rest = endJob(reader, job, free);
  return {
    job: rest.job,
    mutations: [
      putTable(reader, { ...table, status: 'ACTIVE', tree, indexes, collections: undefined }),
      ...dropTrees(reader, old),
      ...forgetCounters(reader, table.collections),
      ...rest.mutations,
    ],
    attach: roots,
  };
}

/** The table is as it was before the import; one that is lost with its page stays lost. */
export function abandonImport(reader: TreeReader, catalog: Catalog, job: ImportJob): ImportStep {
  const rest = endJob(reader, job, job.ranges);
  const table = tableOf(catalog, job);
  if (table === undefined) return rest;
  const restored = job.made
    ? removeSystemItem(reader, catalogTree, catalogKey(table.name))
    : [putTable(reader, { ...table, status: 'ACTIVE' })];
  return { job: rest.job, mutations: [...restored, ...rest.mutations] };
}

/** All its pages are freed. */
export function forgetImport(reader: TreeReader, job: ImportJob): ImportStep {
  return { job: undefined, mutations: removeSystemItem(reader, jobsTree, jobKey(job.id)) };
}

function endJob(reader: TreeReader, job: ImportJob, ranges: readonly PageRange[]): ImportStep {
  if (ranges.length === 0) return forgetImport(reader, job);
  const rest = { ...job, ranges, freeing: true, progress: noProgress };
  return { job: rest, mutations: [putJob(reader, rest)] };
}

/**
 * A table that is CREATING cannot be changed or deleted, so it is there: undefined only where a
 * repair has given it up.
 */
function tableOf(catalog: Catalog, job: ImportJob): TableState | undefined {
  const table = catalog.find(job.table);
  return table?.id === job.tableId && table.status === 'CREATING' ? table : undefined;
}

function nextPage(reader: TreeReader): number {
  // Where the counter was lost, and given up: far from where it was.
  const far = (): number => (((drawnByRepair(reader) as number) % lostIdsMax) + lostIdsMax) * 1024;
  return nextBuildPage(reader) ?? buildPagesFrom + far();
}

/** The first that no build has drawn yet; undefined where that was lost. Throws PageFault. */
export function nextBuildPage(reader: TreeReader): number | undefined {
  const bytes = reader.get(countersTree, nextPageKey);
  if (bytes !== undefined) return Number(decodeItem(bytes).get('next')?.value);
  return drawnByRepair(reader) === undefined ? buildPagesFrom : undefined;
}

function putNextPage(reader: TreeReader, next: number): Mutation {
  const item: Item = new Map([['next', { type: 'N', value: String(next) }]]);
  return putSystemItem(reader, countersTree, nextPageKey, item);
}

/** As JSON text: the engine alone reads it, and looks for nothing in it but the whole. */
function putJob(reader: TreeReader, job: ImportJob): Mutation {
  const { id, ...state } = job;
  const item: Item = new Map([
    ['kind', { type: 'S', value: 'import' }],
    ['state', { type: 'S', value: JSON.stringify(state) }],
  ]);
  return putSystemItem(reader, jobsTree, jobKey(id), item);
}

function jobOf(id: string, item: Item): ImportJob {
  const state = item.get('state');
  assert(state?.type === 'S', 'an import without a state');
  return { id, ...(JSON.parse(state.value) as Omit<ImportJob, 'id'>) };
}
