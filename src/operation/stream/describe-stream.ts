/** DescribeStream: a stream's state and its shards, a page of them in the order of their ids. */
import { validation } from '../../base/errors.ts';
import { listShardsMax } from '../../base/limits.ts';
import { integer, oneOf, string, struct } from '../../shape/constructors.ts';
import { sequenceNumber } from '../../stream/sequence.ts';
import { listShards, type Shard, shardId } from '../../stream/streams.ts';
import { type Operation, operation } from '../operation.ts';
import { keySchemaOutput } from '../table/table-description.ts';
import { checkStreamArn, knownStream, shardIdText, streamArn } from './shared.ts';

export const DescribeStream: Operation = operation({
  name: 'DescribeStream',
  kind: 'read',
  input: struct({
    StreamArn: streamArn.required,
    Limit: integer({ min: 1, max: listShardsMax }),
    ExclusiveStartShardId: shardIdText,
    ShardFilter: struct({ Type: oneOf('CHILD_SHARDS'), ShardId: string({ min: 28, max: 65 }) }),
  }),
  check(input) {
    checkStreamArn(input.StreamArn);
    const { ShardFilter: filter } = input;
    if (filter !== undefined && (filter.Type === undefined || filter.ShardId === undefined)) {
      throw validation('Invalid ShardFilter: Type and ShardId are required');
    }
    return input;
  },
  plan: (input, { reader, nowMs }) => ({
    input,
    stream: knownStream(reader, input.StreamArn, nowMs),
  }),
  decide({ input, stream }, { reader }) {
    const { Limit: limit = listShardsMax, ExclusiveStartShardId: after, ShardFilter } = input;
    const parent = ShardFilter?.Type === 'CHILD_SHARDS' ? ShardFilter.ShardId : undefined;
    const found = listShards(reader, stream, Number.POSITIVE_INFINITY, after).filter((shard) => {
      return parent === undefined || shard.parent === parent;
    });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      output: {
        StreamDescription: {
          StreamArn: stream.arn,
          StreamLabel: stream.label,
          StreamStatus: stream.disabledMs === undefined ? 'ENABLED' : 'DISABLED',
          StreamViewType: stream.view,
          CreationRequestDateTime: stream.createdMs / 1000,
          TableName: stream.table,
          KeySchema: keySchemaOutput(stream.keys),
          Shards: shown.map(shardOutput),
          ...(found.length > limit && last && { LastEvaluatedShardId: shardId(last) }),
        },
      },
    };
  },
  consistent: () => true,
});

function shardOutput(shard: Shard): object {
  const { start, end, parent } = shard;
  return {
    ShardId: shardId(shard),
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceNumber(start),
      ...(end && { EndingSequenceNumber: sequenceNumber(end) }),
    },
    ...(parent !== undefined && { ParentShardId: parent }),
  };
}
