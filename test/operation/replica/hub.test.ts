import { describe, expect, test } from 'vitest';
import { idOf } from '../../../src/replica/entry.ts';
import { internal, Pair, putText } from '../../support/replica-pair.ts';
import { openReplica, Stored } from '../../support/replica.ts';

describe("a hub's own operations", () => {
  test('are none of a device', async () => {
    const device = await openReplica('device');
    await expect(internal(device, 'StartHub')).rejects.toThrow('no hub');
    const read = { Epoch: '', Cursor: 0 };
    await expect(internal(device, 'ReadFeed', read)).rejects.toThrow('no hub');
  });

  test('GreetReplica forgets outcomes that are settled, and no others', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    pair.refusals = () => 'AccessDenied';
    await putText(a, 'k', 'one');
    await putText(a, 'k', 'two');
    const { ReplicaId } = await internal(a, 'ReadLink');
    const Entries = await pair.prepared(a);
    await pair.tell({ kind: 'push', number: 1, Entries }, String(ReplicaId));
    const greet = (Settled: number): Promise<object> =>
      internal(pair.hub, 'GreetReplica', { ReplicaId, First: 1, Settled, Epoch: '', Cursor: 0 });
    const again = (at: number): Promise<object> =>
      internal(pair.hub, 'TakeEntry', { ReplicaId, Entry: Entries[at] });
    expect(await greet(1)).toMatchObject({ MarkSeq: 2 });
    // Who has settled it asks no more: it is another half of a clone.
    expect(await again(0)).toEqual({ Stop: 'fork' });
    expect(await again(1)).toMatchObject({ Kind: 'refused' });
    expect(await greet(1)).not.toHaveProperty('Forgotten');
    expect(await greet(0)).toMatchObject({ MarkSeq: 2, Forgotten: 1 });
  });

  test('TakeEntry is durable when it is answered', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    await putText(a, 'k', 'one');
    const { ReplicaId } = await internal(a, 'ReadLink');
    const [Entry] = await pair.prepared(a);
    await internal(pair.hub, 'TakeEntry', { ReplicaId, Entry });
    const { durableSeq, sequence } = pair.hub.engine.status();
    expect(durableSeq).toBe(sequence);
    const { reader, self } = await Stored.of(pair.hub.store.disk);
    expect(reader.counters(self.book).entries).toBeGreaterThan(0);
  });
});

test('TakeEntry consumes an entry only after the one that it was sent behind', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(a, 'k', 'one');
  await putText(a, 'k', 'two');
  const { ReplicaId } = await internal(a, 'ReadLink');
  const [first, second] = await pair.prepared(a);
  await internal(pair.hub, 'TakeEntry', { ReplicaId, Entry: first });
  const take = (After: Uint8Array): Promise<object> =>
    internal(pair.hub, 'TakeEntry', { ReplicaId, Entry: second, After });
  expect(await take(new Uint8Array(16))).toEqual({ Stop: 'gap' });
  expect(await take(idOf(first as Uint8Array))).toMatchObject({ Seq: 2, Kind: 'applied' });
  // A duplicate is answered as it was.
  expect(await take(new Uint8Array(16))).toMatchObject({ Seq: 2, Kind: 'applied' });
});

test('K4: who speaks under the id of another moves a mark of its own, and not the mark of that', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(a, 'k', 'one');
  const { ReplicaId } = await internal(a, 'ReadLink');
  const [Entry] = await pair.prepared(a);
  const hello = { ReplicaId, First: 1, Settled: 0, Epoch: '', Cursor: 0 };
  const early = await internal(pair.hub, 'TakeEntry', { ReplicaId, Entry, Principal: 'mallory' });
  expect(early).toEqual({ Stop: 'gap' });
  // As after a restore that has lost whose the replica is.
  await internal(pair.hub, 'GreetReplica', { ...hello, Principal: 'mallory' });
  const taken = await internal(pair.hub, 'TakeEntry', { ReplicaId, Entry, Principal: 'mallory' });
  expect(taken).toMatchObject({ Kind: 'applied' });
  expect(await internal(pair.hub, 'GreetReplica', hello)).toMatchObject({ MarkSeq: 0 });
  const byThat = await internal(pair.hub, 'GreetReplica', { ...hello, Principal: 'mallory' });
  expect(byThat).toMatchObject({ MarkSeq: 1 });
});
