/** Rows of shared/SYNC-scenarios.md about ranges that load, each by its name. */
import { describe, expect, test } from 'vitest';
import { emptyBytes } from '../../src/base/bytes.ts';
import { ask, put, type Output, type Rig } from '../support/engine.ts';
import {
  edit,
  internal,
  keyOf,
  Pair,
  putText,
  remove,
  text,
  textAt,
  transact,
} from '../support/replica-pair.ts';
import { Stored } from '../support/replica.ts';
import { readHoldings } from '../../src/replica/holding.ts';
import type { Outcomes } from '../../src/replica/message.ts';
import { readLink } from '../../src/replica/link.ts';

const letters = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Says hello; no more. */
async function greet(pair: Pair, device: Rig): Promise<void> {
  const link = await internal(device, 'ReadLink');
  const greeting = await internal(pair.hub, 'GreetReplica', link);
  const { Epoch: AskedEpoch, Cursor: Asked } = link;
  await internal(device, 'TakeGreeting', { ...greeting, AskedEpoch, Asked });
}

/** What a device asks its hub next of what it is to load. */
async function wish(device: Rig): Promise<Output> {
  const { ReplicaId, Epoch, Reach, Load } = await internal(device, 'PreparePush');
  return { ReplicaId, Epoch, Reach, ...(Load as object) };
}

/** The hub's answer to it, of one item. */
async function chunkFor(pair: Pair, asked: Output, Bytes = 1): Promise<Output> {
  return { ...asked, ...(await internal(pair.hub, 'ReadSnapshot', { ...asked, Bytes })) };
}

async function loadOne(pair: Pair, device: Rig): Promise<unknown> {
  const chunk = await chunkFor(pair, await wish(device));
  return (await internal(device, 'TakeChunk', chunk))['IsTaken'];
}

/** A page of the feed that ends after its first entry, and what the device said to it. */
async function shortPage(pair: Pair, device: Rig): Promise<{ page: Output; taken: Output }> {
  const { Epoch, Cursor: Asked, Reach } = await internal(device, 'PreparePush');
  const page = await internal(pair.hub, 'ReadFeed', { Epoch, Cursor: Asked, Reach, Bytes: 1 });
  return { page, taken: await internal(device, 'TakePage', { ...page, Epoch, Asked }) };
}

async function filled(): Promise<{ pair: Pair; a: Rig }> {
  const pair = await Pair.open();
  for (const p of letters) await putText(pair.hub, p, 'one');
  const a = await pair.device();
  await greet(pair, a);
  return { pair, a };
}

async function statesOf(rig: Rig): Promise<readonly string[]> {
  const stored = await Stored.of(rig.store.disk);
  const holdings = readHoldings(stored.reader, stored.self.book, stored.trees());
  return holdings.map(({ state }) => state);
}

/** Keys in the order in which they load. */
async function inOrder(rig: Rig): Promise<readonly string[]> {
  const { Items } = await ask(rig, 'Scan', { TableName: 'Things' });
  return (Items as { item(): Map<string, { value: unknown }> }[]).map((one) => {
    return String(one.item().get('p')?.value);
  });
}

async function same(pair: Pair, device: Rig): Promise<void> {
  expect((await pair.sync(device)).phase).toBe('live');
  for (const p of letters) expect(await textAt(device, p)).toBe(await textAt(pair.hub, p));
  expect(await statesOf(device)).toEqual(['complete']);
}

describe('a new device', () => {
  test('has all, by chunks and not by the feed, and what comes later by the feed', async () => {
    const { pair, a } = await filled();
    await remove(pair.hub, 'c');
    await same(pair, a);
    expect(pair.said.filter(({ kind }) => kind === 'snapshot')).toHaveLength(1);
    // The feed was not read from its beginning: it has the deleted item too.
    const stored = await Stored.of(a.store.disk);
    expect(stored.versions()).toHaveLength(5);
    await putText(pair.hub, 'a', 'two');
    await remove(pair.hub, 'b');
    await same(pair, a);
  });

  test('P3: sends what it wrote before anything is loaded', async () => {
    const { pair, a } = await filled();
    await putText(a, 'mine', 'offline');
    await pair.sync(a);
    const kinds = pair.said.map(({ kind }) => kind);
    expect(kinds.indexOf('push')).toBeLessThan(kinds.indexOf('snapshot'));
    expect(await textAt(pair.hub, 'mine')).toBe('offline');
    expect(await textAt(a, 'mine')).toBe('offline');
  });

  test('goes on where it was, from one contact to the next', async () => {
    const { pair, a } = await filled();
    expect(await loadOne(pair, a)).toBe(true);
    expect(await loadOne(pair, a)).toBe(true);
    expect(await statesOf(a)).toEqual(['loading']);
    await greet(pair, a);
    expect((await wish(a))['After']).not.toEqual(emptyBytes);
    await same(pair, a);
    const asked = pair.said.find(({ kind }) => kind === 'snapshot') as { After: Uint8Array };
    expect(asked.After).not.toEqual(emptyBytes);
  });

  test('takes a chunk once, and none that comes late', async () => {
    const { pair, a } = await filled();
    const first = await chunkFor(pair, await wish(a));
    expect(await internal(a, 'TakeChunk', first)).toMatchObject({ IsTaken: true, Items: 1 });
    expect(await internal(a, 'TakeChunk', first)).toEqual({ IsTaken: false });
    const second = await chunkFor(pair, await wish(a));
    expect(await loadOne(pair, a)).toBe(true);
    expect(await internal(a, 'TakeChunk', second)).toEqual({ IsTaken: false });
    await same(pair, a);
    expect(await internal(a, 'TakeChunk', first)).toEqual({ IsTaken: false });
  });
});

describe('while a range loads', () => {
  test('D1: what is made behind the chunks comes by the feed, and no sweep takes it', async () => {
    const { pair, a } = await filled();
    const [first = ''] = await inOrder(pair.hub);
    for (let n = 0; n < 3; n += 1) await loadOne(pair, a);
    await remove(pair.hub, first);
    await putText(pair.hub, first, 'made anew');
    await same(pair, a);
    expect(await textAt(a, first)).toBe('made anew');
  });

  test('D2: a chunk that was read before a deletion does not bring the item back', async () => {
    const { pair, a } = await filled();
    const keys = await inOrder(pair.hub);
    await loadOne(pair, a);
    const late = await chunkFor(pair, await wish(a));
    await remove(pair.hub, keys[1] as string);
    expect(await internal(a, 'TakeChunk', late)).toMatchObject({ IsTaken: true });
    expect(await textAt(a, keys[1] as string)).toBe('one');
    await same(pair, a);
    expect(await textAt(a, keys[1] as string)).toBeUndefined();
  });

  test('the feed is not applied to it', async () => {
    const { pair, a } = await filled();
    const keys = await inOrder(pair.hub);
    await loadOne(pair, a);
    const { Epoch, Cursor: Asked, IsFollowed } = await internal(a, 'PreparePush');
    expect(IsFollowed).toBe(false);
    await putText(pair.hub, keys[4] as string, 'two');
    const page = await internal(pair.hub, 'ReadFeed', { Epoch, Cursor: Asked });
    await internal(a, 'TakePage', { ...page, Epoch, Asked });
    expect(await textAt(a, keys[4] as string)).toBeUndefined();
    await same(pair, a);
  });

  test('a row that the hub lacks goes, unless an edit of it waits', async () => {
    const { pair, a } = await filled();
    await pair.sync(a);
    // As after a loss: nothing is known of what is held.
    for (const p of ['a', 'b']) await remove(pair.hub, p);
    const b = await pair.device();
    await greet(pair, b);
    b.time.pass(5000);
    await putText(b, 'b', 'of the device');
    const chunk = await chunkFor(pair, await wish(b), 10_000);
    expect(await internal(b, 'TakeChunk', chunk)).toMatchObject({ IsTaken: true });
    expect(await textAt(b, 'b')).toBe('of the device');
    await pair.sync(b);
    expect(await textAt(pair.hub, 'b')).toBe('of the device');
  });

  describe('an edit of an item that a chunk lacks', () => {
    interface Scene {
      readonly pair: Pair;
      readonly a: Rig;
      readonly push: () => Promise<readonly object[]>;
      readonly take: (outcomes: readonly object[]) => Promise<void>;
      readonly load: () => Promise<void>;
    }

    /** A device that has sent nothing yet of what it wrote later than anyone else. */
    async function scene(): Promise<Scene> {
      const { pair, a } = await filled();
      const { ReplicaId } = await internal(a, 'ReadLink');
      return {
        pair,
        a,
        async push() {
          const Entries = await pair.prepared(a);
          const answer = await pair.tell({ kind: 'push', number: 1, Entries }, String(ReplicaId));
          return (answer as Outcomes).Outcomes;
        },
        async take(outcomes) {
          for (const one of outcomes) await internal(a, 'TakeOutcome', { ReplicaId, ...one });
        },
        async load() {
          const chunk = await chunkFor(pair, await wish(a), 10_000);
          expect(await internal(a, 'TakeChunk', chunk)).toMatchObject({ IsTaken: true });
        },
      };
    }

    const kindsOf = (outcomes: readonly object[]): readonly unknown[] =>
      (outcomes as Outcomes['Outcomes']).map(({ Kind }) => Kind);

    test('D2: and that loses to the deletion goes with it', async () => {
      const { pair, a, push, take, load } = await scene();
      await putText(a, 'a', 'of the device');
      pair.hub.time.pass(5000);
      await remove(pair.hub, 'a');
      await load();
      const outcomes = await push();
      expect(kindsOf(outcomes)).toEqual(['superseded']);
      await take(outcomes);
      await same(pair, a);
      expect(await textAt(a, 'a')).toBeUndefined();
    });

    test.each([
      ['', undefined],
      [', below a later one', 'later'],
    ])('D2: and that was made on what the chunk showed goes with it%s', async (_, later) => {
      const { pair, a, push, take, load } = await scene();
      pair.hub.time.pass(5000);
      await remove(pair.hub, 'a');
      await load();
      await putText(a, 'a', 'of the device');
      if (later !== undefined) await putText(a, 'a', later);
      const outcomes = await push();
      expect(new Set(kindsOf(outcomes))).toEqual(new Set(['superseded']));
      await take(outcomes);
      await same(pair, a);
      expect(await textAt(a, 'a')).toBeUndefined();
    });

    test('D2: and that was made on what the chunk showed goes with a transaction too large to tell', async () => {
      const { pair, a, push, take } = await scene();
      pair.hub.time.pass(5000);
      const deletion = { Delete: { TableName: 'Things', Key: { p: { S: 'a' } } } };
      // They come behind all letters.
      const puts = ['large 17', 'large 28', 'large 44'].map((p) => {
        return {
          Put: { TableName: 'Things', Item: { p: { S: p }, v: { S: 'x'.repeat(390_000) } } },
        };
      });
      await ask(pair.hub, 'TransactWriteItems', { TransactItems: [deletion, ...puts] });
      expect((await inOrder(pair.hub)).slice(0, 3)).toEqual(['b', 'e', 'd']);
      for (let n = 0; n < 3; n += 1) expect(await loadOne(pair, a)).toBe(true);
      await putText(a, 'a', 'of the device');
      const outcomes = await push();
      expect(kindsOf(outcomes)).toEqual(['superseded']);
      await take(outcomes);
      await same(pair, a);
    });

    test('D2: and those that were made on what a chunk showed go, with more than one answer can tell', async () => {
      const { pair, a, push, take } = await scene();
      pair.hub.time.pass(5000);
      const gone = (await inOrder(pair.hub)).slice(0, 4);
      for (const [at, p] of ['large 17', 'large 28', 'large 44', 'large 45'].entries()) {
        const Delete = keyOf(gone[at] as string);
        const Item = { p: { S: p }, v: { S: 'x'.repeat(390_000) } };
        const TransactItems = [{ Delete }, { Put: { TableName: 'Things', Item } }];
        await ask(pair.hub, 'TransactWriteItems', { TransactItems });
      }
      expect(await loadOne(pair, a)).toBe(true);
      for (const p of gone) await putText(a, p, 'of the device');
      const outcomes = await push();
      await take(outcomes);
      await same(pair, a);
      const said = pair.said.flatMap((one) => (one.kind === 'outcomes' ? one.Outcomes : []));
      expect(said.map(({ Seq, Kind }) => [Seq, Kind])).toEqual(
        gone.map((_, at) => [at + 1, 'superseded']),
      );
    });

    test('U7: and that was made on what the chunk showed stays where only another has lost', async () => {
      const { pair, a, push, take, load } = await scene();
      await remove(pair.hub, 'b');
      pair.hub.time.pass(5000);
      await remove(pair.hub, 'a');
      a.time.pass(1000);
      await load();
      await transact(a, ['a', 'b'], 'of the device');
      const outcomes = await push();
      expect(kindsOf(outcomes)).toEqual(['superseded']);
      await take(outcomes);
      expect(await textAt(a, 'a')).toBeUndefined();
      expect(await textAt(a, 'b')).toBe('of the device');
      await same(pair, a);
      expect(await textAt(a, 'b')).toBe('of the device');
    });

    test('U7: stays where its transaction has lost another item only', async () => {
      const { pair, a, push, take, load } = await scene();
      await transact(a, ['a', 'new'], 'of the device');
      pair.hub.time.pass(5000);
      await remove(pair.hub, 'a');
      await load();
      const outcomes = await push();
      expect(kindsOf(outcomes)).toEqual(['superseded']);
      await take(outcomes);
      expect(await textAt(a, 'new')).toBe('of the device');
      await same(pair, a);
      expect(await textAt(a, 'a')).toBeUndefined();
      expect(await textAt(a, 'new')).toBe('of the device');
      expect(await textAt(pair.hub, 'new')).toBe('of the device');
    });

    test.each([
      ['taken', undefined, undefined],
      ['taken, below a later one', undefined, 'later'],
      ['refused, with what was there', 'AccessDenied', undefined],
    ])('D2: %s before the deletion, and answered after the chunk', async (_, code, later) => {
      const { pair, a, push, take, load } = await scene();
      pair.refusals = () => code;
      a.time.pass(5000);
      await putText(a, 'a', 'of the device');
      const outcomes = await push();
      expect(kindsOf(outcomes)).toEqual([code === undefined ? 'applied' : 'refused']);
      if (later !== undefined) await putText(a, 'a', later);
      pair.hub.time.pass(10_000);
      await remove(pair.hub, 'a');
      await load();
      await take(outcomes);
      await same(pair, a);
      expect(await textAt(a, 'a')).toBeUndefined();
    });

    test('D2: a request carried out before the deletion, and answered after the chunk', async () => {
      const { pair, a, push, take, load } = await scene();
      await ask(
        a,
        'PutItem',
        { TableName: 'Things', Item: { p: { S: 'a' }, ...text('of it') } },
        {
          mode: 'confirm',
        },
      );
      const outcomes = await push();
      expect(kindsOf(outcomes)).toEqual(['applied']);
      await remove(pair.hub, 'a');
      await load();
      await take(outcomes);
      await same(pair, a);
      expect(await textAt(a, 'a')).toBeUndefined();
    });

    test('D2: what comes with an answer of before the deletion goes too', async () => {
      const { pair, a, push, take, load } = await scene();
      pair.refusals = () => 'AccessDenied';
      await transact(pair.hub, ['a', 'b'], 'together');
      await putText(a, 'a', 'of the device');
      const outcomes = await push();
      await remove(pair.hub, 'b');
      await load();
      await take(outcomes);
      await same(pair, a);
      expect(await textAt(a, 'a')).toBe('together');
      expect(await textAt(a, 'b')).toBeUndefined();
    });

    test('D7: shows nothing once it is put aside', async () => {
      const { pair, a, push, load } = await scene();
      pair.refusals = () => 'AccessDenied';
      await putText(a, 'gone', 'of the device');
      await load();
      await push();
      await same(pair, a);
      expect((await Stored.of(a.store.disk)).versions()).toHaveLength(letters.length);
    });
  });

  test('what the device wrote meanwhile is not taken for what the hub lacks', async () => {
    const { pair, a } = await filled();
    const before = await chunkFor(pair, await wish(a), 10_000);
    await putText(a, 'mine', 'answered');
    const { ReplicaId } = await internal(a, 'ReadLink');
    const Entries = await pair.prepared(a);
    const outcomes = await pair.tell({ kind: 'push', number: 1, Entries }, String(ReplicaId));
    const [outcome] = (outcomes as unknown as { Outcomes: object[] }).Outcomes;
    await internal(a, 'TakeOutcome', { ReplicaId, ...outcome });
    expect(await internal(a, 'TakeChunk', before)).toEqual({ IsTaken: false, IsBehind: true });
    expect(await textAt(a, 'mine')).toBe('answered');
    await same(pair, a);
  });

  test('has all, though the hub waits for an entry that is gone since it greeted', async () => {
    const { pair, a } = await filled();
    const tell = pair.tell.bind(pair);
    let isGone = false;
    pair.tell = async (message, ReplicaId) => {
      if (message.kind === 'snapshot' && !isGone) {
        isGone = true;
        await putText(a, 'mine', 'never sent');
        const given = { Kind: 'refused', Code: 'Undeliverable', Ms: 1, Counter: 0 };
        await internal(a, 'TakeOutcome', { ReplicaId, Seq: 1, ...given });
      }
      return tell(message, ReplicaId);
    };
    await same(pair, a);
    expect(isGone).toBe(true);
  });

  test('T6: it is not complete before the feed has passed the last chunk', async () => {
    const { pair, a } = await filled();
    const [x = '', ...rest] = await inOrder(pair.hub);
    const y = rest.at(-1) as string;
    await loadOne(pair, a);
    await transact(pair.hub, [x, y], 'together');
    const last = await chunkFor(pair, await wish(a), 10_000);
    expect(await internal(a, 'TakeChunk', last)).toMatchObject({ IsTaken: true });
    expect([await textAt(a, x), await textAt(a, y)]).toEqual(['one', 'together']);
    expect(await statesOf(a)).toEqual(['following']);
    await same(pair, a);
    expect([await textAt(a, x), await textAt(a, y)]).toEqual(['together', 'together']);
  });

  test('T6: nor by a page that ends before what was written over the transaction', async () => {
    const { pair, a } = await filled();
    const [x = '', other = '', ...rest] = await inOrder(pair.hub);
    const y = rest.at(-1) as string;
    await loadOne(pair, a);
    await transact(pair.hub, [x, y], 'together');
    await internal(a, 'TakeChunk', await chunkFor(pair, await wish(a), 10_000));
    await putText(pair.hub, other, 'two');
    // Both are behind the page's end by now: nothing in it brings what lacks.
    await transact(pair.hub, [x, y], 'again');
    const { taken } = await shortPage(pair, a);
    expect(taken).toMatchObject({ Count: 1 });
    expect([await textAt(a, x), await textAt(a, y)]).toEqual(['one', 'together']);
    expect(await statesOf(a)).toEqual(['following']);
    await same(pair, a);
    expect([await textAt(a, x), await textAt(a, y)]).toEqual(['again', 'again']);
  });

  test('T6: nor where the page before it has ended though the hub had more', async () => {
    const { pair, a } = await filled();
    const [x = '', other = '', ...rest] = await inOrder(pair.hub);
    const y = rest.at(-1) as string;
    const partition = { TableName: 'Things', Key: { p: { S: y } } };
    const { Ranges: First } = await internal(a, 'FindRanges', { First: [partition] });
    const { ReplicaId, Epoch, Reach, Load } = await internal(a, 'PreparePush', { First });
    const asked = { ReplicaId, Epoch, Reach, ...(Load as object) };
    await internal(a, 'TakeChunk', await chunkFor(pair, asked, 10_000));
    await transact(pair.hub, [x, y], 'together');
    await putText(pair.hub, other, 'two');
    // Asked for ahead, and taken behind a page that ends where it was read.
    const late = await chunkFor(pair, await wish(a), 10_000);
    await transact(pair.hub, [x, y], 'again');
    const { page, taken } = await shortPage(pair, a);
    expect(page).toMatchObject({ Cursor: late['Sequence'], UpToDate: false });
    expect(taken).toMatchObject({ Count: 0 });
    expect(await internal(a, 'TakeChunk', late)).toMatchObject({ IsTaken: true });
    expect([await textAt(a, x), await textAt(a, y)]).toEqual(['together', 'one']);
    expect(await statesOf(a)).toEqual(['following', 'complete']);
    await same(pair, a);
    expect([await textAt(a, x), await textAt(a, y)]).toEqual(['again', 'again']);
  });

  test('a pending edit stays on top of a chunk, which is its base', async () => {
    const { pair, a } = await filled();
    a.time.pass(5000);
    await putText(a, 'a', 'blind');
    const chunk = await chunkFor(pair, await wish(a), 10_000);
    await internal(a, 'TakeChunk', chunk);
    expect(await textAt(a, 'a')).toBe('blind');
    pair.refusals = () => 'AccessDenied';
    await pair.sync(a);
    expect(await textAt(a, 'a')).toBe('one');
  });

  test('U15: chunks make no records of a stream, pages do', async () => {
    const { pair, a } = await filled();
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };
    await ask(a, 'UpdateTable', { TableName: 'Things', StreamSpecification });
    await a.engine.idle();
    const records = async (): Promise<number> => {
      const { Streams } = await ask(a, 'ListStreams', {});
      const [{ StreamArn = '' } = {}] = Streams as { StreamArn: string }[];
      const { StreamDescription } = await ask(a, 'DescribeStream', { StreamArn });
      let count = 0;
      for (const { ShardId } of (StreamDescription as { Shards: { ShardId: string }[] }).Shards) {
        const from = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
        const { ShardIterator } = await ask(a, 'GetShardIterator', from);
        const { Records } = await ask(a, 'GetRecords', { ShardIterator });
        count += (Records as object[]).length;
      }
      return count;
    };
    await same(pair, a);
    expect(await records()).toBe(0);
    await putText(pair.hub, 'a', 'two');
    await same(pair, a);
    expect(await records()).toBe(1);
  });
});

describe('ranges', () => {
  test('that the program wants first are complete first, and then follow the feed', async () => {
    const { pair, a } = await filled();
    const keys = await inOrder(pair.hub);
    const wanted = keys[4] as string;
    const partition = { TableName: 'Things', Key: { p: { S: wanted } } };
    const { Ranges: First } = await internal(a, 'FindRanges', { First: [partition] });
    await loadOne(pair, a);
    const { ReplicaId, Epoch, Reach, Load } = await internal(a, 'PreparePush', { First });
    const asked = { ReplicaId, Epoch, Reach, ...(Load as object) };
    expect(await internal(a, 'TakeChunk', await chunkFor(pair, asked, 10_000))).toMatchObject({
      Items: 1,
    });
    expect(await textAt(a, wanted)).toBe('one');
    expect(await statesOf(a)).toEqual(['loading', 'complete']);
    await putText(pair.hub, wanted, 'two');
    await putText(pair.hub, keys[0] as string, 'two');
    const { Cursor: Asked } = await internal(a, 'PreparePush');
    const page = await internal(pair.hub, 'ReadFeed', { Epoch, Cursor: Asked });
    await internal(a, 'TakePage', { ...page, Epoch, Asked });
    // The other range is not complete: it has its own way through the feed.
    expect([await textAt(a, wanted), await textAt(a, keys[0] as string)]).toEqual(['two', 'one']);
    await same(pair, a);
    expect(pair.said.some((one) => one.kind === 'pull' && one.Range !== undefined)).toBe(true);
  });

  test('of another life of the hub are loaded anew, and nothing that it lacks goes', async () => {
    const { pair, a } = await filled();
    await pair.sync(a);
    await edit(a, 'a', 'pending');
    const other = await Pair.open();
    const { book } = (await Stored.of(a.store.disk)).self;
    expect(book).toBeGreaterThan(0);
    await other.sync(a);
    expect(await textAt(a, 'b')).toBe('one');
    const stored = await Stored.of(a.store.disk);
    expect(readLink(stored.reader, stored.self.book).link.cursor).toBeLessThan(6);
  });

  test('that the hub does not have are asked for again at the next contact only', async () => {
    const { pair, a } = await filled();
    const refused = { ...(await chunkFor(pair, await wish(a))), Refusal: 'TableGone' };
    await internal(a, 'TakeChunk', refused);
    expect(await statesOf(a)).toEqual(['barred']);
    expect((await internal(a, 'PreparePush'))['Load']).toBeUndefined();
    await same(pair, a);
  });

  test('of what is written later are not loaded again', async () => {
    const { pair, a } = await filled();
    await pair.sync(a);
    await put(pair.hub, 'later', { v: { S: 'x' } });
    await same(pair, a);
    expect(await textAt(a, 'later')).toBe('x');
    expect(pair.said.filter(({ kind }) => kind === 'snapshot')).toHaveLength(1);
  });
});
