/** What the operations of the Streams API have in common: their inputs' shapes and refusals. */
import { type DynamoError, resourceNotFound, validation } from '../../base/errors.ts';
import { type Shape, string } from '../../shape/constructors.ts';
import { findStream, type Stream, type StreamName, streamOfArn } from '../../stream/streams.ts';
import { isOver } from '../../stream/upkeep.ts';
import type { TreeReader } from '../../tree/reader.ts';

export const streamArn: Shape<string> = string({ min: 37, max: 1024 });
export const shardIdText: Shape<string> = string({ min: 28, max: 65 });

/** Throws on a text that is no ARN of a stream. */
export function checkStreamArn(arn: string): StreamName {
  const name = streamOfArn(arn);
  if (name === undefined) throw validation('Invalid StreamArn');
  return name;
}

/** Throws ResourceNotFoundException, also for one that was turned off a day ago. */
export function knownStream(reader: TreeReader, arn: string, nowMs: number): Stream {
  const stream = findStream(reader, arn);
  if (stream === undefined || stream.hidden === true || isOver(stream.disabledMs, nowMs)) {
    throw noSuchStream(arn);
  }
  return stream;
}

export function noSuchStream(arn: string): DynamoError {
  return resourceNotFound(`Requested resource not found: Stream: ${arn} not found`);
}
