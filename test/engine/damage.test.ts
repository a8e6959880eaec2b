import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { DamagedData, DamagedPage } from '../../src/base/corruption.ts';
import { damageShownMax } from '../../src/base/limits.ts';
import { DamageWatch } from '../../src/engine/damage.ts';
import type { Damage } from '../../src/engine/engine-types.ts';
import type { Notice } from '../../src/port/notice.ts';
import { StoreFailure } from '../../src/port/store.ts';
import {
  catalogKey,
  catalogTree,
  countersTree,
  droppedTree,
  jobsTree,
  replicaTree,
  rootsTree,
  streamsTree,
  tokensTree,
  triggersTree,
} from '../../src/table/system.ts';
import { strayPages } from '../simulation/pages.ts';
import {
  damagePage,
  moveUnder,
  outcomes,
  pagesAt,
  stored,
  tally,
  withIndex,
} from '../support/damage.ts';
import {
  ask,
  countOf,
  fill,
  find,
  indexInput,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  openTestState,
  put,
  quiet,
  refusal,
  type Rig,
  tableInput,
  TestTime,
} from '../support/engine.ts';

const tableTree = 100;
const engineAsks = { form: 'plain', caller: { kind: 'engine', principal: 'engine' } } as const;
const streamOn = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };
const others = { ...tableInput, TableName: 'Others' };
const trigger = { Name: 'watch', Table: 'Things', StartingPosition: 'TRIM_HORIZON' };
const Put = { TableName: 'Things', Item: { p: { S: 'k1' } } };
const once = { ClientRequestToken: 'once', TransactItems: [{ Put }] };

function queryIndex(rig: Rig, g: string): Promise<string | undefined> {
  return refusal(
    ask(rig, 'Query', {
      TableName: 'Things',
      IndexName: 'byG',
      KeyConditionExpression: 'g = :g',
      ExpressionAttributeValues: { ':g': { S: g } },
    }),
  );
}

describe('a damaged leaf of a table', () => {
  test('is out of reach with its keys; all others are read and written on', async () => {
    const first = await stored();
    const { disk } = first.store;
    const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(3);
    damagePage(disk, leaf?.id ?? 0);
    const told: Damage[] = [];
    const notices: Notice[] = [];
    const notify = (notice: Notice): void => void notices.push(notice);
    const rig = await openRig({ disk, notify, onDamage: (one) => told.push(one) });
    const before = tally(await outcomes(rig, 600));
    expect(before['DamagedData']).toBe(leaf?.page?.count);
    expect(before['found']).toBe(600 - (leaf?.page?.count ?? 0));
    expect(rig.engine.status().damage).toMatchObject([
      { kind: 'page', state: 'found', table: 'Things', tree: tableTree, page: leaf?.id },
    ]);
    await rig.engine.idle();
    expect(rig.engine.status().damage).toMatchObject([{ state: 'quarantined', page: leaf?.id }]);
    expect(told.map(({ state }) => state)).toEqual(['found', 'quarantined']);
    expect(notices).toEqual(told.map(({ what }) => ({ type: 'damage', message: what })));
    // Known to every engine, before a checkpoint and after it.
    const bad = (await outcomes(rig, 600)).indexOf('DamagedData');
    const good = (await outcomes(rig, 600)).indexOf('found');
    const other = await openRig({ disk });
    expect(tally(await outcomes(other, 600))).toEqual(before);
    expect(other.engine.status().damage).toMatchObject([{ state: 'quarantined' }]);
    await put(rig, `k${good}`, { v: { S: 'new' } });
    const records = keysOf(disk, 'page').length;
    await rig.engine.checkpoint();
    expect(rig.engine.status().tailBytes).toBe(0);
    const again = await openRig({ disk });
    for (const each of [rig, other, again]) {
      expect(tally(await outcomes(each, 600))).toEqual(before);
      expect((await find(each, `k${good}`))?.get('v')?.value).toBe('new');
      expect(await refusal(put(each, `k${bad}`))).toMatch(/^DamagedData .*repair/);
    }
    // The bytes of the damaged page are kept.
    expect(keysOf(disk, 'page').length).toBeGreaterThanOrEqual(records - 1);
    await put(again, `k${good}`);
    await again.engine.checkpoint();
    expect(tally(await outcomes(again, 600))).toEqual(before);
  });

  test('ends a scan where it is, and no scan that stays before it', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    const leaves = await pagesAt(disk, tableTree, 1);
    damagePage(disk, leaves[10]?.id ?? 0);
    const other = await openRig({ disk });
    const scan = (more: object): Promise<string | undefined> =>
      refusal(ask(other, 'Scan', { TableName: 'Things', ...more }));
    for (const settle of [false, true]) {
      if (settle) {
        await other.engine.idle();
        await other.engine.checkpoint();
      }
      expect(await scan({ Limit: 50 })).toBeUndefined();
      expect(await scan({})).toMatch(/^DamagedData A part of table Things/);
    }
  });

  test('under writes of its keys: the checkpoint keeps them, and what else it held stays lost', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(5);
    const other = await openRig({ disk });
    const writable = (await outcomes(other, 600)).length;
    expect(writable).toBe(600);
    await Promise.all(
      Array.from({ length: 300 }, (_, id) => put(other, `k${id}`, { v: { S: 'n' } })),
    );
    damagePage(disk, leaf?.id ?? 0);
    const third = await openRig({ disk });
    await third.engine.checkpoint();
    expect(third.engine.status().tailBytes).toBe(0);
    const found = await outcomes(await openRig({ disk }), 600);
    expect(new Set(found.slice(0, 300))).toEqual(new Set(['found']));
    expect(tally(found.slice(300))['DamagedData']).toBeGreaterThan(3);
    // Twice: what was cut out is not cut out again, with what took its place.
    await put(third, 'k1', { v: { S: 'again' } });
    await third.engine.checkpoint();
    expect(await outcomes(await openRig({ disk }), 600)).toEqual(found);
  });

  test('on record is shown whatever else changes, by an engine that has read anything', async () => {
    const { disk } = (await stored()).store;
    const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(3);
    damagePage(disk, leaf?.id ?? 0);
    const rig = await openRig({ disk });
    await outcomes(rig, 600);
    await rig.engine.idle();
    const other = await openRig({ disk });
    await outcomes(other, 600);
    // What an engine remembers of tables, jobs and damage is void when one of them changes.
    await ask(rig, 'CreateTable', others);
    await ask(other, 'ListTables', {}, { consistency: 'strong' });
    for (const { engine } of [rig, other]) {
      expect(engine.status().damage).toMatchObject([{ state: 'quarantined', page: leaf?.id }]);
    }
    await rig.engine.repair();
    expect(rig.engine.status().damage).toEqual([]);
    await ask(other, 'ListTables', {}, { consistency: 'strong' });
    await other.engine.idle();
    expect(other.engine.status().damage).toEqual([]);
  });

  test('that was spoilt on the way only is forgotten', async () => {
    const rig = await stored(200);
    const { disk } = rig.store;
    const [leaf] = await pagesAt(disk, tableTree, 1);
    const kept = keysOf(disk, 'page').map((key) => [key, disk.spaces.page.get(key)] as const);
    damagePage(disk, leaf?.id ?? 0);
    const other = await openRig({ disk });
    expect(tally(await outcomes(other, 200))['DamagedData']).toBeGreaterThan(0);
    for (const [key, value] of kept) disk.spaces.page.put(key, value ?? new Uint8Array());
    expect(tally(await outcomes(other, 200))).toEqual({ found: 200 });
    await other.engine.idle();
    expect(other.engine.status().damage).toEqual([]);
  });
});

describe('damage', () => {
  test('is placed although another engine makes checkpoints meanwhile', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(3);
    const other = await openRig({ disk });
    damagePage(disk, leaf?.id ?? 0);
    // The first read brings the page; those after it look for whose it is.
    await moveUnder(other, 3);
    const found = tally(await outcomes(other, 600));
    expect(found['DamagedData']).toBe(leaf?.page?.count);
    expect(other.engine.status().damage).toMatchObject([{ table: 'Things', page: leaf?.id }]);
  });

  test('of a page whose tree cannot be found for checkpoints is told as it is', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(3);
    const { state, store } = await openTestState({ disk });
    await moveUnder({ store }, Number.POSITIVE_INFINITY);
    const watch = new DamageWatch(state);
    const met = new DamagedPage(leaf?.id ?? 0, 'bad checksum');
    const error = await watch.explain(met, (read) => Promise.resolve(read()));
    expect(error).toBeInstanceOf(DamagedData);
    expect(error.message).toMatch(/bad checksum; whose page it is cannot be told\. Try again/);
    expect(watch.isPending).toBe(false);
    expect(watch.all).toEqual([]);
  });

  test('is told of by its table only when the catalog can be read', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(3);
    damagePage(disk, leaf?.id ?? 0);
    const { state } = await openTestState({ disk });
    const met = new DamagedPage(leaf?.id ?? 0, 'bad checksum');
    const unread = new DamageWatch(state);
    const failing = (error: Error) => () => Promise.reject(error);
    await unread.explain(met, failing(new DamagedData('the catalog is damaged')));
    expect(unread.all).toMatchObject([{ tree: tableTree, page: leaf?.id, state: 'found' }]);
    expect(unread.all[0]).not.toHaveProperty('table');
    // What is no damage is not taken for it.
    const gone = unread.explain(met, failing(new StoreFailure('lost', 'gone')));
    expect(await refusal(gone)).toBe('StoreFailure gone');
  });

  test('is looked for again when the store failed the first time', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(3);
    damagePage(disk, leaf?.id ?? 0);
    const { state, store } = await openTestState({ disk });
    const watch = new DamageWatch(state);
    const met = new DamagedPage(leaf?.id ?? 0, 'bad checksum');
    const look = (): Promise<Error> => watch.explain(met, () => Promise.reject(met));
    store.hooks.read = () => {
      throw new StoreFailure('lost', 'gone');
    };
    expect(await refusal(look())).toBe('StoreFailure gone');
    expect(watch.all).toEqual([]);
    store.hooks.read = () => undefined;
    const plain = new DamagedData('the catalog is damaged');
    await watch.explain(met, () => Promise.reject(plain));
    expect(watch.all).toMatchObject([{ tree: tableTree, page: leaf?.id }]);
  });

  test('that another engine has repaired is shown no more', async () => {
    const { disk } = (await stored()).store;
    damagePage(disk, (await pagesAt(disk, tableTree, 1))[2]?.id ?? 0);
    const rig = await openRig({ disk });
    await outcomes(rig, 600);
    await rig.engine.idle();
    // It has met what is on record already.
    const other = await openRig({ disk });
    await outcomes(other, 600);
    for (const { engine } of [rig, other]) {
      expect(engine.status().damage).toMatchObject([{ state: 'quarantined' }]);
    }
    await (await openRig({ disk })).engine.repair();
    for (const each of [rig, other]) {
      await find(each, 'k1');
      expect(each.engine.status().damage).toEqual([]);
    }
  });

  test('is shown up to a bound, and each state of it is told once', async () => {
    const told: Damage[] = [];
    const { state } = await openTestState({ onDamage: (one) => told.push(one) });
    const watch = new DamageWatch(state);
    const what = 'a page';
    for (let page = 0; page <= damageShownMax; page += 1) {
      watch.note(`page ${page}`, { kind: 'page', state: 'found', what, page });
    }
    expect(watch.all).toHaveLength(damageShownMax);
    expect(told).toHaveLength(damageShownMax);
    watch.note('page 0', { kind: 'page', state: 'found', what: 'again', page: 0 });
    expect(told).toHaveLength(damageShownMax);
    watch.note('page 0', { kind: 'page', state: 'rebuilding', what, page: 0 });
    expect(told.at(-1)).toMatchObject({ page: 0, state: 'rebuilding' });
    // Room again: the next one is shown.
    watch.forget(1);
    watch.note('page 999', { kind: 'page', state: 'found', what, page: 999 });
    expect(watch.all).toHaveLength(damageShownMax);
    expect(told.at(-1)).toMatchObject({ page: 999 });
  });
});

describe('other damaged pages', () => {
  test('an inner page: the range of its leaves is out of reach, and nothing else', async () => {
    const rig = await openRig();
    await makeTable(rig);
    // Long keys, so that inner pages are many.
    const long = 'p'.repeat(1900);
    const ids = Array.from({ length: 400 }, (_, id) => id);
    await Promise.all(ids.map((id) => put(rig, `${long}${id}`)));
    await rig.engine.checkpoint();
    const { disk } = rig.store;
    const inner = await pagesAt(disk, tableTree, 2);
    expect(inner.length).toBeGreaterThan(0);
    damagePage(disk, inner[0]?.id ?? 0);
    const other = await openRig({ disk });
    const found = async (each: Rig): Promise<number> => {
      const all = await Promise.all(ids.map((id) => refusal(find(each, `${long}${id}`))));
      return all.filter((error) => error === undefined).length;
    };
    const before = await found(other);
    expect(before).toBeLessThan(400);
    await other.engine.idle();
    const written = await Promise.all(
      ids.map((id) => refusal(put(other, `${long}${id}`, { n: { N: '1' } }))),
    );
    expect(written.filter((error) => error === undefined)).toHaveLength(before);
    await other.engine.checkpoint();
    expect(other.engine.status().tailBytes).toBe(0);
    expect(await found(await openRig({ disk }))).toBe(before);
  });

  test('a leaf below a root that is bad in the store and sound in a cache is cut out', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    const [root] = await pagesAt(disk, tableTree, 2);
    const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(3);
    const small = await openRig({ disk });
    // Its cache has the root, and not that leaf.
    await find(small, 'k1');
    damagePage(disk, root?.id ?? 0);
    damagePage(disk, leaf?.id ?? 0);
    const before = tally(await outcomes(small, 600));
    const lost = leaf?.page?.count ?? 0;
    expect(before).toEqual({ found: 600 - lost, DamagedData: lost });
    const [met] = small.engine.status().damage;
    expect(met).toMatchObject({ tree: tableTree, page: leaf?.id, table: 'Things' });
    await small.engine.idle();
    await put(small, 'more');
    await small.engine.checkpoint();
    expect(small.engine.status().tailBytes).toBe(0);
  });

  test('a root: the whole table is out of reach, and other tables are not', async () => {
    const rig = await stored(10, 100);
    await ask(rig, 'CreateTable', {
      TableName: 'Others',
      AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    await ask(rig, 'PutItem', { TableName: 'Others', Item: { p: { S: 'a' } } });
    await put(rig, 'k3', { v: { S: 'n' } });
    const { disk } = rig.store;
    damagePage(disk, (await pagesAt(disk, tableTree, 1))[0]?.id ?? 0);
    const other = await openRig({ disk });
    await other.engine.checkpoint();
    expect(other.engine.status().tailBytes).toBe(0);
    const read = { TableName: 'Others', Key: { p: { S: 'a' } } };
    expect(await ask(other, 'GetItem', read)).toHaveProperty('Item');
    expect(tally(await outcomes(other, 10))).toEqual({ found: 1, DamagedData: 9 });
  });

  test('a piece of a large value: its item alone is out of reach', async () => {
    const rig = await stored(50, 100);
    await put(rig, 'large', { v: { S: 'y'.repeat(100_000) } });
    await rig.engine.checkpoint();
    const { disk } = rig.store;
    damagePage(disk, (await pagesAt(disk, tableTree, 0))[1]?.id ?? 0);
    const other = await openRig({ disk });
    expect(await refusal(find(other, 'large'))).toMatch(/^DamagedData/);
    await other.engine.idle();
    expect(other.engine.status().damage).toMatchObject([{ state: 'quarantined' }]);
    expect(tally(await outcomes(other, 50))).toEqual({ found: 50 });
    await put(other, 'k1', { v: { S: 'new' } });
    await other.engine.checkpoint();
    expect(other.engine.status().tailBytes).toBe(0);
    expect(await refusal(find(other, 'large'))).toMatch(/^DamagedData/);
  });

  test('that were spoilt on the way once lose nothing of a tree that is dropped', async () => {
    const first = await stored();
    await put(first, 'large', { v: { S: 'y'.repeat(100_000) } });
    await first.engine.checkpoint();
    const { disk } = first.store;
    const rig = await openRig({ disk });
    // The first read of the leaf that knows where the large value is.
    const leaf = (await pagesAt(disk, tableTree, 1)).find(({ page }) => {
      return Array.from({ length: page?.count ?? 0 }, (_, at) => at).some((at) =>
        page?.isOverflow(at),
      );
    });
    let spoilt = 0;
    const isLeaf = (key: number): boolean => Math.floor(key / 2 ** 24) === leaf?.id;
    const scan = rig.store.scan.bind(rig.store);
    rig.store.scan = async (ranges) => {
      const results = await scan(ranges);
      if (spoilt > 0 || !results.flat().some(({ key }) => isLeaf(key))) return results;
      spoilt += 1;
      return results.map((records) =>
        records.map(({ key, value }) => ({ key, value: isLeaf(key) ? value.slice(1) : value })),
      );
    };
    await ask(rig, 'DeleteTable', { TableName: 'Things' });
    await rig.engine.checkpoint();
    expect(spoilt).toBe(1);
    await makeTable(rig);
    await rig.engine.checkpoint();
    expect(strayPages(disk)).toEqual([]);
  });

  test('of a tree that is dropped do not keep it', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    const leaves = await pagesAt(disk, tableTree, 1);
    damagePage(disk, leaves[1]?.id ?? 0);
    const other = await openRig({ disk });
    await ask(other, 'DeleteTable', { TableName: 'Things' });
    await other.engine.checkpoint();
    await other.engine.checkpoint();
    expect(other.engine.status().damage).toEqual([]);
    expect(keysOf(disk, 'page').length).toBeLessThan(15);
  });

  test('of the roots: whoever asks is told, and nothing is written over', async () => {
    const rig = await stored(10);
    const { disk } = rig.store;
    damagePage(disk, metaOf(disk).roots?.page ?? 0);
    const other = await openRig({ disk });
    expect(await refusal(find(other, 'k1'))).toMatch(/^DamagedData .*own data is damaged/);
    const records = keysOf(disk, 'page').length;
    expect(await refusal(other.engine.checkpoint())).toBeUndefined();
    expect(keysOf(disk, 'page')).toHaveLength(records);
  });
});

describe('a damaged index', () => {
  test('is rebuilt from its table', async () => {
    const rig = await withIndex();
    const { disk } = rig.store;
    const leaves = await pagesAt(disk, 101, 1);
    for (const { id } of leaves.slice(1)) damagePage(disk, id);
    const states: string[] = [];
    const other = await openRig({ disk, onDamage: ({ state }) => states.push(state) });
    const errors = await Promise.all(
      Array.from({ length: 7 }, (_, g) => queryIndex(other, `g${g}`)),
    );
    const told = errors.find((error) => error !== undefined);
    expect(told).toMatch(/^DamagedData Index byG of table Things is damaged .* rebuilt/);
    await other.engine.idle();
    expect(await countOf(other, 'byG')).toBe(300);
    expect(states).toContain('rebuilding');
    await other.engine.checkpoint();
    await other.engine.checkpoint();
    const fresh = await openRig({ disk });
    expect(await countOf(fresh, 'byG')).toBe(300);
    expect(await countOf(fresh)).toBe(300);
    expect(await pagesAt(disk, 101, 1)).toEqual([]);
  });

  test('that a checkpoint meets first is rebuilt too', async () => {
    const rig = await withIndex();
    const { disk } = rig.store;
    for (const { id } of await pagesAt(disk, 101, 1)) damagePage(disk, id);
    const other = await openRig({ disk });
    await Promise.all(
      Array.from({ length: 300 }, (_, id) => put(other, `k${id}`, { g: { S: 'h' } })),
    );
    await other.engine.checkpoint();
    await other.engine.idle();
    expect(await countOf(other, 'byG')).toBe(300);
  });
});

/** Something in each of the engine's own trees; jobs and dropped trees are still to be done. */
async function withOwnData(): Promise<Rig> {
  const rig = await openRig();
  await makeTable(rig);
  await ask(rig, 'CreateTable', others);
  await ask(rig, 'OpenReplica', { Role: 'device' }, engineAsks);
  await ask(rig, 'UpdateTable', { TableName: 'Things', StreamSpecification: streamOn });
  await ask(rig, 'OpenTrigger', trigger, engineAsks);
  await ask(rig, 'TransactWriteItems', once);
  await ask(rig, 'UpdateTable', indexInput);
  await ask(rig, 'DeleteTable', { TableName: 'Others' });
  await rig.engine.checkpoint();
  return rig;
}

describe("damage of the engine's own data", () => {
  test('a stream that a repair has given up: damage of its records is on record all the same', async () => {
    const first = await openRig();
    await makeTable(first);
    await ask(first, 'UpdateTable', { TableName: 'Things', StreamSpecification: streamOn });
    await put(first, 'a');
    await first.engine.checkpoint();
    const { disk } = first.store;
    damagePage(disk, (await pagesAt(disk, streamsTree, 1))[0]?.id ?? 0);
    const rig = await openRig({ disk });
    await rig.engine.idle();
    await rig.engine.repair();
    const [records] = await pagesAt(disk, tableTree + 1, 1);
    damagePage(disk, records?.id ?? 0);
    // A checkpoint adds to the page that is damaged.
    const other = await openRig({ disk });
    await put(other, 'b');
    await other.engine.checkpoint();
    expect(other.engine.status()).toMatchObject({ tailBytes: 0, damage: [{ table: 'Things' }] });
    await other.engine.repair();
    expect(other.engine.status().damage).toEqual([]);
  });

  test.each([
    ['the catalog', catalogTree, 'DescribeTable', { TableName: 'Things' }],
    ['counters', countersTree, 'CreateTable', others],
    ['jobs', jobsTree, 'AdvanceJob', { Job: 'backfill/1' }],
    ['tokens', tokensTree, 'TransactWriteItems', once],
    ['dropped trees', droppedTree, 'ForgetDropped', { Trees: [999] }],
    ['streams', streamsTree, 'ListStreams', {}],
    ['what a replica is', replicaTree, 'OpenReplica', { Role: 'device' }],
    ['triggers', triggersTree, 'OpenTrigger', trigger],
  ])('%s: on record, worked around, and ended by a repair', async (_, tree, operation, input) => {
    const { disk } = (await withOwnData()).store;
    const [leaf] = await pagesAt(disk, tree, 1);
    damagePage(disk, leaf?.id ?? 0);
    const rig = await openRig({ disk });
    const asks = { ...engineAsks, form: 'wire' } as const;
    expect(await refusal(ask(rig, operation, input, asks))).toMatch(/^DamagedData .*own data/);
    for (let round = 0; round < 2; round += 1) {
      await rig.engine.idle();
      expect(rig.engine.status().damage).toMatchObject([{ tree, state: 'quarantined' }]);
      await rig.engine.checkpoint();
      expect(rig.engine.status().tailBytes).toBe(0);
    }
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ page: leaf?.id, isWhole: false }]);
    expect(rig.engine.status().damage).toEqual([]);
    await rig.engine.idle();
  });

  test.each([
    ['the catalog', catalogTree, hexOf(catalogKey('Zzz'))],
    ['what a replica is', replicaTree, ''],
  ])(
    '%s: a page whose table it hides waits for it, and holds nothing up',
    async (_, Tree, From) => {
      const { disk } = (await stored()).store;
      const rig = await openRig({ disk });
      await ask(rig, 'NoteDamage', { Tree, From, Page: 9000, Height: 1 }, engineAsks);
      const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(3);
      damagePage(disk, leaf?.id ?? 0);
      const before = tally(await outcomes(rig, 600));
      expect(before['DamagedData']).toBe(leaf?.page?.count);
      for (let round = 0; round < 2; round += 1) {
        await rig.engine.idle();
        await rig.engine.checkpoint();
        expect(rig.engine.status().tailBytes).toBe(0);
      }
      const states = (): readonly unknown[] => rig.engine.status().damage.map(({ state }) => state);
      // On record without its table, which the repair asks for again when it has ended the other.
      expect(states()).toEqual(['quarantined', 'quarantined']);
      expect(tally(await outcomes(await openRig({ disk }), 600))).toEqual(before);
      expect((await rig.engine.repair()).ranges).toMatchObject([
        { page: 9000 },
        { page: leaf?.id, table: 'Things' },
      ]);
      expect(states()).toEqual([]);
      expect(tally(await outcomes(rig, 600))['found']).toBe(600 - (leaf?.page?.count ?? 0));
    },
  );

  test.each([
    ['the roots', rootsTree],
    ['the catalog', catalogTree],
    ['jobs', jobsTree],
  ])('%s: background work that it is in the way of comes to an end', async (_, tree) => {
    const { disk } = (await withOwnData()).store;
    const [leaf] = tree === rootsTree ? [] : await pagesAt(disk, tree, 1);
    damagePage(disk, leaf?.id ?? metaOf(disk).roots?.page ?? 0);
    const time = new TestTime();
    const { delay, breathe } = time.scheduler;
    // What is to be done in an hour is not part of this.
    const scheduler = {
      delay: (ms: number) => (ms > 60_000 ? new Promise<void>(() => undefined) : delay(ms)),
      breathe,
    };
    const rig = await openRig({ disk, background: true, time, scheduler });
    await refusal(ask(rig, 'AdvanceJob', { Job: 'backfill/1' }, engineAsks));
    for (let look = 0; look < 100; look += 1) await quiet();
    const { reads } = rig.store;
    for (let look = 0; look < 100; look += 1) await quiet();
    expect(rig.store.reads - reads).toBe(0);
    await rig.engine.idle();
  });

  test('jobs out of reach keep no checkpoint, and nothing is told to have broken off', async () => {
    const notices: Notice[] = [];
    const notify = (notice: Notice): void => void notices.push(notice);
    const rig = await openRig({ background: true, checkpointBytes: 10_000, notify });
    await makeTable(rig);
    const record = { Tree: jobsTree, From: '', Page: 9000, Height: 1 };
    await ask(rig, 'NoteDamage', record, engineAsks);
    for (let round = 0; round < 3; round += 1) {
      const { checkpoints } = rig.engine.status();
      await fill(rig, 100, 500, round * 100);
      for (let look = 0; look < 100 && rig.engine.status().checkpoints === checkpoints; look += 1)
        await quiet();
      expect(rig.engine.status().checkpoints).toBeGreaterThan(checkpoints);
    }
    expect(notices).toEqual([]);
    await rig.engine.close();
  });
});
