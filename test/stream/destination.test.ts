/** A change as DynamoDB writes it to a Kinesis data stream. */
import { expect, test } from 'vitest';
import { destinationName, destinationRecord } from '../../src/stream/destination.ts';
import type { WireRecord } from '../../src/stream/lambda-record.ts';
import { sequenceNumber } from '../../src/stream/sequence.ts';

const SequenceNumber = sequenceNumber({ ms: 1_700_000_000_123, sequence: 7 });
const record: WireRecord = {
  eventID: '00112233445566778899aabbccddeeff',
  eventName: 'MODIFY',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'local',
  dynamodb: {
    ApproximateCreationDateTime: 1_700_000_000,
    Keys: { pk: { S: 'a' } },
    NewImage: { pk: { S: 'a' }, b: { B: new Uint8Array([1]) } },
    OldImage: { pk: { S: 'a' } },
    SequenceNumber,
    SizeBytes: 12,
    StreamViewType: 'KEYS_ONLY',
  },
};

test('has the members of the reference, milliseconds, and base64', () => {
  const told = destinationRecord(record, 'Tab', 'MILLISECOND');
  expect(told).toEqual({
    partitionKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    sequenceNumber: SequenceNumber,
    data: {
      awsRegion: 'local',
      eventID: '00112233-4455-6677-8899-aabbccddeeff',
      eventName: 'MODIFY',
      userIdentity: null,
      recordFormat: 'application/json',
      tableName: 'Tab',
      dynamodb: {
        ApproximateCreationDateTime: 1_700_000_000_123,
        Keys: { pk: { S: 'a' } },
        NewImage: { pk: { S: 'a' }, b: { B: 'AQ==' } },
        OldImage: { pk: { S: 'a' } },
        SizeBytes: 12,
        ApproximateCreationDateTimePrecision: 'MILLISECOND',
      },
      eventSource: 'aws:dynamodb',
    },
  });
});

test('has microseconds where they are asked for, and who deleted an item that was over', () => {
  const userIdentity = { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' };
  const { data } = destinationRecord({ ...record, userIdentity }, 'Tab', 'MICROSECOND');
  expect(data).toMatchObject({
    userIdentity: { principalId: 'dynamodb.amazonaws.com', type: 'Service' },
    dynamodb: { ApproximateCreationDateTime: 1_700_000_000_123_000 },
  });
});

test('partition keys follow the keys, and names the table and the stream', () => {
  const other = { ...record, dynamodb: { ...record.dynamodb, Keys: { pk: { S: 'b' } } } };
  const keyOf = (one: WireRecord): string =>
    destinationRecord(one, 'T', 'MILLISECOND').partitionKey;
  expect(keyOf(record)).toBe(keyOf({ ...record, eventName: 'INSERT' }));
  expect(keyOf(record)).not.toBe(keyOf(other));
  expect(
    new Set([destinationName('a', 'x'), destinationName('a', 'y'), destinationName('b', 'x')]).size,
  ).toBe(3);
});
