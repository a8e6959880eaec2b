import { expect, test } from 'vitest';
import { checkName, noStream, placeIn } from '../../../src/operation/trigger/shared.ts';
import { sequenceNumber } from '../../../src/stream/sequence.ts';

test('a place is what its sequence number names', () => {
  const place = { ms: 5, sequence: 7 };
  expect(placeIn(sequenceNumber(place))).toEqual(place);
  expect(() => placeIn('x')).toThrow('Invalid SequenceNumber: x');
});

test('a name has no zero characters, which end it in keys', () => {
  expect(() => checkName('a\0b')).toThrow('has no zero characters');
  checkName('__proto__');
});

test('who lacks a stream is told how to turn it on', () => {
  expect(noStream('T').message).toContain("updateTable({ TableName: 'T', StreamSpecification");
});
