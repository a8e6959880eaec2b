/**
 * The `X-Amz-Target` header: which operation of which of DynamoDB's two APIs is asked for.
 */

/** Operations of the Streams API, which has a target prefix of its own. */
const streamOperations: ReadonlySet<string> = new Set([
  'DescribeStream',
  'GetRecords',
  'GetShardIterator',
  'ListStreams',
]);

/** The operation's name; undefined for a target that belongs to neither API. */
export function operationOfTarget(target: string | undefined): string | undefined {
  if (target === undefined) return undefined;
  const dot = target.indexOf('.');
  const name = target.slice(dot + 1);
  const expected = streamOperations.has(name) ? 'DynamoDBStreams_20120810' : 'DynamoDB_20120810';
  return dot > 0 && target.slice(0, dot) === expected ? name : undefined;
}
