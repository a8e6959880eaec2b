import { expect, test } from 'vitest';
import { feedKey, put } from '../../src/replica/book.ts';
import { beginEpoch, isHeld, readEpochs } from '../../src/replica/epochs.ts';
import { MapReader } from '../support/map-reader.ts';

const id = (byte: number): Uint8Array => new Uint8Array(16).fill(byte);

test('L5: a cursor is good in an epoch that is listed, up to where it ended', () => {
  const reader = new MapReader();
  reader.apply([beginEpoch(reader, 200, id(1))]);
  expect(isHeld(reader, 200, id(1), 0)).toBe(true);
  for (const place of [4, 9]) reader.apply([put(200, feedKey(place), undefined, id(0))]);
  expect(isHeld(reader, 200, id(1), 9)).toBe(true);
  expect(isHeld(reader, 200, id(1), 10)).toBe(false);
  reader.apply([beginEpoch(reader, 200, id(2))]);
  reader.apply([put(200, feedKey(20), undefined, id(0))]);
  expect(readEpochs(reader, 200).map(({ after }) => after)).toEqual([0, 9]);
  expect(isHeld(reader, 200, id(1), 9)).toBe(true);
  expect(isHeld(reader, 200, id(1), 20)).toBe(false);
  expect(isHeld(reader, 200, id(2), 20)).toBe(true);
  expect(isHeld(reader, 200, id(3), 0)).toBe(false);
});

test('the list has an end', () => {
  const reader = new MapReader();
  for (let count = 0; count < 1005; count += 1) {
    reader.apply([beginEpoch(reader, 200, id(count % 251))]);
  }
  expect(readEpochs(reader, 200)).toHaveLength(1000);
});
