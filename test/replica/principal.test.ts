import { expect, test } from 'vitest';
import { othersToldMax } from '../../src/base/replica-limits.ts';
import { DynamoError } from '../../src/base/errors.ts';
import { hexOf, textOf } from '../../src/base/bytes.ts';
import { claimReplica, othersOf, ownedKey, principalKey } from '../../src/replica/principal.ts';
import { MapReader } from '../support/map-reader.ts';

const replica = new Uint8Array(16).fill(0xab);

test('a replica is of who came with it first, and of nobody else', () => {
  const reader = new MapReader();
  expect(hexOf(principalKey(replica))).toBe(`0c${'ab'.repeat(16)}`);
  expect(claimReplica(reader, 9, replica, undefined)).toEqual([]);
  const claimed = claimReplica(reader, 9, replica, 'ada');
  expect(claimed.map(({ value }) => textOf(value as Uint8Array))).toEqual(['ada', '']);
  reader.apply(claimed);
  expect(claimReplica(reader, 9, replica, 'ada')).toEqual([]);
  expect(() => claimReplica(reader, 9, replica, 'bob')).toThrow(DynamoError);
  expect(claimReplica(reader, 9, replica, undefined)).toEqual([]);
});

test('a new replica is told of how many others its principal has, up to a bound', () => {
  const reader = new MapReader();
  const others = (n: number, of: string): number => {
    return othersOf(reader, 9, new Uint8Array(16).fill(n), of);
  };
  const claim = (n: number, of: string): void => {
    reader.apply(claimReplica(reader, 9, new Uint8Array(16).fill(n), of));
  };
  expect(hexOf(ownedKey('ada', replica))).toBe(`2403616461${'ab'.repeat(16)}`);
  expect(others(0, 'ada')).toBe(0);
  for (const [n, of] of [
    [0, 'ada'],
    [255, 'ada'],
    [3, 'adam'],
    [4, 'ad'],
  ] as const)
    claim(n, of);
  // The same one again, as after its mark was forgotten, is no other.
  claim(0, 'ada');
  expect([others(0, 'ada'), others(7, 'ada'), others(7, 'adam'), others(7, 'bob')]).toEqual([
    1, 2, 1, 0,
  ]);
  for (let n = 10; n < 40; n += 1) claim(n, 'ada');
  expect(others(0, 'ada')).toBe(othersToldMax);
});
