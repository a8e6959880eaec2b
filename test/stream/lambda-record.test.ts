/** A record as a Lambda function gets it. */
import { expect, test } from 'vitest';
import { jsonItem, lambdaRecord, type WireRecord } from '../../src/stream/lambda-record.ts';

const record: WireRecord = {
  eventID: '00',
  eventName: 'REMOVE',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'local',
  dynamodb: {
    ApproximateCreationDateTime: 5,
    Keys: { id: { B: new Uint8Array([255]) } },
    OldImage: { id: { B: new Uint8Array([255]) }, all: { L: [{ BS: [new Uint8Array([1])] }] } },
    SequenceNumber: '1',
    SizeBytes: 7,
    StreamViewType: 'OLD_IMAGE',
  },
  userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' },
};

test('names its stream, has binary as base64, and small letters for who deleted it', () => {
  expect(lambdaRecord(record, 'arn')).toEqual({
    ...record,
    eventSourceARN: 'arn',
    dynamodb: {
      ...record.dynamodb,
      Keys: { id: { B: '/w==' } },
      OldImage: { id: { B: '/w==' }, all: { L: [{ BS: ['AQ=='] }] } },
    },
    userIdentity: { principalId: 'dynamodb.amazonaws.com', type: 'Service' },
  });
});

test('an attribute may be called __proto__', () => {
  const item = JSON.parse('{"__proto__":{"S":"x"}}') as object;
  expect(JSON.stringify(jsonItem(item))).toBe('{"__proto__":{"S":"x"}}');
});
