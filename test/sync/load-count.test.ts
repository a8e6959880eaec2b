import { expect, test } from 'vitest';
import { ByteWriter, utf8 } from '../../src/base/bytes.ts';
import { type KeyRange, wholeTable, writeRange } from '../../src/replica/range.ts';
import { LoadCount } from '../../src/sync/load-count.ts';

const bytesOf = (range: KeyRange): Uint8Array => {
  const writer = new ByteWriter();
  writeRange(writer, range);
  return writer.take();
};
const taken = (Items: number): object => ({ IsTaken: true, Items });

test('counts items of each range, changes of pages, and bytes; of how many, by table', () => {
  const count = new LoadCount();
  const part = bytesOf({ table: 'T', from: utf8('a'), to: utf8('b') });
  const chunk = { Range: part, Items: new Uint8Array(10), TotalItems: 50, TotalBytes: 200 };
  expect(count.taken('TakeChunk', chunk, taken(5))).toBe(true);
  expect(count.taken('TakeChunk', { ...chunk, Range: bytesOf(wholeTable('T')) }, taken(7))).toBe(
    true,
  );
  // What goes on counts all that the range has so far.
  count.taken('TakeChunk', chunk, taken(9));
  expect(count.progress).toEqual({ done: 16, total: 50, bytes: 30, totalBytes: 200 });
  const page = { Changes: new Uint8Array(4) };
  expect(count.taken('TakePage', page, { IsTaken: true, Count: 60 })).toBe(true);
  expect(count.progress).toEqual({ done: 76, total: 110, bytes: 34, totalBytes: 204 });
  expect(count.taken('TakeChunk', chunk, { IsTaken: false })).toBe(false);
  expect(count.taken('PreparePush', {}, {})).toBe(false);
  count.begin();
  expect(count.progress).toEqual({ done: 0, total: 0, bytes: 0, totalBytes: 0 });
});
