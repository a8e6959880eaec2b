import { expect, test } from 'vitest';
import { buildPagesFrom, checkpointSpan } from '../../src/base/limits.ts';
import type { ImportSession } from '../../src/engine/import-types.ts';
import { strayPages } from '../simulation/pages.ts';
import {
  ask,
  countOf,
  damage,
  find,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  put,
  refusal,
  type Rig,
  tableInput,
} from '../support/engine.ts';

const count = 500;

function itemsOf(name: string): readonly object[] {
  return Array.from({ length: count }, (_, at) => ({ p: `${name}${at}`, v: 'x'.repeat(300) }));
}

function begun(rig: Rig, importId?: string): Promise<ImportSession> {
  return rig.engine.import({ table: 'Things', form: 'plain', runBytes: 20_000, importId });
}

/** Makes a table of no use: the position of that in the log. */
async function makeOther(rig: Rig): Promise<number> {
  await ask(rig, 'CreateTable', { ...tableInput, TableName: 'Other' });
  return rig.engine.status().head;
}

function builtPages(rig: Rig): readonly number[] {
  const pages = keysOf(rig.store.disk, 'page').map((key) => Math.floor(key / checkpointSpan));
  return pages.filter((page) => page >= buildPagesFrom);
}

test('pages of an import that a damaged log alone spoke of are removed with it', async () => {
  const first = await openRig();
  await makeTable(first);
  const { disk } = first.store;
  const lost = await makeOther(first);
  const session = await begun(first);
  await session.write({ items: itemsOf('k'), position: count });
  await session.finish();
  expect(await countOf(first)).toBe(count);
  expect(builtPages(first)).not.toEqual([]);
  await first.engine.close();
  damage(disk, 'log', lost);
  const rig = await openRig({ disk });
  expect(await countOf(rig)).toBe(0);
  expect(builtPages(rig)).toEqual([]);
  await rig.engine.checkpoint();
  expect(strayPages(disk)).toEqual([]);
});

test('pages of an import that came before the damage stay', async () => {
  const first = await openRig();
  await makeTable(first);
  const { disk } = first.store;
  const session = await begun(first);
  await session.write({ items: itemsOf('k'), position: count });
  await session.finish();
  const lost = await makeOther(first);
  await put(first, 'lost');
  await first.engine.close();
  damage(disk, 'log', lost);
  const rig = await openRig({ disk });
  expect(await countOf(rig)).toBe(count);
  for (const id of [0, count - 1]) expect(await find(rig, `k${id}`)).toBeDefined();
  await rig.engine.checkpoint();
  expect(strayPages(disk)).toEqual([]);
});

test('an import that the damaged log spoke of writes no more where another one does', async () => {
  const first = await openRig();
  await makeTable(first);
  const { disk } = first.store;
  const lost = await makeOther(first);
  const session = await begun(first);
  await session.write({ items: itemsOf('old'), position: count });
  expect(builtPages(first)).not.toEqual([]);
  damage(disk, 'log', lost);
  const rig = await openRig({ disk });
  expect(metaOf(disk).builds ?? []).toEqual([]);
  const other = await begun(rig);
  await other.write({ items: itemsOf('new'), position: count });
  const more = session.write({ items: itemsOf('more'), position: 2 * count });
  expect(await refusal(more.then(() => session.finish()))).toMatch(/^ImportLost/);
  await other.finish();
  expect(await countOf(rig)).toBe(count);
  for (const id of [0, count - 1]) expect(await find(rig, `new${id}`)).toBeDefined();
  await rig.engine.idle();
  await rig.engine.checkpoint();
  expect(strayPages(disk)).toEqual([]);
});

test('an import whose stored runs a lost end of the log had freed fails once, and begins anew', async () => {
  const first = await openRig();
  await makeTable(first);
  const { disk } = first.store;
  const items = itemsOf('k');
  const session = await begun(first, 'one');
  await session.write({ items: items.slice(0, 400), position: 400 });
  const lost = await makeOther(first);
  await session.write({ items: items.slice(400), position: count });
  await session.finish();
  await first.engine.close();
  damage(disk, 'log', lost);
  const rig = await openRig({ disk });
  const again = await begun(rig, 'one');
  expect(again.resumed.items).toBe(400);
  const rest = again.write({ items: items.slice(400), position: count });
  expect(await refusal(rest.then(() => again.finish()))).toMatch(/^DamagedData What the import/);
  const anew = await begun(rig, 'one');
  expect(anew.resumed.items).toBe(0);
  await anew.write({ items, position: count });
  await anew.finish();
  expect(await countOf(rig)).toBe(count);
  await rig.engine.idle();
  await rig.engine.checkpoint();
  expect(strayPages(disk)).toEqual([]);
});
