import { describe, expect, test } from 'vitest';
import { emptyBytes, hexOf } from '../../../src/base/bytes.ts';
import { decodeJoined } from '../../../src/replica/book.ts';
import { decodeChanges } from '../../../src/replica/page.ts';
import { ask, openRig, type Output, type Rig, TestTime } from '../../support/engine.ts';
import { copyOf, openReplica, Stored } from '../../support/replica.ts';
import { left, refusedAt, sell, stock } from '../../support/sales.ts';
import {
  edit,
  internal,
  Pair,
  putText,
  remove,
  textAt,
  transact,
} from '../../support/replica-pair.ts';

interface Region {
  readonly rig: Rig;
  readonly id: string;
}

/** A hub of its own clock, which has the table as the one that it made, or as another's. */
async function region(Global?: string, skewMs = 0): Promise<Region> {
  const time = new TestTime();
  time.wallMs += skewMs;
  const rig = await openReplica('hub', { time }, Global);
  await internal(rig, 'StartHub');
  const { table } = await Stored.of(rig.store.disk);
  return { rig, id: table.replica?.global ?? '' };
}

/** What `to` pulls of `from`, page by page; answers how many items changed. */
async function pull(to: Region, from: Region, Bytes = 1_000_000): Promise<number> {
  const Peer = `of ${from.id}`;
  const place = (): Promise<Output> => internal(to.rig, 'ReadPeer', { Peer });
  const { ReplicaId, Epoch: AskedEpoch, Cursor: Asked } = await place();
  const { Epoch, IsHeld } = await internal(from.rig, 'GreetReplica', {
    ...{ ReplicaId, First: 1, Settled: 0, Epoch: AskedEpoch, Cursor: Asked },
  });
  const Tables = [from.id];
  const greeting = { Peer, Epoch, IsHeld, AskedEpoch, Asked, Tables };
  expect(await internal(to.rig, 'TakePeerGreeting', greeting)).toEqual({ IsTaken: true });
  const named = [{ Global: from.id, TableName: 'Things' }];
  for (let changed = 0, round = 0; round < 100; round += 1) {
    const at = await place();
    const asked = { Epoch: at['Epoch'], Cursor: at['Cursor'], WithJoined: true, Bytes };
    const page = await internal(from.rig, 'ReadFeed', asked);
    const { Cursor, Changes, Joined, UpToDate } = page;
    const told = { Cursor, Changes, Joined, Tables: named };
    const input = { Peer, Epoch: at['Epoch'], Asked: at['Cursor'], ...told };
    const taken = await internal(to.rig, 'TakePeerPage', input);
    expect(taken['IsTaken']).toBe(true);
    changed += Number(taken['Changed']);
    if (UpToDate === true) return changed;
  }
  throw new Error('a feed without end');
}

async function both(): Promise<readonly [Region, Region]> {
  const a = await region();
  return [a, await region(a.id)];
}
async function versionsOf({ rig }: Region): Promise<readonly string[]> {
  const stored = await Stored.of(rig.store.disk);
  return stored.versions().map(({ stamp, isDeleted }) => {
    return `${stamp.ms} ${stamp.counter} ${hexOf(stamp.replica)} ${isDeleted}`;
  });
}

/** Of each transaction how many items are at its version, and how many it wrote. */
async function joinedOf({ rig }: Region): Promise<readonly (readonly number[])[]> {
  const stored = await Stored.of(rig.store.disk);
  return stored.book(6).map(([, bytes]) => {
    const { live, members } = decodeJoined(bytes);
    return [live, members.length];
  });
}

describe('a hub that pulls another', () => {
  test('U17: has what that has, and what comes back changes nothing', async () => {
    const [a, b] = await both();
    await putText(a.rig, 'x', 'of a');
    await putText(b.rig, 'y', 'of b');
    expect(await pull(b, a)).toBe(1);
    expect(await pull(a, b)).toBe(1);
    const places = async ({ rig }: Region): Promise<number> =>
      Number((await internal(rig, 'DescribeReplica'))['Place']);
    const before = [await places(a), await places(b)];
    expect([await pull(b, a), await pull(a, b), await pull(b, a)]).toEqual([0, 0, 0]);
    expect([await places(a), await places(b)]).toEqual(before);
    expect([await textAt(a.rig, 'y'), await textAt(b.rig, 'x')]).toEqual(['of b', 'of a']);
    expect(await versionsOf(a)).toEqual(await versionsOf(b));
  });

  test('keeps what is newer of two edits and deletions, by stamps that are final', async () => {
    const a = await region();
    const b = await region(a.id, 120_000);
    await putText(a.rig, 'x', 'earlier');
    await putText(b.rig, 'x', 'later');
    await putText(b.rig, 'gone', 'was here');
    await remove(b.rig, 'gone');
    expect(await pull(b, a)).toBe(0);
    // Two minutes ahead, which a device may not be.
    expect(await pull(a, b)).toBe(2);
    expect([await textAt(a.rig, 'x'), await textAt(a.rig, 'gone')]).toEqual(['later', undefined]);
    expect(await versionsOf(a)).toEqual(await versionsOf(b));
    // What is written now is above what was taken.
    await edit(a.rig, 'x', 'on it');
    expect(await pull(b, a)).toBe(1);
    expect(await textAt(b.rig, 'x')).toBe('on it');
  });

  test('keeps the items of a transaction together, whatever the page', async () => {
    const [a, b] = await both();
    await putText(a.rig, 'z', 'alone');
    await transact(a.rig, ['p', 'q', 'r'], 'one');
    await putText(a.rig, 'q', 'after it');
    await pull(b, a, 1);
    expect(await joinedOf(b)).toHaveLength(1);
    await putText(b.rig, 'p', 'over');
    await putText(b.rig, 'r', 'over');
    expect(await joinedOf(b)).toHaveLength(0);
    await pull(a, b, 1);
    expect(await joinedOf(a)).toHaveLength(0);
    expect(await versionsOf(a)).toEqual(await versionsOf(b));
  });

  test('T1: knows of an item that it was in a transaction, though only a newer version came', async () => {
    const [a, b] = await both();
    const c = await region(a.id);
    await transact(a.rig, ['p', 'q', 'r'], 'one');
    await putText(a.rig, 'q', 'after it');
    await pull(b, a);
    expect(await joinedOf(b)).toEqual([[2, 3]]);
    const hello = { ReplicaId: 'ab'.repeat(16), First: 1, Settled: 0, Epoch: '', Cursor: 0 };
    const { Epoch } = await internal(b.rig, 'GreetReplica', hello);
    const page = { Epoch, Cursor: 0, Bytes: 1 };
    const { Changes } = await internal(b.rig, 'ReadFeed', page);
    expect(decodeChanges(Changes as Uint8Array)).toHaveLength(3);
    await pull(c, b, 1);
    expect(await joinedOf(c)).toEqual([[2, 3]]);
  });

  test('forgets a transaction with its last item, in whatever order others come', async () => {
    const [a, b] = await both();
    await transact(a.rig, ['p', 'q', 'r'], 'one');
    await pull(b, a);
    await transact(a.rig, ['p', 'q', 'r'], 'two');
    await putText(a.rig, 'q', 'between');
    await pull(b, a);
    expect(await joinedOf(b)).toEqual([[2, 3]]);
    expect(await versionsOf(b)).toEqual(await versionsOf(a));
  });

  test('L5: reads all once more of one that was set back, which gives its places out again', async () => {
    const [a, b] = await both();
    await putText(a.rig, 'x', 'of before');
    await a.rig.engine.barrier();
    const disk = copyOf(a.rig.store.disk);
    for (const p of ['p', 'q']) await putText(a.rig, p, 'lost with the hub');
    await pull(b, a);
    const rig = await openRig({ disk, time: a.rig.time });
    await internal(rig, 'StartHub');
    const again = { ...a, rig };
    for (const p of ['r', 's', 't', 'u']) await putText(rig, p, 'written since');
    await pull(b, again);
    expect(await textAt(b.rig, 'r')).toBe('written since');
    // And what it has lost it has of the other one.
    await pull(again, b);
    expect(await textAt(rig, 'p')).toBe('lost with the hub');
    expect(await versionsOf(again)).toEqual(await versionsOf(b));
  });

  test('takes a page only at the cursor that it was asked from', async () => {
    const [a, b] = await both();
    await putText(a.rig, 'x', 'one');
    await pull(b, a);
    const Peer = `of ${a.id}`;
    const { Epoch, Cursor } = await internal(b.rig, 'ReadPeer', { Peer });
    const nothing = { Changes: emptyBytes, Joined: emptyBytes };
    const page = { Peer, Epoch, Asked: 0, Cursor: 1, ...nothing, Tables: [] };
    expect(await internal(b.rig, 'TakePeerPage', page)).toEqual({ IsTaken: false });
    expect((await internal(b.rig, 'ReadPeer', { Peer }))['Cursor']).toBe(Cursor);
  });

  test('takes no page with a table that it has not heard of, and reads all for a new one', async () => {
    const [a, b] = await both();
    await pull(b, a);
    await putText(a.rig, 'x', 'one');
    const Peer = `of ${a.id}`;
    const at = await internal(b.rig, 'ReadPeer', { Peer });
    const asked = { Epoch: at['Epoch'], Cursor: at['Cursor'] };
    const { Cursor, Changes } = await internal(a.rig, 'ReadFeed', asked);
    const told = { Cursor, Changes, Joined: emptyBytes, Tables: [] };
    const page = { Peer, Epoch: at['Epoch'], Asked: at['Cursor'], ...told };
    expect(await internal(b.rig, 'TakePeerPage', page)).toEqual({ IsTaken: false });
    const ignored = { ...page, Tables: [{ Global: a.id }] };
    expect(await internal(b.rig, 'TakePeerPage', ignored)).toEqual({ IsTaken: true, Changed: 0 });
    const greeting = { Peer, Epoch: at['Epoch'], IsHeld: true, AskedEpoch: at['Epoch'] };
    const Tables = [a.id, 'another'];
    await internal(b.rig, 'TakePeerGreeting', { ...greeting, Asked: Cursor, Tables });
    expect((await internal(b.rig, 'ReadPeer', { Peer }))['Cursor']).toBe(0);
    expect(await textAt(b.rig, 'x')).toBeUndefined();
  });

  test('U18: executes the requests of its own devices, as the other one does of theirs', async () => {
    const [a, b] = await both();
    await ask(a.rig, 'PutItem', { TableName: 'Things', Item: stock(1) });
    await pull(b, a);
    const devices = await Promise.all(
      [a, b].map(async ({ rig }) => {
        const pair = new Pair(rig, rig.time, a.id);
        const device = await pair.device();
        await pair.sync(device);
        await sell(device);
        await pair.sync(device);
        return device;
      }),
    );
    // The condition held at each of them: as with tables of several regions, both have sold it.
    for (const device of devices) expect(await refusedAt(device)).toEqual([]);
    await pull(b, a);
    await pull(a, b);
    expect([await left(a.rig), await left(b.rig)]).toEqual(['0', '0']);
    expect(await versionsOf(a)).toEqual(await versionsOf(b));
    // A second one is refused at both, whichever was the later.
    for (const [at, { rig }] of [a, b].entries()) {
      const device = devices[at] as Rig;
      const pair = new Pair(rig, rig.time, a.id);
      await pair.sync(device);
      await sell(device).catch(() => undefined);
      expect(await left(device)).toBe('0');
    }
  });

  test('U18: lets what is over expire where the table is at home', async () => {
    const [a, b] = await both();
    const over = { AttributeName: 'until', Enabled: true };
    for (const { rig } of [a, b]) {
      const input = { TableName: 'Things', TimeToLiveSpecification: over };
      await ask(rig, 'UpdateTimeToLive', input);
    }
    const until = String(Math.floor(a.rig.time.wallMs / 1000) - 10);
    await ask(a.rig, 'PutItem', {
      ...{ TableName: 'Things', Item: { p: { S: 'x' }, until: { N: until } } },
    });
    await pull(b, a);
    const expire = (at: Region): Promise<Output> =>
      internal(at.rig, 'ExpireItems', { Table: 'Things' });
    expect(await expire(b)).toEqual({ Deleted: 0 });
    expect(await expire(a)).toEqual({ Deleted: 1 });
    expect(await pull(b, a)).toBe(1);
    expect(await versionsOf(a)).toEqual(await versionsOf(b));
  });
});
