import { expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { encodeEntry } from '../../src/replica/entry.ts';
import {
  decodeQuarantined,
  encodeQuarantined,
  quarantinedFrom,
  quarantineKey,
} from '../../src/replica/quarantine.ts';
import { put } from '../../src/replica/book.ts';
import { MapReader } from '../support/map-reader.ts';

const replica = new Uint8Array(16).fill(0xab);
const entryOf = (seq: number): Parameters<typeof encodeEntry>[0] => ({
  seq,
  id: new Uint8Array(16),
  stamp: { ms: 5, counter: 1, replica },
  voidedBy: undefined,
  mutations: [],
});

test('a refused entry has the bytes of docs/formats/replica.md', () => {
  expect(hexOf(quarantineKey(258))).toBe('080000000000000102');
  const one = { entry: entryOf(3), code: 'no' };
  expect(hexOf(encodeQuarantined(one))).toBe(`026e6f${hexOf(encodeEntry(one.entry))}`);
  expect(decodeQuarantined(encodeQuarantined(one))).toEqual(one);
});

test('entries come in the order of their numbers, from the one that is asked for', () => {
  const reader = new MapReader();
  const all = [7, 300, 2].map((seq) => ({ entry: entryOf(seq), code: '' }));
  reader.apply(
    all.map((one) => put(9, quarantineKey(one.entry.seq), undefined, encodeQuarantined(one))),
  );
  const seqs = [...quarantinedFrom(reader, 9, 3)].map(({ entry }) => entry.seq);
  expect(seqs).toEqual([7, 300]);
});
