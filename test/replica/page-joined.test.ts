import { expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { decodePageJoined, encodePageJoined } from '../../src/replica/page-joined.ts';

const replica = new Uint8Array(16).fill(9);
const joined = [
  {
    stamp: { ms: 1, counter: 2, replica },
    members: [
      { table: 't', key: Uint8Array.of(7) },
      { table: 'u', key: Uint8Array.of(8) },
    ],
  },
  { stamp: { ms: 2, counter: 0, replica }, members: [{ table: 't', key: Uint8Array.of(5) }] },
];

test('transactions of a page have their bytes, and are read as they were written', () => {
  const bytes = encodePageJoined(joined);
  const first = `0000000000010002 00${'09'.repeat(16)} 02 00 0174 0107 01 0175 0108`;
  const second = '0000000000020000 00 01 00 0105';
  expect(hexOf(bytes)).toBe(`${first}${second}`.replaceAll(' ', ''));
  expect(decodePageJoined(bytes)).toEqual(joined);
});

test('one of more items than a transaction has is refused before they are read', () => {
  const bytes = encodePageJoined([{ stamp: { ms: 1, counter: 0, replica }, members: [] }]);
  expect(() => decodePageJoined(Uint8Array.of(...bytes.slice(0, -1), 101))).toThrow('too many');
});
