import { describe, expect, test } from 'vitest';
import { compareBytes, hexOf } from '../../src/base/bytes.ts';
import * as book from '../../src/replica/book.ts';
import { MapReader } from '../support/map-reader.ts';

const stamp = { ms: 5, counter: 1, replica: new Uint8Array(16).fill(3) };
const place = { tree: 300, key: Uint8Array.of(9, 8) };

describe('the book', () => {
  test.each([
    ['state', book.stateKey, '00'],
    ['an entry', book.entryKey(258), '020000000000000102'],
    ['its images', book.imageKey(258, 7), '03000000000000010207'],
    ['the base of an item', book.baseKey(place), '04000000000000012c0908'],
    ['a place of the feed', book.feedKey(3), '050000000000000003'],
    ['a transaction', book.joinedKey(stamp), `060000000000050001${'03'.repeat(16)}`],
  ])('has %s under the key of docs/formats/replica.md', (_, key, golden) => {
    expect(hexOf(key)).toBe(golden);
  });

  test('has entries in their order', () => {
    expect(compareBytes(book.entryKey(255), book.entryKey(256))).toBe(-1);
    expect(compareBytes(book.imageKey(1, 99), book.imageKey(2, 0))).toBe(-1);
  });

  test('keeps its state', () => {
    const reader = new MapReader();
    expect(() => book.readState(reader, 200)).toThrow('without its state');
    const state = { next: 7, clock: { ms: 1_700_000_000_000, counter: 65_535 } };
    reader.apply([book.put(200, book.stateKey, undefined, book.encodeState(state))]);
    expect(book.readState(reader, 200)).toEqual(state);
  });

  test('keeps places and the items of transactions', () => {
    expect(book.decodePlace(book.encodePlace(place))).toEqual(place);
    const joined = { live: 1, members: [place, { tree: 5, key: Uint8Array.of(1) }] };
    expect(book.decodeJoined(book.encodeJoined(joined))).toEqual(joined);
  });

  test('counts an entry by its length', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(book.put(200, book.stateKey, undefined, bytes)).toMatchObject({ sizeAfter: 3 });
    expect(book.remove(200, book.stateKey, bytes)).toMatchObject({ sizeBefore: 3 });
  });
});
