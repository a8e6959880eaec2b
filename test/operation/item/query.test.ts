import { beforeEach, describe, expect, test } from 'vitest';
import { StoredItem } from '../../../src/value/codec.ts';
import { ItemWorld } from '../../support/item-world.ts';

const prefix = 'One or more parameter values were invalid: ';
let world: ItemWorld;

/** `p = x` and more, with the values it names. */
const values: Readonly<Record<string, object>> = {
  ':x': { S: 'x' },
  ':1': { N: '1' },
  ':2': { N: '2' },
  ':3': { N: '3' },
  ':4': { N: '4' },
  ':r': { S: 'r' },
  ':e': { S: '' },
  ':set': { SS: ['a'] },
};
const query = (KeyConditionExpression: string, more: Record<string, unknown> = {}): object => {
  const text = `${KeyConditionExpression} ${more['FilterExpression'] ?? ''}`;
  const used = (text.match(/:\w+/g) ?? []).map((name) => [name, values[name]]);
  return {
    TableName: 'Tab',
    KeyConditionExpression,
    ...(used.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(used) }),
    ...more,
  };
};
const at = (s: number | string, p = 'x'): object => ({ p: { S: p }, s: { N: `${s}` } });
const sorts = (answer: Record<string, unknown>): number[] =>
  (answer['Items'] as { s: { N: string } }[]).map(({ s }) => Number(s.N));

beforeEach(() => {
  world = new ItemWorld();
  world.table('Tab', ['p:S', 's:N'], {
    global: {
      gsi: { keys: ['c:S'], project: 'KEYS_ONLY' },
      some: { keys: ['c:S', 's:N'], project: ['e'] },
    },
    local: { lsi: { keys: ['p:S', 'd:N'], project: ['e'] }, full: { keys: ['p:S', 'e:N'] } },
  });
  world.table('Plain', ['p:S']);
  for (const s of [1, 2, 3, 4, 5]) {
    world.call('PutItem', {
      TableName: 'Tab',
      Item: {
        ...at(s),
        v: { S: 'v'.repeat(1010) },
        d: { N: `${10 - s}` },
        ...(s % 2 === 0 ? { c: { S: 'r' }, e: { N: `${s}` } } : {}),
        ...(s === 5 ? { lone: { S: 'five' } } : {}),
      },
    });
  }
});

describe('the worked examples', () => {
  // reference/query-scan-indexes.md, section 10: Count, ScannedCount, LastEvaluatedKey.
  const rows: readonly [object, number, number, object | undefined][] = [
    [query('p = :x'), 5, 5, undefined],
    [query('p = :x', { Limit: 2 }), 2, 2, at(2)],
    [query('p = :x', { ExclusiveStartKey: at(2), Limit: 3 }), 3, 3, at(5)],
    [query('p = :x', { ExclusiveStartKey: at(5) }), 0, 0, undefined],
    [query('p = :x', { Limit: 3, FilterExpression: 'attribute_exists(lone)' }), 0, 3, at(3)],
    [query('p = :x AND s BETWEEN :2 AND :4', { Select: 'COUNT' }), 3, 3, undefined],
    [query('p = :r'), 0, 0, undefined],
  ];
  test.each(rows)('%j', (input, count, scanned, last) => {
    const answer = world.call('Query', input);
    expect([answer['Count'], answer['ScannedCount'], answer['LastEvaluatedKey']]).toEqual([
      count,
      scanned,
      last,
    ]);
    expect('LastEvaluatedKey' in answer).toBe(last !== undefined);
  });

  test('a page of an index ends at a key of index and table', () => {
    const first = world.call('Query', query('c = :r', { IndexName: 'gsi', Limit: 1 }));
    expect(first['Count']).toBe(1);
    const last = first['LastEvaluatedKey'] as object;
    expect(Object.keys(last).sort()).toEqual(['c', 'p', 's']);
    const rest = world.call(
      'Query',
      query('c = :r', { IndexName: 'gsi', ExclusiveStartKey: last }),
    );
    expect([...sorts(first), ...sorts(rest)].sort()).toEqual([2, 4]);
    expect(rest['LastEvaluatedKey']).toBeUndefined();
  });

  test('COUNT has no Items', () => {
    expect(Object.keys(world.call('Query', query('p = :x', { Select: 'COUNT' })))).toEqual([
      'Count',
      'ScannedCount',
    ]);
  });

  test.each([
    [query('p = :x', { ScanIndexForward: false, ExclusiveStartKey: at(3) }), [2, 1]],
    [query('p = :x', { ExclusiveStartKey: at('2.5') }), [3, 4, 5]],
    [query('p = :x', { ScanIndexForward: false, Limit: 2 }), [5, 4]],
    [query('p = :x AND s = :3'), [3]],
    [query('p = :x AND s < :3'), [1, 2]],
    [query('p = :x AND s <= :3'), [1, 2, 3]],
    [query('s > :3 AND p = :x'), [4, 5]],
    [query('p = :x AND :3 <= s'), [3, 4, 5]],
    [query('p = :x AND s BETWEEN :2 AND :4', { ScanIndexForward: false }), [4, 3, 2]],
  ])('%j answers in order', (input, order) => {
    expect(sorts(world.call('Query', input))).toEqual(order);
  });

  test.each([
    [query('p = :x'), false, 1],
    [query('p = :x'), true, 2],
    [query('p = :x', { Limit: 1 }), false, 0.5],
    [query('p = :x', { Limit: 1 }), true, 1],
    [query('p = :r'), false, 0.5],
    [query('p = :r'), true, 1],
    [query('p = :x', { FilterExpression: 'attribute_exists(lone)' }), false, 1],
  ])('%j, consistent %s, costs %d', (input, ConsistentRead, units) => {
    const answer = world.call('Query', {
      ...input,
      ConsistentRead,
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(answer['ConsumedCapacity']).toEqual({ TableName: 'Tab', CapacityUnits: units });
  });
});

describe('a Query is refused', () => {
  const rows: readonly [string, object, string][] = [
    [
      'without a key condition',
      { TableName: 'none' },
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the ' +
        'request.',
    ],
    [
      'with an unknown index',
      query('p = :x', { IndexName: 'nope' }),
      'The table does not have the specified index: nope',
    ],
    [
      'with too many conditions',
      { ...query('p = :x AND s = :1 AND q = :2') },
      'The number of query conditions (3) exceeds the number of key attributes defined in the ' +
        'schema (2)',
    ],
    ['without the hash', query('s = :1'), 'Query condition missed key schema element: p'],
    [
      'with another range',
      query('p = :x AND q = :1'),
      'Query condition missed key schema element: s',
    ],
    ['with a hash in a range', query('p > :x'), 'Query key condition not supported'],
    [
      'with a value of another type',
      query('p = :x AND s = :r'),
      `${prefix}Condition parameter type does not match schema type`,
    ],
    [
      'with an empty key',
      query('p = :e'),
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
        'contain an empty string value. Key: p',
    ],
    [
      'with a filter on the key',
      query('p = :x', { FilterExpression: 's > :1' }),
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: s',
    ],
    [
      'when a global index shall be consistent',
      query('c = :r', { IndexName: 'gsi', ConsistentRead: true }),
      'Consistent reads are not supported on global secondary indexes',
    ],
    [
      'when a global index does not have all attributes',
      query('c = :r', { IndexName: 'gsi', Select: 'ALL_ATTRIBUTES' }),
      `${prefix}Select type ALL_ATTRIBUTES is not supported for global secondary index gsi ` +
        'because its projection type is not ALL',
    ],
    [
      'when a global index does not have one attribute',
      query('c = :r', { IndexName: 'gsi', ProjectionExpression: 'p, v' }),
      `${prefix}Global secondary index gsi does not project [v]`,
    ],
    [
      'with a legacy operator that is no range',
      {
        TableName: 'Tab',
        KeyConditions: {
          p: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'x' }] },
          s: { ComparisonOperator: 'NE', AttributeValueList: [{ N: '1' }] },
        },
      },
      'Attempted conditional constraint is not an indexable operation',
    ],
  ];
  test.each(rows)('%s', (_, input, message) => {
    expect(world.invalid('Query', input)).toBe(message);
  });

  test.each([
    [
      { Select: 'COUNT', ProjectionExpression: 'v' },
      'Cannot specify the ProjectionExpression when choosing to get only the Count',
    ],
    [
      { Select: 'ALL_ATTRIBUTES', ProjectionExpression: 'v' },
      'Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES',
    ],
    [
      { Select: 'ALL_PROJECTED_ATTRIBUTES', ProjectionExpression: 'v', IndexName: 'gsi' },
      'Cannot specify the ProjectionExpression when choosing to get ALL_PROJECTED_ATTRIBUTES',
    ],
    [
      { Select: 'ALL_PROJECTED_ATTRIBUTES' },
      'ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName',
    ],
    [
      { Select: 'SPECIFIC_ATTRIBUTES' },
      '1 validation error detected: Must specify the AttributesToGet or ProjectionExpression ' +
        'when choosing to get SPECIFIC_ATTRIBUTES',
    ],
  ])('with %j, before the table is looked for', (more, message) => {
    expect(world.invalid('Query', query('p = :x', { TableName: 'none', ...more }))).toBe(message);
  });
});

describe('an ExclusiveStartKey is refused', () => {
  const start = 'The provided starting key is invalid';
  const mismatch = `${start}: The provided key element does not match the schema`;
  const rows: readonly [string, object, string][] = [
    [
      'with a malformed value',
      query('p = :x', { ExclusiveStartKey: { p: {} } }),
      `${start}: Supplied AttributeValue is empty, must contain exactly one of ` +
        'the supported datatypes',
    ],
    [
      'with a malformed number, in its own words',
      query('p = :x', { ExclusiveStartKey: { p: { N: 'one' } } }),
      'The parameter cannot be converted to a numeric value: one',
    ],
    ['with too few attributes', query('p = :x', { ExclusiveStartKey: { p: { S: 'x' } } }), start],
    [
      'with other attributes',
      query('p = :x', { ExclusiveStartKey: { p: { S: 'x' }, q: { N: '1' } } }),
      start,
    ],
    [
      'of a wrong type',
      query('p = :x', { ExclusiveStartKey: { p: { S: 'x' }, s: { S: '1' } } }),
      mismatch,
    ],
    [
      'of another partition',
      query('p = :x', { ExclusiveStartKey: at(1, 'y') }),
      'The provided starting key is outside query boundaries based on provided conditions',
    ],
    [
      'outside the range',
      query('p = :x AND s > :3', { ExclusiveStartKey: at(1) }),
      'The provided starting key does not match the range key predicate',
    ],
    [
      'of at most one row',
      query('p = :x AND s = :3', { ExclusiveStartKey: at(3) }),
      'The query can return at most one row and cannot be restarted',
    ],
    [
      'of a table without a range',
      query('p = :x', { TableName: 'Plain', ExclusiveStartKey: { p: { S: 'x' } } }),
      'The provided exclusive start key is invalid: ExclusiveStartKey: {p=AttributeValue: {S:x}}',
    ],
    [
      'of the table, on an index',
      query('c = :r', { IndexName: 'gsi', ExclusiveStartKey: at(2) }),
      start,
    ],
    [
      'of another partition of the index',
      query('c = :r', { IndexName: 'gsi', ExclusiveStartKey: { ...at(2), c: { S: 'q' } } }),
      'The provided starting key is outside query boundaries based on provided conditions',
    ],
    [
      'with an empty index key',
      query('c = :r', { IndexName: 'gsi', ExclusiveStartKey: { ...at(2), c: { S: '' } } }),
      `${start}: One or more parameter values are not valid. The AttributeValue for a key ` +
        'attribute cannot contain an empty string value. Key: c',
    ],
  ];
  test.each(rows)('%s', (_, input, message) => {
    expect(world.invalid('Query', input)).toBe(message);
  });
});

describe('indexes', () => {
  const names = (answer: Record<string, unknown>): string[][] =>
    (answer['Items'] as object[]).map((found) => Object.keys(found).sort());

  test('answer what they project, a local one more when asked', () => {
    const on = (more: Record<string, unknown>): object =>
      query('p = :x AND d = :6', {
        IndexName: 'lsi',
        ExpressionAttributeValues: { ':x': { S: 'x' }, ':6': { N: '6' } },
        ...more,
      });
    expect(names(world.call('Query', on({})))).toEqual([['d', 'e', 'p', 's']]);
    expect(names(world.call('Query', on({ Select: 'ALL_ATTRIBUTES' })))).toEqual([
      ['c', 'd', 'e', 'p', 's', 'v'],
    ]);
    expect(names(world.call('Query', on({ ProjectionExpression: 'v, p' })))).toEqual([['p', 'v']]);
  });

  test('meter fetched items at the table, each rounded up', () => {
    const input = query('p = :x', {
      IndexName: 'lsi',
      Select: 'ALL_ATTRIBUTES',
      ConsistentRead: true,
      ReturnConsumedCapacity: 'INDEXES',
    });
    expect(world.call('Query', input)['ConsumedCapacity']).toEqual({
      TableName: 'Tab',
      CapacityUnits: 6,
      Table: { CapacityUnits: 5 },
      LocalSecondaryIndexes: { lsi: { CapacityUnits: 1 } },
    });
  });

  test('let a filter see unprojected attributes of a local one only', () => {
    const FilterExpression = 'attribute_exists(lone)';
    const local = world.call('Query', query('p = :x', { IndexName: 'lsi', FilterExpression }));
    expect(names(local)).toEqual([['d', 'p', 's']]);
    expect(sorts(local)).toEqual([5]);
    const global = query('c = :r', { IndexName: 'gsi', FilterExpression: 'attribute_exists(v)' });
    expect(world.call('Query', global)).toMatchObject({ Count: 0, ScannedCount: 2 });
  });

  test('of local kind sort by their own key', () => {
    expect(sorts(world.call('Query', query('p = :x', { IndexName: 'lsi' })))).toEqual([
      5, 4, 3, 2, 1,
    ]);
    expect(sorts(world.call('Query', query('p = :x', { IndexName: 'full' })))).toEqual([2, 4]);
  });

  test('may be filtered by keys of the table', () => {
    const input = query('c = :r', { IndexName: 'gsi', FilterExpression: 's > :3' });
    expect(sorts(world.call('Query', input))).toEqual([4]);
    expect(
      world.invalid('Query', query('c = :r', { IndexName: 'some', FilterExpression: 's > :3' })),
    ).toContain('Primary key attribute: s');
  });
});

describe('legacy parameters', () => {
  const equals = (value: object): object => ({
    ComparisonOperator: 'EQ',
    AttributeValueList: [value],
  });
  const legacy = (more: object): object => ({
    TableName: 'Tab',
    KeyConditions: { p: equals({ S: 'x' }) },
    ...more,
  });

  test('are a range and a filter', () => {
    const KeyConditions = {
      p: equals({ S: 'x' }),
      s: { ComparisonOperator: 'GE', AttributeValueList: [{ N: '3' }] },
    };
    const QueryFilter = { c: { ComparisonOperator: 'NOT_NULL' } };
    const answer = world.call('Query', legacy({ KeyConditions, QueryFilter }));
    expect([answer['Count'], answer['ScannedCount'], sorts(answer)]).toEqual([1, 3, [4]]);
  });

  test('may stand beside a filter expression', () => {
    const FilterExpression = 'attribute_exists(c)';
    expect(sorts(world.call('Query', legacy({ FilterExpression })))).toEqual([2, 4]);
  });

  test('name themselves in the refusal of a filter on the key', () => {
    expect(world.invalid('Query', legacy({ QueryFilter: { s: equals({ N: '1' }) } }))).toBe(
      'QueryFilter can only contain non-primary key attributes: Primary key attribute: s',
    );
  });
});

describe('an index that is being filled', () => {
  const create = (): void => {
    world.run('UpdateTable', {
      TableName: 'Tab',
      AttributeDefinitions: [{ AttributeName: 'late', AttributeType: 'S' }],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: 'late',
            KeySchema: [{ AttributeName: 'late', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        },
      ],
    });
  };
  const put = (late: object): object => ({ TableName: 'Tab', Item: { ...at(1), late } });

  test('is not read from, and is written to', () => {
    create();
    expect(world.invalid('Query', query('late = :x', { IndexName: 'late' }))).toBe(
      'Cannot read from backfilling global secondary index: late',
    );
    expect(world.invalid('Scan', { TableName: 'Tab', IndexName: 'late' })).toBe(
      'Cannot read from backfilling global secondary index: late',
    );
    const capacity = { ...put({ S: 'x' }), ReturnConsumedCapacity: 'INDEXES' };
    expect(world.call('PutItem', capacity)['ConsumedCapacity']).toMatchObject({
      GlobalSecondaryIndexes: { late: { CapacityUnits: 1 } },
    });
  });

  test('refuses what could not be its key', () => {
    create();
    expect(world.invalid('PutItem', put({ N: '1' }))).toBe(
      `${prefix}Type mismatch for Index Key late Expected: S Actual: N IndexName: late`,
    );
  });
});

describe('keys of several attributes', () => {
  const make = (): void => {
    world.table('Many', ['id:S'], {
      global: { multi: { keys: ['a:S', 'b:S', 'x:N', 'y:S'], hashes: 2 } },
    });
    for (const [id, x, y] of [
      ['1', 1, 'aa'],
      ['2', 1, 'ab'],
      ['3', 2, 'aa'],
      ['4', 10, 'b'],
    ] as const) {
      world.call('PutItem', {
        TableName: 'Many',
        Item: { id: { S: id }, a: { S: 'a' }, b: { S: 'b' }, x: { N: `${x}` }, y: { S: y } },
      });
    }
  };
  const on = (KeyConditionExpression: string, more: object): object => ({
    TableName: 'Many',
    IndexName: 'multi',
    KeyConditionExpression,
    ExpressionAttributeValues: { ':a': { S: 'a' }, ':b': { S: 'b' }, ...more },
  });
  const ids = (answer: Record<string, unknown>): string[] =>
    (answer['Items'] as { id: { S: string } }[]).map(({ id }) => id.S);

  test('are queried by all of the hash and a run of the range', () => {
    make();
    const one = { ':1': { N: '1' } };
    expect(ids(world.call('Query', on('a = :a AND b = :b', {})))).toEqual(['1', '2', '3', '4']);
    expect(ids(world.call('Query', on('a = :a AND b = :b AND x = :1', one)))).toEqual(['1', '2']);
    expect(ids(world.call('Query', on('a = :a AND b = :b AND x > :1', one)))).toEqual(['3', '4']);
    const begins = on('a = :a AND b = :b AND x = :1 AND begins_with(y, :y)', {
      ...one,
      ':y': { S: 'ab' },
    });
    expect(ids(world.call('Query', begins))).toEqual(['2']);
  });

  test('need the whole hash, and equality before another condition', () => {
    make();
    const half = { ...on('a = :a', {}), ExpressionAttributeValues: { ':a': { S: 'a' } } };
    expect(world.invalid('Query', half)).toBe(
      'HASH key attributes b must have equality conditions specified in the query',
    );
    const message =
      'RANGE key attributes x must have equality conditions specified in the query because a ' +
      'condition is present on key attribute y';
    const y = { ':y': { S: 'a' } };
    expect(world.invalid('Query', on('a = :a AND b = :b AND y = :y', y))).toBe(message);
    const both = on('a = :a AND b = :b AND x > :1 AND y = :y', { ...y, ':1': { N: '1' } });
    expect(world.invalid('Query', both)).toBe(message);
  });
});

describe('a page', () => {
  test('holds the stored bytes when nobody asked for less', () => {
    const { Items } = world.run('Query', query('p = :x'));
    expect((Items as unknown[]).every((found) => found instanceof StoredItem)).toBe(true);
  });

  test('ends once it has read 1 MB', () => {
    world.table('Big', ['p:S', 's:N']);
    for (const s of [1, 2, 3, 4, 5]) {
      const Item = { ...at(s), v: { B: 'AAAA'.repeat(100_000) } };
      world.call('PutItem', { TableName: 'Big', Item });
    }
    const first = world.call('Query', query('p = :x', { TableName: 'Big' }));
    expect([first['Count'], first['LastEvaluatedKey']]).toEqual([4, at(4)]);
    const narrow = query('p = :x', { TableName: 'Big', ProjectionExpression: 's' });
    expect(world.call('Query', narrow)['Count']).toBe(4);
  });

  test('of a query for one item is the last', () => {
    const one = world.call('Query', query('p = :x AND s = :1', { Limit: 1 }));
    expect(one['LastEvaluatedKey']).toBeUndefined();
    expect(one['Count']).toBe(1);
  });

  test('sorts strings by UTF-8 and takes prefixes', () => {
    world.table('Text', ['p:S', 't:S']);
    const texts = ['A', 'B', 'a', 'a\u0000', 'aa', 'b', 'é', 'ｱ', '😀'];
    for (const t of [...texts].reverse()) {
      world.call('PutItem', { TableName: 'Text', Item: { p: { S: 'x' }, t: { S: t } } });
    }
    const order = (answer: Record<string, unknown>): string[] =>
      (answer['Items'] as { t: { S: string } }[]).map(({ t }) => t.S);
    expect(order(world.call('Query', query('p = :x', { TableName: 'Text' })))).toEqual(texts);
    const begins = {
      TableName: 'Text',
      KeyConditionExpression: 'p = :x AND begins_with(t, :a)',
      ExpressionAttributeValues: { ':x': { S: 'x' }, ':a': { S: 'a' } },
    };
    expect(order(world.call('Query', begins))).toEqual(['a', 'a\u0000', 'aa']);
  });
});
