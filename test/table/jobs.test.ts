import { describe, expect, test } from 'vitest';
import {
  type BackfillJob,
  backfillJobId,
  type CollectionsJob,
  collectionsJobId,
  findJob,
  firstJob,
  jobItem,
  jobProgress,
} from '../../src/table/jobs.ts';
import { jobKey, jobsTree } from '../../src/table/system.ts';
import { putSystemItem } from '../../src/table/system-items.ts';
import type { Item } from '../../src/value/value.ts';
import { MapReader } from '../support/map-reader.ts';

const job: BackfillJob = {
  kind: 'backfill',
  table: 'Notes',
  tableId: '01234567-89ab-4cde-8f01-23456789abcd',
  index: 'byDate',
  tree: 101,
  cursor: undefined,
};

const { table, tableId } = job;
const count: CollectionsJob = {
  kind: 'collections',
  table,
  tableId,
  tree: 103,
  cursor: undefined,
};

function put(reader: MapReader, id: string, item: Item): void {
  reader.apply([putSystemItem(reader, jobsTree, jobKey(id), item)]);
}

describe('jobs', () => {
  test('are found as they were stored, with and without a cursor', () => {
    const reader = new MapReader();
    const moved = { ...job, cursor: new Uint8Array([0, 1, 255]) };
    put(reader, 'a', jobItem(job));
    put(reader, 'b', jobItem(moved));
    expect(findJob(reader, 'a')).toEqual(job);
    expect(findJob(reader, 'b')).toEqual(moved);
    put(reader, 'd', jobItem(count));
    put(reader, 'e', jobItem({ ...count, cursor: new Uint8Array([7]) }));
    expect(findJob(reader, 'd')).toEqual(count);
    expect(findJob(reader, 'e')).toEqual({ ...count, cursor: new Uint8Array([7]) });
    expect(findJob(reader, 'c')).toBeUndefined();
  });

  test('show progress with every slice, with the next job and at the end', () => {
    const reader = new MapReader();
    const seen = [jobProgress(reader)];
    for (const [id, cursor] of [
      ['b', undefined],
      ['b', new Uint8Array([1])],
      ['b', new Uint8Array([1, 0])],
      ['a', undefined],
    ] as const) {
      put(reader, id, jobItem({ ...job, cursor }));
      seen.push(jobProgress(reader));
    }
    expect(new Set(seen).size).toBe(5);
    expect(jobProgress(reader)).toBe(seen[4]);
  });

  test('come in the order of their ids', () => {
    const reader = new MapReader();
    expect(firstJob(reader)).toBeUndefined();
    put(reader, 'import/100', jobItem(job));
    expect(firstJob(reader)).toBeUndefined();
    put(reader, collectionsJobId(100), jobItem(count));
    expect(firstJob(reader)).toBe(collectionsJobId(100));
    put(reader, backfillJobId(102), jobItem(job));
    put(reader, backfillJobId(101), jobItem(job));
    expect(firstJob(reader)).toBe(backfillJobId(101));
  });

  test('of an unknown kind stop the engine', () => {
    const reader = new MapReader();
    put(reader, 'x', new Map([['kind', { type: 'S', value: 'paint' }]]));
    expect(() => findJob(reader, 'x')).toThrow('a job of kind paint');
  });
});
