import { describe, expect, test } from 'vitest';
import { streamRetentionMs } from '../../../src/base/limits.ts';
import { ItemWorld } from '../../support/item-world.ts';
import { simpleTable } from '../../support/table-inputs.ts';

const arn = 'arn:aws:dynamodb:local:000000000000:table/Simple/stream/2023-11-14T22:13:20.000';
const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' };
const first = 'shardId-00000001700000000000-00000065';

interface Described {
  readonly Shards: readonly { readonly ShardId: string; readonly ParentShardId?: string }[];
  readonly LastEvaluatedShardId?: string;
}

function world(): ItemWorld {
  const made = new ItemWorld();
  made.run('CreateTable', simpleTable({ StreamSpecification }));
  return made;
}

function describeStream(made: ItemWorld, more: object = {}): Described {
  const answer = made.call('DescribeStream', { StreamArn: arn, ...more });
  return answer['StreamDescription'] as Described;
}

/** Four live shards, their parents and their parent. */
function grown(): ItemWorld {
  const made = world();
  for (let id = 0; id < 4; id += 1) {
    made.run('PutItem', {
      TableName: 'Simple',
      Item: { a: { S: `k${id}` }, v: { S: 'x'.repeat(99) } },
    });
  }
  for (let step = 0; step < 2; step += 1) {
    made.run('AdvanceStreams', { PartitionBytes: 150 }, 'plain');
  }
  return made;
}

describe('DescribeStream', () => {
  test('tells of a stream that is on', () => {
    expect(describeStream(world())).toEqual({
      StreamArn: arn,
      StreamLabel: '2023-11-14T22:13:20.000',
      StreamStatus: 'ENABLED',
      StreamViewType: 'KEYS_ONLY',
      CreationRequestDateTime: 1_700_000_000,
      TableName: 'Simple',
      KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
      Shards: [
        {
          ShardId: first,
          SequenceNumberRange: { StartingSequenceNumber: `101700000000000${'0'.repeat(16)}` },
        },
      ],
    });
  });

  test('tells of one that was turned off: its last shard is closed', () => {
    const made = world();
    made.run('PutItem', { TableName: 'Simple', Item: { a: { S: 'k' } } });
    made.run('UpdateTable', { TableName: 'Simple', StreamSpecification: { StreamEnabled: false } });
    expect(describeStream(made)).toMatchObject({
      StreamStatus: 'DISABLED',
      Shards: [
        {
          SequenceNumberRange: { EndingSequenceNumber: `101700000000000${'2'.padStart(16, '0')}` },
        },
      ],
    });
  });

  test('shows shards in the order of their ids, parents before children, in pages', () => {
    const made = grown();
    const { Shards } = describeStream(made);
    expect(Shards).toHaveLength(7);
    const ids = Shards.map(({ ShardId }) => ShardId);
    expect(ids.toSorted()).toEqual(ids);
    for (const [at, { ParentShardId }] of Shards.entries()) {
      if (at > 0) expect(ids.slice(0, at)).toContain(ParentShardId);
    }
    const page = describeStream(made, { Limit: 3 });
    expect(page.LastEvaluatedShardId).toBe(ids[2]);
    const rest = describeStream(made, { ExclusiveStartShardId: ids[2] });
    expect(rest.Shards.map(({ ShardId }) => ShardId)).toEqual(ids.slice(3));
    expect(rest.LastEvaluatedShardId).toBeUndefined();
  });

  test('shows the children of one shard', () => {
    const made = grown();
    const ShardFilter = { Type: 'CHILD_SHARDS', ShardId: first };
    const { Shards } = describeStream(made, { ShardFilter });
    expect(Shards.map(({ ParentShardId }) => ParentShardId)).toEqual([first, first]);
  });

  test('has an empty page after an id that no shard can have', () => {
    const made = grown();
    const page = describeStream(made, { ExclusiveStartShardId: `shardId-${'x'.repeat(20)}` });
    expect(page.Shards).toEqual([]);
  });

  test.each([{}, { Type: 'CHILD_SHARDS' }, { ShardId: `shardId-${'0'.repeat(20)}-00000065` }])(
    'refuses the ShardFilter %j',
    (ShardFilter) => {
      expect(() => describeStream(grown(), { ShardFilter })).toThrow(
        'Type and ShardId are required',
      );
    },
  );

  test('does not show shards that were trimmed', () => {
    const made = grown();
    made.nowMs += streamRetentionMs;
    made.run('AdvanceStreams', { PartitionBytes: 150 }, 'plain');
    expect(describeStream(made).Shards).toHaveLength(4);
  });

  test.each([
    [
      { StreamArn: `${arn}1` },
      'ResourceNotFoundException',
      `Requested resource not found: Stream: ${arn}1 not found`,
    ],
    [{ StreamArn: arn.replace('/stream/', '/index/') }, 'ValidationException', 'Invalid StreamArn'],
    [
      { StreamArn: 'x' },
      'ValidationException',
      "1 validation error detected: Value 'x' at 'streamArn' failed to satisfy constraint: " +
        'Member must have length greater than or equal to 37',
    ],
    [
      { StreamArn: arn, Limit: 101 },
      'ValidationException',
      "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: " +
        'Member must have value less than or equal to 100',
    ],
  ])('refuses %j', (input, name, message) => {
    expect(world().refuse('DescribeStream', input)).toMatchObject({ name, message });
  });
});
