import { describe, expect, test } from 'vitest';
import { buildPagesEnd, buildPagesFrom } from '../../src/base/limits.ts';
import {
  abandonImport,
  attachImport,
  beginImport,
  forgetImport,
  growImport,
  type ImportJob,
  type ImportStep,
  importJobs,
  isBuildable,
  noProgress,
  resumeImport,
  saveImport,
} from '../../src/table/import-job.ts';
import { type Catalog, createCatalog } from '../../src/table/catalog.ts';
import { advanceJob } from '../../src/table/backfill.ts';
import { backfillJobId, droppedTrees, firstJob } from '../../src/table/jobs.ts';
import { rebuildIndex } from '../../src/table/rebuild.ts';
import type { IndexState, TableState } from '../../src/table/state.ts';
import { World } from '../support/run.ts';

const input = {
  TableName: 'Songs',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'p', AttributeType: 'S' },
    { AttributeName: 'g', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byG',
      KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};
const fields = { number: 7, made: false, importId: 'mine', atMs: 1000 };

const catalogOf = (world: World): Catalog => createCatalog(world.reader);

function prepared(): {
  world: World;
  table: () => TableState;
  apply: (step: ImportStep) => ImportJob;
} {
  const world = new World();
  world.run('CreateTable', input, 'plain');
  const table = (): TableState => catalogOf(world).find('Songs') as TableState;
  const apply = ({ job, mutations }: ImportStep): ImportJob => {
    world.reader.apply(mutations);
    return job as ImportJob;
  };
  return { world, table, apply };
}

describe('the job of an import', () => {
  test('is found again as it was written, and is no backfill', () => {
    const { world, table, apply } = prepared();
    const before = table();
    expect(isBuildable(world.reader, before)).toBe(true);
    const job = apply(beginImport(world.reader, before, fields));
    expect(job).toMatchObject({ ...fields, table: 'Songs', tableId: before.id, ranges: [] });
    expect(importJobs(world.reader)).toEqual([job]);
    expect(firstJob(world.reader)).toBeUndefined();
    expect(table()).toEqual({ ...before, status: 'CREATING' });
    expect(isBuildable(world.reader, table())).toBe(false);
    const known = [before.tree, before.indexes[0]?.tree];
    expect(job.trees.length).toBe(2);
    expect(job.trees.filter((tree) => known.includes(tree))).toEqual([]);
  });

  test('is given page ids that nobody else is given', () => {
    const { world, table, apply } = prepared();
    const job = apply(beginImport(world.reader, table(), fields));
    const grown = apply(growImport(world.reader, job, 100));
    const more = apply(growImport(world.reader, grown, 50));
    expect(more.ranges).toEqual([
      { first: buildPagesFrom, pages: 100 },
      { first: buildPagesFrom + 100, pages: 50 },
    ]);
    const all = buildPagesEnd - buildPagesFrom;
    expect(() => growImport(world.reader, more, all)).toThrow('no page numbers left');
  });

  test('remembers its progress, and passes to another number', () => {
    const { world, table, apply } = prepared();
    const job = apply(beginImport(world.reader, table(), fields));
    const progress = { processed: 5, errors: 1, bytes: 300, runs: [{ first: 9, bytes: 200 }] };
    const saved = apply(saveImport(world.reader, job, progress, 2000));
    apply(resumeImport(world.reader, saved, 8, 3000));
    expect(importJobs(world.reader)).toEqual([{ ...job, number: 8, atMs: 3000, progress }]);
  });

  test('ends with the trees in the table and the old ones dropped', () => {
    const { world, table, apply } = prepared();
    const before = table();
    const job = apply(beginImport(world.reader, before, fields));
    const roots = [{ tree: job.trees[0] as number, page: 1, height: 1, entries: 2, bytes: 30 }];
    const free = [{ first: 3, pages: 4 }];
    const step = attachImport(world.reader, catalogOf(world), job, roots, free);
    expect(step.attach).toBe(roots);
    const rest = apply(step);
    expect(rest).toEqual({ ...job, freeing: true, ranges: free, progress: noProgress });
    const [index] = before.indexes;
    expect(table()).toEqual({
      ...before,
      tree: job.trees[0],
      indexes: [{ ...index, tree: job.trees[1] }],
    });
    apply(forgetImport(world.reader, rest));
    expect(importJobs(world.reader)).toEqual([]);
  });

  test('has filled an index that was to be built anew meanwhile', () => {
    const { world, table, apply } = prepared();
    const job = apply(beginImport(world.reader, table(), fields));
    const [index] = table().indexes;
    world.reader.apply(rebuildIndex(world.reader, table(), index as IndexState));
    const { tree, backfilling } = table().indexes[0] as IndexState;
    expect(backfilling).toBe(true);
    apply(attachImport(world.reader, catalogOf(world), job, [], []));
    expect(table().indexes).toEqual([{ ...index, tree: job.trees[1] }]);
    expect(droppedTrees(world.reader, 9)).toContain(tree);
    const over = advanceJob(world.reader, catalogOf(world), backfillJobId(tree));
    expect(over.done).toBe(true);
    world.reader.apply(over.mutations);
    expect(firstJob(world.reader)).toBeUndefined();
    expect(table().indexes).toEqual([{ ...index, tree: job.trees[1] }]);
  });

  test.each([false, true])('given up leaves the table as it was (made for it: %s)', (made) => {
    const { world, table, apply } = prepared();
    const before = table();
    const job = apply(beginImport(world.reader, before, { ...fields, made }));
    const grown = apply(growImport(world.reader, job, 100));
    const rest = apply(abandonImport(world.reader, catalogOf(world), grown));
    expect(rest).toMatchObject({ freeing: true, ranges: grown.ranges });
    expect(table()).toEqual(made ? undefined : before);
  });

  test('that took no pages is gone at once', () => {
    const { world, table, apply } = prepared();
    const job = apply(beginImport(world.reader, table(), fields));
    expect(apply(abandonImport(world.reader, catalogOf(world), job))).toBeUndefined();
    expect(importJobs(world.reader)).toEqual([]);
  });
});
