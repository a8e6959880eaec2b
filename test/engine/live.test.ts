import { afterEach, describe, expect, test, vi } from 'vitest';
import { UpdateNeeded } from '../../src/base/corruption.ts';
import { liveLookMs, liveQueriesMax } from '../../src/base/limits.ts';
import { TestClock } from '../../src/client/test-clock.ts';
import { LayeredReader } from '../../src/engine/state.ts';
import type { LiveReader } from '../../src/engine/live-types.ts';
import type { Request } from '../../src/operation/request.ts';
import { StoreFailure } from '../../src/port/store.ts';
import { createMemory } from '../../src/storage/memory.ts';
import {
  ask,
  countOf,
  fill,
  makeTable,
  openRig,
  put,
  quiet,
  indexInput,
  requestOf,
  type Rig,
  type RigOptions,
  tableInput,
} from '../support/engine.ts';
import { damagePage, outcomes, pagesAt } from '../support/damage.ts';
import {
  Followed,
  gamesTable,
  isAsAsked,
  randomChange,
  randomOf,
  randomRead,
} from '../support/live.ts';

const rigs: Rig[] = [];
async function open(options: RigOptions = {}): Promise<Rig> {
  const rig = await openRig(options);
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const { engine } of rigs.splice(0)) await engine.close();
});

/** Each read that `check` compares is to show what asking shows. */
async function expectAsAsked(
  rig: Rig,
  reads: readonly (readonly [string, object])[],
  followed: readonly Followed[],
  when: string,
): Promise<void> {
  await quiet();
  for (const [at, [operation, input]] of reads.entries()) {
    const now = await ask(rig, operation, input);
    const live = followed[at] as Followed;
    expect(live.error).toBeUndefined();
    const { wanted, shown } = isAsAsked(live, operation, now) as Record<string, object>;
    expect(shown, `${when}: ${operation} ${JSON.stringify(input)}`).toEqual(wanted);
  }
}

describe('live queries show what asking again shows', () => {
  test.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'after any changes, seed %i',
    async (seed) => {
      const random = randomOf(1000 + seed);
      const rig = await open({ seed, checkpointBytes: 4000 });
      await ask(rig, 'CreateTable', gamesTable);
      for (let at = 0; at < 40; at += 1) await randomChange(rig, random);
      if (seed % 2 === 0) await rig.engine.checkpoint();
      const reads = Array.from({ length: 30 }, () => randomRead(random));
      const followed = reads.map(([operation, input]) => new Followed(rig, operation, input));
      await expectAsAsked(rig, reads, followed, 'at first');
      for (let at = 0; at < 40; at += 1) {
        await randomChange(rig, random);
        if (at % 8 === 7) await expectAsAsked(rig, reads, followed, `after ${at}`);
        if (at % 16 === 15) await rig.engine.checkpoint();
      }
    },
  );

  test('of another engine over the same store', async () => {
    const random = randomOf(7);
    const one = await open({ seed: 1 });
    await ask(one, 'CreateTable', gamesTable);
    const two = await open({ seed: 2, disk: one.store.disk });
    const reads = Array.from({ length: 30 }, () => randomRead(random));
    const followed = reads.map(([operation, input]) => new Followed(two, operation, input));
    for (let at = 0; at < 24; at += 1) {
      await randomChange(at % 3 === 0 ? two : one, random);
      // What a hint does.
      if (at % 6 !== 5) continue;
      await ask(two, 'GetItem', {
        TableName: 'Games',
        Key: { p: { S: 'a' }, s: { N: '1' } },
        ConsistentRead: true,
      });
      await expectAsAsked(two, reads, followed, `after ${at}`);
    }
  });
});

const things = { TableName: 'Things' };
const one = (p: string) => ({ ...things, Key: { p: { S: p } } });

/** Reads of the store and of trees while `work` is done. */
async function readsOf(rig: Rig, work: () => Promise<void>): Promise<readonly [number, number]> {
  const spies = (['get', 'range'] as const).map((name) => vi.spyOn(LayeredReader.prototype, name));
  const { reads } = rig.store;
  try {
    await work();
    const trees = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    return [rig.store.reads - reads, trees];
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('what a change costs', () => {
  const query = {
    TableName: 'Games',
    KeyConditionExpression: 'p = :p',
    ExpressionAttributeValues: { ':p': { S: 'a' } },
  };
  const game = (p: string, s: number) => ({ p: { S: p }, s: { N: String(s) } });
  const putGame = (rig: Rig, p: string, s: number, v = 0) =>
    ask(rig, 'PutItem', { TableName: 'Games', Item: { ...game(p, s), v: { N: String(v) } } });

  /** What `work` reads beside so many items, with a live query and without. */
  async function costs(
    items: number,
    input: object,
    work: (rig: Rig) => Promise<void>,
  ): Promise<{ with: readonly number[]; without: readonly number[]; followed: Followed }> {
    const rigOf = async (): Promise<Rig> => {
      const rig = await open({ exclusive: true });
      await ask(rig, 'CreateTable', gamesTable);
      for (let at = 0; at < items; at += 1) await putGame(rig, 'a', at);
      await ask(rig, 'Query', query);
      return rig;
    };
    const bare = await rigOf();
    const without = await readsOf(bare, () => work(bare));
    const rig = await rigOf();
    const followed = await new Followed(rig, 'Query', input).reached(1);
    return { with: await readsOf(rig, () => work(rig)), without, followed };
  }

  test.each([
    ['1,000 changes that a live query does not match', 'b'],
    ['1,000 changes that it does', 'a'],
  ])('%s: no read of the store nor of a tree', async (_name, p) => {
    const cost = await costs(0, query, async (rig) => {
      for (let at = 0; at < 1000; at += 1) await putGame(rig, p, at % 100, at);
      await quiet();
    });
    expect(cost.with).toEqual(cost.without);
    expect(cost.followed.items).toHaveLength(p === 'a' ? 100 : 0);
    expect(cost.followed.told > 1).toBe(p === 'a');
  });

  test('with a limit, nothing but reading on when the slack is used up', async () => {
    const cost = await costs(400, { ...query, Limit: 10 }, async (rig) => {
      for (let at = 0; at < 300; at += 1) {
        await ask(rig, 'DeleteItem', { TableName: 'Games', Key: game('a', at) });
      }
      await quiet();
    });
    const [, trees = 0] = cost.with;
    // Of 26 that are held, the seventeenth removal leaves too few: then 17 more are read.
    expect(trees - (cost.without[1] ?? 0)).toBe(17);
    expect(cost.followed.items).toHaveLength(10);
    expect(cost.followed.error).toBeUndefined();
  });

  test('a thousand live queries are told of their own items only', async () => {
    const rig = await open({ exclusive: true });
    await makeTable(rig);
    const all = Array.from(
      { length: 1000 },
      (_, at) => new Followed(rig, 'GetItem', one(`k${at}`)),
    );
    await Promise.all(all.map((each) => each.reached(1)));
    await fill(rig, 10, 10, 500);
    await quiet();
    expect(all.filter(({ told }) => told > 1)).toEqual(all.slice(500, 510));
    for (const each of all) each.close();
  });
});

describe('identical live queries', () => {
  test('share what is held', async () => {
    const rig = await open({ exclusive: true });
    await makeTable(rig);
    await fill(rig, 50);
    const [, first] = await readsOf(rig, async () => {
      await new Followed(rig, 'Scan', { ...things, Limit: 20 }).reached(1);
    });
    const [, second] = await readsOf(rig, async () => {
      await new Followed(rig, 'Scan', { Limit: 20, ...things }).reached(1);
    });
    expect(first).toBeGreaterThan(0);
    expect(second).toBe(0);
  });
});

describe('a live query that is overtaken', () => {
  test('by a log that was trimmed reads again, and keeps what did not change', async () => {
    const writer = await open();
    await makeTable(writer);
    await fill(writer, 5);
    const rig = await open({ disk: writer.store.disk });
    const followed = await new Followed(rig, 'Scan', things).reached(1);
    const before = followed.items;
    await put(writer, 'new');
    await fill(writer, 100, 2000, 1000);
    await writer.engine.checkpoint();
    await ask(rig, 'GetItem', { ...one('k1'), ConsistentRead: true });
    await quiet();
    expect(followed.items).toHaveLength(106);
    expect(before.every((item) => followed.items.includes(item))).toBe(true);
  });

  test('by the deletion of its table, or of its index, ends with what DynamoDB says', async () => {
    const rig = await open({ background: true });
    await makeTable(rig);
    await ask(rig, 'UpdateTable', indexInput);
    await rig.engine.idle();
    const ofTable = await new Followed(rig, 'Scan', things).reached(1);
    const ofIndex = await new Followed(rig, 'Scan', { ...things, IndexName: 'byG' }).reached(1);
    const GlobalSecondaryIndexUpdates = [{ Delete: { IndexName: 'byG' } }];
    await ask(rig, 'UpdateTable', { ...things, GlobalSecondaryIndexUpdates });
    await quiet();
    expect(ofIndex.error?.message).toMatch(/does not have the specified index: byG/);
    expect(ofTable.error).toBeUndefined();
    await ask(rig, 'DeleteTable', things);
    await quiet();
    expect(ofTable.error?.name).toBe('ResourceNotFoundException');
  });

  test('by a table of the same name begins with that', async () => {
    const writer = await open();
    await makeTable(writer);
    await fill(writer, 3);
    const rig = await open({ disk: writer.store.disk });
    const followed = await new Followed(rig, 'Scan', things).reached(1);
    await ask(writer, 'DeleteTable', things);
    await ask(writer, 'CreateTable', tableInput);
    await put(writer, 'other');
    await ask(rig, 'GetItem', { ...one('k1'), ConsistentRead: true });
    await quiet();
    expect(followed.error).toBeUndefined();
    expect(followed.items).toHaveLength(1);
  });

  test('by an import into its table ends, because such a table cannot be read', async () => {
    const rig = await open();
    await makeTable(rig);
    const followed = await new Followed(rig, 'Scan', things).reached(1);
    const session = await rig.engine.import({ table: 'Things', form: 'wire' });
    await quiet();
    expect(followed.error?.name).toBe('ResourceNotFoundException');
    await session.abort();
  });
});

describe('a live query', () => {
  test.each([
    ['a write', 'PutItem', { ...things, Item: { p: { S: 'a' } } }, 'A live query is a GetItem'],
    [
      'a statement that writes',
      'ExecuteStatement',
      { Statement: `DELETE FROM Things WHERE p = 'a'` },
      'A live query of a statement is a SELECT',
    ],
    ['a wrong input', 'Query', things, 'Either the KeyConditions or KeyConditionExpression'],
    ['no such table', 'Scan', { TableName: 'Nothing' }, 'Requested resource not found'],
  ])('of %s is refused', async (_name, operation, input, message) => {
    const rig = await open();
    await makeTable(rig);
    const next = async (): Promise<unknown> => rig.engine.live(requestOf(operation, input)).next();
    await expect(next()).rejects.toThrow(message);
  });

  test('ends with the engine', async () => {
    const rig = await open();
    await makeTable(rig);
    const followed = await new Followed(rig, 'Scan', things).reached(1);
    await rig.engine.close();
    await quiet();
    expect([followed.isOver, followed.error]).toEqual([true, undefined]);
    expect(() => rig.engine.live(requestOf('Scan', things))).toThrow('The database is closed');
  });

  test('sees what was written before it, when it asks for that', async () => {
    const writer = await open();
    await makeTable(writer);
    const rig = await open({ disk: writer.store.disk });
    await put(writer, 'new');
    const stale = await new Followed(rig, 'Scan', things).reached(1);
    expect(stale.items).toHaveLength(0);
    const fresh = new Followed(rig, 'Scan', { ...things, ConsistentRead: true });
    expect((await fresh.reached(1)).items).toHaveLength(1);
    await quiet();
    expect(stale.items).toHaveLength(1);
  });

  test('that cannot be read on for a while is tried again', async () => {
    const disk = createMemory();
    const writer = await open({ disk });
    await makeTable(writer);
    await fill(writer, 200, 2000);
    await writer.engine.checkpoint();
    const rig = await open({ disk, cacheBytes: 40_000 });
    const followed = await new Followed(rig, 'Scan', { ...things, Limit: 4 }).reached(1);
    const shown = followed.items as readonly { item(): Map<string, { value: string }> }[];
    let failures = 3;
    rig.store.hooks.read = (spaces) => {
      if (!spaces.includes('page')) return;
      failures -= 1;
      if (failures >= 0) throw new StoreFailure('lost', 'gone for a while');
    };
    // More than the slack, in the order of the scan.
    const { Items } = await ask(writer, 'Scan', {
      ...things,
      Limit: 40,
      ProjectionExpression: 'p',
    });
    const keys = (Items as Map<string, { value: string }>[]).map((item) => item.get('p')?.value);
    expect(shown[0]?.item().get('p')?.value).toBe(keys[0]);
    for (const key of keys) await ask(writer, 'DeleteItem', one(key as string));
    await ask(rig, 'GetItem', { ...one('none'), ConsistentRead: true }).catch(() => undefined);
    await quiet(60);
    expect(followed.error).toBeUndefined();
    expect(failures).toBeLessThan(0);
    expect(followed.items).toHaveLength(4);
  });

  test('more of them than an engine may have are refused', async () => {
    const rig = await open({ exclusive: true });
    await makeTable(rig);
    const openOne = (): LiveReader => rig.engine.live(requestOf('GetItem', one('a')));
    const readers = Array.from({ length: liveQueriesMax }, openOne);
    expect(openOne).toThrow('liveQueriesMax');
    readers[0]?.close();
    expect(openOne).not.toThrow();
  });

  test('holds no more with the others than an engine may', async () => {
    const rig = await open({ exclusive: true });
    await makeTable(rig);
    // 14 MB, and room for four times as much.
    for (let at = 0; at < 140; at += 1) {
      await put(rig, `k${at}`, { v: { B: new Uint8Array(100_000) } });
    }
    const opened = Array.from({ length: 5 }, (_, at) => {
      return new Followed(rig, 'Scan', {
        ...things,
        FilterExpression: `NOT p = :p${at}`,
        ...values(at),
      });
    });
    await Promise.all(opened.map((each) => each.reached(1)));
    const errors = opened.flatMap(({ error }) => error?.message ?? []);
    expect(errors).toEqual([expect.stringContaining('liveBytesTotalMax')]);
    for (const each of opened) each.close();
    expect(rig.engine.status().liveQueries).toBe(0);
    expect((await new Followed(rig, 'Scan', things).reached(1)).items).toHaveLength(140);
  });
});

const values = (at: number) => ({ ExpressionAttributeValues: { [`:p${at}`]: { S: 'none' } } });

test('damage ends the live queries that meet it, and a repair begins the others anew', async () => {
  const writer = await open();
  await makeTable(writer);
  await fill(writer, 600, 500);
  await writer.engine.checkpoint();
  const { disk } = writer.store;
  const [leaf] = (await pagesAt(disk, 100, 1)).slice(2);
  damagePage(disk, leaf?.id ?? 0);
  const rig = await open({ disk });
  const found = await outcomes(rig, 600);
  const whole = new Followed(rig, 'Scan', things);
  await whole.reached(1);
  expect(whole.error?.name).toBe('DamagedData');
  const id = `k${found.indexOf('found')}`;
  const other = await new Followed(rig, 'GetItem', one(id)).reached(1);
  await rig.engine.repair();
  await put(rig, id, { v: { S: 'new' } });
  await quiet();
  expect(other.error).toBeUndefined();
  expect(other.told).toBe(2);
  const again = await new Followed(rig, 'Scan', things).reached(1);
  expect(again.items).toHaveLength(await countOf(rig));
});

describe('a live query is refused', () => {
  test('by an engine that has ended', async () => {
    const rig = await open();
    await makeTable(rig);
    const closing = rig.engine.close();
    expect(() => rig.engine.live(requestOf('Scan', things))).toThrow('The database is closed');
    await closing;
  });

  test('by an engine whose store a newer version has taken over', async () => {
    const rig = await open();
    await makeTable(rig);
    rig.store.hooks.read = () => {
      throw new UpdateNeeded('a newer release was here');
    };
    await expect(ask(rig, 'GetItem', { ...one('a'), ConsistentRead: true })).rejects.toThrow();
    expect(() => rig.engine.live(requestOf('Scan', things))).toThrow('a newer release was here');
  });

  test('to whom a policy lets read: it is for the owner alone', async () => {
    const rig = await open();
    await makeTable(rig);
    const judged = { ...requestOf('Scan', things), judge: () => undefined };
    expect(() => rig.engine.live(judged as unknown as Request)).toThrow(/for the owner alone$/);
  });
});

test('live queries end where the store was cleared under them', async () => {
  const clock = new TestClock();
  clock.freeze();
  const rig = await open({ clock, scheduler: clock, background: true });
  await makeTable(rig);
  const reader = rig.engine.live(requestOf('Scan', things));
  await reader.next();
  const told = reader.next();
  const ends = expect(told).rejects.toThrow();
  rig.store.hooks.read = () => {
    throw new StoreFailure('gone', 'the store was cleared');
  };
  for (let look = 0; look < 4; look += 1) {
    clock.advance(2 * liveLookMs);
    await quiet();
  }
  await ends;
});
