/** Rows of shared/SYNC-scenarios.md about what waits for the hub's word, each by its name. */
import { describe, expect, test } from 'vitest';
import { decodeQuarantined } from '../../src/replica/quarantine.ts';
import { openConflicts } from '../../src/sync/conflicts.ts';
import { ask, find, makeTable, openRig, put, type Rig, TestTime } from '../support/engine.ts';
import { engineCaller, Stored } from '../support/replica.ts';
import {
  edit,
  internal,
  Pair,
  putText,
  remove,
  textAt,
  transact,
} from '../support/replica-pair.ts';

const storedOf = (rig: Rig): Promise<Stored> => Stored.of(rig.store.disk);

const refusedAt = async (rig: Rig): Promise<readonly string[]> =>
  (await storedOf(rig)).book(8).map(([, value]) => decodeQuarantined(value).code);

/** A database that has items already, and becomes a replica then. */
async function older(
  Role: 'device' | 'hub',
  items: Readonly<Record<string, string>>,
  Global?: string,
): Promise<Rig> {
  const rig = await openRig({ time: new TestTime() });
  await makeTable(rig);
  for (const [p, v] of Object.entries(items)) await putText(rig, p, v);
  await ask(rig, 'OpenReplica', { Role }, { caller: engineCaller });
  const input = { TableName: 'Things', ...(Global === undefined ? {} : { Global }) };
  await ask(rig, 'ReplicateTable', input, { caller: engineCaller });
  return rig;
}

function many(count: number, v: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, `${v} ${n}`]));
}

describe('U31: items from before the first contact', () => {
  test('of a device go to the hub where their keys are free, and are kept where not', async () => {
    const pair = await Pair.open();
    await putText(pair.hub, 'taken', 'the hub’s');
    const a = await older('device', { free: 'mine', taken: 'mine too' }, pair.global);
    await a.engine.idle();
    expect((await pair.sync(a)).phase).toBe('live');
    expect(await textAt(pair.hub, 'free')).toBe('mine');
    expect(await textAt(pair.hub, 'taken')).toBe('the hub’s');
    expect([await textAt(a, 'free'), await textAt(a, 'taken')]).toEqual(['mine', 'the hub’s']);
    expect(await refusedAt(a)).toEqual(['KeyTaken']);
    const [ours, theirs] = [await storedOf(a), await storedOf(pair.hub)];
    expect(ours.versions().map(({ stamp }) => stamp)).toEqual(
      theirs.versions().map(({ stamp }) => stamp),
    );
  });

  test('are all entered before anything is taken of the feed', async () => {
    const pair = await Pair.open();
    await putText(pair.hub, 'm7', 'the hub’s');
    const a = await older('device', many(450, 'mine'), pair.global);
    await expect(internal(a, 'ReadLink')).rejects.toThrow('first contact');
    const link = { Epoch: '', Asked: 0, Cursor: 9, Changes: new Uint8Array(0) };
    const page = { ...link, Through: 9 };
    await expect(internal(a, 'TakePage', page)).rejects.toThrow('first contact');
    await a.engine.idle();
    const ids = (await storedOf(a)).entries().map(({ id }) => id.join());
    expect(new Set(ids).size).toBe(450);
    await pair.sync(a);
    expect(await textAt(pair.hub, 'm7')).toBe('the hub’s');
    expect(await textAt(pair.hub, 'm449')).toBe('mine 449');
    expect(await refusedAt(a)).toEqual(['KeyTaken']);
  });

  test('of a hub come to its devices, those too that are written meanwhile', async () => {
    const hub = await older('hub', many(450, 'old'));
    await internal(hub, 'StartHub');
    await internal(hub, 'MendReplica');
    await putText(hub, 'm3', 'new');
    await remove(hub, 'm4');
    await hub.engine.idle();
    const { table } = await storedOf(hub);
    const pair = new Pair(hub, hub.time, table.id);
    const a = await pair.device();
    await pair.sync(a);
    expect(await textAt(a, 'm3')).toBe('new');
    expect(await textAt(a, 'm4')).toBeUndefined();
    expect(await textAt(a, 'm449')).toBe('old 449');
    expect((await storedOf(hub)).feed()).toHaveLength(450);
  });

  test('a device’s edit of one that the hub has given no version yet is logged', async () => {
    const hub = await older('hub', { k: 'old' });
    await openConflicts(hub.engine);
    await internal(hub, 'StartHub');
    const { table } = await storedOf(hub);
    const pair = new Pair(hub, hub.time, table.id);
    const a = await pair.device();
    await putText(a, 'k', 'unseen');
    // It is sent first; what is read of the table would lack the item.
    await expect(pair.sync(a)).rejects.toThrow('still being entered');
    await hub.engine.idle();
    await pair.sync(a);
    expect(await textAt(hub, 'k')).toBe('unseen');
    expect((await storedOf(hub)).conflicts()).toHaveLength(1);
  });
});

describe('what is made on what waits for the hub’s word', () => {
  test('U3: waits for it too, and is not below it', async () => {
    const pair = await Pair.open();
    const a = await older('device', { k: 'mine' }, pair.global);
    await a.engine.idle();
    await edit(a, 'k', 'edited');
    await transact(a, ['k', 'other'], 'together');
    pair.time.pass(3_600_000);
    await pair.sync(a);
    expect(await textAt(pair.hub, 'k')).toBe('together');
    expect(await textAt(a, 'other')).toBe('together');
    expect(await refusedAt(a)).toEqual([]);
  });

  test('falls with it', async () => {
    const pair = await Pair.open();
    await putText(pair.hub, 'k', 'the hub’s');
    const a = await older('device', { k: 'mine' }, pair.global);
    await a.engine.idle();
    await edit(a, 'k', 'edited');
    await putText(a, 'k', 'blind');
    await pair.sync(a);
    expect(await textAt(pair.hub, 'k')).toBe('the hub’s');
    expect(await textAt(a, 'k')).toBe('the hub’s');
    expect([...(await refusedAt(a))].sort()).toEqual(['Changed', 'DependsOnRefused', 'KeyTaken']);
  });

  test('an edit before it was entered stands for it', async () => {
    const pair = await Pair.open();
    const a = await older('device', { k: 'mine', gone: 'mine' }, pair.global);
    await edit(a, 'k', 'edited');
    await remove(a, 'gone');
    await a.engine.idle();
    expect((await storedOf(a)).entries()).toHaveLength(2);
    await pair.sync(a);
    expect(await textAt(pair.hub, 'k')).toBe('edited');
    expect(await textAt(pair.hub, 'gone')).toBeUndefined();
  });

  test('L8: an entry that holds is stamped by the hub, above what it was checked on', async () => {
    const pair = await Pair.open();
    const a = await older('device', { k: 'mine' }, pair.global);
    await a.engine.idle();
    pair.time.pass(60_000);
    await putText(pair.hub, 'k', 'short');
    await remove(pair.hub, 'k');
    await pair.sync(a);
    // The key is free again: the older item is taken, although the deletion is later.
    expect(await textAt(pair.hub, 'k')).toBe('mine');
    expect(await textAt(a, 'k')).toBe('mine');
  });
});

describe('a transaction of an item from before the first contact, on the guess of a request', () => {
  const added = (p: string): object => ({
    TableName: 'Things',
    Key: { p: { S: p } },
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  });
  const numberAt = async (rig: Rig, p: string): Promise<string> =>
    String((await find(rig, p))?.get('n')?.value);

  /** The hub has more than the device has guessed. */
  async function scene(
    onHub: Readonly<Record<string, string>> = {},
  ): Promise<readonly [Pair, Rig]> {
    const pair = await Pair.open();
    await put(pair.hub, 'stock', { n: { N: '5' } });
    for (const [p, v] of Object.entries(onHub)) await putText(pair.hub, p, v);
    const a = await older('device', { before: 'mine', also: 'mine too' }, pair.global);
    await ask(a, 'UpdateItem', added('stock'), { mode: 'confirm' });
    const TransactItems = ['before', 'stock', 'also'].map((p) => ({ Update: added(p) }));
    await ask(a, 'TransactWriteItems', { TransactItems });
    expect([await numberAt(a, 'before'), await numberAt(a, 'stock')]).toEqual(['1', '2']);
    await a.engine.idle();
    return [pair, a];
  }

  test('L7: is executed on what the hub has made of that, once the item is there', async () => {
    const [pair, a] = await scene();
    expect((await pair.sync(a)).phase).toBe('live');
    for (const rig of [pair.hub, a]) {
      expect(await numberAt(rig, 'stock')).toBe('7');
      expect([await numberAt(rig, 'before'), await textAt(rig, 'before')]).toEqual(['1', 'mine']);
      expect([await numberAt(rig, 'also'), await textAt(rig, 'also')]).toEqual(['1', 'mine too']);
    }
    const [ours, theirs] = [await storedOf(a), await storedOf(pair.hub)];
    expect(ours.versions().map(({ stamp }) => stamp)).toEqual(
      theirs.versions().map(({ stamp }) => stamp),
    );
    expect(await refusedAt(a)).toEqual([]);
  });

  test('U31: is refused where the key is taken, and the other items stand', async () => {
    const [pair, a] = await scene({ also: 'the hub’s' });
    expect((await pair.sync(a)).phase).toBe('live');
    for (const rig of [pair.hub, a]) {
      expect(await numberAt(rig, 'stock')).toBe('6');
      expect([await numberAt(rig, 'before'), await textAt(rig, 'before')]).toEqual([
        'undefined',
        'mine',
      ]);
      expect(await textAt(rig, 'also')).toBe('the hub’s');
    }
    expect(await refusedAt(a)).toEqual(['KeyTaken', 'DependsOnRefused']);
  });

  test('is one entry with an image where it reads no guess', async () => {
    const pair = await Pair.open();
    const a = await older('device', { before: 'mine' }, pair.global);
    const TransactItems = ['before', 'new'].map((p) => ({ Update: added(p) }));
    await ask(a, 'TransactWriteItems', { TransactItems });
    expect((await storedOf(a)).entries().map(({ confirm }) => confirm)).toEqual(['unchanged']);
  });
});

describe('a request that changes nothing at the hub', () => {
  const large = ['one', 'two', 'three', 'four'];
  const update = (p: string): object => ({
    TableName: 'Things',
    Key: { p: { S: p } },
    UpdateExpression: 'SET v = :v',
    ExpressionAttributeValues: { ':v': { S: 'sold' } },
  });

  /** The hub has sold the last already, and noted why. */
  async function scene(): Promise<{ pair: Pair; a: Rig }> {
    const pair = await Pair.open();
    for (const p of large) await put(pair.hub, p, { pad: { S: 'x'.repeat(390_000) } });
    const a = await pair.device();
    await pair.sync(a);
    const input = { ...update('four'), UpdateExpression: 'SET v = :v, why = :v' };
    await ask(pair.hub, 'UpdateItem', input);
    return { pair, a };
  }

  async function isSame(pair: Pair, a: Rig): Promise<void> {
    expect((await pair.sync(a)).phase).toBe('live');
    for (const p of large) {
      const [ours, theirs] = [await find(a, p), await find(pair.hub, p)];
      expect([p, ours?.get('v'), ours?.get('why')]).toEqual([
        p,
        theirs?.get('v'),
        theirs?.get('why'),
      ]);
    }
    const versions = async (rig: Rig): Promise<unknown> =>
      (await storedOf(rig)).versions().map(({ stamp }) => stamp);
    expect(await versions(a)).toEqual(await versions(pair.hub));
  }

  test('gives way to what the hub has, of a push whose answers are more than one can tell', async () => {
    const { pair, a } = await scene();
    for (const p of large) await ask(a, 'UpdateItem', update(p), { mode: 'confirm' });
    await isSame(pair, a);
  });

  test.each(['', ', which it has told already'])(
    'gives way to what the hub has, of a transaction too large to tell%s',
    async (told) => {
      const { pair, a } = await scene();
      const TransactItems = large.map((p) => ({ Update: update(p) }));
      await ask(a, 'TransactWriteItems', { TransactItems }, { mode: 'confirm' });
      if (told !== '') {
        const { Epoch, Cursor: Asked, Reach } = await internal(a, 'PreparePush');
        const page = await internal(pair.hub, 'ReadFeed', { Epoch, Cursor: Asked, Reach });
        const taken = await internal(a, 'TakePage', { ...page, Epoch, Asked });
        expect(taken).toMatchObject({ IsTaken: true, Count: 1 });
      }
      await isSame(pair, a);
    },
  );
});
