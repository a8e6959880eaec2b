import { expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { hexOf, textOf } from '../../src/base/bytes.ts';
import { claimReplica, principalKey } from '../../src/replica/principal.ts';
import { MapReader } from '../support/map-reader.ts';

const replica = new Uint8Array(16).fill(0xab);

test('a replica is of who came with it first, and of nobody else', () => {
  const reader = new MapReader();
  expect(hexOf(principalKey(replica))).toBe(`0c${'ab'.repeat(16)}`);
  expect(claimReplica(reader, 9, replica, undefined)).toEqual([]);
  const claimed = claimReplica(reader, 9, replica, 'ada');
  expect(claimed.map(({ value }) => textOf(value as Uint8Array))).toEqual(['ada']);
  reader.apply(claimed);
  expect(claimReplica(reader, 9, replica, 'ada')).toEqual([]);
  expect(() => claimReplica(reader, 9, replica, 'bob')).toThrow(DynamoError);
  expect(claimReplica(reader, 9, replica, undefined)).toEqual([]);
});
