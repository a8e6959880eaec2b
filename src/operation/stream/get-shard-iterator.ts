/** GetShardIterator: a place in a shard to read from, good for 15 minutes. */
import { validation } from '../../base/errors.ts';
import { oneOf, string, struct } from '../../shape/constructors.ts';
import type { ChangePlace } from '../../log/change.ts';
import { encodeIterator, type ShardIterator } from '../../stream/iterator.ts';
import { lastPlace } from '../../stream/lifecycle.ts';
import { horizonMs, trimmed } from '../../stream/read.ts';
import { placeOfNumber } from '../../stream/sequence.ts';
import { findShard, type Shard } from '../../stream/streams.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type Operation, operation } from '../operation.ts';
import { checkStreamArn, knownStream, noSuchStream, shardIdText, streamArn } from './shared.ts';

type Type = 'TRIM_HORIZON' | 'LATEST' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER';

export const GetShardIterator: Operation = operation({
  name: 'GetShardIterator',
  kind: 'read',
  input: struct({
    StreamArn: streamArn.required,
    ShardId: shardIdText.required,
    ShardIteratorType: oneOf(
      'AFTER_SEQUENCE_NUMBER',
      'LATEST',
      'AT_SEQUENCE_NUMBER',
      'TRIM_HORIZON',
    ).required,
    SequenceNumber: string({ min: 21, max: 40 }),
  }),
  check(input) {
    checkStreamArn(input.StreamArn);
    return { input, place: checkNumber(input.ShardIteratorType, input.SequenceNumber) };
  },
  plan({ input, place }, { reader, nowMs }) {
    const { StreamArn: arn, ShardId: id, ShardIteratorType: type } = input;
    const shard = findShard(reader, knownStream(reader, arn, nowMs), id);
    if (shard === undefined) throw noSuchStream(arn);
    return { arn, id, type, shard, place };
  },
  decide({ arn, id, type, shard, place }, { reader, nowMs }) {
    const from = startOf(reader, shard, type, place);
    if (place !== undefined && place.ms < horizonMs(nowMs)) throw trimmed();
    const iterator = encodeIterator({ arn, shard: id, ...from, issuedMs: nowMs });
    return { output: { ShardIterator: iterator } };
  },
  consistent: () => true,
});

/** The place that two of the types want, and the others forbid. */
function checkNumber(type: Type, number: string | undefined): ChangePlace | undefined {
  const wants = type === 'AT_SEQUENCE_NUMBER' || type === 'AFTER_SEQUENCE_NUMBER';
  if (!wants) {
    if (number === undefined) return undefined;
    throw validation(
      `Invalid SequenceNumber: it must not be specified for the ShardIteratorType ${type}`,
    );
  }
  const place = number === undefined ? undefined : placeOfNumber(number);
  if (place !== undefined) return place;
  throw validation(
    number === undefined
      ? `Missing SequenceNumber: it is required for the ShardIteratorType ${type}`
      : `Invalid SequenceNumber: ${number}`,
  );
}

function startOf(
  reader: TreeReader,
  shard: Shard,
  type: Type,
  place: ChangePlace | undefined,
): Pick<ShardIterator, 'kind' | 'place'> {
  if (type === 'TRIM_HORIZON') return { kind: 'horizon', place: shard.start };
  if (type === 'LATEST') {
    const last = lastPlace(reader, shard);
    return last === undefined ? { kind: 'at', place: shard.start } : { kind: 'after', place: last };
  }
  const kind = type === 'AT_SEQUENCE_NUMBER' ? 'at' : 'after';
  return { kind, place: place ?? shard.start };
}
