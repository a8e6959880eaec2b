import { describe, expect, test } from 'vitest';
import { damagePage, moveUnder, pagesAt } from '../support/damage.ts';
import { changeKey } from '../../src/log/change.ts';
import { type Operation, operation } from '../../src/operation/operation.ts';
import { StoreFailure } from '../../src/port/store.ts';
import { long, struct } from '../../src/shape/constructors.ts';
import {
  ask,
  countOf,
  indexInput,
  makeTable,
  openRig,
  put,
  refusal,
  type Rig,
} from '../support/engine.ts';
import { shardsOf } from '../support/streams.ts';

async function withIndex(count = 300): Promise<Rig> {
  const rig = await openRig();
  await makeTable(rig);
  await ask(rig, 'UpdateTable', indexInput);
  await rig.engine.idle();
  const ids = Array.from({ length: count }, (_, id) => id);
  await Promise.all(ids.map((id) => put(rig, `k${id}`, { g: { S: `g${id % 7}` } })));
  await put(rig, 'large', { g: { S: 'g' }, v: { S: 'y'.repeat(50_000) } });
  await rig.engine.checkpoint();
  return rig;
}

/** Writes what no operation would: mutations of one tree, as a checkpoint of their own. */
async function spoil(rig: Rig, entries: number, bytes: number, tree = 100): Promise<void> {
  const caller = { kind: 'engine', principal: 'engine' } as const;
  const input = { Tree: tree, Entries: entries, Bytes: bytes, IsMore: true };
  await ask(rig, 'CorrectCounters', input, { form: 'plain', caller });
}

describe('a scrub', () => {
  test('of a sound store changes nothing', async () => {
    const rig = await withIndex();
    const { sequence } = rig.engine.status();
    const told: number[] = [];
    const report = await rig.engine.scrub({ onProgress: ({ done }) => told.push(done) });
    expect(report).toMatchObject({
      items: 301,
      entries: 301,
      damagedPages: 0,
      mended: 0,
      counters: 0,
    });
    expect(report.pages).toBeGreaterThan(3);
    expect(told.at(-1)).toBe(4);
    expect(rig.engine.status().sequence).toBe(sequence);
  });

  test('that follows another over the same pages does not correct counters once more', async () => {
    const rig = await withIndex();
    await spoil(rig, 3, 500);
    await rig.engine.checkpoint();
    const other = await openRig({ disk: rig.store.disk });
    // Both count the same pages, one after the other and two at once.
    const reports = await Promise.all([rig.engine.scrub(), other.engine.scrub()]);
    expect(reports.map(({ counters }) => counters).sort()).toEqual([0, 1]);
    expect(await rig.engine.scrub()).toMatchObject({ counters: 0 });
    expect((await rig.engine.sizes()).tables[0]?.items).toBe(301);
    await rig.engine.checkpoint();
    expect(await rig.engine.scrub()).toMatchObject({ counters: 0 });
    expect((await rig.engine.sizes()).tables[0]?.items).toBe(301);
  });

  test.each([
    [3, 500],
    [-2, -30],
    [0, 7],
    [20_001, 0],
  ])('corrects counters that are off by %i and %i bytes', async (entries, bytes) => {
    const rig = await withIndex();
    const [before] = (await rig.engine.sizes()).tables;
    for (let left = entries; left > 10_000; left -= 10_000) await spoil(rig, 10_000, 0);
    await spoil(rig, entries % 10_000, bytes);
    await rig.engine.checkpoint();
    expect((await rig.engine.sizes()).tables[0]?.items).toBe(301 + entries);
    expect(await rig.engine.scrub()).toMatchObject({ counters: 1, mended: 0 });
    expect((await rig.engine.sizes()).tables[0]).toEqual(before);
    await rig.engine.checkpoint();
    const other = await openRig({ disk: rig.store.disk });
    expect((await other.engine.sizes()).tables[0]).toEqual(before);
    expect(await countOf(other)).toBe(301);
  });

  test('reports damaged pages, and does not take what they held for gone', async () => {
    const rig = await withIndex(1500);
    const { disk } = rig.store;
    const [leaf] = (await pagesAt(disk, 100, 1)).slice(1);
    damagePage(disk, leaf?.id ?? 0);
    const other = await openRig({ disk });
    const report = await other.engine.scrub();
    expect(report).toMatchObject({ damagedPages: 1, mended: 0, counters: 0 });
    expect(other.engine.status().damage).toMatchObject([{ kind: 'page', page: leaf?.id }]);
    expect(await countOf(other, 'byG')).toBe(1501);
  });

  test('ends when it is told to', async () => {
    const rig = await withIndex(10);
    await expect(rig.engine.scrub({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });

  test('reads a tree anew when another engine makes a checkpoint meanwhile', async () => {
    const rig = await withIndex();
    await moveUnder(rig, 1);
    const report = await rig.engine.scrub();
    expect(report).toMatchObject({ items: 302, damagedPages: 0, mended: 0, counters: 0 });
    await moveUnder(rig, Number.POSITIVE_INFINITY);
    await expect(rig.engine.scrub()).rejects.toThrow(/too fast for a scrub/);
  });

  test('leaves the counters alone when a piece of a large value is damaged', async () => {
    const rig = await withIndex();
    const { disk } = rig.store;
    const [piece] = await pagesAt(disk, 100, 0);
    damagePage(disk, piece?.id ?? 0);
    const other = await openRig({ disk });
    const [before] = (await other.engine.sizes()).tables;
    expect(await other.engine.scrub()).toMatchObject({ damagedPages: 1, counters: 0 });
    expect((await other.engine.sizes()).tables[0]?.itemBytes).toBe(before?.itemBytes);
    expect(other.engine.status().damage).toMatchObject([{ page: piece?.id, table: 'Things' }]);
  });

  test('leaves the counters alone when a large value was spoilt on the way once', async () => {
    const { disk } = (await withIndex()).store;
    const [piece] = await pagesAt(disk, 100, 0);
    const rig = await openRig({ disk });
    const [before] = (await rig.engine.sizes()).tables;
    // The first read of it is for its size; the walk tries its checksum after that.
    let reads = 0;
    const isIts = (key: number): boolean => Math.floor(key / 2 ** 24) === piece?.id;
    const scan = rig.store.scan.bind(rig.store);
    rig.store.scan = async (ranges) => {
      const results = await scan(ranges);
      if (results.flat().some(({ key }) => isIts(key))) reads += 1;
      if (reads !== 1) return results;
      return results.map((records) =>
        records.map(({ key, value }) => ({ key, value: isIts(key) ? value.slice(1) : value })),
      );
    };
    expect(await rig.engine.scrub()).toMatchObject({ damagedPages: 0, counters: 0 });
    expect(reads).toBeGreaterThan(1);
    expect((await rig.engine.sizes()).tables[0]?.itemBytes).toBe(before?.itemBytes);
  });

  test('fails when its store fails at any read, blames nothing on damage, and can be done again', async () => {
    const { store } = await withIndex();
    const sound = { items: 301, entries: 301, damagedPages: 0, mended: 0, counters: 0 };
    let failed = 0;
    for (let nth = 1; nth <= 12; nth += 1) {
      const rig = await openRig({ disk: store.disk });
      let reads = 0;
      rig.store.hooks.read = () => {
        reads += 1;
        if (reads === nth) throw new StoreFailure('lost', 'gone');
      };
      const error = await refusal(rig.engine.scrub());
      if (error !== undefined) failed += 1;
      // A request of the engine to itself is answered like anybody's.
      expect(error ?? '').toMatch(/^$|^StoreFailure gone$|^InternalServerError The store could n/);
      expect(rig.engine.status().damage).toEqual([]);
      expect(await rig.engine.scrub()).toMatchObject(sound);
    }
    expect(failed).toBeGreaterThan(3);
  });
});

/** Writes a record that is none, as no operation would. */
const Garble: Operation = operation({
  name: 'Garble',
  kind: 'write',
  internal: true,
  input: struct({ Tree: long({ min: 0 }).required }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Tree: tree }) {
    const key = changeKey({ ms: 1, sequence: 1 });
    const mutation = { tree, key, value: new Uint8Array(3), sizeBefore: undefined, sizeAfter: 0 };
    return { output: {}, commits: [{ table: 0, mutations: [mutation], units: 0 }] };
  },
});

describe("a scrub of a stream's shards", () => {
  const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };
  const enable = { TableName: 'Things', StreamSpecification };

  /** Two streams, of which one is over; the tree of the living one's shard, and its place. */
  async function streamed(count: number) {
    const rig = await openRig();
    await makeTable(rig);
    await ask(rig, 'UpdateTable', enable);
    await put(rig, 'first');
    const off = { StreamEnabled: false };
    await ask(rig, 'UpdateTable', { TableName: 'Things', StreamSpecification: off });
    await ask(rig, 'UpdateTable', enable);
    for (let id = 0; id < count; id += 1) {
      await put(rig, `k${id}`, { v: { S: 'x'.repeat(id === 7 ? 50_000 : 300) } });
    }
    await rig.engine.checkpoint();
    const { Table } = await ask(rig, 'DescribeTable', { TableName: 'Things' });
    const { LatestStreamArn: StreamArn } = Table as { LatestStreamArn: string };
    const [shard] = await shardsOf((name, input) => ask(rig, name, input), StreamArn);
    const ShardId = shard?.ShardId ?? '';
    const at = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    return { rig, at, tree: Number.parseInt(ShardId.slice(-8), 16) };
  }

  test('reads them all, and corrects their counters', async () => {
    const { rig, tree } = await streamed(30);
    const sound = { items: 31, damagedPages: 0, mended: 0, counters: 0 };
    const report = await rig.engine.scrub();
    expect(report).toMatchObject(sound);
    await ask(rig, 'UpdateTable', { ...enable, StreamSpecification: { StreamEnabled: false } });
    expect((await rig.engine.scrub()).pages).toBe(report.pages);
    await spoil(rig, 2, 40, tree);
    await rig.engine.checkpoint();
    expect(await rig.engine.scrub()).toMatchObject({ ...sound, counters: 1 });
    await rig.engine.checkpoint();
    expect(await rig.engine.scrub()).toMatchObject(sound);
  });

  test('reports a damaged page, which readers are told of; the table is as it was', async () => {
    const { rig, at, tree } = await streamed(400);
    const { disk } = rig.store;
    const [leaf] = (await pagesAt(disk, tree, 1)).slice(1);
    damagePage(disk, leaf?.id ?? 0);
    const other = await openRig({ disk });
    expect(await other.engine.scrub()).toMatchObject({ damagedPages: 1, counters: 0, mended: 0 });
    expect(other.engine.status().damage).toMatchObject([
      { kind: 'page', page: leaf?.id, table: 'Things' },
    ]);
    const { ShardIterator } = await ask(other, 'GetShardIterator', at);
    await expect(ask(other, 'GetRecords', { ShardIterator })).rejects.toThrow('damaged');
    expect(await countOf(other)).toBe(401);
    await put(other, 'more');
    await other.engine.repair();
    const { Records } = await ask(other, 'GetRecords', { ShardIterator });
    expect((Records as readonly object[]).length).toBeGreaterThan(100);
  });

  test('reports a record that is none', async () => {
    const { rig, tree } = await streamed(5);
    const operations = [Garble];
    const other = await openRig({ disk: rig.store.disk, operations });
    const caller = { kind: 'engine', principal: 'engine' } as const;
    await ask(other, 'Garble', { Tree: tree }, { form: 'plain', caller });
    await other.engine.checkpoint();
    expect(await other.engine.scrub()).toMatchObject({ damagedPages: 1, counters: 0 });
  });
});
