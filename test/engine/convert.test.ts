import { describe, expect, test } from 'vitest';
import { convertLooksMax } from '../../src/base/limits.ts';
import type { ConvertProgress } from '../../src/engine/engine-types.ts';
import { metaCopyKey } from '../../src/engine/meta-update.ts';
import { encodeConversion, isConverting } from '../../src/pager/conversion.ts';
import { encodeMeta, metaFormat } from '../../src/pager/meta.ts';
import { metaKey, type WriteResult } from '../../src/port/store.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import { held } from '../golden/make.ts';
import {
  countOf,
  damage,
  fill,
  find,
  gate,
  type Hooks,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  openTestState,
  put,
  quiet,
  refusal,
  type Rig,
  type RigOptions,
} from '../support/engine.ts';
import { agedBy, backwards, converterOf, oldStore } from '../support/old-format.ts';

const converters = [converterOf(4)];
const never = new Promise<undefined>(() => undefined);

function openNew(disk: MemoryDisk, more: RigOptions = {}): Promise<Rig> {
  return openRig({ disk, converters, ...more });
}

function storedMeta(disk: MemoryDisk): Uint8Array {
  return disk.spaces.meta.get(metaKey) ?? new Uint8Array();
}

/** All that the golden store held, readable by an engine that knows of no conversion. */
async function expectWhole(disk: MemoryDisk): Promise<void> {
  const rig = await openRig({ disk });
  expect(rig.engine.status()).toMatchObject({ damage: [], converted: undefined });
  expect(await countOf(rig)).toBe(held.items);
  expect(await countOf(rig, 'byG')).toBe(held.items - 3);
  expect((await find(rig, 'k22'))?.get('n')).toEqual({ type: 'N', value: '1.5' });
  expect(String((await find(rig, 'long'))?.get('v')?.value)).toHaveLength(100_000);
  await put(rig, 'new');
  await rig.engine.checkpoint();
  const report = await rig.engine.scrub();
  expect(report).toMatchObject({ damagedPages: 0, mended: 0, counters: 0 });
  expect(await countOf(await openRig({ disk }))).toBe(held.items + 1);
}

/** An engine that dies at its nth write, before or after it is stored; true if it came so far. */
async function dieAt(disk: MemoryDisk, nth: number, stored: boolean): Promise<boolean> {
  let writes = 0;
  let died = false;
  const die = (): Promise<undefined> => {
    died = true;
    return never;
  };
  const storeHooks: Hooks = {
    write: () => {
      writes += 1;
      return writes === nth && !stored ? die() : undefined;
    },
    written: () => (writes === nth && stored ? die() : undefined),
  };
  const opening = openNew(disk, { storeHooks });
  for (let round = 0; round < 500 && !died; round += 1) {
    if ((await Promise.race([opening, quiet(1)])) !== undefined) break;
  }
  return died;
}

describe('a store of an older format', () => {
  test('is converted in slices before it opens, and told of', async () => {
    const disk = oldStore();
    const records = keysOf(disk, 'page').length + keysOf(disk, 'log').length;
    const told: ConvertProgress[] = [];
    const notices: string[] = [];
    const rig = await openNew(disk, {
      onConvert: (progress) => told.push(progress),
      notify: ({ type }) => void notices.push(type),
    });
    expect(told.length).toBeGreaterThan(5);
    expect(told.at(-1)).toEqual({ from: 0, to: metaFormat, records });
    expect(notices).toEqual(['converted']);
    expect(rig.engine.status().converted).toEqual(told.at(-1));
    for (const { put: puts = [] } of rig.store.batches) expect(puts.length).toBeLessThan(8);
    expect(metaOf(disk).format).toBe(metaFormat);
    expect(disk.spaces.meta.get(metaCopyKey)).toEqual(storedMeta(disk));
    await expectWhole(disk);
  });

  test.each([false, true])(
    'whose converter dies at any write (stored: %s) goes on',
    async (stored) => {
      let nth = 1;
      for (; nth < 100; nth += 1) {
        const disk = oldStore();
        if (!(await dieAt(disk, nth, stored))) break;
        await openNew(disk);
        await expectWhole(disk);
      }
      expect(nth).toBeGreaterThan(7);
      expect(nth).toBeLessThan(100);
    },
  );

  test('is converted though one engine after another dies', async () => {
    const disk = oldStore();
    let deaths = 0;
    while (deaths < 100 && (await dieAt(disk, 2, deaths % 2 === 0))) deaths += 1;
    expect(deaths).toBeGreaterThan(3);
    await expectWhole(disk);
  });

  test('is converted once by engines that open at the same time', async () => {
    const disk = oldStore();
    const rigs = await Promise.all([openNew(disk), openNew(disk), openNew(disk)]);
    const slices = rigs.map(({ store }) => store.batches.length);
    // One of them does the work.
    expect(slices.filter((count) => count > 1)).toHaveLength(1);
    for (const rig of rigs) expect(await countOf(rig)).toBe(held.items);
    await expectWhole(disk);
  });

  test('is taken over from an engine that does not get on', async () => {
    const disk = oldStore();
    let writes = 0;
    const storeHooks: Hooks = {
      write: () => {
        writes += 1;
        return writes > 3 ? never : undefined;
      },
    };
    void openNew(disk, { storeHooks });
    const looks: ConvertProgress[] = [];
    const other = await openNew(disk, { onConvert: (progress) => looks.push(progress) });
    expect(writes).toBe(4);
    expect(looks.length).toBeGreaterThan(convertLooksMax);
    expect(await countOf(other)).toBe(held.items);
    await expectWhole(disk);
  });

  test.each([1, 3, 7])('of write %i that came too late nothing is stored', async (nth) => {
    for (const died of [false, true]) {
      const disk = oldStore();
      const late = gate();
      let writes = 0;
      const storeHooks: Hooks = {
        write: async () => {
          writes += 1;
          if (writes === nth) await late.opened;
          return undefined;
        },
      };
      const opening = openNew(disk, { storeHooks });
      await quiet(60);
      expect(writes).toBe(nth);
      // Meanwhile another engine goes to the end, or a step further.
      if (died) expect(await dieAt(disk, 2, false)).toBe(true);
      else await openNew(disk);
      late.open();
      expect(await countOf(await opening)).toBe(held.items);
      await expectWhole(disk);
    }
  });

  test.each<[string, Hooks]>([
    ['stored', { written: () => ({ kind: 'unknown' }) }],
    ['not stored at first', { write: notEverySecond() }],
  ])('is converted when the outcome of writes is unknown: %s', async (_name, storeHooks) => {
    const disk = oldStore();
    await openNew(disk, { storeHooks });
    await expectWhole(disk);
  });

  test('is left as it stands when the disk is full, and converted later', async () => {
    const disk = oldStore();
    let writes = 0;
    const full: WriteResult = { kind: 'refused', why: 'full' };
    const storeHooks: Hooks = {
      write: () => {
        writes += 1;
        return writes > 4 ? full : undefined;
      },
    };
    expect(await refusal(openNew(disk, { storeHooks }))).toMatch(/^StoreFailure/);
    expect(isConverting(storedMeta(disk))).toBe(true);
    await openNew(disk);
    await expectWhole(disk);
  });

  test('keeps what an engine of that format stored before the log was closed', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await fill(rig, 50);
    await rig.engine.checkpoint();
    await put(rig, 'last');
    const { disk } = rig.store;
    const [lastKey = 0] = keysOf(disk, 'log').slice(-1);
    const last = disk.spaces.log.get(lastKey);
    disk.spaces.log.removeRange(lastKey, lastKey);
    agedBy(disk);
    let tries = 0;
    const write = (): undefined => {
      tries += 1;
      if (tries === 1) disk.spaces.log.put(lastKey, backwards(last));
      return undefined;
    };
    const other = await openNew(disk, { storeHooks: { write } });
    expect(await find(other, 'last')).toBeDefined();
    expect(await countOf(await openRig({ disk }))).toBe(51);
  });

  test.each(['damaged', 'gone'])(
    'is converted from the copy when its record is %s',
    async (how) => {
      for (const writes of [1, 4]) {
        const disk = oldStore();
        expect(await dieAt(disk, writes, false)).toBe(true);
        if (how === 'gone') disk.spaces.meta.removeRange(metaKey, metaKey);
        else damage(disk, 'meta', metaKey);
        const rig = await openNew(disk);
        expect(rig.engine.status().damage).toMatchObject([{ kind: 'meta', state: 'repaired' }]);
        await expectWhole(disk);
      }
    },
  );

  test('that nobody can convert is left alone', async () => {
    const disk = oldStore();
    const before = storedMeta(disk);
    expect(await refusal(openRig({ disk }))).toMatch(/^StoreFailure .* format 0/);
    expect(storedMeta(disk)).toEqual(before);
  });
});

describe('an engine that is too old', () => {
  /** What an engine of the next format writes first. */
  async function beginNext(disk: MemoryDisk): Promise<void> {
    const { state } = await openTestState({ disk });
    const bytes = encodeConversion({
      storeId: state.meta.storeId,
      from: metaFormat,
      to: metaFormat + 1,
      head: state.head,
      engine: state.id,
      slices: 0,
      records: 0,
      mended: false,
      cursor: new Uint8Array(),
      meta: encodeMeta(state.meta),
    });
    disk.spaces.log.put(state.head + 1, new Uint8Array(1));
    disk.spaces.meta.put(metaKey, bytes);
    disk.spaces.meta.put(metaCopyKey, bytes);
  }

  test('does not open a store that is being converted', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await beginNext(rig.store.disk);
    const refused = await refusal(openRig({ disk: rig.store.disk }));
    expect(refused).toContain(`to format ${metaFormat + 1};`);
    expect(refused).toMatch(/^UpdateNeeded /);
  });

  test.each([1, 90_000])(
    'stops, and stores nothing more, with a put of %i bytes',
    async (bytes) => {
      const rig = await openRig();
      await makeTable(rig);
      await fill(rig, 10);
      const { disk } = rig.store;
      await beginNext(disk);
      const log = keysOf(disk, 'log');
      const v = { S: 'x'.repeat(bytes) };
      expect(await refusal(put(rig, 'late', { v }))).toMatch(/^UpdateNeeded/);
      expect(rig.engine.status().stopped).toBe('update-needed');
      expect(await refusal(rig.engine.checkpoint())).toMatch(/^UpdateNeeded/);
      expect(keysOf(disk, 'log')).toEqual(log);
    },
  );

  test('stops when it reads', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await beginNext(rig.store.disk);
    expect(await refusal(find(rig, 'k1'))).toMatch(/^UpdateNeeded/);
    expect(rig.engine.status().stopped).toBe('update-needed');
  });
});

function notEverySecond(): NonNullable<Hooks['write']> {
  let writes = 0;
  return () => {
    writes += 1;
    return writes % 2 === 1 ? { kind: 'unknown' } : undefined;
  };
}
