/** Rows of shared/SYNC-scenarios.md that this much of sync covers, each by its name. */
import { describe, expect, test } from 'vitest';
import { compareStamps } from '../../src/base/hlc.ts';
import { fromHex, hexOf } from '../../src/base/bytes.ts';
import { decodeEntry } from '../../src/replica/entry.ts';
import type { Outcomes, Page } from '../../src/replica/message.ts';
import { decodeChanges } from '../../src/replica/page.ts';
import { createMemory } from '../../src/storage/memory.ts';
import { decodeItem } from '../../src/value/codec.ts';
import { ask, makeTable, openRig, type Rig, type TestTime } from '../support/engine.ts';
import { copyOf, openReplica, Stored } from '../support/replica.ts';
import {
  edit,
  internal,
  Pair,
  putText,
  remove,
  transact,
  textAt,
} from '../support/replica-pair.ts';

const yearMs = 365 * 24 * 3600 * 1000;
const storedOf = (rig: Rig): Promise<Stored> => Stored.of(rig.store.disk);
const lastOutcomes = (pair: Pair): Outcomes =>
  pair.said.findLast(({ kind }) => kind === 'outcomes') as Outcomes;

function pass(ms: number, ...all: readonly { readonly time: TestTime }[]): void {
  for (const { time } of all) time.pass(ms);
}

async function two(): Promise<{ pair: Pair; a: Rig; b: Rig }> {
  const pair = await Pair.open();
  return { pair, a: await pair.device(), b: await pair.device() };
}

describe('edits', () => {
  test('of one device come to the other, deletions too', async () => {
    const { pair, a, b } = await two();
    await putText(a, 'k', 'one');
    expect((await pair.sync(a)).phase).toBe('live');
    await pair.sync(b);
    expect(await textAt(b, 'k')).toBe('one');
    await remove(b, 'k');
    await pair.sync(b);
    await pair.sync(a);
    expect(await textAt(a, 'k')).toBeUndefined();
    expect(await textAt(pair.hub, 'k')).toBeUndefined();
  });

  test('of the hub itself come to the devices', async () => {
    const { pair, a } = await two();
    await putText(pair.hub, 'k', 'from the hub');
    await pair.sync(a);
    expect(await textAt(a, 'k')).toBe('from the hub');
    expect((await storedOf(a)).entries()).toEqual([]);
  });

  test('L2: an entry is durable before it is sent', async () => {
    const { pair, a } = await two();
    await putText(a, 'k', 'one');
    expect(a.engine.status().durableSeq).toBeLessThan(a.engine.status().sequence);
    await pair.prepared(a);
    expect(a.engine.status().durableSeq).toBe(a.engine.status().sequence);
  });

  test('L3: a refusal whose answer was lost is told again', async () => {
    const { pair, a } = await two();
    pair.refusals = () => 'AccessDenied';
    await putText(a, 'k', 'forbidden');
    const { ReplicaId } = await internal(a, 'ReadLink');
    const Entries = await pair.prepared(a);
    const push = { kind: 'push', number: 1, Entries } as const;
    const first = await pair.tell(push, String(ReplicaId));
    pair.refusals = () => undefined;
    expect(await pair.tell(push, String(ReplicaId))).toEqual(first);
    await pair.sync(a);
    expect(await textAt(a, 'k')).toBeUndefined();
    expect((await storedOf(a)).book(8)).toHaveLength(1);
  });

  test('L3: what a hello calls settled is durable: the hub forgets its refusal', async () => {
    const { pair, a } = await two();
    pair.refusals = () => 'AccessDenied';
    await putText(a, 'k', 'forbidden');
    await pair.sync(a);
    await putText(a, 'other', 'relaxed');
    await internal(a, 'ReadLink');
    expect(a.engine.status().durableSeq).toBe(a.engine.status().sequence);
  });

  test('L6: a newer write that had not seen the older one logs what it replaces', async () => {
    const { pair, a, b } = await two();
    await putText(pair.hub, 'k', 'base');
    await pair.sync(a);
    await pair.sync(b);
    await putText(a, 'k', 'older');
    await pair.sync(a);
    pass(5000, pair, a, b);
    await putText(b, 'k', 'newer');
    await pair.sync(b);
    expect(lastOutcomes(pair).Outcomes[0]?.Kind).toBe('applied');
    const conflicts = (await storedOf(pair.hub)).conflicts();
    expect(conflicts).toMatchObject([
      { table: 'Things', key: { p: 'k' }, lost: { p: 'k', v: 'older' } },
    ]);
    // An edit of what it has seen replaces nothing unseen.
    await putText(b, 'k', 'again');
    await pair.sync(b);
    expect((await storedOf(pair.hub)).conflicts()).toHaveLength(1);
  });

  test('L9: entries behind one that is missing are not looked at', async () => {
    const { pair, a } = await two();
    await putText(a, 'k', 'one');
    await putText(a, 'k', 'two');
    const { ReplicaId } = await internal(a, 'ReadLink');
    const [, second = new Uint8Array()] = await pair.prepared(a);
    const push = { kind: 'push', number: 1, Entries: [second] } as const;
    const answer = await pair.tell(push, String(ReplicaId));
    expect(answer).toMatchObject({ Outcomes: [], Stop: 'gap' });
    await pair.sync(a);
    expect(await textAt(pair.hub, 'k')).toBe('two');
  });

  test('L10: a clock that is fast does not beat a later edit, nor a slow one lose', async () => {
    const pair = await Pair.open();
    const [fast, honest, slow] = [
      await pair.device(yearMs),
      await pair.device(),
      await pair.device(-2 * yearMs),
    ];
    await putText(fast, 'k', 'monday');
    pass(86_400_000, pair, fast, honest, slow);
    await putText(honest, 'k', 'tuesday');
    await pair.sync(honest);
    pass(86_400_000, pair, fast, honest, slow);
    await pair.sync(fast);
    expect(await textAt(fast, 'k')).toBe('tuesday');
    await putText(slow, 'k', 'wednesday');
    await pair.sync(slow);
    expect(await textAt(pair.hub, 'k')).toBe('wednesday');
  });

  test('L10: an edit on one that was answered is not stamped below it', async () => {
    const { pair, a } = await two();
    await pair.sync(a);
    pass(86_400_000, pair, a);
    await putText(a, 'k', 'older');
    const { ReplicaId } = await internal(a, 'ReadLink');
    const push = { kind: 'push', number: 1, Entries: await pair.prepared(a) } as const;
    const { Outcomes: outcomes } = (await pair.tell(push, String(ReplicaId))) as Outcomes;
    await edit(a, 'k', 'newer');
    await internal(a, 'TakeOutcome', { ReplicaId, ...outcomes[0] });
    a.time.wallMs += yearMs;
    await pair.sync(a);
    expect(await textAt(pair.hub, 'k')).toBe('newer');
  });

  test('L11: what the hub stamps anew is above what it was made on', async () => {
    const { pair, a, b } = await two();
    await pair.sync(a);
    await pair.sync(b);
    // Their clocks run ahead within what is allowed, and beyond, after they were measured.
    a.time.wallMs += 59_000;
    await putText(a, 'k', 'ahead');
    const pushed = await pair.prepared(a);
    const { ReplicaId } = await internal(a, 'ReadLink');
    await pair.tell({ kind: 'push', number: 1, Entries: pushed }, String(ReplicaId));
    await pair.sync(b);
    await edit(b, 'k', 'on top');
    const [stamp] = (await storedOf(b)).entries().map((entry) => entry.stamp);
    const [held] = (await storedOf(pair.hub)).versions().map((version) => version.stamp);
    expect(stamp && held && compareStamps(stamp, held)).toBeGreaterThan(0);
    await pair.sync(b);
    expect(await textAt(pair.hub, 'k')).toBe('on top');
  });

  test('L12: an edit that moves the expiry beats the deletion, though it comes later', async () => {
    const { pair, a } = await two();
    for (const rig of [pair.hub, a]) {
      const TimeToLiveSpecification = { AttributeName: 'e', Enabled: true };
      await ask(rig, 'UpdateTimeToLive', { TableName: 'Things', TimeToLiveSpecification });
    }
    const at = (seconds: number): object => ({
      TableName: 'Things',
      Item: { p: { S: 'k' }, e: { N: String(Math.floor(pair.time.wallMs / 1000) + seconds) } },
    });
    await ask(pair.hub, 'PutItem', at(1800));
    await pair.sync(a);
    pass(1000, pair, a);
    await ask(a, 'PutItem', at(86_400));
    pair.time.pass(3_600_000);
    const caller = { kind: 'ttl', principal: 'ttl' } as const;
    const deleted = await ask(pair.hub, 'ExpireItems', { Table: 'Things' }, { caller });
    expect(deleted).toEqual({ Deleted: 1 });
    await pair.sync(a);
    expect(await textAt(pair.hub, 'k')).toBe('');
  });
});

describe('divergence', () => {
  test('D4: a row of the future is stamped anew with its entry, and the clock falls', async () => {
    const pair = await Pair.open();
    const a = await pair.device(2 * yearMs);
    await putText(a, 'k', 'poisoned');
    await pair.sync(a);
    const [version] = (await storedOf(a)).versions();
    expect(version?.stamp.ms).toBeLessThanOrEqual(pair.time.wallMs);
    await putText(a, 'other', 'later');
    const [entry] = (await storedOf(a)).entries();
    expect(Math.abs((entry?.stamp.ms ?? 0) - pair.time.wallMs)).toBeLessThan(5000);
  });

  test('D6: the stamp that the hub names is the one that the device keeps', async () => {
    const { pair, a } = await two();
    await pair.sync(a);
    a.time.wallMs += 600_000;
    await putText(a, 'k', 'ahead');
    const { ReplicaId } = await internal(a, 'ReadLink');
    const Entries = await pair.prepared(a);
    await pair.tell({ kind: 'push', number: 1, Entries }, String(ReplicaId));
    await pair.sync(a);
    const ours = (await storedOf(a)).versions().map(({ stamp }) => stamp);
    expect(ours).toEqual((await storedOf(pair.hub)).versions().map(({ stamp }) => stamp));
    expect(ours[0]?.ms).toBeLessThanOrEqual(pair.time.wallMs + 1);
  });

  test('D7: a refused edit gives way to what the hub has by now', async () => {
    const { pair, a, b } = await two();
    await putText(pair.hub, 'k', 'old');
    await pair.sync(a);
    await pair.sync(b);
    pass(1000, pair, a, b);
    await putText(b, 'k', 'moved on');
    await pair.sync(b);
    pass(5000, pair, a, b);
    await putText(a, 'k', 'forbidden');
    const [before] = (await storedOf(a)).book(4);
    expect(before).toBeDefined();
    // The feed comes while the edit is not answered: it stays below.
    const { ReplicaId, Epoch, Cursor } = await internal(a, 'ReadLink');
    const at = { Epoch: String(Epoch), Cursor: Number(Cursor), Reach: 0 };
    const pull = { kind: 'pull', number: 1, ...at } as const;
    const page = (await pair.tell(pull, String(ReplicaId))) as Page;
    const { kind: _, number: __, ...given } = page;
    await internal(a, 'TakePage', { ...given, Epoch, Asked: Cursor });
    expect(await textAt(a, 'k')).toBe('forbidden');
    pair.refusals = () => 'AccessDenied';
    await pair.sync(a);
    expect(await textAt(a, 'k')).toBe('moved on');
    expect((await storedOf(a)).book(4)).toEqual([]);
  });

  test('D8: a change that fits no index of this device is taken, and left out of it', async () => {
    const { pair, a } = await two();
    await ask(a, 'UpdateTable', {
      TableName: 'Things',
      AttributeDefinitions: [
        { AttributeName: 'p', AttributeType: 'S' },
        { AttributeName: 'v', AttributeType: 'N' },
      ],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: 'byV',
            KeySchema: [{ AttributeName: 'v', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        },
      ],
    });
    await putText(pair.hub, 'k', 'a text, not a number');
    expect((await pair.sync(a)).phase).toBe('live');
    expect(await textAt(a, 'k')).toBe('a text, not a number');
  });
});

describe('deleted items', () => {
  test('R2: an edit of what is gone without a trace is refused; a new item is not', async () => {
    const { pair, a } = await two();
    await putText(pair.hub, 'k', 'there');
    await pair.sync(a);
    await edit(a, 'k', 'edited');
    await putText(a, 'new', 'one');
    // A hub that has forgotten, as after its tombstones' time.
    const other = await Pair.open();
    const { ReplicaId } = await internal(a, 'ReadLink');
    const Entries = await pair.prepared(a);
    const moved = Entries.map((bytes) =>
      fromHex(hexOf(bytes).replaceAll(hexOfText(pair.global), hexOfText(other.global))),
    );
    const answer = await other.tell({ kind: 'push', number: 1, Entries: moved }, String(ReplicaId));
    const codes = (answer as Outcomes).Outcomes.map(({ Kind, Code }) => [Kind, Code]);
    expect(codes).toEqual([
      ['refused', 'StaleBase'],
      ['applied', ''],
    ]);
  });

  test('an older edit that comes late does not bring one back', async () => {
    const { pair, a, b } = await two();
    await putText(pair.hub, 'k', 'there');
    await pair.sync(a);
    await pair.sync(b);
    await putText(a, 'k', 'late');
    pass(5000, pair, a, b);
    await remove(b, 'k');
    await pair.sync(b);
    await pair.sync(a);
    expect(lastOutcomes(pair).Outcomes[0]?.Kind).toBe('superseded');
    expect([await textAt(pair.hub, 'k'), await textAt(a, 'k')]).toEqual([undefined, undefined]);
  });
});

describe('transactions', () => {
  test('T1: a page has the whole of one, whatever became of its places', async () => {
    const { pair, a } = await two();
    await transact(pair.hub, ['x', 'y'], 'together');
    for (let n = 0; n < 5; n += 1) await putText(pair.hub, `f${n}`, 'filler');
    await putText(pair.hub, 'x', 'alone');
    const { Epoch } = await internal(a, 'ReadLink');
    expect(Epoch).toBe('');
    await pair.sync(a);
    const link = await internal(a, 'ReadLink');
    const read = { Epoch: link['Epoch'], Cursor: 0, Bytes: 1 };
    const first = await internal(pair.hub, 'ReadFeed', read);
    const changes = decodeChanges(first['Changes'] as Uint8Array);
    const shown = changes.map(({ image }) => image && decodeItem(image).get('v')?.value);
    expect(shown.sort()).toEqual(['alone', 'together']);
    expect(first['UpToDate']).toBe(false);
  });

  test('T2: one is taken or refused whole', async () => {
    const { pair, a } = await two();
    pair.refusals = (_, entry) =>
      decodeEntry(entry).mutations.length > 1 ? 'AccessDenied' : undefined;
    await putText(a, 'x', 'mine');
    await transact(a, ['x', 'y'], 'together');
    await pair.sync(a);
    expect([await textAt(a, 'x'), await textAt(a, 'y')]).toEqual(['mine', undefined]);
    expect([await textAt(pair.hub, 'x'), await textAt(pair.hub, 'y')]).toEqual(['mine', undefined]);
  });

  test('T4: what read a refused one falls with it; what did not, stands', async () => {
    const { pair, a } = await two();
    const refused = (entry: Uint8Array): boolean => decodeEntry(entry).mutations.length > 1;
    pair.refusals = (_, entry) => (refused(entry) ? 'AccessDenied' : undefined);
    await transact(a, ['x', 'y'], 'role=admin');
    await edit(a, 'x', 'made on it');
    await putText(a, 'y', 'blind');
    await edit(a, 'y', 'made on the blind one');
    await pair.sync(a);
    expect([await textAt(a, 'x'), await textAt(a, 'y')]).toEqual([
      undefined,
      'made on the blind one',
    ]);
    expect(await textAt(pair.hub, 'x')).toBeUndefined();
    expect(await textAt(pair.hub, 'y')).toBe('made on the blind one');
    const stored = await storedOf(a);
    expect(stored.book(8)).toHaveLength(2);
    expect([stored.entries(), stored.book(3), stored.book(4)]).toEqual([[], [], []]);
  });
});

describe('progress', () => {
  test('P1: a hub whose mark fell behind asks for no ghosts', async () => {
    const { pair, a } = await two();
    await putText(a, 'k', 'one');
    await pair.sync(a);
    const forgetful = await Pair.open();
    await forgetful.sync(a);
    await putText(a, 'k', 'two');
    expect((await forgetful.sync(a)).phase).toBe('live');
    expect((await storedOf(a)).entries()).toEqual([]);
  });

  test('P2: an entry that is none is refused, and blocks nothing', async () => {
    const { pair, a } = await two();
    await putText(a, 'k', 'one');
    const [entry = new Uint8Array()] = await pair.prepared(a);
    const other = 'ab'.repeat(16);
    const push = { kind: 'push', number: 1, Entries: [entry] } as const;
    const answer = await pair.tell(push, other);
    expect((answer as Outcomes).Outcomes[0]).toMatchObject({ Kind: 'refused', Code: 'Malformed' });
  });

  test('P5: a page is taken only at the cursor that it was asked from', async () => {
    const { pair, a } = await two();
    await putText(pair.hub, 'k', 'one');
    await pair.sync(a);
    const { Epoch, Cursor } = await internal(a, 'ReadLink');
    const page = { Cursor: 1, Changes: new Uint8Array(), Through: 1 };
    const late = { Epoch, Asked: 0, ...page };
    expect(await internal(a, 'TakePage', late)).toEqual({ IsTaken: false });
    expect((await internal(a, 'ReadLink'))['Cursor']).toBe(Cursor);
  });

  test('L5: a cursor of an epoch that the hub has not had is taken back', async () => {
    const { pair, a } = await two();
    await putText(pair.hub, 'k', 'one');
    await pair.sync(a);
    await internal(pair.hub, 'StartHub');
    await pair.sync(a);
    // The same hub, started anew: nothing is read again.
    const pulls = pair.said.filter(({ kind }) => kind === 'pull');
    expect((pulls.at(-1) as { Cursor: number }).Cursor).toBeGreaterThan(0);
    const unknown = { Epoch: 'ee'.repeat(16), Cursor: 1 };
    expect(await internal(pair.hub, 'ReadFeed', unknown)).toMatchObject({ IsHeld: false });
    const beyond = { Epoch: (await internal(a, 'ReadLink'))['Epoch'], Cursor: 1_000_000 };
    expect(await internal(pair.hub, 'ReadFeed', beyond)).toMatchObject({ IsHeld: false });
  });

  test('U19: of a cloned database the one that hears `fork` takes a new id', async () => {
    const pair = await Pair.open();
    const disk = createMemory();
    const first = await openReplica('device', { disk }, pair.global);
    await putText(first, 'k', 'before the copy');
    await first.engine.barrier();
    await first.engine.close();
    const copies = [copyOf(disk), copyOf(disk)].map((copy) => openRig({ disk: copy }));
    const [one, two] = (await Promise.all(copies)) as [Rig, Rig];
    await putText(one, 'a', 'of the first');
    await pair.sync(one);
    await putText(two, 'b', 'of the second');
    await pair.sync(two);
    await pair.sync(one);
    const ids = await Promise.all([one, two].map((rig) => internal(rig, 'ReadLink')));
    expect(ids[0]?.['ReplicaId']).not.toBe(ids[1]?.['ReplicaId']);
    for (const rig of [one, two, pair.hub]) {
      const values = [await textAt(rig, 'a'), await textAt(rig, 'b'), await textAt(rig, 'k')];
      expect(values).toEqual(['of the first', 'of the second', 'before the copy']);
    }
  });

  test('an entry of a table that the hub has not is refused, and kept', async () => {
    const { pair, a } = await two();
    await putText(a, 'k', 'one');
    await ask(pair.hub, 'DeleteTable', { TableName: 'Things' });
    await makeTable(pair.hub);
    await pair.sync(a);
    expect(lastOutcomes(pair).Outcomes[0]).toMatchObject({ Kind: 'refused', Code: 'TableGone' });
    expect((await storedOf(a)).book(8)).toHaveLength(1);
  });
});

function hexOfText(value: string): string {
  return Buffer.from(value).toString('hex');
}
