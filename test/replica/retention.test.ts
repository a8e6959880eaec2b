import { expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { milestonesMax } from '../../src/base/replica-limits.ts';
import { put } from '../../src/replica/book.ts';
import { readPage } from '../../src/replica/page.ts';
import {
  encodeRetention,
  passTime,
  readRetention,
  type Retention,
  retentionKey,
  sweepBelow,
} from '../../src/replica/retention.ts';
import { Scratch } from '../../src/replica/scratch.ts';
import { byTree } from '../../src/replica/tables.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { MapReader } from '../support/map-reader.ts';
import { Stored } from '../support/replica.ts';
import { Pair, putText, remove, transact } from '../support/replica-pair.ts';

const day = 24 * 3600 * 1000;
const nothing: Retention = { floor: 0, swept: 0, backupMs: 0, marks: 0, milestones: [] };

test('what a hub has forgotten has the bytes of docs/formats/replica.md', () => {
  const reader = new MapReader();
  expect(readRetention(reader, 200)).toEqual(nothing);
  const one = { floor: 300, swept: 2, backupMs: 0, marks: 5, milestones: [{ ms: 7, place: 300 }] };
  expect(hexOf(encodeRetention(one))).toBe('ac02020005' + '07ac02');
  reader.apply([put(200, retentionKey, undefined, encodeRetention(one))]);
  expect(readRetention(reader, 200)).toEqual(one);
});

test('the floor is the place that the feed had reached so long ago, and is told in bounded room', () => {
  let retention = nothing;
  for (let at = 0; at < 400 * day; at += day / 12) {
    retention = passTime(retention, { nowMs: at, keptMs: 90 * day, place: at / 1000 });
  }
  const last = 400 * day - day / 12;
  const wanted = (last - 90 * day) / 1000;
  expect(retention.floor).toBeLessThanOrEqual(wanted);
  expect(retention.floor).toBeGreaterThan(wanted - (day / 1000) * 0.51);
  expect(retention.milestones.length).toBeLessThan(milestonesMax + 3);
});

test('nothing is forgotten before its time', () => {
  const first = passTime(nothing, { nowMs: 1000 * day, keptMs: 90 * day, place: 50 });
  expect(first.floor).toBe(0);
  const again = passTime(first, { nowMs: 1089 * day, keptMs: 90 * day, place: 900 });
  expect(again.floor).toBe(0);
  const due = passTime(again, { nowMs: 1090 * day, keptMs: 90 * day, place: 901 });
  expect(due.floor).toBe(50);
});

test('deletions below the floor go with their places; items, and what is newer, stay', async () => {
  const pair = await Pair.open();
  await putText(pair.hub, 'k', 'stays');
  await transact(pair.hub, ['x', 'y'], 'together');
  await putText(pair.hub, 'gone', 'old');
  await remove(pair.hub, 'gone');
  await remove(pair.hub, 'x');
  const floor = pair.hub.engine.status().sequence;
  await putText(pair.hub, 'late', 'old');
  await remove(pair.hub, 'late');
  const { reader, self, table } = await Stored.of(pair.hub.store.disk);
  const tables = byTree(createCatalog(reader));
  const scratch = new Scratch(reader);
  const swept = sweepBelow(scratch, self.book, tables, { ...nothing, floor });
  expect(swept.swept).toBe(floor);
  const gone = scratch.mutations().filter(({ value }) => value === undefined);
  const versions = table.replica?.versions;
  expect(gone.filter(({ tree }) => tree === versions)).toHaveLength(2);
  expect(gone.filter(({ tree, key }) => tree === self.book && key[0] === 5)).toHaveLength(2);
  // Who reads on is told of all that is there: k, y and the deletion that is not so old.
  const asked = { reader, book: self.book, tables, cursor: floor, scope: undefined };
  const page = readPage(asked, 2 ** 20);
  expect(page.changes).toHaveLength(1);
});
