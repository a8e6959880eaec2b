import { describe, expect, test } from 'vitest';
import { iteratorLifeMs, shardLifeMs, streamRetentionMs } from '../../src/base/limits.ts';
import { placeOfNumber } from '../../src/stream/sequence.ts';
import {
  ask,
  fill,
  keysOf,
  openRig,
  put,
  refusal,
  type Rig,
  type RigOptions,
  tableInput,
} from '../support/engine.ts';
import { damagePage, pagesAt } from '../support/damage.ts';
import {
  type AskStream,
  readStream,
  recordsOf,
  type ShardInfo,
  shardsOf,
  told,
} from '../support/streams.ts';

const both = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };
const minute = 60_000;

function asking(rig: Rig): AskStream {
  return (operation, input) => ask(rig, operation, input);
}

async function streamed(more: RigOptions = {}): Promise<Rig> {
  const rig = await openRig(more);
  await ask(rig, 'CreateTable', { ...tableInput, StreamSpecification: both });
  return rig;
}

async function arnOf(rig: Rig): Promise<string> {
  const { Table } = await ask(rig, 'DescribeTable', { TableName: 'Things' });
  return (Table as { readonly LatestStreamArn: string }).LatestStreamArn;
}

async function shards(rig: Rig): Promise<readonly ShardInfo[]> {
  return shardsOf(asking(rig), await arnOf(rig));
}

async function pageBytesOf(rig: Rig): Promise<number> {
  return (await rig.engine.sizes({ pages: true })).pageBytes ?? 0;
}

/** Lets time pass as it does: a look at least every hour. */
async function pass(rig: Rig, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 30 * minute) {
    rig.time.pass(Math.min(left, 30 * minute));
    await rig.engine.idle();
  }
}

describe('a shard', () => {
  test('is followed by a child when it has records and is four hours old', async () => {
    const rig = await streamed();
    await put(rig, 'a');
    await pass(rig, shardLifeMs - 1);
    expect(await shards(rig)).toHaveLength(1);
    await pass(rig, 1);
    await put(rig, 'b');
    const [parent, child, ...others] = await shards(rig);
    expect(others).toEqual([]);
    expect(child?.ParentShardId).toBe(parent?.ShardId);
    expect(parent?.SequenceNumberRange.EndingSequenceNumber).toBeDefined();
    expect(child?.SequenceNumberRange.EndingSequenceNumber).toBeUndefined();
    const ending = BigInt(parent?.SequenceNumberRange.EndingSequenceNumber ?? 0);
    expect(BigInt(child?.SequenceNumberRange.StartingSequenceNumber ?? 0) > ending).toBe(true);
    const ask = asking(rig);
    const arn = await arnOf(rig);
    const first = await recordsOf(ask, arn, parent?.ShardId ?? '');
    expect(first.isClosed).toBe(true);
    expect(first.records.map(told)).toEqual([
      ['INSERT', { p: { S: 'a' } }, { p: { S: 'a' } }, undefined],
    ]);
    const second = await recordsOf(ask, arn, child?.ShardId ?? '');
    expect(second.isClosed).toBe(false);
    expect(second.records.map(told)).toEqual([
      ['INSERT', { p: { S: 'b' } }, { p: { S: 'b' } }, undefined],
    ]);
  });

  test('without records stays, and its database writes nothing', async () => {
    const rig = await streamed();
    const before = keysOf(rig.store.disk, 'log');
    await pass(rig, 30 * shardLifeMs);
    expect(await shards(rig)).toHaveLength(1);
    expect(keysOf(rig.store.disk, 'log')).toEqual(before);
  });

  test('of a large partition splits, and each key goes on in one of the halves', async () => {
    const rig = await streamed({ partitionBytes: 4000 });
    await fill(rig, 60);
    await rig.engine.idle();
    const first = await shards(rig);
    const parent = first[0]?.ShardId;
    expect(first.length).toBeGreaterThan(2);
    expect(first.slice(1, 3).map(({ ParentShardId }) => ParentShardId)).toEqual([parent, parent]);
    await fill(rig, 60, 90);
    const ask = asking(rig);
    const arn = await arnOf(rig);
    const byKey = new Map<string, number>();
    for (const { ShardId, SequenceNumberRange } of await shards(rig)) {
      const { records, isClosed } = await recordsOf(ask, arn, ShardId, 7);
      expect(isClosed).toBe(SequenceNumberRange.EndingSequenceNumber !== undefined);
      for (const { eventName, dynamodb } of records) {
        const key = String(dynamodb.Keys.get('p')?.value);
        const seen = byKey.get(key) ?? 0;
        expect(eventName).toBe(seen === 0 ? 'INSERT' : 'MODIFY');
        byKey.set(key, seen + 1);
      }
    }
    expect([...byKey.values()].filter((count) => count === 2)).toHaveLength(60);
  });

  test('goes when it has been closed for a day, and its pages with it', async () => {
    const rig = await streamed();
    await fill(rig, 300);
    await rig.engine.checkpoint();
    const arn = await arnOf(rig);
    await pass(rig, shardLifeMs);
    const [old] = await shards(rig);
    const stored = await pageBytesOf(rig);
    await pass(rig, streamRetentionMs - minute);
    expect(await shards(rig)).toHaveLength(2);
    expect(await readStream(asking(rig), arn)).toEqual([]);
    await pass(rig, minute);
    expect((await shards(rig)).map(({ ShardId }) => ShardId)).not.toContain(old?.ShardId);
    for (let round = 0; round < 3; round += 1) {
      await put(rig, `x${round}`);
      await rig.engine.checkpoint();
    }
    expect(await pageBytesOf(rig)).toBeLessThan(stored / 2);
  });

  test('that a clock far ahead has closed keeps its records a day of the right time', async () => {
    const rig = await streamed();
    await put(rig, 'a');
    rig.time.wallMs += 365 * streamRetentionMs;
    await rig.engine.idle();
    rig.time.wallMs -= 365 * streamRetentionMs;
    await put(rig, 'b');
    await pass(rig, streamRetentionMs + shardLifeMs);
    const records = await readStream(asking(rig), await arnOf(rig));
    expect(records.length).toBeLessThanOrEqual(1);
    await pass(rig, streamRetentionMs + shardLifeMs);
    expect(await shards(rig)).toHaveLength(1);
  });
});

describe('a record', () => {
  test('is trimmed when it is a day old, to the millisecond', async () => {
    const rig = await streamed();
    const arn = await arnOf(rig);
    await put(rig, 'a');
    const [first] = await readStream(asking(rig), arn);
    const age = rig.time.wallMs - (placeOfNumber(first?.dynamodb.SequenceNumber ?? '')?.ms ?? 0);
    rig.time.pass(streamRetentionMs - age);
    expect(await readStream(asking(rig), arn)).toHaveLength(1);
    rig.time.pass(1);
    expect(await readStream(asking(rig), arn)).toEqual([]);
  });

  test('survives a checkpoint and an opening, and comes once', async () => {
    const rig = await streamed();
    const arn = await arnOf(rig);
    await fill(rig, 50);
    const before = await readStream(asking(rig), arn);
    await rig.engine.checkpoint();
    expect(await readStream(asking(rig), arn)).toEqual(before);
    await fill(rig, 10, 100, 50);
    const again = await openRig({ disk: rig.store.disk, time: rig.time });
    const after = await readStream(asking(again), arn);
    expect(after).toHaveLength(60);
    expect(after.slice(0, 50).map(({ eventID }) => eventID)).toEqual(
      before.map(({ eventID }) => eventID),
    );
  });

  test('of another tab is read at once', async () => {
    const rig = await streamed();
    const other = await openRig({ disk: rig.store.disk, time: rig.time });
    const arn = await arnOf(other);
    await put(rig, 'a');
    expect(await readStream(asking(other), arn)).toHaveLength(1);
    await put(other, 'a', { v: { N: '1' } });
    expect((await readStream(asking(rig), arn)).map(({ eventName }) => eventName)).toEqual([
      'INSERT',
      'MODIFY',
    ]);
  });
});

describe('a stream that was turned off', () => {
  test('can be read for a day, and is then forgotten', async () => {
    const rig = await streamed();
    const arn = await arnOf(rig);
    await put(rig, 'a');
    const off = { TableName: 'Things', StreamSpecification: { StreamEnabled: false } };
    await ask(rig, 'UpdateTable', off);
    await put(rig, 'b');
    await pass(rig, iteratorLifeMs);
    expect(await readStream(asking(rig), arn)).toHaveLength(1);
    await pass(rig, streamRetentionMs);
    expect((await ask(rig, 'ListStreams'))['Streams']).toEqual([]);
    await expect(ask(rig, 'DescribeStream', { StreamArn: arn })).rejects.toThrow(
      `Requested resource not found: Stream: ${arn} not found`,
    );
  });
});

describe('a damaged page of a live shard', () => {
  const shardTree = 101;

  /** Three hundred records in pages, and a page in their midst. */
  async function stored(): Promise<{ readonly rig: Rig; readonly page: number }> {
    const rig = await streamed();
    await fill(rig, 300, 500);
    await rig.engine.checkpoint();
    const leaves = await pagesAt(rig.store.disk, shardTree, 1);
    return { rig, page: leaves.at(-1)?.id ?? 0 };
  }

  test('keeps its records out of reach, and neither writes nor checkpoints back', async () => {
    const { rig: first, page } = await stored();
    damagePage(first.store.disk, page);
    const rig = await openRig({ disk: first.store.disk, time: first.time });
    const arn = await arnOf(rig);
    expect(await refusal(readStream(asking(rig), arn))).toMatch(/^DamagedData /);
    await fill(rig, 20, 500, 300);
    await rig.engine.checkpoint();
    await fill(rig, 20, 500, 320);
    await rig.engine.checkpoint();
    expect(await refusal(readStream(asking(rig), arn))).toMatch(/^DamagedData /);
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ page, restored: 0, isWhole: false }]);
    const left = await readStream(asking(rig), arn);
    expect(left.length).toBeGreaterThan(40);
    expect(left.length).toBeLessThan(340);
    expect(left.slice(-40).map(({ eventName }) => eventName)).toEqual(Array(40).fill('INSERT'));
  });

  test('that reads well again gives all of them back', async () => {
    const { rig: first, page } = await stored();
    const { disk } = first.store;
    damagePage(disk, page);
    const rig = await openRig({ disk, time: first.time });
    const arn = await arnOf(rig);
    expect(await refusal(readStream(asking(rig), arn))).toMatch(/^DamagedData /);
    await put(rig, 'x');
    await rig.engine.checkpoint();
    // The same bytes are turned over again.
    damagePage(disk, page);
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ page, isWhole: true }]);
    expect(await readStream(asking(rig), arn)).toHaveLength(301);
  });
});
