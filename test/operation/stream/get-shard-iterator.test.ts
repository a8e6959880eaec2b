import { describe, expect, test } from 'vitest';
import { streamRetentionMs } from '../../../src/base/limits.ts';
import { decodeIterator } from '../../../src/stream/iterator.ts';
import { sequenceNumber } from '../../../src/stream/sequence.ts';
import { ItemWorld } from '../../support/item-world.ts';
import { simpleTable } from '../../support/table-inputs.ts';

const StreamArn = 'arn:aws:dynamodb:local:000000000000:table/Simple/stream/2023-11-14T22:13:20.000';
const ShardId = 'shardId-00000001700000000000-00000065';
const startMs = 1_700_000_000_000;
const number = sequenceNumber({ ms: startMs, sequence: 2 });

function world(): ItemWorld {
  const made = new ItemWorld();
  const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };
  made.run('CreateTable', simpleTable({ StreamSpecification }));
  return made;
}

function iterator(made: ItemWorld, ShardIteratorType: string, SequenceNumber?: string) {
  const input = { StreamArn, ShardId, ShardIteratorType, SequenceNumber };
  return decodeIterator(String(made.call('GetShardIterator', input)['ShardIterator']));
}

describe('GetShardIterator', () => {
  test('answers a place for each type', () => {
    const made = world();
    made.run('PutItem', { TableName: 'Simple', Item: { a: { S: 'k' } } });
    made.nowMs += 7;
    const place = { ms: startMs, sequence: 2 };
    const from = { arn: StreamArn, shard: ShardId, issuedMs: startMs + 7 };
    expect(iterator(made, 'TRIM_HORIZON')).toMatchObject({ ...from, kind: 'horizon' });
    expect(iterator(made, 'LATEST')).toEqual({ ...from, kind: 'after', place });
    expect(iterator(made, 'AT_SEQUENCE_NUMBER', number)).toEqual({ ...from, kind: 'at', place });
    expect(iterator(made, 'AFTER_SEQUENCE_NUMBER', number)).toEqual({
      ...from,
      kind: 'after',
      place,
    });
  });

  test('for what is newest in an empty shard is its beginning', () => {
    const start = { ms: startMs, sequence: 0 };
    expect(iterator(world(), 'LATEST')).toMatchObject({ kind: 'at', place: start });
  });

  test('refuses a number that is older than a day', () => {
    const made = world();
    made.nowMs += streamRetentionMs;
    expect(iterator(made, 'AT_SEQUENCE_NUMBER', number)?.kind).toBe('at');
    made.nowMs += 1;
    const input = { StreamArn, ShardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER' };
    expect(made.refuse('GetShardIterator', { ...input, SequenceNumber: number })).toMatchObject({
      name: 'TrimmedDataAccessException',
      message: 'The operation attempted to read past the oldest stream record in a shard.',
    });
    expect(iterator(made, 'LATEST')?.kind).toBe('at');
  });

  test('knows no shard of another stream', () => {
    const made = world();
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };
    made.run('CreateTable', simpleTable({ TableName: 'Other', StreamSpecification }));
    const [other] = made.call('ListStreams', { TableName: 'Other' })['Streams'] as [
      { readonly StreamArn: string },
    ];
    const input = { StreamArn: other.StreamArn, ShardId, ShardIteratorType: 'LATEST' };
    expect(made.refuse('GetShardIterator', input)).toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Requested resource not found: Stream: ${other.StreamArn} not found`,
    });
  });

  const base = { StreamArn, ShardId, ShardIteratorType: 'LATEST' };
  const unknown = `Requested resource not found: Stream: ${StreamArn} not found`;
  test.each([
    [
      { ...base, StreamArn: StreamArn.replace('/stream/', '/other/') },
      'ValidationException',
      'Invalid StreamArn',
    ],
    [{ ...base, ShardId: ShardId.replace('65', '66') }, 'ResourceNotFoundException', unknown],
    [{ ...base, ShardId: 'x'.repeat(28) }, 'ResourceNotFoundException', unknown],
    [
      { ...base, SequenceNumber: number },
      'ValidationException',
      'Invalid SequenceNumber: it must not be specified for the ShardIteratorType LATEST',
    ],
    [
      { ...base, ShardIteratorType: 'TRIM_HORIZON', SequenceNumber: number },
      'ValidationException',
      'Invalid SequenceNumber: it must not be specified for the ShardIteratorType TRIM_HORIZON',
    ],
    [
      { ...base, ShardIteratorType: 'AT_SEQUENCE_NUMBER' },
      'ValidationException',
      'Missing SequenceNumber: it is required for the ShardIteratorType AT_SEQUENCE_NUMBER',
    ],
    [
      { ...base, ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: '1'.repeat(20) },
      'ValidationException',
      "1 validation error detected: Value '11111111111111111111' at 'sequenceNumber' failed to " +
        'satisfy constraint: Member must have length greater than or equal to 21',
    ],
    [
      { ...base, ShardId: 'shardId-1' },
      'ValidationException',
      "1 validation error detected: Value 'shardId-1' at 'shardId' failed to satisfy constraint: " +
        'Member must have length greater than or equal to 28',
    ],
    [
      { ...base, ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' },
      'ValidationException',
      'Missing SequenceNumber: it is required for the ShardIteratorType AFTER_SEQUENCE_NUMBER',
    ],
    [
      { ...base, ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: 'x'.repeat(21) },
      'ValidationException',
      `Invalid SequenceNumber: ${'x'.repeat(21)}`,
    ],
    [
      { ...base, ShardIteratorType: 'AT_TIMESTAMP' },
      'ValidationException',
      "1 validation error detected: Value 'AT_TIMESTAMP' at 'shardIteratorType' failed to " +
        'satisfy constraint: Member must satisfy enum value set: ' +
        '[AFTER_SEQUENCE_NUMBER, LATEST, AT_SEQUENCE_NUMBER, TRIM_HORIZON]',
    ],
    [
      { StreamArn, ShardIteratorType: 'LATEST' },
      'ValidationException',
      "1 validation error detected: Value null at 'shardId' failed to satisfy constraint: " +
        'Member must not be null',
    ],
  ])('refuses %j', (input, name, message) => {
    expect(world().refuse('GetShardIterator', input)).toMatchObject({ name, message });
  });
});
