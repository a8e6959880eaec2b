/** Jobs whose table is lost with a page of the catalog, and tables whose jobs are lost. */
import { expect, test } from 'vitest';
import { buildPatienceMs } from '../../src/base/limits.ts';
import { catalogTree, firstUserTree, jobsTree } from '../../src/table/system.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import type { TableState } from '../../src/table/state.ts';
import { strayPages } from '../simulation/pages.ts';
import { damagePage, pagesAt } from '../support/damage.ts';
import {
  ask,
  countOf,
  indexInput,
  localInput,
  makeTable,
  openRig,
  openTestState,
  put,
  refusal,
  type Rig,
  tableInput,
} from '../support/engine.ts';

const { TableName } = tableInput;
const tableTree = firstUserTree;

/** A killed engine's import, of which runs are stored. */
async function broken(): Promise<MemoryDisk> {
  const rig = await openRig();
  await makeTable(rig);
  const session = await rig.engine.import({ table: TableName, form: 'plain', runBytes: 20_000 });
  const items = Array.from({ length: 300 }, (_, at) => ({ p: `k${at}`, v: 'v'.repeat(200) }));
  await session.write({ items });
  await rig.engine.checkpoint();
  return rig.store.disk;
}

/** The same bit again: it reads well. */
async function spoil(disk: MemoryDisk, tree: number): Promise<() => void> {
  const pages = await pagesAt(disk, tree, 1);
  expect(pages).not.toEqual([]);
  const flip = (): void => {
    for (const { id } of pages) damagePage(disk, id);
  };
  flip();
  return flip;
}

/** The first one may be the first to meet what is damaged, and the next one ends that. */
async function repair({ engine }: Rig): Promise<void> {
  for (let times = 0; times < 2; times += 1) {
    await engine.idle();
    await engine.repair();
  }
}

/** The last leaf of the table, so that its first items can be written. */
async function spoilLast(disk: MemoryDisk): Promise<() => void> {
  const { tree } = await tableState(disk);
  const leaves = await pagesAt(disk, tree, 1);
  expect(leaves.length).toBeGreaterThan(1);
  const flip = (): void => damagePage(disk, leaves.at(-1)?.id ?? 0);
  flip();
  return flip;
}

async function tableState(disk: MemoryDisk): Promise<TableState> {
  return (await openTestState({ disk })).state.catalog().table(TableName);
}

async function status(rig: Rig): Promise<unknown> {
  const { Table } = await ask(rig, 'DescribeTable', { TableName });
  const { TableStatus, GlobalSecondaryIndexes } = Table as Record<string, unknown>;
  const indexes = (GlobalSecondaryIndexes ?? []) as readonly { readonly IndexStatus: string }[];
  return [TableStatus, ...indexes.map(({ IndexStatus }) => IndexStatus)];
}

test('an import whose table is lost is given up, and its pages are freed', async () => {
  const disk = await broken();
  await spoil(disk, catalogTree);
  const rig = await openRig({ disk });
  await repair(rig);
  rig.time.pass(buildPatienceMs);
  await rig.engine.idle();
  expect(await refusal(ask(rig, 'DescribeTable', { TableName }))).toMatch(/NotFound/);
  const { state } = await openTestState({ disk });
  expect(state.published.range(jobsTree, {}).next()).toBe(false);
  await rig.engine.checkpoint();
  await rig.engine.idle();
  expect(strayPages(disk)).toEqual([]);
});

test('an import that is under way when its table is lost says so', async () => {
  const rig = await openRig();
  await makeTable(rig);
  const session = await rig.engine.import({ table: TableName, form: 'plain' });
  await session.write({ items: [{ p: 'a' }] });
  await rig.engine.checkpoint();
  await spoil(rig.store.disk, catalogTree);
  const other = await openRig({ disk: rig.store.disk });
  await repair(other);
  expect(await refusal(session.finish())).toMatch(/^ResourceNotFoundException/);
});

test('a table whose import is lost is as it was before', async () => {
  const disk = await broken();
  await spoil(disk, jobsTree);
  const rig = await openRig({ disk });
  await repair(rig);
  expect(rig.engine.status().damage).toEqual([]);
  expect(await status(rig)).toEqual(['ACTIVE']);
  await put(rig, 'a');
  expect(await countOf(rig)).toBe(1);
  expect((await rig.engine.scrub()).mended).toBe(0);
});

test('an index whose backfill is lost is filled all the same', async () => {
  const first = await openRig();
  await makeTable(first);
  await Promise.all(Array.from({ length: 50 }, (_, at) => put(first, `k${at}`, { g: { S: 'g' } })));
  await first.engine.checkpoint();
  const { disk } = first.store;
  // Until that is there again the backfill waits.
  const mend = await spoil(disk, tableTree);
  const rig = await openRig({ disk });
  await ask(rig, 'UpdateTable', indexInput);
  await rig.engine.checkpoint();
  await spoil(disk, jobsTree);
  mend();
  const other = await openRig({ disk });
  await repair(other);
  await other.engine.idle();
  expect(other.engine.status().damage).toEqual([]);
  expect(await status(other)).toEqual(['ACTIVE', 'ACTIVE']);
  expect([await countOf(other), await countOf(other, 'byG')]).toEqual([50, 50]);
});

test('collections whose count is lost are counted anew', async () => {
  const first = await openRig();
  await ask(first, 'CreateTable', localInput);
  const session = await first.engine.import({ table: TableName, form: 'plain' });
  const items = Array.from({ length: 400 }, (_, at) => ({
    p: `p${at % 3}`,
    s: `${at}`,
    l: 'l'.repeat(200),
  }));
  await session.write({ items });
  await session.finish();
  await first.engine.checkpoint();
  const { disk } = first.store;
  const mend = await spoilLast(disk);
  const rig = await openRig({ disk });
  const write = (one: Rig, p: string): Promise<unknown> => {
    return ask(one, 'PutItem', { TableName, Item: { p: { S: p }, s: { S: '0' } } });
  };
  await write(rig, 'p0');
  await rig.engine.checkpoint();
  expect((await tableState(disk)).collections).toMatchObject({ counting: true });
  await spoil(disk, jobsTree);
  mend();
  const other = await openRig({ disk });
  await repair(other);
  await write(other, 'p1');
  await other.engine.idle();
  expect((await tableState(disk)).collections).toMatchObject({ counting: false });
  expect((await other.engine.scrub()).mended).toBe(0);
});
