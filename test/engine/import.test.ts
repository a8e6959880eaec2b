import { describe, expect, test } from 'vitest';
import type { ImportResult, ImportSettings } from '../../src/engine/import-types.ts';
import {
  buildPagesFrom,
  buildRangeMin,
  checkpointSpan,
  dropsPerCheckpoint,
  importErrorSamples,
} from '../../src/base/limits.ts';
import { prng } from '../../src/base/prng.ts';
import type { WriteBatch } from '../../src/port/store.ts';
import { createMemory, type MemoryDisk } from '../../src/storage/memory.ts';
import { StoredItem } from '../../src/value/codec.ts';
import { itemToPlain } from '../../src/value/plain.ts';
import type { Item } from '../../src/value/value.ts';
import type { TableState } from '../../src/table/state.ts';
import { strayPages } from '../simulation/pages.ts';
import { damagePage, pagesAt } from '../support/damage.ts';
import {
  ask,
  gate,
  keysOf,
  metaOf,
  type Output,
  openRig,
  openTestState,
  quiet,
  type Rig,
  refusal,
  tableInput as bareInput,
} from '../support/engine.ts';

const TableName = 'Bulk';
const tableInput = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'p', AttributeType: 'S' },
    { AttributeName: 's', AttributeType: 'N' },
    { AttributeName: 'g', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'p', KeyType: 'HASH' },
    { AttributeName: 's', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byG',
      KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
    {
      IndexName: 'keys',
      KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
};

type Plain = Readonly<Record<string, unknown>>;

function itemsOf(count: number, seed = 1, bytes = 60): Plain[] {
  const random = prng(seed);
  return Array.from({ length: count }, (_, at) => ({
    p: `p${random.below(50)}`,
    s: random.below(count),
    ...(at % 5 === 0 ? {} : { g: `g${random.below(9)}` }),
    v: 'x'.repeat(random.below(bytes)),
    n: at,
  }));
}

/** What is there once all of `items` were put, in their order. */
function modelOf(items: readonly Plain[]): Map<string, Plain> {
  return new Map(items.map((item) => [`${item['p']}/${item['s']}`, item]));
}

async function makeTable(rig: Rig): Promise<void> {
  await ask(rig, 'CreateTable', tableInput, { form: 'plain' });
}

async function importAll(
  rig: Rig,
  items: readonly unknown[],
  settings: Partial<ImportSettings> = {},
  batch = 100,
): Promise<ImportResult> {
  const session = await rig.engine.import({ table: TableName, form: 'plain', ...settings });
  for (let at = session.resumed.items; at < items.length; at += batch) {
    const part = items.slice(at, at + batch);
    await session.write({ items: part, position: at + part.length });
  }
  return session.finish();
}

async function scan(rig: Rig, IndexName?: string): Promise<Plain[]> {
  const found: Plain[] = [];
  let ExclusiveStartKey: unknown;
  do {
    const input = { TableName, ...(IndexName && { IndexName }), ConsistentRead: !IndexName };
    const page = await ask(
      rig,
      'Scan',
      ExclusiveStartKey ? { ...input, ExclusiveStartKey } : input,
      {
        consistency: 'strong',
      },
    );
    for (const item of page['Items'] as (StoredItem | Item)[]) {
      found.push(itemToPlain(item instanceof StoredItem ? item.item() : item));
    }
    const key = page['LastEvaluatedKey'] as StoredItem | Item | undefined;
    ExclusiveStartKey = key && wireKey(key instanceof StoredItem ? key.item() : key);
  } while (ExclusiveStartKey !== undefined);
  return found;
}

function wireKey(item: Item): Record<string, unknown> {
  return Object.fromEntries([...item].map(([name, { type, value }]) => [name, { [type]: value }]));
}

const byKey = (a: Plain, b: Plain): number => (keyText(a) < keyText(b) ? -1 : 1);
const keyText = (item: Plain): string => `${item['p']}/${item['s']}`;

/** Table, indexes and counters hold exactly the model. */
async function expectModel(rig: Rig, model: ReadonlyMap<string, Plain>): Promise<void> {
  const items = [...model.values()].sort(byKey);
  expect((await scan(rig)).sort(byKey)).toEqual(items);
  const indexed = items.filter(({ g }) => g !== undefined);
  expect((await scan(rig, 'byG')).sort(byKey)).toEqual(indexed);
  const keys = indexed.map(({ p, s, g }) => ({ p, s, g }));
  expect((await scan(rig, 'keys')).sort(byKey)).toEqual(keys);
  expect(await described(rig)).toMatchObject({
    TableStatus: 'ACTIVE',
    ItemCount: items.length,
    GlobalSecondaryIndexes: [{ ItemCount: indexed.length }, { ItemCount: indexed.length }],
  });
}

async function described(rig: Rig): Promise<Output> {
  return (await ask(rig, 'DescribeTable', { TableName }))['Table'] as Output;
}

/** Every page record is reachable: what a build leaves behind is counted against a clean copy. */
async function pageRecords(disk: MemoryDisk): Promise<number> {
  const rig = await openRig({ disk });
  await rig.engine.checkpoint();
  await rig.engine.idle();
  await rig.engine.checkpoint();
  await rig.engine.close();
  return [...disk.spaces.page.keys(2 ** 24 * 256, Number.MAX_SAFE_INTEGER)].length;
}

describe('an import', () => {
  const rows: [string, Partial<ImportSettings>][] = [
    ['in memory', {}],
    ['by stored runs', { runBytes: 20_000 }],
  ];
  test.each(rows)('%s is what puts in the same order would have made', async (_name, settings) => {
    const rig = await openRig();
    await makeTable(rig);
    const items = itemsOf(3000);
    const model = modelOf(items);
    const result = await importAll(rig, items, settings);
    expect(result).toMatchObject({
      way: 'build',
      processedItemCount: 3000,
      importedItemCount: 3000,
      errorCount: 0,
      overwrittenItemCount: 3000 - model.size,
      errors: [],
    });
    await expectModel(rig, model);
    // Again from the log alone, from pages alone, and after changes on both.
    await expectModel(await openRig({ disk: rig.store.disk }), model);
    await rig.engine.checkpoint();
    await expectModel(rig, model);
    const [first, second] = [...model.values()] as [Plain, Plain];
    const changed = { ...first, v: 'changed', g: 'g-new' };
    await ask(rig, 'PutItem', { TableName, Item: changed }, { form: 'plain' });
    const { p, s } = second;
    await ask(rig, 'DeleteItem', { TableName, Key: { p, s } }, { form: 'plain' });
    model.set(keyText(first), changed);
    model.delete(keyText(second));
    await rig.engine.checkpoint();
    await expectModel(await openRig({ disk: rig.store.disk }), model);
    expect(await metaOf(rig.store.disk)).not.toHaveProperty('builds.0');
  });

  test('takes the ids of its pages at once', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const items = itemsOf(2600).map((item) => ({ ...item, v: 'x'.repeat(7000) }));
    await importAll(rig, items);
    const ids = new Set(
      keysOf(rig.store.disk, 'page').map((key) => Math.floor(key / checkpointSpan)),
    );
    const built = [...ids].filter((id) => id >= buildPagesFrom).sort((a, b) => a - b);
    expect(built.length).toBeGreaterThan(2 * buildRangeMin);
    // Another range begins behind what is left of the one before.
    expect((built.at(-1) as number) - (built[0] as number)).toBe(built.length - 1);
  });

  test('of large items has their overflow pages, and all go with the table', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const items = Array.from({ length: 20 }, (_, s) => ({ p: 'a', s, v: 'y'.repeat(s * 15_000) }));
    await importAll(rig, items, { runBytes: 200_000 });
    await expectModel(rig, modelOf(items));
    await ask(rig, 'DeleteTable', { TableName });
    expect(await pageRecords(rig.store.disk)).toBeLessThan(8);
  });

  test('goes with its table behind so many others that their turn comes first', async () => {
    const rig = await openRig();
    for (let table = 0; table < dropsPerCheckpoint; table += 1) {
      const input = { ...bareInput, TableName: `Other${table}` };
      await ask(rig, 'CreateTable', input);
      await ask(rig, 'DeleteTable', { TableName: input.TableName });
    }
    await makeTable(rig);
    await importAll(rig, itemsOf(300));
    // No checkpoint has written yet where its trees are.
    await ask(rig, 'DeleteTable', { TableName });
    for (let round = 0; round < 3; round += 1) {
      await rig.engine.checkpoint();
      await rig.engine.idle();
    }
    expect(strayPages(rig.store.disk)).toEqual([]);
  });

  test('of nothing leaves an empty table', async () => {
    const rig = await openRig();
    await makeTable(rig);
    expect(await importAll(rig, [])).toMatchObject({ processedItemCount: 0 });
    await expectModel(rig, new Map());
  });

  test('refuses what PutItem refuses, and goes on', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const good = { p: 'a', s: 1 };
    const items = [
      { p: 'a' },
      good,
      { p: 'a', s: 'one' },
      { p: '', s: 1 },
      { p: 'a', s: 2, g: 5 },
      { p: 'a', s: 3, v: 'x'.repeat(409_600) },
      new Error('not JSON'),
      'text',
    ];
    const result = await importAll(rig, items);
    expect(result).toMatchObject({ processedItemCount: 8, importedItemCount: 1, errorCount: 7 });
    expect(result.errors.map(({ index, message }) => `${index} ${message.slice(0, 60)}`)).toEqual([
      '0 One or more parameter values were invalid: Missing the key s',
      '2 One or more parameter values were invalid: Type mismatch for',
      '3 One or more parameter values are not valid. The AttributeVal',
      '4 One or more parameter values were invalid: Type mismatch for',
      '5 Item size has exceeded the maximum allowed size',
      '6 not JSON',
      '7 An item must be an object or a Map of its attributes',
    ]);
    await expectModel(rig, modelOf([good]));
  });

  test('of more refused items than were allowed is undone', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const work = importAll(rig, [{ p: 'a', s: 1 }, {}, {}, {}], { maxErrors: 2 });
    expect(await refusal(work)).toMatch(/^ValidationException .*Missing the key p/);
    await expectModel(rig, new Map());
    expect(await pageRecords(rig.store.disk)).toBeLessThan(8);
  });

  test('into a table with items passes the log', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const [before, ...items] = itemsOf(501);
    await ask(rig, 'PutItem', { TableName, Item: before }, { form: 'plain' });
    const result = await importAll(rig, [...items, {}]);
    expect(result).toMatchObject({ way: 'log', importedItemCount: 500, errorCount: 1 });
    await expectModel(rig, modelOf([before as Plain, ...items]));
  });

  test('never takes the place of items that are out of reach', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const { disk } = rig.store;
    await importAll(rig, [{ p: 'a', s: 1 }]);
    await importAll(rig, [{ p: 'b', s: 2 }]);
    await rig.engine.checkpoint();
    const { tree } = (await openTestState({ disk })).state.catalog().find(TableName) as TableState;
    const [leaf] = await pagesAt(disk, tree, 1);
    const key = keysOf(disk, 'page').find((one) => Math.floor(one / 2 ** 24) === leaf?.id);
    const good = disk.spaces.page.get(key as number) as Uint8Array;
    damagePage(disk, leaf?.id as number);
    const other = await openRig({ disk });
    await refusal(scan(other));
    await other.engine.idle();
    await other.engine.checkpoint();
    expect(other.engine.status().damage).toMatchObject([{ state: 'quarantined' }]);
    expect(await refusal(importAll(other, itemsOf(30)))).toMatch(/^DamagedData/);
    disk.spaces.page.put(key as number, good);
    expect((await other.engine.repair()).ranges).toMatchObject([{ restored: 2, isWhole: true }]);
    expect((await scan(other)).map(({ p }) => p).sort()).toEqual(['a', 'b']);
  });

  test('names the first of very many refused items, and counts them all', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const bad = Array.from({ length: importErrorSamples + 20 }, () => ({}));
    const result = await importAll(rig, [...bad, { p: 'a', s: 1 }]);
    expect(result).toMatchObject({ importedItemCount: 1, errorCount: bad.length });
    expect(result.errors).toHaveLength(importErrorSamples);
    expect(result.errors.at(-1)?.index).toBe(importErrorSamples - 1);
  });

  test('of too many refused items into a table with items leaves those as they were', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const [before = {}] = itemsOf(1);
    await ask(rig, 'PutItem', { TableName, Item: before }, { form: 'plain' });
    const work = importAll(rig, [{}, {}], { maxErrors: 1 });
    expect(await refusal(work)).toMatch(/^ValidationException/);
    await expectModel(rig, modelOf([before]));
  });

  test('is not begun by an engine that is closing', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const session = rig.engine
      .close()
      .then(() => rig.engine.import({ table: TableName, form: 'plain' }));
    expect(await refusal(session)).toMatch(/closed/);
  });

  test('is not begun while another one is, nor of a table that is not there', async () => {
    const rig = await openRig();
    const other = await openRig({ disk: rig.store.disk });
    const settings = { table: TableName, form: 'plain' } as const;
    expect(await refusal(rig.engine.import(settings))).toMatch(/^ResourceNotFoundException/);
    await makeTable(rig);
    const session = await rig.engine.import(settings);
    expect(await refusal(rig.engine.import(settings))).toMatch(/^LimitExceededException/);
    expect(await refusal(other.engine.import(settings))).toMatch(/^ResourceInUseException/);
    await session.finish();
    expect(await refusal(other.engine.import(settings))).toBeUndefined();
  });
});

describe('another engine', () => {
  test('sees the table empty and being made, then full', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const other = await openRig({ disk: rig.store.disk });
    const items = itemsOf(500);
    const session = await rig.engine.import({ table: TableName, form: 'plain' });
    await session.write({ items, position: 1 });
    expect(await described(other)).toMatchObject({ TableStatus: 'CREATING', ItemCount: 0 });
    expect(await refusal(ask(other, 'Scan', { TableName }))).toMatch(/^ResourceNotFound/);
    const put = ask(other, 'PutItem', { TableName, Item: items[0] }, { form: 'plain' });
    expect(await refusal(put)).toMatch(/^ResourceNotFound/);
    await session.finish();
    await expectModel(other, modelOf(items));
  });

  test('leaves a build alone that counts, and ends one that does not', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const other = await openRig({ disk: rig.store.disk });
    const session = await rig.engine.import({ table: TableName, form: 'plain', runBytes: 5000 });
    await session.write({ items: itemsOf(300), position: 1 });
    for (let round = 0; round < 5; round += 1) {
      await other.engine.idle();
      other.time.pass(9000);
      await session.beat();
    }
    expect(await described(other)).toMatchObject({ TableStatus: 'CREATING' });
    await other.engine.idle();
    other.time.pass(10_001);
    await other.engine.idle();
    await expectModel(other, new Map());
    const late = refusal(session.write({ items: itemsOf(300), position: 2 }));
    expect(await late).toMatch(/^ImportLost/);
    await expectModel(rig, new Map());
    expect(await pageRecords(rig.store.disk)).toBeLessThan(8);
  });
});

test('a build whose turn waits for long is known to be alive', async () => {
  const rig = await openRig();
  await makeTable(rig);
  const other = await openRig({ disk: rig.store.disk });
  const items = itemsOf(300);
  const session = await rig.engine.import({ table: TableName, form: 'plain' });
  await session.write({ items, position: 1 });
  const held = gate();
  rig.store.hooks.write = ({ add = [] }) => {
    return add.length === 0 ? undefined : held.opened.then(() => undefined);
  };
  const finished = refusal(session.finish());
  for (let round = 0; round < 5; round += 1) {
    await quiet();
    await other.engine.idle();
    other.time.pass(9000);
  }
  held.open();
  expect(await finished).toBeUndefined();
  await expectModel(other, modelOf(items));
});

describe('an import that is aborted', () => {
  test.each([false, true])('leaves nothing (its table made for it: %s)', async (made) => {
    const rig = await openRig();
    await makeTable(rig);
    const session = await rig.engine.import({
      table: TableName,
      form: 'plain',
      made,
      runBytes: 5000,
    });
    await session.write({ items: itemsOf(300), position: 1 });
    const writing = refusal(session.write({ items: itemsOf(300), position: 2 }));
    await session.abort();
    expect(await writing).toMatch(/^AbortError/);
    expect(await refusal(session.finish())).toMatch(/^AbortError/);
    if (made) expect(await refusal(described(rig))).toMatch(/^ResourceNotFound/);
    else await expectModel(rig, new Map());
    expect(await pageRecords(rig.store.disk)).toBeLessThan(8);
  });
});

/** Runs an import that dies at the `nth` write to the store: before it, or after it was stored. */
async function killedAt(
  nth: number,
  before: boolean,
  importId = '',
): Promise<MemoryDisk | undefined> {
  const disk = createMemory();
  const rig = await openRig({ disk, seed: 7 });
  await makeTable(rig);
  let writes = 0;
  const never = new Promise<undefined>(() => undefined);
  let died: (dead: true) => void = () => undefined;
  const dead = new Promise<true>((resolve) => {
    died = resolve;
  });
  const strike = (): Promise<undefined> => {
    died(true);
    return never;
  };
  rig.store.hooks.write = () => {
    writes += 1;
    return before && writes >= nth ? strike() : writes > nth ? strike() : undefined;
  };
  rig.store.hooks.written = () => (!before && writes >= nth ? strike() : undefined);
  const work = importAll(rig, itemsOf(400), { runBytes: 8000, importId }, 50).then(() => false);
  return (await Promise.race([work, dead])) ? disk : undefined;
}

describe('a store whose answers get lost', () => {
  test.each([0, 1, 2])('does an import no harm (%i)', async (rest) => {
    const rig = await openRig();
    await makeTable(rig);
    let writes = 0;
    const isLost = ({ add = [], put = [] }: WriteBatch): boolean => {
      // How often it says that it is alive is not what is looked at: each other one counts.
      if (add.length === 0 && put.every(({ space }) => space === 'meta')) return false;
      writes += 1;
      return writes % 3 === rest;
    };
    // Carried out or not, nobody is told.
    const unknown = { kind: 'unknown' } as const;
    rig.store.hooks.write = (batch) => (writes % 2 === 0 && isLost(batch) ? unknown : undefined);
    rig.store.hooks.written = (batch) => (isLost(batch) ? unknown : undefined);
    const items = itemsOf(400);
    const result = await importAll(rig, items, { runBytes: 8000 }, 50);
    expect(result.importedItemCount).toBe(400);
    expect(writes).toBeGreaterThan(30);
    await expectModel(await openRig({ disk: rig.store.disk }), modelOf(items));
  });

  test('and that is full undoes an import', async () => {
    const rig = await openRig();
    await makeTable(rig);
    let pages = 0;
    rig.store.hooks.write = ({ put = [] }) => {
      pages += put.filter(({ space }) => space === 'page').length;
      return pages > 10 ? { kind: 'refused', why: 'full' } : undefined;
    };
    expect(await refusal(importAll(rig, itemsOf(3000), { runBytes: 50_000 }))).toMatch(
      /full|written/,
    );
    delete rig.store.hooks.write;
    await rig.engine.idle();
    await expectModel(rig, new Map());
    expect(await pageRecords(rig.store.disk)).toBeLessThan(8);
  });
});

describe('an import that is killed', () => {
  test.each([true, false])(
    'at any write (before it: %s) is there whole or not at all',
    async (before) => {
      const model = modelOf(itemsOf(400));
      let whole = 0;
      let deaths = 0;
      for (let nth = 1; nth < 200; nth += 1) {
        const disk = await killedAt(nth, before);
        if (disk === undefined) break;
        deaths += 1;
        const rig = await openRig({ disk });
        await rig.engine.idle();
        rig.time.pass(10_001);
        await rig.engine.idle();
        const { ItemCount } = await described(rig);
        await expectModel(rig, ItemCount === 0 ? new Map() : model);
        if (ItemCount !== 0) whole += 1;
        await ask(rig, 'DeleteTable', { TableName });
        await rig.engine.close();
        expect(await pageRecords(disk), `killed at ${nth}`).toBeLessThan(8);
      }
      expect(deaths).toBeGreaterThan(15);
      expect(whole).toBeGreaterThan(0);
      expect(whole).toBeLessThan(deaths);
    },
    60_000,
  );

  test('by a power loss is there whole or not at all', async () => {
    const items = itemsOf(400);
    const model = modelOf(items);
    const seen = new Set<number>();
    for (let lost = 0; lost < 60; lost += 1) {
      const disk = createMemory({ undo: true });
      const rig = await openRig({ disk, seed: 7 });
      await makeTable(rig);
      await importAll(rig, items, { runBytes: 8000 }, 50);
      const kept = disk.volatileWrites - lost;
      if (kept < 0) break;
      disk.powerLoss(kept);
      const next = await openRig({ disk });
      await next.engine.idle();
      next.time.pass(10_001);
      await next.engine.idle();
      const names = (await ask(next, 'ListTables'))['TableNames'] as string[];
      if (names.length === 0) continue;
      const found = Number((await described(next))['ItemCount']);
      seen.add(found);
      await expectModel(next, found === 0 ? new Map() : model);
      await ask(next, 'DeleteTable', { TableName });
      await next.engine.close();
      expect(await pageRecords(disk), `${lost} writes lost`).toBeLessThan(8);
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([0, model.size]);
  }, 60_000);

  test('goes on where its last stored run ends, if it has an id', async () => {
    const items = itemsOf(400);
    let resumed = 0;
    for (let nth = 1; nth < 200; nth += 3) {
      const disk = await killedAt(nth, true, 'mine');
      if (disk === undefined) break;
      const rig = await openRig({ disk });
      await rig.engine.idle();
      rig.time.pass(10_001);
      await rig.engine.idle();
      if ((await described(rig))['ItemCount'] !== 0) continue;
      const session = await rig.engine.import({
        table: TableName,
        form: 'plain',
        importId: 'mine',
      });
      const { items: done, bytes } = session.resumed;
      expect(done % 50).toBe(0);
      expect(bytes).toBe(done);
      if (done > 0) resumed += 1;
      await session.write({ items: items.slice(done), position: 400 });
      expect(await session.finish()).toMatchObject({ processedItemCount: 400 });
      await expectModel(rig, modelOf(items));
      await ask(rig, 'DeleteTable', { TableName });
      await rig.engine.close();
      expect(await pageRecords(disk), `killed at ${nth}`).toBeLessThan(8);
    }
    expect(resumed).toBeGreaterThan(3);
  }, 60_000);

  const dayMs = 24 * 60 * 60 * 1000;
  test.each([
    ['a moment', 0, 'CREATING'],
    ['a day', dayMs, 'ACTIVE'],
    ['years before, by a clock that was turned back', -4000 * dayMs, 'ACTIVE'],
  ])('and has an id is kept for a day: after %s', async (_, laterMs, status) => {
    const disk = await killedAt(12, true, 'mine');
    const rig = await openRig({ disk: disk as MemoryDisk });
    rig.time.wallMs += laterMs;
    await rig.engine.idle();
    rig.time.pass(10_001);
    await rig.engine.idle();
    expect((await described(rig))['TableStatus']).toBe(status);
  });
});
