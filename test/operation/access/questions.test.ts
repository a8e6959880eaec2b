import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../../src/operation/registry.ts';
import { questionsOf } from '../../../src/operation/access/questions.ts';
import type { PlanContext } from '../../../src/operation/operation.ts';
import { type AccessWorld, notesArn, openAccessWorld } from '../../support/access.ts';

let world: AccessWorld;
beforeAll(async () => {
  world = await openAccessWorld();
});
afterAll(() => world.engine.close());

const TableName = 'Notes';

/** Operations and resources of calls that touch no single item. */
describe('calls on tables', () => {
  const rows: readonly (readonly [string, object, readonly string[]])[] = [
    ['DescribeTable', { TableName }, ['DescribeTable Notes']],
    ['DescribeTable', { TableName: notesArn }, ['DescribeTable Notes']],
    ['DescribeTimeToLive', { TableName }, ['DescribeTimeToLive Notes']],
    ['DeleteTable', { TableName }, ['DeleteTable Notes']],
    ['ListTables', {}, ['ListTables *']],
    ['DescribeLimits', {}, ['DescribeLimits *']],
    ['DescribeEndpoints', {}, ['DescribeEndpoints *']],
    ['ListTagsOfResource', { ResourceArn: notesArn }, ['ListTagsOfResource Notes']],
    ['UntagResource', { ResourceArn: notesArn, TagKeys: ['a'] }, ['UntagResource Notes']],
    ['ListStreams', { TableName }, ['ListStreams Notes/stream/*']],
    ['ListStreams', {}, ['ListStreams arn:aws:dynamodb:local:000000000000:table/*/stream/*']],
  ];
  test.each(rows)('%s %j', async (operation, input, expected) => {
    const asked = await world.asked(operation, input);
    expect(asked?.map(({ action, resource }) => `${action} ${resource}`)).toEqual(expected);
  });

  test('a table that is made with tags asks to tag, too', async () => {
    const asked = await world.asked('CreateTable', {
      TableName: 'New',
      AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    expect(asked?.map(({ action }) => action)).toEqual(['CreateTable', 'TagResource']);
  });

  test('a foreign ARN does not change which table is asked for', async () => {
    const foreign = 'arn:aws:dynamodb:elsewhere:123456789012:table/Notes';
    const asked = await world.asked('DescribeTable', { TableName: foreign });
    expect(asked?.[0]?.resource).toBe('Notes');
  });
});

test('records of a stream are of any key, and have any attribute', async () => {
  const { Streams } = (await world.call('ListStreams', { TableName })) as {
    Streams: readonly { StreamArn: string }[];
  };
  const StreamArn = Streams[0]?.StreamArn ?? '';
  const { StreamDescription } = (await world.call('DescribeStream', { StreamArn })) as {
    StreamDescription: { Shards: readonly { ShardId: string }[] };
  };
  const resource = StreamArn.replace(notesArn, 'Notes');
  expect(await world.asked('DescribeStream', { StreamArn })).toEqual([
    { action: 'DescribeStream', resource, facts: {} },
  ]);
  const ShardId = StreamDescription.Shards[0]?.ShardId ?? '';
  const place = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
  expect(await world.asked('GetShardIterator', place)).toMatchObject([
    { action: 'GetShardIterator', resource },
  ]);
  const iterator = await world.call('GetShardIterator', place);
  expect(await world.asked('GetRecords', iterator)).toMatchObject([
    { action: 'GetRecords', resource, facts: { leadingkeys: 'any', attributes: 'any' } },
  ]);
});

test('an operation without a row is denied to everybody', () => {
  expect(questionsOf('ExpireItems', {}, {} as PlanContext)).toBeUndefined();
  expect(questionsOf('__proto__', {}, {} as PlanContext)).toBeUndefined();
});

test('every operation that may be asked for has a row', () => {
  const names = operations.filter(({ internal }) => !internal).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(25);
  for (const name of names) {
    // Without its table or its input an asker fails; without a row there is none to fail.
    let answer: unknown = 'failed';
    try {
      answer = questionsOf(name, {}, {} as PlanContext);
    } catch {
      // It has a row.
    }
    expect([name, answer === undefined]).toEqual([name, false]);
  }
});
