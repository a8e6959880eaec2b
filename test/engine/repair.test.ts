import { describe, expect, test } from 'vitest';
import { countedKey, givenKey } from '../../src/engine/doubt.ts';
import { asideKey, logNoteKey } from '../../src/engine/log-damage.ts';
import { cellStart } from '../../src/pager/page.ts';
import { StoredItem } from '../../src/value/codec.ts';
import { catalogTree } from '../../src/table/system.ts';
import { strayPages } from '../simulation/pages.ts';
import { damagePage, isDoubted, outcomes, pagesAt, tally } from '../support/damage.ts';
import {
  ask,
  countOf,
  damage,
  fill,
  find,
  indexInput,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  put,
  refusal,
  type Rig,
  tableInput,
} from '../support/engine.ts';

const count = 600;

/** A damaged leaf of a table with an index; its own count of items. */
async function damaged(): Promise<{
  rig: Rig;
  lost: number;
  page: number;
  before: Map<number, Uint8Array>;
}> {
  const first = await openRig();
  await makeTable(first);
  await ask(first, 'UpdateTable', indexInput);
  await first.engine.idle();
  const v = { S: 'x'.repeat(500) };
  const ids = Array.from({ length: count }, (_, id) => id);
  await Promise.all(ids.map((id) => put(first, `k${id}`, { g: { S: `g${id % 7}` }, v })));
  await first.engine.checkpoint();
  const { disk } = first.store;
  const [leaf] = (await pagesAt(disk, 100, 1)).slice(2);
  const page = leaf?.id ?? 0;
  const before = new Map(
    keysOf(disk, 'page').map((key) => [
      key,
      disk.spaces.page.get(key)?.slice() ?? new Uint8Array(),
    ]),
  );
  damagePage(disk, page);
  return { rig: await openRig({ disk }), lost: leaf?.page?.count ?? 0, page, before };
}

/** A damaged inner page, cut out of a table of 400 items; `mend` makes it read well again. */
async function damagedInner(): Promise<{
  rig: Rig;
  disk: Rig['store']['disk'];
  page: number;
  /** A leaf below it. */
  child: number;
  mend: () => void;
}> {
  const first = await openRig();
  await makeTable(first);
  const long = 'p'.repeat(1900);
  const ids = Array.from({ length: 400 }, (_, id) => `${long}${id}`);
  await Promise.all(ids.map((id) => put(first, id)));
  await first.engine.checkpoint();
  const { disk } = first.store;
  const [inner] = await pagesAt(disk, 100, 2);
  const page = inner?.id ?? 0;
  const whole = keysOf(disk, 'page')
    .filter((key) => pageOf(key) === page)
    .map((key) => [key, disk.spaces.page.get(key) as Uint8Array] as const);
  damagePage(disk, page);
  const rig = await openRig({ disk });
  await Promise.all(ids.map((id) => refusal(find(rig, id))));
  await rig.engine.idle();
  await rig.engine.checkpoint();
  const mend = (): void => {
    for (const [key, value] of whole) disk.spaces.page.put(key, value);
  };
  return { rig, disk, page, child: inner?.page?.child(1) ?? 0, mend };
}

async function isSound(rig: Rig, items: number): Promise<void> {
  expect(await countOf(rig)).toBe(items);
  expect(await countOf(rig, 'byG')).toBe(items);
  const [table] = (await rig.engine.sizes()).tables;
  expect(table?.items).toBe(items);
  expect(table?.indexes[0]?.items).toBe(items);
  expect(rig.engine.status().damage).toEqual([]);
}

function pageOf(key: number): number {
  return Math.floor(key / 2 ** 24);
}

/** Of the items that can be read. */
async function pageKeysOf(rig: Rig, many: number): Promise<Set<string>> {
  const found = new Set<string>();
  for (let id = 0; id < many; id += 1) {
    await find(rig, `k${id}`).then(
      () => found.add(`k${id}`),
      () => undefined,
    );
  }
  return found;
}

describe('a repair', () => {
  test('of a page that cannot be read gives up what it held, and says how much', async () => {
    const { rig, lost, page } = await damaged();
    await outcomes(rig, count);
    const report = await rig.engine.repair();
    expect(report.ranges).toMatchObject([{ table: 'Things', page, restored: 0, isWhole: false }]);
    // Entries of the index whose items are gone go too.
    expect(report.scrub.mended).toBe(lost);
    for (const each of [rig, await openRig({ disk: rig.store.disk })]) {
      expect(tally(await outcomes(each, count))).toEqual({ found: count - lost, absent: lost });
      await isSound(each, count - lost);
    }
    await rig.engine.checkpoint();
    await put(rig, 'one');
    await rig.engine.checkpoint();
    expect(strayPages(rig.store.disk)).toEqual([]);
    await put(rig, 'k3');
  });

  test('undoes nothing that was asked while a page on record read well again', async () => {
    const { rig, lost, page, before } = await damaged();
    const { disk } = rig.store;
    await outcomes(rig, count);
    await rig.engine.idle();
    expect(rig.engine.status().damage).toMatchObject([{ state: 'quarantined', page }]);
    for (const [key, value] of before) {
      if (pageOf(key) === page) disk.spaces.page.put(key, value);
    }
    // It is a part of its tree until the next checkpoint, so what is asked of it is done.
    const other = await openRig({ disk });
    expect(tally(await outcomes(other, count))).toEqual({ found: count });
    const held = (await pagesAt(disk, 100, 1)).find(({ id }) => id === page)?.page;
    const ids = Array.from({ length: held?.count ?? 0 }, (_, index) => {
      return new StoredItem(held?.value(index) ?? new Uint8Array()).item().get('p');
    }).map((value) => (value?.type === 'S' ? value.value : ''));
    const [gone = '', changed = ''] = ids;
    await ask(other, 'DeleteItem', { TableName: 'Things', Key: { p: { S: gone } } });
    await put(other, changed, { g: { S: 'g1' }, v: { S: 'new' } });
    const { ranges } = await other.engine.repair();
    expect(ranges).toMatchObject([{ page, restored: lost - 2, isWhole: true }]);
    expect(tally(await outcomes(other, count))).toEqual({ found: count - 1, absent: 1 });
    expect(await find(other, gone)).toBeUndefined();
    expect((await find(other, changed))?.get('v')).toEqual({ type: 'S', value: 'new' });
    await isSound(other, count - 1);
  });

  test('with salvage takes the cells that still parse', async () => {
    const { rig, lost } = await damaged();
    await outcomes(rig, count);
    const report = await rig.engine.repair({ salvage: true });
    // One byte was spoilt, at the end of the last cell's value.
    expect(report.ranges[0]?.restored).toBeGreaterThanOrEqual(lost - 1);
    const found = tally(await outcomes(rig, count))['found'] ?? 0;
    expect(found).toBeGreaterThanOrEqual(count - 1);
    await isSound(await openRig({ disk: rig.store.disk }), found);
  });

  test('with salvage takes no cell whose key was spoilt for another item', async () => {
    const { rig, lost, page, before } = await damaged();
    const { disk } = rig.store;
    for (const [key, value] of before) {
      if (pageOf(key) === page) disk.spaces.page.put(key, value);
    }
    const [leaf] = (await pagesAt(disk, 100, 1)).filter(({ id }) => id === page);
    const spoilt = leaf?.page?.key(3).byteOffset ?? 0;
    const at = spoilt - (leaf?.page?.bytes.byteOffset ?? 0);
    for (const key of before.keys()) {
      if (pageOf(key) === page) damage(disk, 'page', key, at);
    }
    await outcomes(rig, count);
    const report = await rig.engine.repair({ salvage: true });
    expect(report.ranges).toMatchObject([{ page, restored: lost - 1, isWhole: false }]);
    expect(tally(await outcomes(rig, count))).toEqual({ found: count - 1, absent: 1 });
    await isSound(await openRig({ disk }), count - 1);
  });

  test.each([
    ['the end of its last cell', () => -1],
    ['the length of a key', (bytes: Uint8Array) => cellStart(bytes, 1) + 1],
  ])('with salvage takes what lies below an inner page damaged at %s', async (_name, at) => {
    const first = await openRig();
    await makeTable(first);
    const long = 'p'.repeat(1900);
    const ids = Array.from({ length: 400 }, (_, id) => id);
    await Promise.all(ids.map((id) => put(first, `${long}${id}`)));
    await first.engine.checkpoint();
    const { disk } = first.store;
    const [inner] = await pagesAt(disk, 100, 2);
    for (const key of keysOf(disk, 'page')) {
      if (Math.floor(key / 2 ** 24) !== inner?.id) continue;
      damage(disk, 'page', key, at(disk.spaces.page.get(key) ?? new Uint8Array()));
    }
    const rig = await openRig({ disk });
    const isFound = async (id: number): Promise<boolean> => {
      try {
        return (await find(rig, `${long}${id}`)) !== undefined;
      } catch {
        return false;
      }
    };
    const there = async (): Promise<number> =>
      (await Promise.all(ids.map(isFound))).filter(Boolean).length;
    const reached = await there();
    expect(reached).toBeLessThan(400);
    const report = await rig.engine.repair({ salvage: true });
    const [range] = report.ranges;
    expect(range).toMatchObject({ table: 'Things', page: inner?.id, isWhole: false });
    expect(range?.restored).toBeGreaterThan(0);
    // One byte was spoilt: at most one of its children cannot be found.
    const found = await there();
    expect(found).toBe(reached + (range?.restored ?? 0));
    expect(await countOf(await openRig({ disk }))).toBe(found);
  });

  test.each([
    ['takes a large value of a damaged leaf, which lies elsewhere', false],
    ['gives up a large value that is damaged too, and keeps its neighbours', true],
  ])('with salvage %s', async (_name, isLost) => {
    const first = await openRig();
    await makeTable(first);
    await fill(first, 20);
    await put(first, 'large', { v: { S: 'y'.repeat(100_000) } });
    await first.engine.checkpoint();
    const { disk } = first.store;
    // A byte of the page's own header, not of a cell: only the checksum is wrong.
    const [leaf] = await pagesAt(disk, 100, 1);
    for (const key of keysOf(disk, 'page')) {
      if (pageOf(key) === leaf?.id) damage(disk, 'page', key, 16);
    }
    const index = Array.from({ length: 21 }, (_, at) => at).find((at) =>
      leaf?.page?.isOverflow(at),
    );
    if (isLost) damagePage(disk, leaf?.page?.overflow(index ?? 0).firstPage ?? 0);
    const rig = await openRig({ disk });
    expect(tally(await outcomes(rig, 20))).toEqual({ DamagedData: 20 });
    const { ranges } = await rig.engine.repair({ salvage: true });
    expect(ranges).toMatchObject([{ isWhole: false }]);
    expect(tally(await outcomes(rig, 20))).toEqual({ found: 20 });
    expect((await find(rig, 'large')) === undefined).toBe(isLost);
    expect(await countOf(await openRig({ disk }))).toBe(isLost ? 20 : 21);
  });

  test('with salvage takes the image below deltas: what they changed is as it was', async () => {
    const first = await openRig();
    await makeTable(first);
    await fill(first, 20, 500);
    await first.engine.checkpoint();
    await put(first, 'k3', { v: { S: 'new' } });
    await first.engine.checkpoint();
    const { disk } = first.store;
    const [leaf] = await pagesAt(disk, 100, 1);
    expect(leaf?.page?.deltas).toBe(1);
    damagePage(disk, leaf?.id ?? 0);
    const rig = await openRig({ disk });
    expect(tally(await outcomes(rig, 20))).toEqual({ DamagedData: 20 });
    const report = await rig.engine.repair({ salvage: true });
    expect(report.ranges[0]?.restored).toBeGreaterThanOrEqual(19);
    expect(await refusal(put(rig, 'k3'))).toBeUndefined();
  });

  test('of a page that reads well again brings all of it back', async () => {
    const { rig, page, before } = await damaged();
    await outcomes(rig, count);
    await rig.engine.idle();
    await rig.engine.checkpoint();
    const { disk } = rig.store;
    for (const [key, value] of before) {
      if (pageOf(key) === page) disk.spaces.page.put(key, value);
    }
    const report = await rig.engine.repair();
    expect(report.ranges).toMatchObject([{ page, isWhole: true }]);
    expect(tally(await outcomes(rig, count))).toEqual({ found: count });
    await isSound(await openRig({ disk }), count);
  });

  test('in two tabs at once is told of by the one that made it, and gives nothing up', async () => {
    const { rig, page, before } = await damaged();
    await outcomes(rig, count);
    await rig.engine.idle();
    await rig.engine.checkpoint();
    const { disk } = rig.store;
    for (const [key, value] of before) {
      if (pageOf(key) === page) disk.spaces.page.put(key, value);
    }
    const other = await openRig({ disk });
    // The other one has found what is on record, and is held up while this one repairs it.
    let first: ReturnType<Rig['engine']['repair']> | undefined;
    other.store.hooks.written = async ({ put: puts = [] }) => {
      if (first === undefined && puts.some(({ key }) => key === givenKey + page)) {
        first = rig.engine.repair();
        await first;
      }
      return undefined;
    };
    const second = await other.engine.repair();
    expect(second.ranges).toEqual([]);
    expect((await first)?.ranges).toMatchObject([{ page, isWhole: true }]);
    expect(tally(await outcomes(other, count))).toEqual({ found: count });
    await isSound(await openRig({ disk }), count);
  });

  test('does not bring back what was deleted while its page was bad and nobody knew', async () => {
    const { rig, page, before } = await damaged();
    const { disk } = rig.store;
    const mend = (): void => {
      for (const [key, value] of before) {
        if (pageOf(key) === page) disk.spaces.page.put(key, value);
      }
    };
    const good = await pageKeysOf(rig, count);
    const bad = [...Array(count).keys()].map((id) => `k${id}`).filter((p) => !good.has(p));
    // An engine that has the page in its cache deletes one of its items.
    const bytes = new Map(keysOf(disk, 'page').map((key) => [key, disk.spaces.page.get(key)]));
    mend();
    const other = await openRig({ disk });
    expect(await countOf(other)).toBe(count);
    for (const [key, value] of bytes) disk.spaces.page.put(key, value as Uint8Array);
    await ask(other, 'DeleteItem', { TableName: 'Things', Key: { p: { S: bad[0] } } });
    const third = await openRig({ disk });
    await outcomes(third, count);
    await third.engine.idle();
    await third.engine.checkpoint();
    mend();
    await third.engine.repair();
    expect(await find(third, bad[0] as string)).toBeUndefined();
    await isSound(await openRig({ disk }), count - 1);
  });

  test('leaves what was written anew while its page was bad, and deleted after that, deleted', async () => {
    const { rig, page, before } = await damaged();
    const { disk } = rig.store;
    const good = await pageKeysOf(rig, count);
    const [one, two] = [...Array(count).keys()].map((id) => `k${id}`).filter((p) => !good.has(p));
    const bytes = new Map(keysOf(disk, 'page').map((key) => [key, disk.spaces.page.get(key)]));
    for (const [key, value] of before) disk.spaces.page.put(key, value);
    const other = await openRig({ disk });
    expect(await countOf(other)).toBe(count);
    for (const [key, value] of bytes) disk.spaces.page.put(key, value as Uint8Array);
    for (const p of [one, two]) await put(other, p as string, { v: { S: 'new' } });
    const third = await openRig({ disk });
    await outcomes(third, count);
    await third.engine.idle();
    await ask(third, 'DeleteItem', { TableName: 'Things', Key: { p: { S: one } } });
    await third.engine.checkpoint();
    for (const [key, value] of before) {
      if (pageOf(key) === page) disk.spaces.page.put(key, value);
    }
    await third.engine.repair();
    expect(await find(third, one as string)).toBeUndefined();
    expect((await find(third, two as string))?.get('v')).toEqual({ type: 'S', value: 'new' });
  });

  test('that is interrupted leaves a note that counters are in doubt, until a scrub', async () => {
    const { rig, lost } = await damaged();
    const { disk } = rig.store;
    await outcomes(rig, count);
    const interrupt = (): void => {
      throw new Error('the tab was closed');
    };
    await rig.engine.idle();
    expect(await isDoubted(disk)).toBe(false);
    expect(await refusal(rig.engine.repair({ onProgress: interrupt }))).toMatch(/was closed/);
    const other = await openRig({ disk });
    expect((await other.engine.sizes()).tables[0]?.items).not.toBe(count - lost);
    expect(await isDoubted(disk)).toBe(true);
    await other.engine.scrub();
    expect(await isDoubted(disk)).toBe(false);
    await isSound(other, count - lost);
  });

  test('whose tab dies while another one scrubs leaves a note that this scrub does not settle', async () => {
    const { rig, lost, page } = await damaged();
    const { disk } = rig.store;
    await outcomes(rig, count);
    await rig.engine.idle();
    const other = await openRig({ disk });
    const begun = Promise.withResolvers<void>();
    const died = Promise.withResolvers<void>();
    let scrubbed: Promise<unknown> | undefined;
    other.store.hooks.read = (spaces) => {
      if (scrubbed === undefined || !spaces.includes('page')) return undefined;
      begun.resolve();
      return died.promise;
    };
    // It begins when the note is there, and has looked at nothing when the page is given up.
    rig.store.hooks.written = async ({ put: puts = [] }) => {
      if (scrubbed !== undefined || !puts.some(({ key }) => key === givenKey + page))
        return undefined;
      scrubbed = other.engine.scrub();
      await begun.promise;
      return undefined;
    };
    const interrupt = (): void => {
      throw new Error('the tab was closed');
    };
    expect(await refusal(rig.engine.repair({ onProgress: interrupt }))).toMatch(/was closed/);
    died.resolve();
    await scrubbed;
    expect(await isDoubted(disk)).toBe(true);
    await other.engine.scrub();
    expect(await isDoubted(disk)).toBe(false);
    await isSound(other, count - lost);
  });

  test('whose commits come after a whole scrub of another tab leaves counters in doubt', async () => {
    const { rig, lost } = await damaged();
    const { disk } = rig.store;
    await outcomes(rig, count);
    await rig.engine.idle();
    await rig.engine.checkpoint();
    const other = await openRig({ disk });
    let scrubs = 0;
    rig.store.hooks.write = async ({ add }) => {
      if (add === undefined || scrubs > 0) return undefined;
      scrubs += 1;
      await other.engine.scrub();
      return undefined;
    };
    const interrupt = (): void => {
      throw new Error('the tab was closed');
    };
    expect(await refusal(rig.engine.repair({ onProgress: interrupt }))).toMatch(/was closed/);
    expect(scrubs).toBe(1);
    expect(await isDoubted(disk)).toBe(true);
    await other.engine.scrub();
    await isSound(other, count - lost);
  });

  test('whose tab is killed before it removes a page that it gave up leaves it to the next scrub', async () => {
    const { rig, lost, page } = await damaged();
    const { disk } = rig.store;
    await outcomes(rig, count);
    const isIts = (key: number): boolean => pageOf(key) === page;
    rig.store.hooks.write = ({ remove = [] }) => {
      if (remove.some(({ space, from }) => space === 'page' && isIts(from))) {
        throw new Error('the tab was killed');
      }
      return undefined;
    };
    expect(await refusal(rig.engine.repair())).toMatch(/was killed/);
    expect(keysOf(disk, 'page').some(isIts)).toBe(true);
    const other = await openRig({ disk });
    expect(other.engine.status().damage).toEqual([]);
    await other.engine.scrub();
    expect(keysOf(disk, 'page').some(isIts)).toBe(false);
    expect(keysOf(disk, 'meta')).not.toContain(givenKey + page);
    await isSound(other, count - lost);
    await put(other, 'one');
    await other.engine.checkpoint();
    expect(strayPages(disk)).toEqual([]);
  });

  test('leaves no note when it has come to its end', async () => {
    const { rig } = await damaged();
    await outcomes(rig, count);
    await rig.engine.repair();
    expect(keysOf(rig.store.disk, 'meta').at(-1)).toBe(countedKey);
    expect(await isDoubted(rig.store.disk)).toBe(false);
  });

  test('brings large values back, of a page that reads well again', async () => {
    const first = await openRig();
    await makeTable(first);
    const large = { S: 'x'.repeat(100_000) };
    await put(first, 'a', { v: { S: 'small' } });
    await put(first, 'b', { v: large });
    await put(first, 'c', { v: large });
    await first.engine.checkpoint();
    const { disk } = first.store;
    const [leaf] = await pagesAt(disk, 100, 1);
    const whole = new Map(keysOf(disk, 'page').map((key) => [key, disk.spaces.page.get(key)]));
    const page = leaf?.id ?? 0;
    damagePage(disk, page);
    const rig = await openRig({ disk });
    await refusal(find(rig, 'b'));
    await rig.engine.idle();
    const only = new Map([...whole].filter(([key]) => pageOf(key) === page));
    for (const [key, value] of only) disk.spaces.page.put(key, value ?? new Uint8Array());
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ page, restored: 3, isWhole: true }]);
    expect((await find(rig, 'b'))?.get('v')).toEqual({ type: 'S', value: large.S });
    await put(rig, 'd');
    await rig.engine.checkpoint();
    await put(rig, 'd');
    await rig.engine.checkpoint();
    expect(strayPages(disk)).toEqual([]);
  });

  test('brings all back that lies below an inner page that reads well again', async () => {
    const { rig, disk, page, mend } = await damagedInner();
    expect(await refusal(countOf(rig))).toContain('DamagedData');
    mend();
    // Another tab makes checkpoints while pages are read.
    const other = await openRig({ disk });
    let checkpoints = 0;
    rig.store.hooks.read = async (spaces) => {
      if (!spaces.includes('page') || checkpoints === 9) return;
      checkpoints += 1;
      await ask(other, 'CreateTable', { ...tableInput, TableName: `Other${checkpoints}` });
      await other.engine.checkpoint();
    };
    const { ranges } = await rig.engine.repair();
    expect(checkpoints).toBe(9);
    expect(ranges).toMatchObject([{ page, isWhole: true }]);
    expect(await countOf(await openRig({ disk }))).toBe(400);
    await rig.engine.checkpoint();
    await put(rig, 'd');
    await rig.engine.checkpoint();
    expect(strayPages(disk)).toEqual([]);
  });

  test('gives up what lies on a damaged leaf below an inner page that reads well again', async () => {
    const { rig, disk, page, child, mend } = await damagedInner();
    mend();
    damagePage(disk, child);
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ page, isWhole: false }]);
    expect(ranges[0]?.restored).toBeGreaterThan(0);
  });

  test('gives nothing up of a table that was deleted before its damage was cut out', async () => {
    const { rig, page, before } = await damaged();
    // On record, and no checkpoint yet: the page is in its tree.
    rig.store.hooks.write = ({ expectMeta, put: puts = [] }) => {
      const isCheckpoint = expectMeta && puts.some(({ space }) => space === 'page');
      return isCheckpoint ? { kind: 'refused', why: 'full' } : undefined;
    };
    await outcomes(rig, count);
    await rig.engine.idle();
    delete rig.store.hooks.write;
    expect(rig.engine.status().damage).toMatchObject([{ state: 'quarantined', page }]);
    const { disk } = rig.store;
    for (const [key, value] of before) {
      if (pageOf(key) === page) disk.spaces.page.put(key, value);
    }
    await ask(rig, 'DeleteTable', { TableName: 'Things' });
    await rig.engine.checkpoint();
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ page, isWhole: true }]);
    expect(rig.engine.status().damage).toEqual([]);
  });

  test("brings the engine's own data back, of a page that reads well again", async () => {
    const first = await openRig();
    await makeTable(first);
    await fill(first, 20);
    await first.engine.checkpoint();
    const { disk } = first.store;
    const [leaf] = await pagesAt(disk, catalogTree, 1);
    const page = leaf?.id ?? 0;
    const whole = keysOf(disk, 'page').filter((key) => pageOf(key) === page);
    const values = whole.map((key) => [key, disk.spaces.page.get(key)] as const);
    damagePage(disk, page);
    const rig = await openRig({ disk });
    await refusal(find(rig, 'k1'));
    await rig.engine.idle();
    for (const [key, value] of values) disk.spaces.page.put(key, value ?? new Uint8Array());
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ table: undefined, page, restored: 1, isWhole: true }]);
    for (const each of [rig, await openRig({ disk })]) expect(await countOf(each)).toBe(20);
  });

  test('reads a page again before it gives up what it held', async () => {
    const { rig, page, before } = await damaged();
    await outcomes(rig, count);
    await rig.engine.idle();
    const { disk } = rig.store;
    for (const [key, value] of before) {
      if (pageOf(key) === page) disk.spaces.page.put(key, value);
    }
    // The first read of it alone is spoilt on the way.
    let spoilt = 0;
    const scan = rig.store.scan.bind(rig.store);
    rig.store.scan = async (ranges) => {
      const found = await scan(ranges);
      const isIts = ranges[0]?.space === 'page' && pageOf(ranges[0].from) === page;
      const whole = found[0] ?? [];
      if (!isIts || whole.length === 0 || spoilt > 0) return found;
      spoilt += 1;
      const cut = whole.map(({ key, value }) => ({ key, value: value.slice(0, -1) }));
      return [cut, ...found.slice(1)];
    };
    const { ranges } = await rig.engine.repair();
    expect(spoilt).toBe(1);
    expect(ranges.map(({ isWhole }) => isWhole)).toEqual([true]);
    await isSound(rig, count);
  });

  test('of a piece of a large value gives up its item', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await ask(rig, 'UpdateTable', indexInput);
    await rig.engine.idle();
    await fill(rig, 20);
    await put(rig, 'large', { v: { S: 'y'.repeat(100_000) } });
    await rig.engine.checkpoint();
    const { disk } = rig.store;
    damagePage(disk, (await pagesAt(disk, 100, 0))[0]?.id ?? 0);
    const other = await openRig({ disk });
    expect(await refusal(find(other, 'large'))).toMatch(/^DamagedData/);
    await other.engine.repair();
    expect(await find(other, 'large')).toBeUndefined();
    await other.engine.checkpoint();
    const again = await openRig({ disk });
    expect(await find(again, 'large')).toBeUndefined();
    expect((await again.engine.sizes()).tables[0]?.items).toBe(20);
    expect(strayPages(disk)).toEqual([]);
  });

  test('forgets what was set aside of a damaged log when it is told to', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await put(rig, 'a');
    const { disk } = rig.store;
    damage(disk, 'log', rig.engine.status().head);
    const other = await openRig({ disk });
    await other.engine.repair();
    expect(other.engine.status().damage).toHaveLength(1);
    // A copy of what another engine is about to set aside: it was not removed from the log yet.
    const copied = asideKey + metaOf(disk).position + 1;
    disk.spaces.meta.put(copied, new Uint8Array(1));
    await other.engine.repair({ forget: true });
    expect(other.engine.status().damage).toEqual([]);
    expect(keysOf(disk, 'meta').filter((key) => key >= logNoteKey)).toEqual([copied]);
    expect((await openRig({ disk })).engine.status().damage).toEqual([]);
  });

  test('of a sound store finds nothing to do', async () => {
    const rig = await openRig();
    await makeTable(rig);
    expect(await rig.engine.repair()).toMatchObject({ ranges: [], scrub: { mended: 0 } });
  });
});
