import { describe, expect, test } from 'vitest';
import { hexOf } from '../../../src/base/bytes.ts';
import { ask, type Output, type Rig, TestTime } from '../../support/engine.ts';
import { openReplica, Stored } from '../../support/replica.ts';
import { edit, internal, putText, remove, textAt, transact } from '../../support/replica-pair.ts';

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
    const asked = { Epoch: at['Epoch'], Cursor: at['Cursor'], Bytes };
    const page = await internal(from.rig, 'ReadFeed', asked);
    const { Cursor, Changes, UpToDate } = page;
    const input = { Peer, Epoch: at['Epoch'], Asked: at['Cursor'], Cursor, Changes, Tables: named };
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
    const joined = async ({ rig }: Region): Promise<readonly number[]> =>
      (await Stored.of(rig.store.disk)).book(6).map(([key]) => key.length);
    expect(await joined(b)).toHaveLength(1);
    await putText(b.rig, 'p', 'over');
    await putText(b.rig, 'r', 'over');
    expect(await joined(b)).toHaveLength(0);
    await pull(a, b, 1);
    expect(await joined(a)).toHaveLength(0);
    expect(await versionsOf(a)).toEqual(await versionsOf(b));
  });

  test('takes a page only at the cursor that it was asked from', async () => {
    const [a, b] = await both();
    await putText(a.rig, 'x', 'one');
    await pull(b, a);
    const Peer = `of ${a.id}`;
    const { Epoch, Cursor } = await internal(b.rig, 'ReadPeer', { Peer });
    const page = { Peer, Epoch, Asked: 0, Cursor: 1, Changes: new Uint8Array(0), Tables: [] };
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
    const page = { Peer, Epoch: at['Epoch'], Asked: at['Cursor'], Cursor, Changes, Tables: [] };
    expect(await internal(b.rig, 'TakePeerPage', page)).toEqual({ IsTaken: false });
    const ignored = { ...page, Tables: [{ Global: a.id }] };
    expect(await internal(b.rig, 'TakePeerPage', ignored)).toEqual({ IsTaken: true, Changed: 0 });
    const greeting = { Peer, Epoch: at['Epoch'], IsHeld: true, AskedEpoch: at['Epoch'] };
    const Tables = [a.id, 'another'];
    await internal(b.rig, 'TakePeerGreeting', { ...greeting, Asked: Cursor, Tables });
    expect((await internal(b.rig, 'ReadPeer', { Peer }))['Cursor']).toBe(0);
    expect(await textAt(b.rig, 'x')).toBeUndefined();
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
