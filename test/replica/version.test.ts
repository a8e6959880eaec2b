import { describe, expect, test } from 'vitest';
import { fromHex, hexOf } from '../../src/base/bytes.ts';
import { Corruption } from '../../src/base/corruption.ts';
import { decodeVersion, encodeVersion, type Version } from '../../src/replica/version.ts';

const replica = new Uint8Array(16).fill(0xab);
const stamp = { ms: 0x0102030405, counter: 7, replica };
const stamped = `000102030405${'0007'}${'ab'.repeat(16)}`;

const rows: readonly (readonly [string, Version, string])[] = [
  ['an item', { stamp, isDeleted: false }, `00${stamped}`],
  ['a tombstone', { stamp, isDeleted: true }, `01${stamped}`],
  ['one with an unanswered entry', { stamp, isDeleted: false, pending: 300 }, `04${stamped}ac02`],
  ['a guess', { stamp, isDeleted: false, pending: 1, isGuess: true }, `14${stamped}01`],
  [
    'one of three of an unanswered transaction',
    { stamp, isDeleted: false, pending: 2, members: 3 },
    `24${stamped}0203`,
  ],
  ['one of a feed', { stamp, isDeleted: true, isJoined: true, place: 5 }, `0b${stamped}05`],
];

describe('a version', () => {
  test.each(rows)('of %s has the bytes of docs/formats/replica.md', (_, version, golden) => {
    expect(hexOf(encodeVersion(version))).toBe(golden);
    const whole = { isJoined: false, pending: undefined, place: undefined, ...version };
    expect(decodeVersion(fromHex(golden))).toEqual(whole);
  });

  test('has its bytes with others', () => {
    const versions = Array.from({ length: 200 }, (_, place) => {
      return encodeVersion({ stamp, isDeleted: false, place });
    });
    expect(new Set(versions.map(({ buffer }) => buffer)).size).toBeLessThan(3);
    expect(versions.map((bytes) => decodeVersion(bytes).place)).toEqual([...versions.keys()]);
  });

  test.each([`10${stamped}`, `20${stamped}03`, `40${stamped}`, `00${stamped}00`])(
    'that is none is refused: %s',
    (hex) => {
      expect(() => decodeVersion(fromHex(hex))).toThrow(Corruption);
    },
  );
});
