import { describe, expect, test } from 'vitest';
import { iteratorLifeMs, shardLifeMs, streamRetentionMs } from '../../../src/base/limits.ts';
import { firstJob } from '../../../src/table/jobs.ts';
import { ItemWorld } from '../../support/item-world.ts';
import { askWorld, readStream, shardsOf, told } from '../../support/streams.ts';
import { simpleTable } from '../../support/table-inputs.ts';

const StreamArn = 'arn:aws:dynamodb:local:000000000000:table/Simple/stream/2023-11-14T22:13:20.000';
const ShardId = 'shardId-00000001700000000000-00000065';

function world(StreamViewType = 'NEW_AND_OLD_IMAGES'): ItemWorld {
  const made = new ItemWorld();
  const StreamSpecification = { StreamEnabled: true, StreamViewType };
  made.run('CreateTable', simpleTable({ StreamSpecification }));
  return made;
}

const key = (a: string) => ({ a: { S: a } });
const put = (a: string, more: object = {}) =>
  ['PutItem', { TableName: 'Simple', Item: { ...key(a), ...more } }] as const;
const remove = (a: string) => ['DeleteItem', { TableName: 'Simple', Key: key(a) }] as const;
const update = (a: string, UpdateExpression?: string, values?: object) =>
  [
    'UpdateItem',
    {
      TableName: 'Simple',
      Key: key(a),
      ...(UpdateExpression && { UpdateExpression }),
      ...(values && { ExpressionAttributeValues: values }),
    },
  ] as const;
const v = (n: number) => ({ v: { N: String(n) } });

type Call = readonly [operation: string, input: object];

async function recordsAfter(made: ItemWorld, calls: readonly Call[]): Promise<readonly unknown[]> {
  for (const [operation, input] of calls) {
    try {
      made.run(operation, input);
    } catch {
      // A refused write changes nothing either.
    }
  }
  return (await readStream(askWorld(made), StreamArn)).map(told);
}

describe('a change is recorded', () => {
  // reference/streams-ttl-backup-globaltables.md, sections 1 and 14.
  const insert = (a: string, item: object = {}) => [
    'INSERT',
    key(a),
    { ...key(a), ...item },
    undefined,
  ];
  const rows: readonly (readonly [string, readonly Call[], readonly unknown[]])[] = [
    [
      'puts: a new item, an equal one, another one',
      [put('k', v(1)), put('k', v(1)), put('k', v(2))],
      [insert('k', v(1)), ['MODIFY', key('k'), { ...key('k'), ...v(2) }, { ...key('k'), ...v(1) }]],
    ],
    [
      'a put of an equal number in another form',
      [put('k', { v: { N: '1' } }), put('k', { v: { N: '1.0' } })],
      [insert('k', v(1))],
    ],
    [
      'an update to the value that is there',
      [put('k', v(2)), update('k', 'SET v = :v', { ':v': { N: '2' } })],
      [insert('k', v(2))],
    ],
    [
      'an update that removes what is not there',
      [put('k'), update('k', 'REMOVE missing')],
      [insert('k')],
    ],
    ['an update without an expression of a new item', [update('k')], [insert('k')]],
    [
      'two deletions',
      [put('k'), remove('k'), remove('k')],
      [insert('k'), ['REMOVE', key('k'), undefined, key('k')]],
    ],
    [
      'sets in another order',
      [put('k', { s: { SS: ['a', 'b'] } }), put('k', { s: { SS: ['b', 'a'] } })],
      [insert('k', { s: { SS: ['a', 'b'] } })],
    ],
    [
      'maps in another order',
      [
        put('k', { m: { M: { x: { N: '1' }, y: { N: '2' } } } }),
        put('k', { m: { M: { y: { N: '2' }, x: { N: '1' } } } }),
      ],
      [insert('k', { m: { M: { x: { N: '1' }, y: { N: '2' } } } })],
    ],
    [
      'a put of other attributes, with whole images',
      [put('k', v(1)), put('k', { w: { S: 'x' } })],
      [
        insert('k', v(1)),
        ['MODIFY', key('k'), { ...key('k'), w: { S: 'x' } }, { ...key('k'), ...v(1) }],
      ],
    ],
    [
      'deletions that find nothing or are refused',
      [
        put('k'),
        remove('z'),
        [
          'DeleteItem',
          { TableName: 'Simple', Key: key('k'), ConditionExpression: 'attribute_exists(v)' },
        ],
      ],
      [insert('k')],
    ],
    [
      'a failed condition',
      [
        [
          'PutItem',
          { TableName: 'Simple', Item: key('k'), ConditionExpression: 'attribute_exists(a)' },
        ],
      ],
      [],
    ],
    [
      'a transaction, which makes one of each item',
      [
        [
          'TransactWriteItems',
          {
            TransactItems: [
              { Put: { TableName: 'Simple', Item: key('a') } },
              { Put: { TableName: 'Simple', Item: key('b') } },
              {
                ConditionCheck: {
                  TableName: 'Simple',
                  Key: key('c'),
                  ConditionExpression: 'attribute_not_exists(a)',
                },
              },
            ],
          },
        ],
      ],
      [insert('a'), insert('b')],
    ],
    [
      'a transaction that is cancelled',
      [
        [
          'TransactWriteItems',
          {
            TransactItems: [
              { Put: { TableName: 'Simple', Item: key('a') } },
              {
                ConditionCheck: {
                  TableName: 'Simple',
                  Key: key('c'),
                  ConditionExpression: 'attribute_exists(a)',
                },
              },
            ],
          },
        ],
      ],
      [],
    ],
    [
      'a batch',
      [
        put('a'),
        [
          'BatchWriteItem',
          {
            RequestItems: {
              Simple: [
                { PutRequest: { Item: key('b') } },
                { DeleteRequest: { Key: key('a') } },
                { DeleteRequest: { Key: key('z') } },
              ],
            },
          },
        ],
      ],
      [insert('a'), insert('b'), ['REMOVE', key('a'), undefined, key('a')]],
    ],
    [
      'statements',
      [
        ['ExecuteStatement', { Statement: `INSERT INTO Simple VALUE {'a': 'k'}` }],
        ['ExecuteStatement', { Statement: `UPDATE Simple SET v = 1 WHERE a = 'k'` }],
        ['ExecuteStatement', { Statement: `UPDATE Simple SET v = 1 WHERE a = 'k'` }],
        ['ExecuteStatement', { Statement: `DELETE FROM Simple WHERE a = 'k'` }],
      ],
      [
        insert('k'),
        ['MODIFY', key('k'), { ...key('k'), ...v(1) }, key('k')],
        ['REMOVE', key('k'), undefined, { ...key('k'), ...v(1) }],
      ],
    ],
    [
      'a batch of statements, each for itself',
      [
        [
          'BatchExecuteStatement',
          {
            Statements: [
              { Statement: `INSERT INTO Simple VALUE {'a': 'k'}` },
              { Statement: `UPDATE Simple SET v = 1 WHERE a = 'missing'` },
            ],
          },
        ],
      ],
      [insert('k')],
    ],
    [
      'a transaction of statements',
      [
        [
          'ExecuteTransaction',
          {
            TransactStatements: [
              { Statement: `INSERT INTO Simple VALUE {'a': 'k'}` },
              { Statement: `INSERT INTO Simple VALUE {'a': 'l'}` },
            ],
          },
        ],
      ],
      [insert('k'), insert('l')],
    ],
  ];
  test.each(rows)('of %s', async (_name, calls, records) => {
    expect(await recordsAfter(world(), calls)).toEqual(records);
  });

  test('is none where an update says it updated what was equal', async () => {
    const made = world();
    made.run(...put('k', v(1)));
    const [operation, input] = update('k', 'SET v = :v', { ':v': { N: '1.0' } });
    const answer = made.call(operation, { ...input, ReturnValues: 'UPDATED_NEW' });
    expect(answer['Attributes']).toEqual(v(1));
    expect(await recordsAfter(made, [])).toEqual([insert('k', v(1))]);
  });

  test('of an item once, whatever indexes are filled, kept and dropped', async () => {
    const made = world();
    made.run(...put('k', { g: { S: '1' } }));
    const change = (...GlobalSecondaryIndexUpdates: object[]): void => {
      const AttributeDefinitions = [{ AttributeName: 'g', AttributeType: 'S' }];
      const input = { TableName: 'Simple', AttributeDefinitions, GlobalSecondaryIndexUpdates };
      made.run('UpdateTable', input);
      for (let Job = firstJob(made.reader); Job !== undefined; Job = firstJob(made.reader)) {
        made.run('AdvanceJob', { Job }, 'plain');
      }
    };
    const KeySchema = [{ AttributeName: 'g', KeyType: 'HASH' }];
    change({ Create: { IndexName: 'byG', KeySchema, Projection: { ProjectionType: 'ALL' } } });
    expect(made.call('Scan', { TableName: 'Simple', IndexName: 'byG' })['Count']).toBe(1);
    made.run(...put('k', { g: { S: '2' } }));
    change({ Delete: { IndexName: 'byG' } });
    const names = (await recordsAfter(made, [])).map((record) => (record as unknown[])[0]);
    expect(names).toEqual(['INSERT', 'MODIFY']);
  });

  test.each([
    ['KEYS_ONLY', false, false],
    ['NEW_IMAGE', true, false],
    ['OLD_IMAGE', false, true],
    ['NEW_AND_OLD_IMAGES', true, true],
  ])('with the images of the view %s', async (view, hasNew, hasOld) => {
    const one = { ...key('k'), ...v(1) };
    const two = { ...key('k'), ...v(2) };
    const made = world(view);
    expect(await recordsAfter(made, [put('k', v(1)), put('k', v(2)), remove('k')])).toEqual([
      ['INSERT', key('k'), hasNew ? one : undefined, undefined],
      ['MODIFY', key('k'), hasNew ? two : undefined, hasOld ? one : undefined],
      ['REMOVE', key('k'), undefined, hasOld ? two : undefined],
    ]);
    const [record] = await readStream(askWorld(made), StreamArn);
    expect(record?.dynamodb.StreamViewType).toBe(view);
  });

  test('of an item whose time was over says who deleted it', async () => {
    const made = world();
    made.run(...put('k'));
    made.caller = 'ttl';
    made.run(...remove('k'));
    const [, last] = await readStream(askWorld(made), StreamArn);
    expect(last?.userIdentity).toEqual({ PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' });
  });

  test('of a table whose stream is on now, and not before or after', async () => {
    const made = new ItemWorld();
    made.run('CreateTable', simpleTable());
    made.run(...put('before'));
    const on = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };
    made.run('UpdateTable', { TableName: 'Simple', StreamSpecification: on });
    made.run(...put('during'));
    made.run('UpdateTable', { TableName: 'Simple', StreamSpecification: { StreamEnabled: false } });
    made.run(...put('behind'));
    expect(await recordsAfter(made, [])).toEqual([insert('during')]);
  });
});

describe('GetRecords', () => {
  function iterate(made: ItemWorld, ShardIteratorType = 'TRIM_HORIZON'): unknown {
    return made.call('GetShardIterator', { StreamArn, ShardId, ShardIteratorType })[
      'ShardIterator'
    ];
  }

  test('brings as many as asked for, in order, once each', async () => {
    const made = world();
    for (let id = 0; id < 25; id += 1) made.run(...put(`k${id}`));
    const records = await readStream(askWorld(made), StreamArn, 4);
    expect(records.map(({ dynamodb }) => dynamodb.Keys.get('a')?.value)).toEqual(
      Array.from({ length: 25 }, (_, id) => `k${id}`),
    );
    const numbers = records.map(({ dynamodb }) => BigInt(dynamodb.SequenceNumber));
    expect(numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0n))).toBe(true);
    expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(25);
  });

  test('brings 1,000 records at most where no Limit is given', () => {
    const made = world();
    for (let id = 0; id <= 1000; id += 1) made.run(...put(`k${id}`));
    const first = made.call('GetRecords', { ShardIterator: iterate(made) });
    expect(first['Records']).toHaveLength(1000);
    const second = made.call('GetRecords', { ShardIterator: first['NextShardIterator'] });
    expect(second['Records']).toHaveLength(1);
  });

  test('brings the same again by the same iterator', () => {
    const made = world();
    made.run(...put('a'));
    const ShardIterator = iterate(made);
    const first = made.call('GetRecords', { ShardIterator });
    expect(made.call('GetRecords', { ShardIterator })).toEqual(first);
  });

  test('reads for a day what a deleted table has left, also beside a new one of its name', () => {
    const made = world();
    made.run(...put('a'));
    made.run('DeleteTable', { TableName: 'Simple' });
    const names = (): unknown => {
      const answer = made.call('GetRecords', { ShardIterator: iterate(made) });
      expect(answer).not.toHaveProperty('NextShardIterator');
      return (answer['Records'] as { eventName: string }[]).map(({ eventName }) => eventName);
    };
    // Items that go with their table are not deleted one by one.
    expect(names()).toEqual(['INSERT']);
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' };
    made.run('CreateTable', simpleTable({ StreamSpecification }));
    made.run(...put('b'));
    expect(names()).toEqual(['INSERT']);
    expect(made.call('ListStreams', { TableName: 'Simple' })['Streams']).toHaveLength(2);
    made.nowMs += streamRetentionMs;
    expect(made.call('ListStreams', { TableName: 'Simple' })['Streams']).toHaveLength(1);
    const input = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    expect(made.refuse('GetShardIterator', input).name).toBe('ResourceNotFoundException');
  });

  test('from what is newest brings what comes after', () => {
    const made = world();
    made.run(...put('a'));
    const ShardIterator = iterate(made, 'LATEST');
    expect(made.call('GetRecords', { ShardIterator })['Records']).toEqual([]);
    made.run(...put('b'));
    expect(made.call('GetRecords', { ShardIterator })['Records']).toHaveLength(1);
  });

  test('has a next iterator until a closed shard is exhausted', async () => {
    const made = world();
    made.run(...put('a'));
    let answer = made.call('GetRecords', { ShardIterator: iterate(made) });
    made.nowMs += shardLifeMs;
    made.run('AdvanceStreams', { PartitionBytes: 1e9 }, 'plain');
    expect(await shardsOf(askWorld(made), StreamArn)).toHaveLength(2);
    made.nowMs -= shardLifeMs;
    answer = made.call('GetRecords', { ShardIterator: answer['NextShardIterator'] });
    expect(answer).toEqual({ Records: [] });
  });

  test('refuses an iterator that is older than 15 minutes', () => {
    const made = world();
    const ShardIterator = iterate(made);
    made.nowMs += iteratorLifeMs;
    expect(made.call('GetRecords', { ShardIterator })['Records']).toEqual([]);
    made.nowMs += 1;
    expect(made.refuse('GetRecords', { ShardIterator })).toMatchObject({
      name: 'ExpiredIteratorException',
    });
  });

  test('refuses one whose shard, or stream, has gone since', () => {
    const made = world();
    made.run(...put('a'));
    made.nowMs += shardLifeMs;
    made.run('AdvanceStreams', { PartitionBytes: 1e9 }, 'plain');
    made.nowMs += streamRetentionMs - iteratorLifeMs;
    const ShardIterator = iterate(made);
    made.nowMs += iteratorLifeMs;
    made.run('AdvanceStreams', { PartitionBytes: 1e9 }, 'plain');
    expect(made.refuse('GetRecords', { ShardIterator })).toMatchObject({
      name: 'TrimmedDataAccessException',
    });
    const own = world();
    own.run('UpdateTable', { TableName: 'Simple', StreamSpecification: { StreamEnabled: false } });
    own.nowMs += streamRetentionMs - 1;
    const last = iterate(own);
    own.nowMs += 1;
    expect(own.refuse('GetRecords', { ShardIterator: last })).toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Requested resource not found: Stream: ${StreamArn} not found`,
    });
  });

  test.each([
    [{ ShardIterator: 'garbage' }, 'Invalid ShardIterator'],
    [{ ShardIterator: `${StreamArn}|1|AAAA` }, 'Invalid ShardIterator'],
    [
      { ShardIterator: 'x', Limit: 1001 },
      "1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: " +
        'Member must have value less than or equal to 1000',
    ],
    [
      { ShardIterator: 'x', Limit: 0 },
      "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: " +
        'Member must have value greater than or equal to 1',
    ],
  ])('refuses %j', (input, message) => {
    expect(world().invalid('GetRecords', input)).toBe(message);
  });
});
