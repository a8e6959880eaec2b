import { expect, test } from 'vitest';
import { isAnyRefused, nextAgain } from '../../src/replica/again.ts';
import { put } from '../../src/replica/book.ts';
import { encodeQuarantined, quarantineKey } from '../../src/replica/quarantine.ts';
import { byGlobal, type ReplicatedTable } from '../../src/replica/tables.ts';
import { MapReader } from '../support/map-reader.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { Stored } from '../support/replica.ts';
import { edit, Pair, putText } from '../support/replica-pair.ts';

test('the first behind a number that may be written, and is what it was made on', async () => {
  const pair = await Pair.open();
  const device = await pair.device();
  for (const p of ['a', 'b', 'c']) await putText(pair.hub, p, 'first');
  await pair.sync(device);
  const before = await Stored.of(device.store.disk);
  expect(isAnyRefused(before.reader, before.self.book)).toBe(false);
  for (const p of ['a', 'b', 'c']) await edit(device, p, 'second');
  pair.refusals = () => 'AccessDenied';
  await pair.sync(device);
  await edit(device, 'b', 'third');
  const { reader, self } = await Stored.of(device.store.disk);
  const { book } = self;
  const tables = byGlobal(createCatalog(reader));
  const offered = new Map<number, number>();
  const context = { reader, book, tables, scope: undefined, nowMs: 0, offered };
  expect(isAnyRefused(reader, book)).toBe(true);
  expect(nextAgain(context, 0)?.entry.seq).toBe(1);
  expect(nextAgain(context, 1)?.entry.seq).toBe(3);
  expect(nextAgain(context, 3)).toBeUndefined();
  const spans = { read: [], put: [], remove: [] };
  const scope = { user: 'u', tables: new Map([[pair.global, spans]]) };
  expect(nextAgain({ ...context, scope }, 0)).toBeUndefined();
});

test.each([
  [undefined, 1],
  // What is left of a transaction of which a page was lost, too: half of it would be taken.
  ['unknown', undefined],
  // What a hub that was set back may have lost: it may have been deleted since.
  ['offer', undefined],
  ['bring', undefined],
  ['doubt', undefined],
] as const)('one of the kind %s: %s', (confirm, seq) => {
  const reader = new MapReader();
  const replica = new Uint8Array(16).fill(1);
  const key = Uint8Array.of(1);
  const mutation = { table: 'things', key, base: { kind: 'none' }, isDeleted: true } as const;
  const entry = {
    ...{ seq: 1, id: replica, stamp: { ms: 1, counter: 0, replica }, confirm },
    mutations: [mutation],
  };
  const value = encodeQuarantined({ entry, code: 'AccessDenied' });
  reader.apply([put(9, quarantineKey(1), undefined, value)]);
  const table = { tree: 100, replica: { versions: 101 } } as unknown as ReplicatedTable;
  const context = {
    reader,
    book: 9,
    tables: new Map([['things', table]]),
    scope: undefined,
    nowMs: 0,
  };
  expect(nextAgain({ ...context, offered: new Map() }, 0)?.entry.seq).toBe(seq);
});
