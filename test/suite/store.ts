/**
 * What every Store must do, as a suite that each adapter runs: in Node and in real browsers.
 *
 * An adapter gives a function that makes a world: a fresh database that can be opened, once or (if
 * its stores are not exclusive) several times.
 */
import { afterEach, describe, expect, test } from 'vitest';
import {
  metaKey,
  type Space,
  type SpaceRecord,
  type Store,
  StoreFailure,
  type WriteBatch,
  type WriteResult,
} from '../../src/port/store.ts';

export interface StoreWorld {
  open(): Promise<Store>;
  /** Frees what the world holds; its stores are closed by then. */
  dispose(): Promise<void>;
}

const done: WriteResult = { kind: 'done', durable: false };
const allKeys = { from: 0, to: Number.MAX_SAFE_INTEGER };

function rec(space: Space, key: number, ...bytes: readonly number[]): SpaceRecord {
  return { space, key, value: Uint8Array.from(bytes) };
}

function recs(space: Space, count: number): readonly SpaceRecord[] {
  return Array.from({ length: count }, (_, at) => rec(space, at + 1, at & 0xff, at >>> 8));
}

async function keysOf(store: Store, space: Space): Promise<readonly number[]> {
  const [records = []] = await store.scan([{ space, ...allKeys }]);
  return records.map(({ key }) => key);
}

async function must(store: Store, batch: WriteBatch): Promise<void> {
  const result = await store.write(batch);
  expect(result.kind).toBe('done');
}

async function bytesAt(store: Store, space: Space, key: number): Promise<number[] | undefined> {
  const value = await store.get(space, key);
  if (value === undefined) return undefined;
  // Bytes of another realm or a Buffer would be a different class to those who compare.
  expect(Object.prototype.toString.call(value)).toBe('[object Uint8Array]');
  return [...value];
}

/** Runs the suite under `name`. */
export function storeSuite(name: string, makeWorld: () => Promise<StoreWorld>): void {
  let opened: Store[] = [];
  let worlds: StoreWorld[] = [];

  async function newWorld(): Promise<() => Promise<Store>> {
    const world = await makeWorld();
    worlds.push(world);
    return async () => {
      const store = await world.open();
      opened.push(store);
      return store;
    };
  }

  async function newStore(): Promise<Store> {
    return (await newWorld())();
  }

  afterEach(async () => {
    for (const store of opened) await store.close();
    for (const world of worlds) await world.dispose();
    opened = [];
    worlds = [];
  });

  describe(`${name}: a store`, () => {
    describeReads(newStore);
    describeWrites(newStore);
    describeExpectations(newStore);
    describeBytes(newStore);
    describeLives(newWorld);
  });
}

type NewStore = () => Promise<Store>;

function describeReads(newStore: NewStore): void {
  test('is empty at first', async () => {
    const store = await newStore();
    expect(await store.get('meta', metaKey)).toBeUndefined();
    const ranges = (['log', 'page', 'meta'] as const).map((space) => ({ space, ...allKeys }));
    expect(await store.scan(ranges)).toEqual([[], [], []]);
    expect(await store.scan([])).toEqual([]);
  });

  test('keeps its spaces apart', async () => {
    const store = await newStore();
    await must(store, { put: [rec('log', 7, 1), rec('page', 7, 2)] });
    expect(await bytesAt(store, 'log', 7)).toEqual([1]);
    expect(await bytesAt(store, 'page', 7)).toEqual([2]);
    expect(await bytesAt(store, 'meta', 7)).toBeUndefined();
  });

  const stored = [2, 3, 5, 8, 13];
  const rows = [
    ['everything', { from: 0, to: 100 }, [2, 3, 5, 8, 13]],
    ['both ends included', { from: 3, to: 8 }, [3, 5, 8]],
    ['ends between keys', { from: 4, to: 12 }, [5, 8]],
    ['one key', { from: 5, to: 5 }, [5]],
    ['one absent key', { from: 6, to: 6 }, []],
    ['nothing between two keys', { from: 9, to: 12 }, []],
    ['from above to', { from: 8, to: 3 }, []],
    ['the first two', { from: 0, to: 100, limit: 2 }, [2, 3]],
    ['a limit above the count', { from: 3, to: 5, limit: 9 }, [3, 5]],
    ['a limit of none', { from: 0, to: 100, limit: 0 }, []],
    ['the last one', { from: 0, to: 100, limit: 1, last: true }, [13]],
    ['the last three, ascending', { from: 0, to: 100, limit: 3, last: true }, [5, 8, 13]],
    ['the last two of a part', { from: 2, to: 6, limit: 2, last: true }, [3, 5]],
    ['the last of few', { from: 4, to: 6, limit: 5, last: true }, [5]],
    ['the last of none', { from: 20, to: 30, limit: 1, last: true }, []],
    ['the last without a limit', { from: 3, to: 8, last: true }, [3, 5, 8]],
  ] as const;
  test.each(rows)('scans %s', async (_, range, keys) => {
    const store = await newStore();
    await must(store, { put: stored.map((key) => rec('log', key, key)) });
    const [records = []] = await store.scan([{ space: 'log', ...range }]);
    expect(records.map(({ key }) => key)).toEqual(keys);
    expect(records.map(({ value }) => [...value])).toEqual(keys.map((key) => [key]));
  });

  test('answers each range in its place, a repeated one too', async () => {
    const store = await newStore();
    await must(store, { put: [rec('log', 1, 1), rec('page', 2, 2), rec('meta', 0, 3)] });
    const meta = { space: 'meta', from: 0, to: 0 } as const;
    const answer = await store.scan([meta, { space: 'page', ...allKeys }, meta]);
    expect(answer.map((records) => records.map(({ value }) => [...value]))).toEqual([
      [[3]],
      [[2]],
      [[3]],
    ]);
  });

  test('sees one state in all ranges of a scan', async () => {
    const store = await newStore();
    await must(store, { put: [rec('log', 1, 0), rec('page', 1, 0), rec('meta', 0, 0)] });
    const writes: Promise<WriteResult>[] = [];
    const scans: Promise<readonly (readonly { value: Uint8Array }[])[]>[] = [];
    for (let round = 1; round <= 20; round += 1) {
      writes.push(
        store.write({ put: [rec('log', 1, round), rec('page', 1, round), rec('meta', 0, round)] }),
      );
      scans.push(
        store.scan([
          { space: 'log', ...allKeys },
          { space: 'page', from: 1, to: 1 },
          { space: 'meta', ...allKeys, limit: 1, last: true },
        ]),
      );
    }
    await Promise.all(writes);
    for (const scan of await Promise.all(scans)) {
      const seen = new Set(scan.map((records) => records[0]?.value[0]));
      expect(seen.size).toBe(1);
    }
  });

  test('keeps keys up to 2^53 - 1 in order', async () => {
    const store = await newStore();
    const keys = [2 ** 24, 2 ** 31, 2 ** 32 + 1, 2 ** 48, Number.MAX_SAFE_INTEGER];
    await must(store, { put: keys.toReversed().map((key) => rec('page', key, 1)) });
    expect(await keysOf(store, 'page')).toEqual(keys);
  });
}

function describeWrites(newStore: NewStore): void {
  test('answers whether power loss can undo a write', async () => {
    const store = await newStore();
    expect(await store.write({ add: [rec('log', 1, 1)] })).toEqual(done);
    expect(await store.write({ add: [rec('log', 2, 1)], strict: true })).toEqual({
      kind: 'done',
      durable: true,
    });
  });

  test('takes an empty batch, and a strict one as a barrier', async () => {
    const store = await newStore();
    expect((await store.write({})).kind).toBe('done');
    expect(await store.write({ strict: true })).toEqual({ kind: 'done', durable: true });
    await must(store, { put: [rec('meta', metaKey, 9)] });
    expect(await store.write({ strict: true })).toEqual({ kind: 'done', durable: true });
    expect(await bytesAt(store, 'meta', metaKey)).toEqual([9]);
  });

  test('refuses a key that is taken, and then nothing is written', async () => {
    const store = await newStore();
    await must(store, { add: [rec('log', 2, 2)] });
    const result = await store.write({
      remove: [{ space: 'page', ...allKeys }],
      add: [rec('log', 1, 1), rec('log', 2, 9), rec('log', 3, 3)],
      put: [rec('page', 1, 1), rec('meta', 0, 1)],
    });
    expect(result).toMatchObject({ kind: 'refused', why: 'taken' });
    expect(await keysOf(store, 'log')).toEqual([2]);
    expect(await bytesAt(store, 'log', 2)).toEqual([2]);
    expect(await keysOf(store, 'page')).toEqual([]);
    expect(await keysOf(store, 'meta')).toEqual([]);
  });

  test('refuses one key added twice in a batch', async () => {
    const store = await newStore();
    const result = await store.write({ add: [rec('log', 1, 1), rec('log', 1, 2)] });
    expect(result).toMatchObject({ kind: 'refused', why: 'taken' });
    expect(await keysOf(store, 'log')).toEqual([]);
  });

  test('brings removed ranges back when it refuses', async () => {
    const store = await newStore();
    await must(store, { put: recs('log', 5) });
    const result = await store.write({
      remove: [{ space: 'log', from: 1, to: 3 }],
      add: [rec('log', 5, 1)],
    });
    expect(result).toMatchObject({ kind: 'refused', why: 'taken' });
    expect(await keysOf(store, 'log')).toEqual([1, 2, 3, 4, 5]);
  });

  test('removes ranges before it adds and puts', async () => {
    const store = await newStore();
    await must(store, { put: recs('log', 5) });
    await must(store, {
      remove: [{ space: 'log', from: 2, to: 4 }],
      add: [rec('log', 3, 33)],
      put: [rec('log', 4, 44)],
    });
    expect(await keysOf(store, 'log')).toEqual([1, 3, 4, 5]);
    expect(await bytesAt(store, 'log', 3)).toEqual([33]);
    expect(await bytesAt(store, 'log', 4)).toEqual([44]);
  });

  test('removes nothing where there is nothing', async () => {
    const store = await newStore();
    await must(store, { put: recs('page', 3) });
    await must(store, {
      remove: [
        { space: 'page', from: 10, to: 20 },
        { space: 'page', from: 3, to: 1 },
        { space: 'log', ...allKeys },
      ],
    });
    expect(await keysOf(store, 'page')).toEqual([1, 2, 3]);
  });

  test('lets a put replace what is there, and what the batch added', async () => {
    const store = await newStore();
    await must(store, { put: [rec('page', 1, 1)] });
    await must(store, { add: [rec('page', 2, 2)], put: [rec('page', 1, 3), rec('page', 2, 4)] });
    expect(await bytesAt(store, 'page', 1)).toEqual([3]);
    expect(await bytesAt(store, 'page', 2)).toEqual([4]);
  });

  test('carries writes out in the order they were called', async () => {
    const store = await newStore();
    const results: Promise<WriteResult>[] = [];
    for (let value = 0; value < 50; value += 1) {
      results.push(store.write({ put: [rec('meta', metaKey, value)] }));
    }
    const read = store.get('meta', metaKey);
    for (const result of await Promise.all(results)) expect(result.kind).toBe('done');
    expect([...((await read) ?? [])]).toEqual([49]);
  });
}

function describeExpectations(newStore: NewStore): void {
  test('shows the meta record as it was before the batch', async () => {
    const store = await newStore();
    const seen: (number[] | undefined)[] = [];
    const expectMeta = (meta: Uint8Array | undefined): boolean => {
      seen.push(meta && [...meta]);
      return true;
    };
    await must(store, { expectMeta, put: [rec('meta', metaKey, 1)] });
    await must(store, { expectMeta, remove: [{ space: 'meta', ...allKeys }] });
    await must(store, { expectMeta });
    expect(seen).toEqual([undefined, [1], undefined]);
  });

  test('refuses the whole batch when the meta record is not as expected', async () => {
    const store = await newStore();
    await must(store, { put: [rec('meta', metaKey, 1), rec('page', 1, 1)] });
    const result = await store.write({
      expectMeta: (meta) => meta?.[0] === 2,
      remove: [{ space: 'page', ...allKeys }],
      add: [rec('log', 1, 1)],
      put: [rec('meta', metaKey, 3)],
    });
    expect(result).toMatchObject({ kind: 'refused', why: 'meta' });
    expect(await bytesAt(store, 'meta', metaKey)).toEqual([1]);
    expect(await keysOf(store, 'page')).toEqual([1]);
    expect(await keysOf(store, 'log')).toEqual([]);
  });

  test('speaks of the meta record first when a key is taken too', async () => {
    const store = await newStore();
    await must(store, { add: [rec('log', 1, 1)] });
    const result = await store.write({ expectMeta: () => false, add: [rec('log', 1, 2)] });
    expect(result).toMatchObject({ kind: 'refused', why: 'meta' });
  });

  test('still refuses a taken key when the meta record is as expected', async () => {
    const store = await newStore();
    await must(store, { add: [rec('log', 1, 1)] });
    const result = await store.write({ expectMeta: () => true, add: [rec('log', 1, 2)] });
    expect(result).toMatchObject({ kind: 'refused', why: 'taken' });
    expect(await bytesAt(store, 'log', 1)).toEqual([1]);
  });

  test('answers the meta record as it is when that is asked for', async () => {
    const store = await newStore();
    const empty = await store.write({ readMeta: true, add: [rec('log', 1, 1)] });
    expect(empty).toMatchObject({ kind: 'done' });
    expect((empty as { meta?: Uint8Array }).meta).toBeUndefined();
    await must(store, { put: [rec('meta', metaKey, 7)] });
    const result = await store.write({ readMeta: true, add: [rec('log', 2, 2)] });
    expect([...((result as { meta?: Uint8Array }).meta ?? [])]).toEqual([7]);
    const many = await store.write({
      readMeta: true,
      add: [rec('log', 3, 3), rec('log', 4, 4)],
    });
    expect([...((many as { meta?: Uint8Array }).meta ?? [])]).toEqual([7]);
  });

  test('refuses a taken key when the meta record is only asked for', async () => {
    const store = await newStore();
    await must(store, { add: [rec('log', 1, 1)], put: [rec('meta', metaKey, 7)] });
    const one = await store.write({ readMeta: true, add: [rec('log', 1, 2)] });
    expect(one).toMatchObject({ kind: 'refused', why: 'taken' });
    const two = await store.write({
      readMeta: true,
      add: [rec('log', 1, 2), rec('log', 2, 2)],
    });
    expect(two).toMatchObject({ kind: 'refused', why: 'taken' });
    expect(await bytesAt(store, 'log', 1)).toEqual([1]);
    expect(await keysOf(store, 'log')).toEqual([1]);
  });

  test('rejects with what an expectation throws, and writes nothing', async () => {
    const store = await newStore();
    const mistake = new Error('a mistake of ours');
    const write = store.write({
      expectMeta: () => {
        throw mistake;
      },
      add: [rec('log', 1, 1)],
    });
    await expect(write).rejects.toBe(mistake);
    expect(await keysOf(store, 'log')).toEqual([]);
    await must(store, { add: [rec('log', 1, 1)] });
  });
}

function describeBytes(newStore: NewStore): void {
  test('keeps values of 60 KB and of none', async () => {
    const store = await newStore();
    const large = Uint8Array.from({ length: 60 * 1024 }, (_, at) => (at * 7) & 0xff);
    const empty = new Uint8Array(0);
    await must(store, {
      add: [
        { space: 'page', key: 1, value: large },
        { space: 'page', key: 2, value: empty },
      ],
    });
    expect(await store.get('page', 1)).toEqual(large);
    expect(await store.get('page', 2)).toEqual(empty);
    const [records = []] = await store.scan([{ space: 'page', ...allKeys }]);
    expect(records).toEqual([
      { key: 1, value: large },
      { key: 2, value: empty },
    ]);
  });

  test('keeps of a view what it shows', async () => {
    const store = await newStore();
    const buffer = Uint8Array.from([1, 2, 3, 4, 5, 6]);
    await must(store, { put: [{ space: 'log', key: 1, value: buffer.subarray(2, 4) }] });
    const value = await store.get('log', 1);
    expect(value).toEqual(Uint8Array.of(3, 4));
    expect(value?.buffer.byteLength).toBe(2);
  });

  test('keeps bytes as they were when write was called', async () => {
    const store = await newStore();
    const value = Uint8Array.of(1, 2, 3);
    const write = store.write({ put: [{ space: 'log', key: 1, value }] });
    value.fill(9);
    expect((await write).kind).toBe('done');
    value.fill(8);
    expect(await bytesAt(store, 'log', 1)).toEqual([1, 2, 3]);
  });

  test('gives bytes away as copies', async () => {
    const store = await newStore();
    await must(store, { put: [rec('log', 1, 1, 2), rec('meta', metaKey, 5)] });
    (await store.get('log', 1))?.fill(9);
    const [records] = await store.scan([{ space: 'log', ...allKeys }]);
    records?.[0]?.value.fill(9);
    await must(store, {
      expectMeta: (meta) => {
        meta?.fill(9);
        return true;
      },
    });
    expect(await bytesAt(store, 'log', 1)).toEqual([1, 2]);
    expect(await bytesAt(store, 'meta', metaKey)).toEqual([5]);
  });

  test('keeps 1,000 records of one batch, and removes all but some', async () => {
    const store = await newStore();
    const records = recs('log', 1000);
    await must(store, { add: records });
    const [first = [], last = []] = await store.scan([
      { space: 'log', ...allKeys },
      { space: 'log', ...allKeys, limit: 10, last: true },
    ]);
    expect(first.map(({ key, value }) => [key, ...value])).toEqual(
      records.map(({ key, value }) => [key, ...value]),
    );
    expect(last.map(({ key }) => key)).toEqual(first.slice(-10).map(({ key }) => key));
    await must(store, {
      remove: [
        { space: 'log', from: 0, to: 499 },
        { space: 'log', from: 502, to: 2000 },
      ],
    });
    expect(await keysOf(store, 'log')).toEqual([500, 501]);
  });
}

function describeLives(newWorld: () => Promise<NewStore>): void {
  test('still has its records when it is opened again', async () => {
    const open = await newWorld();
    const first = await open();
    await must(first, { add: recs('log', 3), put: [rec('meta', metaKey, 1)] });
    await first.close();
    const again = await open();
    expect(await keysOf(again, 'log')).toEqual([1, 2, 3]);
    expect(await bytesAt(again, 'meta', metaKey)).toEqual([1]);
  });

  test('refuses everything once it is closed', async () => {
    const store = await (await newWorld())();
    await must(store, { put: [rec('log', 1, 1)] });
    await store.close();
    await store.close();
    const lost = { name: 'StoreFailure', why: 'closed' };
    await expect(store.get('log', 1)).rejects.toMatchObject(lost);
    await expect(store.get('log', 1)).rejects.toBeInstanceOf(StoreFailure);
    await expect(store.scan([{ space: 'log', ...allKeys }])).rejects.toMatchObject(lost);
    expect(await store.write({ put: [rec('log', 2, 1)] })).toMatchObject({
      kind: 'refused',
      why: 'closed',
    });
  });

  test('shares its records with a second store, or refuses to be opened twice', async () => {
    const open = await newWorld();
    const first = await open();
    if (first.exclusive) {
      await expect(open()).rejects.toMatchObject({ name: 'StoreFailure', why: 'denied' });
      await must(first, { add: [rec('log', 1, 1)] });
      return;
    }
    const second = await open();
    await must(first, { add: [rec('log', 1, 1)] });
    expect(await bytesAt(second, 'log', 1)).toEqual([1]);
  });

  test('lets exactly one of two racers have a key', async () => {
    const open = await newWorld();
    const first = await open();
    const second = first.exclusive ? first : await open();
    for (let position = 1; position <= 20; position += 1) {
      const expectMeta = (): boolean => true;
      const racers = [first, second].map((store, racer) =>
        store.write({ expectMeta, add: [rec('log', position, racer)] }),
      );
      const results = await Promise.all(racers);
      const winners = results.flatMap(({ kind }, racer) => (kind === 'done' ? [racer] : []));
      expect(winners).toHaveLength(1);
      const [winner = -1] = winners;
      expect(results[1 - winner]).toMatchObject({ kind: 'refused', why: 'taken' });
      expect(await bytesAt(first, 'log', position)).toEqual([winner]);
    }
  });

  test('counts to 40 from two stores, each expecting what it has read', async () => {
    const open = await newWorld();
    const first = await open();
    const second = first.exclusive ? first : await open();
    await must(first, { put: [rec('meta', metaKey, 0)] });
    const count = async (store: Store): Promise<void> => {
      let added = 0;
      for (let attempt = 0; added < 20 && attempt < 2000; attempt += 1) {
        const value = (await store.get('meta', metaKey))?.[0] ?? 0;
        const result = await store.write({
          expectMeta: (meta) => meta?.[0] === value,
          put: [rec('meta', metaKey, value + 1)],
        });
        if (result.kind === 'done') added += 1;
        else expect(result).toMatchObject({ kind: 'refused', why: 'meta' });
      }
    };
    await Promise.all([count(first), count(second)]);
    expect(await bytesAt(first, 'meta', metaKey)).toEqual([40]);
  });
}
