import { expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { answeredEntriesMax } from '../../src/base/replica-limits.ts';
import { fateOf, remember } from '../../src/replica/answered.ts';
import { entryKey, put } from '../../src/replica/book.ts';
import { encodeEntry } from '../../src/replica/entry.ts';
import { MapReader } from '../support/map-reader.ts';

const book = 9;
const stamp = { ms: 1, counter: 0, replica: new Uint8Array(16) };

test('what became of an entry is told, of one that waits that it waits', () => {
  const reader = new MapReader();
  const entry = encodeEntry({ seq: 3, id: new Uint8Array(16), stamp, mutations: [] });
  reader.apply([put(book, entryKey(3), undefined, entry)]);
  const mutations = remember(reader, book, 1, 'superseded');
  expect(mutations.map(({ key, value }) => hexOf(key) + hexOf(value as Uint8Array))).toEqual([
    `18${'0'.repeat(15)}101`,
  ]);
  reader.apply([...mutations, ...remember(reader, book, 2, 'refused')]);
  const fates = [1, 2, 3, 4].map((seq) => fateOf(reader, book, seq));
  expect(fates).toEqual(['superseded', 'refused', 'pending', 'applied']);
  // One that was withdrawn waits to be sent empty, and is refused all the same.
  reader.apply(remember(reader, book, 3, 'refused'));
  expect(fateOf(reader, book, 3)).toBe('refused');
});

test('the newest are remembered, as many as the limit says', () => {
  const reader = new MapReader();
  for (let seq = 1; seq <= 5; seq += 1) reader.apply(remember(reader, book, seq, 'refused'));
  for (let n = 0; n < 3; n += 1) {
    reader.apply(remember(reader, book, answeredEntriesMax + 4 + n, 'refused'));
  }
  const kept = [1, 2, 3, 4, 5].filter((seq) => fateOf(reader, book, seq) === 'refused');
  expect(kept).toEqual([]);
});
