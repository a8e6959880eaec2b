import { describe, expect, test } from 'vitest';
import { compareStamps } from '../../src/base/hlc.ts';
import { decodeBase } from '../../src/replica/base.ts';
import { decodeJoined, readState } from '../../src/replica/book.ts';
import { decodeEntry } from '../../src/replica/entry.ts';
import { createMemory } from '../../src/storage/memory.ts';
import { decodeItem } from '../../src/value/codec.ts';
import { ask, find, makeTable, openRig, put, type Rig, TestTime } from '../support/engine.ts';
import { commitsOf, entriesOf, openReplica, Stored } from '../support/replica.ts';

const text = (v: string): object => ({ v: { S: v } });
const keyOf = (p: string): object => ({ TableName: 'Things', Key: { p: { S: p } } });

function transact(rig: Rig, keys: readonly string[], v = 'together'): Promise<unknown> {
  const TransactItems = keys.map((p) => ({
    Put: { TableName: 'Things', Item: { p: { S: p }, ...text(v) } },
  }));
  return ask(rig, 'TransactWriteItems', { TransactItems });
}

describe('what a write costs', () => {
  const lastCount = (rig: Rig): number | undefined =>
    commitsOf(rig.store.disk).at(-1)?.mutations.length;

  test('of a table that is not replicated is the item alone', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await put(rig, 'a');
    expect(lastCount(rig)).toBe(1);
    await put(rig, 'a', text('again'));
    expect(lastCount(rig)).toBe(1);
  });

  test('is not more for a table beside one that is replicated', async () => {
    const rig = await openReplica('device');
    const BillingMode = 'PAY_PER_REQUEST';
    await ask(rig, 'CreateTable', {
      TableName: 'Others',
      AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
      BillingMode,
    });
    await ask(rig, 'PutItem', { TableName: 'Others', Item: { p: { S: 'a' } } });
    expect(lastCount(rig)).toBe(1);
  });

  test('on a device is four mutations besides, and five for an item that the hub had', async () => {
    const rig = await openReplica('device');
    await put(rig, 'a');
    expect(lastCount(rig)).toBe(1 + 4);
    // It is pending already: there is no other base.
    await put(rig, 'a', text('again'));
    expect(lastCount(rig)).toBe(1 + 4);
    await ask(rig, 'DeleteItem', keyOf('a'));
    expect(lastCount(rig)).toBe(1 + 3);
  });

  test('on a hub is three mutations besides, and four for an item that was there', async () => {
    const rig = await openReplica('hub');
    await put(rig, 'a');
    expect(lastCount(rig)).toBe(1 + 3);
    await put(rig, 'a', text('again'));
    expect(lastCount(rig)).toBe(1 + 4);
  });

  test('of an image in the log is paid once', async () => {
    const rig = await openReplica('device');
    const large = 'x'.repeat(10_000);
    const bytesOf = async (p: string): Promise<number> => {
      const before = rig.engine.status().logBytes;
      await put(rig, p, text(large));
      return rig.engine.status().logBytes - before;
    };
    expect(await bytesOf('large')).toBeLessThan(10_000 + 500);
  });
});

describe('a device', () => {
  test('has an entry for each write, with what it was made on', async () => {
    const rig = await openReplica('device');
    await put(rig, 'a', text('first'));
    await put(rig, 'a', text('second'));
    await ask(rig, 'UpdateItem', {
      ...keyOf('a'),
      UpdateExpression: 'SET n = :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    });
    await ask(rig, 'DeleteItem', keyOf('a'));
    const stored = await Stored.of(rig.store.disk);
    const entries = stored.entries();
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(entries.map(({ mutations }) => mutations[0]?.base)).toEqual([
      { kind: 'none' },
      { kind: 'on', seq: 1, isRead: false },
      { kind: 'on', seq: 2, isRead: true },
      { kind: 'on', seq: 3, isRead: false },
    ]);
    expect(entries.map(({ mutations }) => mutations[0]?.isDeleted)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    const images = stored.book(3).map(([, image]) => decodeItem(image).get('v')?.value);
    expect(images).toEqual(['first', 'second', 'second']);
    expect(new Set(entries.map(({ id }) => id.join())).size).toBe(4);
  });

  test('stamps in its own order, by its own id, and saves the clock with the item', async () => {
    const time = new TestTime();
    const rig = await openReplica('device', { time });
    await put(rig, 'a');
    time.wallMs -= 1_000_000;
    await put(rig, 'b');
    const stored = await Stored.of(rig.store.disk);
    const [first, second] = stored.entries();
    if (first === undefined || second === undefined) throw new Error('entries are missing');
    expect(compareStamps(first.stamp, second.stamp)).toBeLessThan(0);
    expect(second.stamp.replica).toEqual(stored.self.id);
    const { clock, next } = readState(stored.reader, stored.self.book);
    expect([clock, next]).toEqual([{ ms: second.stamp.ms, counter: second.stamp.counter }, 3]);
    expect(stored.versions().map(({ stamp }) => stamp)).toContainEqual(second.stamp);
  });

  test('keeps a tombstone of what it deleted', async () => {
    const rig = await openReplica('device');
    await put(rig, 'a');
    await ask(rig, 'DeleteItem', keyOf('a'));
    const [version] = (await Stored.of(rig.store.disk)).versions();
    expect(version).toMatchObject({ isDeleted: true, pending: 2 });
  });

  test('U25: a write that changes nothing makes no entry', async () => {
    const rig = await openReplica('device');
    await put(rig, 'a', text('same'));
    await put(rig, 'a', text('same'));
    expect((await Stored.of(rig.store.disk)).entries()).toHaveLength(1);
  });

  test('T2: a transaction is one entry, with one stamp and all its items', async () => {
    const rig = await openReplica('device');
    await transact(rig, ['a', 'b', 'c']);
    const stored = await Stored.of(rig.store.disk);
    const [entry, ...others] = stored.entries();
    expect(others).toEqual([]);
    expect(entry?.mutations).toHaveLength(3);
    for (const { stamp } of stored.versions()) expect(stamp).toEqual(entry?.stamp);
    expect(stored.book(3)).toHaveLength(3);
  });

  test('writes of a batch are entries of their own', async () => {
    const rig = await openReplica('device');
    const Things = ['a', 'b'].map((p) => ({ PutRequest: { Item: { p: { S: p } } } }));
    await ask(rig, 'BatchWriteItem', { RequestItems: { Things } });
    const stored = await Stored.of(rig.store.disk);
    expect(stored.entries().map(({ seq }) => seq)).toEqual([1, 2]);
    expect(readState(stored.reader, stored.self.book).next).toBe(3);
  });

  test('of two tabs gives every entry a number of its own', async () => {
    const disk = createMemory();
    const one = await openReplica('device', { disk });
    const two = await openRig({ disk });
    const puts = Array.from({ length: 20 }, (_, n) => put(n % 2 ? one : two, `k${n}`));
    await Promise.all(puts);
    const entries = (await Stored.of(disk)).entries();
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    const stamps = entries.map(({ stamp }) => stamp);
    expect([...stamps].sort(compareStamps)).toEqual(stamps);
  });

  test('does not delete what expired: the hub does', async () => {
    const rig = await openReplica('device');
    const TimeToLiveSpecification = { AttributeName: 'e', Enabled: true };
    await ask(rig, 'UpdateTimeToLive', { TableName: 'Things', TimeToLiveSpecification });
    await put(rig, 'a', { e: { N: String(Math.floor(rig.time.wallMs / 1000) - 60) } });
    const caller = { kind: 'ttl', principal: 'ttl' } as const;
    expect(await ask(rig, 'ExpireItems', { Table: 'Things' }, { caller })).toEqual({ Deleted: 0 });
  });
});

describe('a hub', () => {
  test('has each key at its newest place in the feed, deleted ones too', async () => {
    const rig = await openReplica('hub');
    for (const [n, p] of ['a', 'b', 'a', 'c'].entries()) await put(rig, p, text(`${n}`));
    await ask(rig, 'DeleteItem', keyOf('b'));
    const stored = await Stored.of(rig.store.disk);
    const keys = entriesOf(stored.reader, stored.table.replica?.versions ?? 0).map(([key]) => key);
    const places = stored.feed();
    expect(places).toHaveLength(3);
    expect(new Set(places.map(({ key }) => key.join()))).toEqual(
      new Set(keys.map((key) => key.join())),
    );
    expect(places.every(({ tree }) => tree === stored.table.tree)).toBe(true);
    expect(stored.versions().filter(({ isDeleted }) => isDeleted)).toHaveLength(1);
    expect(stored.entries()).toEqual([]);
  });

  test('remembers the items of a transaction until none is at its version', async () => {
    const rig = await openReplica('hub');
    await transact(rig, ['a', 'b']);
    const joined = async (): Promise<readonly number[]> =>
      (await Stored.of(rig.store.disk)).book(6).map(([, value]) => decodeJoined(value).live);
    expect(await joined()).toEqual([2]);
    await put(rig, 'a', text('alone'));
    expect(await joined()).toEqual([1]);
    await put(rig, 'b', text('alone'));
    expect(await joined()).toEqual([]);
    await transact(rig, ['a', 'b'], 'one');
    await transact(rig, ['a', 'b'], 'two');
    expect(await joined()).toEqual([2]);
  });

  test('L12: an expired item is deleted one tick above its version, by nobody', async () => {
    const rig = await openReplica('hub');
    const TimeToLiveSpecification = { AttributeName: 'e', Enabled: true };
    await ask(rig, 'UpdateTimeToLive', { TableName: 'Things', TimeToLiveSpecification });
    await put(rig, 'a', { e: { N: String(Math.floor(rig.time.wallMs / 1000) - 60) } });
    const [before] = (await Stored.of(rig.store.disk)).versions();
    rig.time.wallMs += 3_600_000;
    const caller = { kind: 'ttl', principal: 'ttl' } as const;
    await ask(rig, 'ExpireItems', { Table: 'Things' }, { caller });
    expect(await find(rig, 'a')).toBeUndefined();
    const [after] = (await Stored.of(rig.store.disk)).versions();
    const { ms = 0, counter = 0 } = before?.stamp ?? {};
    const replica = new Uint8Array(16);
    expect(after).toMatchObject({ isDeleted: true, stamp: { ms, counter: counter + 1, replica } });
  });
});

describe('what a commit writes', () => {
  test('is there after a checkpoint, in other tabs and after a restart', async () => {
    const disk = createMemory();
    const rig = await openReplica('device', { disk });
    await put(rig, 'a', text('kept'));
    await rig.engine.checkpoint();
    await put(rig, 'b', text('kept'));
    await rig.engine.close();
    const stored = await Stored.of(disk);
    expect(stored.entries()).toHaveLength(2);
    expect(stored.versions()).toHaveLength(2);
    const [, image] = stored.book(3)[0] ?? [];
    expect(decodeItem(image ?? new Uint8Array()).get('v')?.value).toBe('kept');
  });

  test('is counted as it is', async () => {
    const rig = await openReplica('hub');
    for (const p of ['a', 'b', 'a']) await put(rig, p, text(p.repeat(50)));
    await transact(rig, ['a', 'c']);
    await ask(rig, 'DeleteItem', keyOf('c'));
    const { reader, self, table } = await Stored.of(rig.store.disk);
    for (const tree of [self.book, table.replica?.versions ?? 0]) {
      const entries = entriesOf(reader, tree);
      const bytes = entries.reduce((sum, [, value]) => sum + value.length, 0);
      expect(reader.counters(tree)).toEqual({ entries: entries.length, bytes });
    }
  });

  test('can be read back as it was written', async () => {
    const rig = await openReplica('device');
    await put(rig, 'a');
    const stored = await Stored.of(rig.store.disk);
    const [[, bytes] = []] = stored.book(2);
    expect(decodeEntry(bytes ?? new Uint8Array()).seq).toBe(1);
    expect(() => decodeBase(new Uint8Array(3))).toThrow('read beyond the end');
  });
});
