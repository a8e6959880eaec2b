import { expect, test } from 'vitest';
import { decodeChanges, encodeChanges, readPage } from '../../src/replica/page.ts';
import { byTree } from '../../src/replica/tables.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { ask, put } from '../support/engine.ts';
import { openReplica, Stored } from '../support/replica.ts';

const stamp = { ms: 5, counter: 1, replica: new Uint8Array(16).fill(3) };

test('changes are read as they were written, deletions too', () => {
  const changes = [
    { table: 'T', key: Uint8Array.of(1), stamp, image: Uint8Array.of(9, 9) },
    { table: 'U', key: Uint8Array.of(2), stamp, image: undefined },
  ];
  expect(decodeChanges(encodeChanges(changes))).toEqual(changes);
  expect(decodeChanges(new Uint8Array())).toEqual([]);
});

test('pages of any size together have each item once, at its newest', async () => {
  const rig = await openReplica('hub');
  for (const p of ['a', 'b', 'c', 'a']) await put(rig, p, { v: { S: `${p}${Math.PI}` } });
  await ask(rig, 'DeleteItem', { TableName: 'Things', Key: { p: { S: 'b' } } });
  const { reader, self } = await Stored.of(rig.store.disk);
  const tables = byTree(createCatalog(reader));
  for (const bytes of [1, 100, 10_000]) {
    const seen: boolean[] = [];
    const { book } = self;
    let page = readPage({ reader, book, tables, cursor: 0 }, bytes);
    for (let count = 0; count < 10; count += 1) {
      seen.push(...page.changes.map(({ image }) => image !== undefined));
      expect(page.through).toBeGreaterThanOrEqual(page.cursor);
      if (page.upToDate) break;
      page = readPage({ reader, book, tables, cursor: page.cursor }, bytes);
    }
    expect([...seen].sort()).toEqual([false, true, true]);
    expect(page.upToDate).toBe(true);
  }
});

test('items of a table that is gone are passed over', async () => {
  const rig = await openReplica('hub');
  await put(rig, 'a');
  const { reader, self } = await Stored.of(rig.store.disk);
  const page = readPage({ reader, book: self.book, tables: new Map(), cursor: 0 }, 100);
  expect(page).toMatchObject({ changes: [], upToDate: true });
  // They are not looked at again.
  expect(page.cursor).toBeGreaterThan(0);
  expect(page.through).toBe(page.cursor);
});
