import { expect, test } from 'vitest';
import { compareRows } from '../../src/replica/compare.ts';
import { byGlobal } from '../../src/replica/tables.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { storedKey } from '../../src/table/keys.ts';
import { plainReader } from '../../src/value/plain.ts';
import { Stored } from '../support/replica.ts';
import { Pair, putText, remove } from '../support/replica-pair.ts';

test('a hub lacks what it has nothing of, and what is newer than its own', async () => {
  const pair = await Pair.open();
  await putText(pair.hub, 'k', 'there');
  await putText(pair.hub, 'gone', 'there');
  await remove(pair.hub, 'gone');
  const { reader, table } = await Stored.of(pair.hub.store.disk);
  const tables = byGlobal(createCatalog(reader));
  const row = (p: string, ms: number): Parameters<typeof compareRows>[1][0] => ({
    table: pair.global,
    key: storedKey(table, plainReader.item({ p })),
    stamp: { ms, counter: 0, replica: new Uint8Array(16) },
    image: undefined,
  });
  const late = pair.time.wallMs + 1000;
  const rows = [row('k', 1), row('k', late), row('gone', 1), row('gone', late), row('never', 1)];
  expect(compareRows({ reader, tables, scope: undefined }, rows)).toEqual({
    absent: [4],
    older: [1, 3],
  });
  // Of a table that the hub has not nothing is said.
  expect(compareRows({ reader, tables: new Map(), scope: undefined }, rows)).toEqual({
    absent: [],
    older: [],
  });
});
