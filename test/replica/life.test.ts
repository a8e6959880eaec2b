/** Rows of shared/SYNC-scenarios.md about the lives of hubs and replicas, each by its name. */
import { describe, expect, test } from 'vitest';
import type { Outcomes } from '../../src/replica/message.ts';
import { advance, offline, type Step } from '../../src/replica/session.ts';
import { decodeQuarantined } from '../../src/replica/quarantine.ts';
import { openConflicts } from '../../src/sync/conflicts.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import { ask, find, openRig, type Rig, TestTime } from '../support/engine.ts';
import { copyOf, openReplica, Stored } from '../support/replica.ts';
import { confirm, left, sell, stocked } from '../support/sales.ts';
import {
  edit,
  internal,
  keyOf,
  Pair,
  putText,
  remove,
  textAt,
  transact,
} from '../support/replica-pair.ts';

const storedOf = (rig: Rig): Promise<Stored> => Stored.of(rig.store.disk);
const dayMs = 24 * 3600 * 1000;

/** What a session of the device is to do, done. */
async function step(pair: Pair, device: Rig, { session, act }: Step): Promise<Step> {
  if (act?.type === 'send') {
    const message = await pair.tell(act.message, session.replicaId);
    return advance(session, { type: 'received', message });
  }
  if (act?.type !== 'ask') throw new Error('a session that is closed');
  const output = await internal(device, act.operation, act.input);
  return advance(session, { type: 'answered', output });
}

/** A device is greeted, its entries are answered, and then it is cut off: it has loaded nothing. */
async function pushAll(pair: Pair, device: Rig): Promise<void> {
  let now = advance(offline, { type: 'connected' });
  while (now.act?.type !== 'send' || now.act.message.kind !== 'snapshot') {
    now = await step(pair, device, now);
  }
}

/** All that waits comes to the hub, and the answer is lost. */
async function pushUnheard(pair: Pair, device: Rig): Promise<void> {
  const push = { kind: 'push', number: 1, Entries: await pair.prepared(device) } as const;
  await pair.tell(push, String((await internal(device, 'ReadLink'))['ReplicaId']));
}

function pass(ms: number, ...all: readonly { readonly time: Rig['time'] }[]): void {
  for (const { time } of all) time.pass(ms);
}

async function backup(pair: Pair): Promise<MemoryDisk> {
  await pair.hub.engine.barrier();
  return copyOf(pair.hub.store.disk);
}

/** The hub, as it was at a backup, started again; nobody is told. */
async function restored(pair: Pair, disk: MemoryDisk): Promise<Pair> {
  const hub = await openRig({ disk, time: pair.time });
  await internal(hub, 'StartHub');
  return new Pair(hub, pair.time, pair.global);
}

/** Another hub, under the same names of tables: one that was in memory, started again. */
async function another(pair: Pair): Promise<Pair> {
  const hub = await openReplica('hub', { time: pair.time }, pair.global);
  await openConflicts(hub.engine);
  await internal(hub, 'StartHub');
  return new Pair(hub, pair.time, pair.global);
}

const refusedAt = async (rig: Rig): Promise<readonly string[]> =>
  (await storedOf(rig)).book(8).map(([, value]) => decodeQuarantined(value).code);
const stampsOf = async (rig: Rig): Promise<unknown> =>
  (await storedOf(rig)).versions().map(({ stamp, isDeleted }) => ({ stamp, isDeleted }));

describe('a hub that was set back', () => {
  test('L4, L5: is offered what it has lost, by any device that has it', async () => {
    const before = await Pair.open();
    const [a, b] = [await before.device(), await before.device()];
    await putText(a, 'old', 'of before');
    await before.sync(a);
    const disk = await backup(before);
    await putText(a, 'new', 'lost with the hub');
    await edit(a, 'old', 'edited since');
    await before.sync(a);
    await before.sync(b);
    const after = await restored(before, disk);
    // The author never comes back.
    expect((await after.sync(b)).phase).toBe('live');
    expect(await textAt(after.hub, 'new')).toBe('lost with the hub');
    expect(await textAt(after.hub, 'old')).toBe('edited since');
    // What it had before is what these came of: nobody has lost anything.
    expect((await storedOf(after.hub)).conflicts()).toEqual([]);
    expect((await storedOf(b)).entries()).toEqual([]);
    await after.sync(a);
    await after.sync(b);
    expect(await stampsOf(a)).toEqual(await stampsOf(after.hub));
    expect(await stampsOf(b)).toEqual(await stampsOf(after.hub));
  });

  test.each([
    ['before it was first heard of', false],
    ['after that', true],
  ])(
    'is found out by its answers alone, by who has loaded nothing: backup %s',
    async (_, isHeard) => {
      const before = await Pair.open();
      const a = await before.device();
      await putText(before.hub, 'k', 'older');
      if (isHeard) await pushAll(before, a);
      const disk = await backup(before);
      pass(1000, before, a);
      await putText(a, 'k', 'newer');
      await putText(a, 'new', 'lost with the hub');
      await pushAll(before, a);
      // This one was not answered.
      await putText(a, 'late', 'sent twice');
      await pushUnheard(before, a);
      const after = await restored(before, disk);
      // The first greeting of the hub that was set back is lost.
      const { ReplicaId, ...hello } = await internal(a, 'ReadLink');
      const asked = { kind: 'hello', number: 1, ReplicaId, ...hello } as never;
      await after.tell(asked, String(ReplicaId));
      expect((await after.sync(a)).phase).toBe('live');
      for (const rig of [a, after.hub]) {
        const shown = await Promise.all(['k', 'new', 'late'].map((key) => textAt(rig, key)));
        expect(shown).toEqual(['newer', 'lost with the hub', 'sent twice']);
      }
      expect(await stampsOf(a)).toEqual(await stampsOf(after.hub));
      expect(await refusedAt(a)).toEqual([]);
    },
  );

  test('L4: a deletion that it has lost is offered too', async () => {
    const before = await Pair.open();
    const a = await before.device();
    await putText(a, 'k', 'there');
    await before.sync(a);
    const disk = await backup(before);
    pass(1000, before, a);
    await remove(a, 'k');
    await before.sync(a);
    const after = await restored(before, disk);
    await after.sync(a);
    expect([await textAt(after.hub, 'k'), await textAt(a, 'k')]).toEqual([undefined, undefined]);
  });

  test('L4: a deletion of what it never had is offered, since others may have the item', async () => {
    const before = await Pair.open();
    const [a, b] = [await before.device(), await before.device()];
    const disk = await backup(before);
    await putText(a, 'k', 'deleted');
    await before.sync(a);
    await before.sync(b);
    pass(1000, before, a, b);
    await remove(a, 'k');
    await before.sync(a);
    const after = await restored(before, disk);
    await after.sync(a);
    // It has not heard of the deletion.
    await after.sync(b);
    await after.sync(a);
    for (const rig of [a, b, after.hub]) expect(await textAt(rig, 'k')).toBeUndefined();
    expect(await stampsOf(b)).toEqual(await stampsOf(after.hub));
  });

  test('R2: who was away for so long knows no more of deletions that it does not have', async () => {
    const before = await Pair.open();
    const [a, b] = [await before.device(), await before.device()];
    const disk = await backup(before);
    await putText(a, 'k', 'deleted');
    await before.sync(a);
    await before.sync(b);
    await remove(a, 'k');
    await before.sync(a);
    pass(91 * dayMs, before, a, b);
    const after = await restored(before, disk);
    await after.sync(a);
    expect(await refusedAt(a)).toEqual([]);
    expect((await storedOf(a)).versions()).toEqual([]);
  });

  test('what was written since stands where it is newer, and what it replaces is logged', async () => {
    const before = await Pair.open();
    const [a, b] = [await before.device(), await before.device()];
    await putText(a, 'k', 'base');
    await before.sync(a);
    await before.sync(b);
    const disk = await backup(before);
    await putText(a, 'k', 'lost with the hub');
    await before.sync(a);
    pass(5000, before, a, b);
    await putText(b, 'k', 'newer');
    const after = await restored(before, disk);
    await after.sync(b);
    await after.sync(a);
    expect([await textAt(a, 'k'), await textAt(after.hub, 'k')]).toEqual(['newer', 'newer']);
    await after.sync(b);
    expect(await stampsOf(a)).toEqual(await stampsOf(b));
  });

  test.each([
    ['edited', (rig: Rig) => edit(rig, 'k', 'while it was compared')],
    ['deleted', (rig: Rig) => remove(rig, 'k')],
  ])('is offered what is %s while it is compared, and refused', async (_, change) => {
    const before = await Pair.open();
    const a = await before.device();
    await putText(a, 'k', 'lost with the hub');
    await before.sync(a);
    const after = await another(before);
    let at = advance(offline, { type: 'connected' });
    while (at.session.phase !== 'answering-lacks') at = await step(after, a, at);
    await change(a);
    while (at.act !== undefined) at = await step(after, a, at);
    expect(at.session.phase).toBe('live');
    // What it was made on was not there.
    expect(await refusedAt(a)).toEqual(['StaleBase']);
    expect(await textAt(a, 'k')).toBe('lost with the hub');
    expect(await textAt(after.hub, 'k')).toBe('lost with the hub');
  });

  test('rows of a transaction are offered as one', async () => {
    const before = await Pair.open();
    const a = await before.device();
    await before.sync(a);
    const disk = await backup(before);
    await transact(a, ['x', 'y'], 'together');
    await before.sync(a);
    const after = await restored(before, disk);
    await after.sync(a);
    expect((await storedOf(after.hub)).book(6)).toHaveLength(1);
    expect(await textAt(after.hub, 'y')).toBe('together');
  });

  test('what may not be offered goes to quarantine, and is shown no more', async () => {
    const before = await Pair.open();
    const [a, b] = [await before.device(), await before.device()];
    const disk = await backup(before);
    await putText(a, 'k', 'not theirs');
    await before.sync(a);
    await before.sync(b);
    const after = await restored(before, disk);
    after.refusals = () => 'AccessDenied';
    await after.sync(b);
    expect(await textAt(b, 'k')).toBeUndefined();
    expect(await refusedAt(b)).toEqual(['AccessDenied']);
  });

  test('R2: who was away for longer than deletions are kept offers nothing that may be dead', async () => {
    const before = await Pair.open();
    const a = await before.device();
    await putText(a, 'known', 'old');
    await before.sync(a);
    const disk = await backup(before);
    await edit(a, 'known', 'new');
    await putText(a, 'k', 'perhaps deleted by others');
    await before.sync(a);
    pass(91 * dayMs, before, a);
    const after = await restored(before, disk);
    await after.sync(a);
    expect(await refusedAt(a)).toEqual(['StaleBase']);
    expect(await textAt(after.hub, 'known')).toBe('new');
    expect(await textAt(after.hub, 'k')).toBeUndefined();
  });

  test('a survey goes on where it was, whichever tab does it, and each slice is taken once', async () => {
    const before = await Pair.open();
    const a = await before.device();
    const disk = await backup(before);
    for (let n = 0; n < 1100; n += 25) {
      const TransactItems = Array.from({ length: 25 }, (_, at) => ({
        Put: { TableName: 'Things', Item: { p: { S: `k${n + at}` } } },
      }));
      await ask(a, 'TransactWriteItems', { TransactItems });
    }
    await before.sync(a);
    const after = await restored(before, disk);
    const { ReplicaId, ...hello } = await internal(a, 'ReadLink');
    const greeting = await after.tell(
      { kind: 'hello', number: 1, ReplicaId, ...hello } as never,
      String(ReplicaId),
    );
    const { kind: _, number: __, ...said } = greeting as unknown as Record<string, unknown>;
    const asked = { AskedEpoch: hello['Epoch'], Asked: hello['Cursor'] };
    await internal(a, 'TakeGreeting', { ...said, ...asked });
    const { Survey: first } = await internal(a, 'PreparePush');
    const lacks = { Absent: [0, 1], Older: [] };
    expect(await internal(a, 'TakeLacks', { ...(first as object), ...lacks })).toEqual({
      IsTaken: true,
    });
    expect(await internal(a, 'TakeLacks', { ...(first as object), ...lacks })).toEqual({
      IsTaken: false,
    });
    // Nothing of the feed is taken before all is compared.
    const { Epoch } = await internal(a, 'ReadLink');
    const page = { Epoch, Asked: 0, Cursor: 1, Through: 1, Changes: new Uint8Array() };
    expect(await internal(a, 'TakePage', page)).toEqual({ IsTaken: false });
    await after.sync(a);
    expect((await storedOf(after.hub)).versions().length).toBeGreaterThan(599);
  });
});

describe('a request that was sent, and not answered', () => {
  test('is not sent to a hub that was set back: others may have what it has made of it', async () => {
    const { pair: before, a, b } = await stocked(5);
    const disk = await backup(before);
    await putText(before.hub, 'other', 'heard of since');
    await before.sync(a);
    await sell(a);
    await pushUnheard(before, a);
    await before.sync(b);
    // This one was never sent.
    const Item = { p: { S: 'order' } };
    await ask(a, 'PutItem', { TableName: 'Things', Item }, confirm);
    const after = await restored(before, disk);
    await after.sync(b);
    await after.sync(a);
    expect(await textAt(after.hub, 'order')).toBe('');
    expect(await left(after.hub)).toBe('4');
    expect(await left(a)).toBe('4');
    expect(await refusedAt(a)).toEqual(['OutcomeUnknown']);
  });

  test('is not sent to a hub that has lost other answers, by who has loaded nothing', async () => {
    const { pair: before, b } = await stocked(5);
    const c = await before.device();
    await pushAll(before, c);
    const disk = await backup(before);
    await putText(c, 'mine', 'answered');
    await pushAll(before, c);
    const counted = {
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    };
    await ask(c, 'UpdateItem', { ...keyOf('count'), ...counted }, confirm);
    await pushUnheard(before, c);
    await before.sync(b);
    const after = await restored(before, disk);
    await after.sync(b);
    await after.sync(c);
    expect(await refusedAt(c)).toEqual(['OutcomeUnknown']);
    const item = await find(after.hub, 'count');
    expect(String(item?.get('n')?.value)).toBe('1');
    expect(await textAt(after.hub, 'mine')).toBe('answered');
  });

  test('is not sent to another hub, which may have what the first has made of it', async () => {
    const { pair: before, a, b } = await stocked(5);
    await sell(a);
    await pushUnheard(before, a);
    await before.sync(b);
    const after = await another(before);
    await after.sync(b);
    await after.sync(a);
    expect(await left(after.hub)).toBe('4');
    expect(await refusedAt(a)).toEqual(['OutcomeUnknown']);
  });

  test('is answered by a hub that had it before it was set back', async () => {
    const { pair: before, a } = await stocked(5);
    await sell(a);
    await pushUnheard(before, a);
    const disk = await backup(before);
    await putText(before.hub, 'other', 'lost with the hub');
    await internal(before.hub, 'StartHub');
    const after = await restored(before, disk);
    await after.sync(a);
    expect(await left(a)).toBe('4');
    expect(await refusedAt(a)).toEqual([]);
  });
});

describe('another hub', () => {
  test('that has nothing is offered all, and all devices come to the same', async () => {
    const before = await Pair.open();
    const [a, b] = [await before.device(), await before.device()];
    await putText(a, 'a', 'of a');
    await before.sync(a);
    await putText(b, 'b', 'of b');
    await before.sync(b);
    await before.sync(a);
    pass(1000, before, a, b);
    await edit(b, 'a', 'edited offline');
    const after = await another(before);
    await after.sync(a);
    await after.sync(b);
    await after.sync(a);
    for (const rig of [a, b, after.hub]) {
      expect([await textAt(rig, 'a'), await textAt(rig, 'b')]).toEqual(['edited offline', 'of b']);
    }
    expect(await stampsOf(a)).toEqual(await stampsOf(after.hub));
    expect(await stampsOf(b)).toEqual(await stampsOf(after.hub));
  });

  test('is offered what was read of the first, by who has never written', async () => {
    const before = await Pair.open();
    await putText(before.hub, 'k', 'of the first hub');
    const a = await before.device();
    await before.sync(a);
    const after = await another(before);
    await after.sync(a);
    expect(await textAt(after.hub, 'k')).toBe('of the first hub');
    expect(await textAt(a, 'k')).toBe('of the first hub');
  });

  test('that has versions of its own logs those that are replaced', async () => {
    const before = await Pair.open();
    const a = await before.device();
    const after = await another(before);
    await putText(after.hub, 'k', 'of the other hub');
    pass(5000, before, a);
    await putText(a, 'k', 'of the first');
    await before.sync(a);
    await after.sync(a);
    expect(await textAt(after.hub, 'k')).toBe('of the first');
    const conflicts = (await storedOf(after.hub)).conflicts();
    expect(conflicts).toMatchObject([{ lost: { v: 'of the other hub' } }]);
  });
});

describe('replicas', () => {
  test('take another id where a mark is, and are not taken for those of a hub that was set back', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    await putText(a, 'k', 'of both');
    await pair.sync(a);
    await a.engine.barrier();
    const b = await openRig({ disk: copyOf(a.store.disk), time: new TestTime() });
    await putText(a, 'k', 'of a');
    await pair.sync(a);
    await putText(b, 'b', 'of b');
    await internal(pair.hub, 'StartHub');
    expect((await pair.sync(b)).phase).toBe('live');
    expect(await textAt(pair.hub, 'b')).toBe('of b');
    expect(pair.said.filter(({ kind }) => kind === 'survey')).toEqual([]);
  });

  test('L2, U19: of two halves of a clone, neither is told that it was taken what the other sent', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    await putText(a, 'k', 'of both');
    await pair.sync(a);
    await a.engine.barrier();
    const b = await openRig({ disk: copyOf(a.store.disk), time: new TestTime() });
    for (const n of [1, 2]) await putText(a, `a${n}`, 'of a');
    for (const n of [1, 2, 3]) await putText(b, `b${n}`, 'of b');
    // Both are greeted before either sends.
    let session = advance(offline, { type: 'connected' });
    while (session.act?.type !== 'send' || session.act.message.kind !== 'push') {
      session = await step(pair, a, session);
    }
    expect((await pair.sync(b)).phase).toBe('live');
    for (let n = 0; n < 100 && session.act !== undefined; n += 1) {
      session = await step(pair, a, session);
    }
    expect(await textAt(pair.hub, 'a1')).toBe('of a');
    expect(await textAt(pair.hub, 'a2')).toBe('of a');
    expect(await textAt(pair.hub, 'b3')).toBe('of b');
  });

  describe('one of which has taken the answers to what both have', () => {
    /** The hub has refused what both halves have, and one of them has settled that. */
    async function settledByOne(): Promise<{ pair: Pair; a: Rig; b: Rig; asked: Step }> {
      const pair = await Pair.open();
      const a = await pair.device();
      await pair.sync(a);
      await putText(pair.hub, 'k', 'of the hub');
      pair.refusals = () => 'AccessDenied';
      pass(1000, pair, a);
      await putText(a, 'k', 'of both');
      await a.engine.barrier();
      const time = new TestTime();
      time.wallMs = a.time.wallMs;
      const b = await openRig({ disk: copyOf(a.store.disk), time });
      // The other half is greeted before.
      let asked = advance(offline, { type: 'connected' });
      while (asked.act?.type !== 'send' || asked.act.message.kind !== 'push') {
        asked = await step(pair, b, asked);
      }
      for (let n = 0; n < 2; n += 1) await pair.sync(a);
      pair.refusals = () => undefined;
      return { pair, a, b, asked };
    }

    test('L3, U19: the other is not told that it was taken', async () => {
      const { pair, a, b } = await settledByOne();
      expect((await pair.sync(b)).phase).toBe('live');
      expect(await textAt(b, 'k')).toBe(await textAt(pair.hub, 'k'));
      await pair.sync(a);
      for (const rig of [a, b]) expect(await stampsOf(rig)).toEqual(await stampsOf(pair.hub));
      const ids = await Promise.all([a, b].map((rig) => internal(rig, 'ReadLink')));
      expect(ids[0]?.['ReplicaId']).not.toBe(ids[1]?.['ReplicaId']);
    });

    test('L3, U19: nor where it was greeted before', async () => {
      const { pair, b, asked } = await settledByOne();
      let session = asked;
      for (let n = 0; n < 100 && session.act !== undefined; n += 1) {
        session = await step(pair, b, session);
      }
      expect(session.session.phase).toBe('live');
      expect(await textAt(b, 'k')).toBe(await textAt(pair.hub, 'k'));
      expect(await stampsOf(b)).toEqual(await stampsOf(pair.hub));
    });

    test('L3, U19: what has read what was refused is not taken', async () => {
      const { pair, b } = await settledByOne();
      await edit(b, 'k', 'on what both have');
      const { ReplicaId } = await internal(b, 'ReadLink');
      const [, Entry] = await pair.prepared(b);
      expect(await internal(pair.hub, 'TakeEntry', { ReplicaId, Entry })).toEqual({ Stop: 'fork' });
      expect(await textAt(pair.hub, 'k')).toBe('of the hub');
    });
  });

  describe.each([
    ['neither of which is right', false],
    ['of which one is right', true],
  ])('whose clocks differ, %s', (_, isRight) => {
    const skewMs = 9000;
    /** Both halves have two edits that nobody has sent. */
    async function halves(): Promise<{ pair: Pair; a: Rig; b: Rig }> {
      const pair = await Pair.open();
      const a = await pair.device(isRight ? 0 : skewMs);
      for (const p of ['k', 'l']) await putText(a, p, 'of both');
      await a.engine.barrier();
      const time = new TestTime();
      time.wallMs = pair.time.wallMs - skewMs;
      const b = await openRig({ disk: copyOf(a.store.disk), time });
      pass(30_000, pair, a, b);
      return { pair, a, b };
    }
    async function same({ pair, a, b }: { pair: Pair; a: Rig; b: Rig }): Promise<void> {
      await pair.sync(a);
      await pair.sync(b);
      await pair.sync(a);
      for (const rig of [a, b]) expect(await stampsOf(rig)).toEqual(await stampsOf(pair.hub));
    }

    test('D6, U19: have the stamps that the hub has of what one of them has sent', async () => {
      const { pair, a, b } = await halves();
      await pair.sync(a);
      await same({ pair, a, b });
    });

    test('D6, U19: and so where both were greeted before either sent', async () => {
      const { pair, a, b } = await halves();
      let session = advance(offline, { type: 'connected' });
      while (session.act?.type !== 'send' || session.act.message.kind !== 'push') {
        session = await step(pair, b, session);
      }
      await pushAll(pair, a);
      while (session.session.phase !== 'live' && session.act !== undefined) {
        session = await step(pair, b, session);
      }
      await same({ pair, a, b });
    });
  });

  test('do not take a hub for one that was set back, that greeted one tab and then answered the other', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    await pair.sync(a);
    await internal(pair.hub, 'StartHub');
    let late = advance(offline, { type: 'connected' });
    while (late.act?.type !== 'ask' || late.act.operation !== 'TakeGreeting') {
      late = await step(pair, a, late);
    }
    // The other tab was greeted before the hub was started anew.
    await putText(a, 'k', 'taken meanwhile');
    const { ReplicaId } = await internal(a, 'ReadLink');
    const Entries = await pair.prepared(a);
    const push = { kind: 'push', number: 1, Entries } as const;
    const { Outcomes: outcomes } = (await pair.tell(push, String(ReplicaId))) as Outcomes;
    for (const one of outcomes) await internal(a, 'TakeOutcome', { ReplicaId, ...one });
    for (let n = 0; n < 100 && late.act !== undefined; n += 1) late = await step(pair, a, late);
    expect(late.session.phase).toBe('live');
    expect(pair.said.filter(({ kind }) => kind === 'survey')).toEqual([]);
  });

  test('P1: a replica that a hub has not heard of for so long is not asked for what it had', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    await putText(a, 'k', 'one');
    await pair.sync(a);
    const after = await another(pair);
    await after.sync(a);
    await putText(a, 'k', 'two');
    expect((await after.sync(a)).phase).toBe('live');
    const stops = after.said.filter((one) => one.kind === 'outcomes' && one.Stop !== undefined);
    expect(stops).toEqual([]);
  });

  test('P2: an entry that the hub finds malformed is answered, and the next is taken', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    const table = { TableName: 'Things' };
    await ask(a, 'PutItem', { ...table, Item: { p: { S: 'k' } } });
    await putText(a, 'next', 'taken');
    pair.refusals = () => undefined;
    const { ReplicaId } = await internal(a, 'ReadLink');
    const [first = new Uint8Array(), next = new Uint8Array()] = await pair.prepared(a);
    const spoilt = first.slice();
    // The last byte of its replica's id.
    spoilt[1 + 16 + 23] = (spoilt[1 + 16 + 23] ?? 0) ^ 1;
    const push = { kind: 'push', number: 1, Entries: [spoilt, next] } as const;
    const { Outcomes: outcomes } = (await pair.tell(push, String(ReplicaId))) as Outcomes;
    expect(outcomes.map(({ Kind, Code }) => [Kind, Code])).toEqual([
      ['refused', 'Malformed'],
      ['applied', ''],
    ]);
  });
});
