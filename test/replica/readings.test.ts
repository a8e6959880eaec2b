/** Rows of shared/SYNC-scenarios.md that no other file is about, each by its name. */
import { describe, expect, test } from 'vitest';
import { decodeEntry } from '../../src/replica/entry.ts';
import { readLink } from '../../src/replica/link.ts';
import { encodeFrame } from '../../src/replica/wire.ts';
import { wireBytesMax } from '../../src/base/replica-limits.ts';
import { ask, openRig, type Rig } from '../support/engine.ts';
import {
  edit,
  internal,
  Pair,
  putText,
  remove,
  textAt,
  transact,
} from '../support/replica-pair.ts';
import { copyOf, Stored } from '../support/replica.ts';

const yearMs = 365 * 24 * 3600 * 1000;
const storedOf = (rig: Rig): Promise<Stored> => Stored.of(rig.store.disk);

async function met(skewMs = 0): Promise<{ pair: Pair; a: Rig }> {
  const pair = await Pair.open();
  const a = await pair.device(skewMs);
  await pair.sync(a);
  for (const { time } of [pair, a]) time.pass(5000);
  return { pair, a };
}

const outcomesOf = (pair: Pair): readonly string[] =>
  pair.said.flatMap((one) => (one.kind === 'outcomes' ? one.Outcomes.map(({ Kind }) => Kind) : []));

test('D3: who lost its own pushed row gets it from the hub, though it is an echo', async () => {
  const { pair, a } = await met();
  const before = copyOf(a.store.disk);
  await putText(a, 'x', 'mine');
  await pair.sync(a);
  const lost = await openRig({ disk: before });
  lost.time.wallMs = a.time.wallMs;
  expect(await textAt(lost, 'x')).toBeUndefined();
  await pair.sync(lost);
  expect(await textAt(lost, 'x')).toBe('mine');
  const [own, hub] = [await storedOf(lost), await storedOf(pair.hub)];
  expect(own.versions()[0]?.stamp).toEqual(hub.versions()[0]?.stamp);
});

test('T3: the largest transaction is one message, and taken whole', async () => {
  const { pair, a } = await met();
  const keys = Array.from({ length: 10 }, (_, n) => `k${n}`);
  await transact(a, keys, 'x'.repeat(390_000));
  await pair.sync(a);
  const [push] = pair.said.filter(({ kind }) => kind === 'push');
  const frame = encodeFrame({ replicaId: 'ab'.repeat(16), message: push as never });
  expect(frame.length).toBeGreaterThan(3_900_000);
  expect(frame.length).toBeLessThan(wireBytesMax);
  expect(outcomesOf(pair)).toEqual(['applied']);
  for (const key of keys) expect((await textAt(pair.hub, key))?.length).toBe(390_000);
});

test('U1: edits on pending ones keep their order when their stamps are corrected', async () => {
  const { pair, a } = await met(yearMs);
  await putText(pair.hub, 'x', 'of the hub');
  await pair.sync(a);
  a.time.wallMs += yearMs;
  await edit(a, 'x', 'first');
  await edit(a, 'x', 'second');
  pair.said.length = 0;
  await pair.sync(a);
  expect(outcomesOf(pair)).toEqual(['applied', 'applied']);
  for (const rig of [pair.hub, a]) expect(await textAt(rig, 'x')).toBe('second');
  expect((await storedOf(pair.hub)).conflicts()).toEqual([]);
});

test('U7: a transaction is taken whole, and beside it stands what is newer', async () => {
  const { pair, a } = await met();
  for (const p of ['x', 'y']) await putText(pair.hub, p, 'old');
  await pair.sync(a);
  await transact(a, ['x', 'y'], 'of T');
  for (const { time } of [pair, a]) time.pass(60_000);
  await putText(pair.hub, 'y', 'newer');
  await pair.sync(a);
  for (const rig of [pair.hub, a]) {
    expect([await textAt(rig, 'x'), await textAt(rig, 'y')]).toEqual(['of T', 'newer']);
  }
});

test('U8: each edit is an entry of its own, however many there are of an item', async () => {
  const { pair, a } = await met();
  for (const v of ['one', 'two', 'three']) await edit(a, 'x', v);
  const entries = (await pair.prepared(a)).map((one) => decodeEntry(one));
  expect(entries.map(({ mutations }) => mutations[0]?.base.kind)).toEqual(['none', 'on', 'on']);
});

describe('U9: what is no conflict', () => {
  test('a chain of own edits, and an edit of what the hub has', async () => {
    const { pair, a } = await met();
    await putText(pair.hub, 'x', 'of the hub');
    await pair.sync(a);
    for (const v of ['one', 'two', 'three']) await edit(a, 'x', v);
    await remove(a, 'x');
    await pair.sync(a);
    expect((await storedOf(pair.hub)).conflicts()).toEqual([]);
    await putText(pair.hub, 'x', 'anew');
    await edit(a, 'x', 'had not seen it');
    await pair.sync(a);
    expect((await storedOf(pair.hub)).conflicts()).toHaveLength(1);
  });
});

test('P4: what waits is sent, whatever becomes of what is asked for', async () => {
  const { pair, a } = await met();
  await putText(pair.hub, 'x', 'never comes');
  await putText(a, 'mine', 'sent');
  const link = await internal(a, 'ReadLink');
  const greeting = await internal(pair.hub, 'GreetReplica', link);
  const { Epoch: AskedEpoch, Cursor: Asked } = link;
  await internal(a, 'TakeGreeting', { ...greeting, AskedEpoch, Asked });
  // Pages fail each time; what is prepared first are the entries, until there are none.
  const [entry] = await pair.prepared(a);
  const taken = await internal(pair.hub, 'TakeEntry', { ...link, Entry: entry });
  await internal(a, 'TakeOutcome', { ...link, ...taken });
  expect(await textAt(pair.hub, 'mine')).toBe('sent');
  expect(await pair.prepared(a)).toEqual([]);
  const { reader, self } = await storedOf(a);
  expect(readLink(reader, self.book).link.cursor).toBe(Asked);
});

test('U14: an index of a device is its own; the hub’s items are in it, and none is refused', async () => {
  const { pair, a } = await met();
  const index = {
    IndexName: 'byV',
    KeySchema: [{ AttributeName: 'v', KeyType: 'HASH' }],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  };
  await ask(a, 'UpdateTable', {
    TableName: 'Things',
    AttributeDefinitions: [
      { AttributeName: 'p', AttributeType: 'S' },
      { AttributeName: 'v', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexUpdates: [{ Create: index }],
  });
  await a.engine.idle();
  await putText(pair.hub, 'x', 'here');
  const number = { TableName: 'Things', Item: { p: { S: 'y' }, v: { N: '1' } } };
  await ask(pair.hub, 'PutItem', number);
  await pair.sync(a);
  const { Items } = await ask(a, 'Scan', { TableName: 'Things', IndexName: 'byV' });
  expect(Items).toHaveLength(1);
  expect((await ask(a, 'Scan', { TableName: 'Things' }))['Count']).toBe(2);
  const hub = ask(pair.hub, 'Scan', { TableName: 'Things', IndexName: 'byV' });
  await expect(hub).rejects.toThrow('does not have the specified index');
});
