/**
 * GetRecords: the next records of a shard, at most 1,000 and 1 MB, and where to go on.
 *
 * A shard that is exhausted and closed has no next iterator; one that is still open always has.
 */
import { DynamoError, validation } from '../../base/errors.ts';
import { iteratorLifeMs, streamRecordsMax } from '../../base/limits.ts';
import { integer, string, struct } from '../../shape/constructors.ts';
import { decodeIterator, encodeIterator } from '../../stream/iterator.ts';
import { readShard, trimmed } from '../../stream/read.ts';
import { type Operation, operation } from '../operation.ts';
import { findShard } from '../../stream/streams.ts';
import { knownStream } from './shared.ts';

export const GetRecords: Operation = operation({
  name: 'GetRecords',
  kind: 'read',
  input: struct({
    ShardIterator: string({ min: 1, max: 2048 }).required,
    Limit: integer({ min: 1, max: streamRecordsMax }),
  }),
  check(input, { nowMs }) {
    const iterator = decodeIterator(input.ShardIterator);
    if (iterator === undefined) throw validation('Invalid ShardIterator');
    if (nowMs - iterator.issuedMs > iteratorLifeMs) throw expired();
    return { iterator, limit: input.Limit ?? streamRecordsMax };
  },
  plan({ iterator, limit }, { reader, nowMs }) {
    const stream = knownStream(reader, iterator.arn, nowMs);
    const shard = findShard(reader, stream, iterator.shard);
    // It was there when the iterator was issued.
    if (shard === undefined) throw trimmed();
    return { iterator, limit, stream, shard };
  },
  decide({ iterator, limit, stream, shard }, { reader, nowMs, meter, isPlain }) {
    meter?.readShard(shard.tree, iterator.shard);
    const { records, next } = readShard(reader, stream, shard, iterator, limit, nowMs, isPlain);
    const { arn, shard: id } = iterator;
    return {
      output: {
        Records: records,
        ...(next && {
          NextShardIterator: encodeIterator({ arn, shard: id, ...next, issuedMs: nowMs }),
        }),
      },
    };
  },
  consistent: () => true,
});

function expired(): DynamoError {
  return new DynamoError(
    'ExpiredIteratorException',
    'The shard iterator has expired and can no longer be used to retrieve stream records.',
  );
}
