/** Query, Scan, indexes and batch reads over HTTP: reference/query-scan-indexes.md. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
const N = (n: number | string): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
let db: Endpoint;

type Keyed = { readonly s: { readonly N: string } };
const numbersOf = (items: readonly Keyed[]): readonly number[] => items.map(({ s }) => Number(s.N));

function index(name: string, keys: readonly string[], projection: object, hashes = 1): object {
  return { IndexName: name, KeySchema: schemaOf(keys, hashes), Projection: projection };
}
const all = { ProjectionType: 'ALL' };
const keysOnly = { ProjectionType: 'KEYS_ONLY' };

beforeAll(async () => {
  db = await openEndpoint();
  // The table of the worked examples, section 10.
  await db.call(
    'CreateTable',
    tableOf(
      'Ten',
      ['p:S', 's:N'],
      {
        GlobalSecondaryIndexes: [index('gsi', ['c:S'], all), index('gko', ['c:S'], keysOnly)],
        LocalSecondaryIndexes: [
          index('lko', ['p:S', 'c:S'], keysOnly),
          index('lin', ['p:S', 'c:S'], { ProjectionType: 'INCLUDE', NonKeyAttributes: ['w'] }),
        ],
      },
      ['c:S'],
    ),
  );
  for (let s = 1; s <= 5; s += 1) {
    const Item = {
      p: S('x'),
      s: N(s),
      v: S('v'.repeat(1000)),
      w: N(s * 10),
      ...(s % 2 === 0 && { c: S('r') }),
      ...(s === 5 && { fifth: S('five') }),
    };
    await db.call('PutItem', { TableName: 'Ten', Item });
  }
  await db.call('CreateTable', tableOf('Hash', ['p:S']));
});
afterAll(() => db.close());

/** `:x` for x and `:1` for 1 in a key condition or filter. */
const values: Readonly<Record<string, object>> = {
  ':x': S('x'),
  ':y': S('y'),
  ':r': S('r'),
  ':five': S('five'),
  ':empty': S(''),
  ':1': N(1),
  ':2': N(2),
  ':3': N(3),
  ':4': N(4),
};
function request(expressions: Readonly<Record<string, string>>, more: object = {}): object {
  const names = Object.values(expressions).flatMap((text) => text.match(/:\w+/g) ?? []);
  const used = Object.fromEntries(names.map((name) => [name, values[name]]));
  return {
    TableName: 'Ten',
    ...expressions,
    ...(names.length > 0 && { ExpressionAttributeValues: used }),
    ...more,
  };
}
const query = (KeyConditionExpression: string, more: object = {}): object =>
  request({ KeyConditionExpression }, more);
const key = (s: number | string, p = 'x'): object => ({ p: S(p), s: N(s) });

describe('the worked examples of Query', () => {
  test.each<[string, object, readonly number[], object | undefined]>([
    ['p = x', query('p = :x'), [1, 2, 3, 4, 5], undefined],
    ['Limit 2', query('p = :x', { Limit: 2 }), [1, 2], key(2)],
    [
      'going on with Limit 3',
      query('p = :x', { Limit: 3, ExclusiveStartKey: key(2) }),
      [3, 4, 5],
      key(5),
    ],
    ['past the end', query('p = :x', { ExclusiveStartKey: key(5) }), [], undefined],
    [
      'backwards from 3',
      query('p = :x', { ScanIndexForward: false, ExclusiveStartKey: key(3) }),
      [2, 1],
      undefined,
    ],
    [
      'from a key that is not there',
      query('p = :x', { ExclusiveStartKey: key('2.5') }),
      [3, 4, 5],
      undefined,
    ],
    ['a range', query('p = :x AND s BETWEEN :2 AND :4'), [2, 3, 4], undefined],
    ['<', query('p = :x AND s < :2'), [1], undefined],
    ['<=', query('p = :x AND s <= :2'), [1, 2], undefined],
    ['>', query('p = :x AND s > :4'), [5], undefined],
    ['>=', query('p = :x AND s >= :4'), [4, 5], undefined],
    ['=', query('p = :x AND s = :3'), [3], undefined],
    ['mirrored', query(':4 < s AND :x = p'), [5], undefined],
    ['in parentheses', query('(p = :x) AND (s > :3)'), [4, 5], undefined],
    ['another partition', query('p = :y'), [], undefined],
    ['Limit 1, backwards', query('p = :x', { Limit: 1, ScanIndexForward: false }), [5], key(5)],
  ])('%s', async (_name, input, found, last) => {
    const { Items, Count, ScannedCount, LastEvaluatedKey } = await db.call('Query', input);
    expect(numbersOf(Items)).toEqual(found);
    expect([Count, ScannedCount]).toEqual([found.length, found.length]);
    expect(LastEvaluatedKey).toEqual(last);
  });

  test('a filter comes after the limit', async () => {
    const input = request(
      { KeyConditionExpression: 'p = :x', FilterExpression: 'fifth = :five' },
      { Limit: 3 },
    );
    expect(await db.call('Query', input)).toEqual({
      Items: [],
      Count: 0,
      ScannedCount: 3,
      LastEvaluatedKey: key(3),
    });
  });

  test('COUNT has no Items', async () => {
    const input = query('p = :x AND s BETWEEN :2 AND :4', { Select: 'COUNT' });
    expect(await db.call('Query', input)).toEqual({ Count: 3, ScannedCount: 3 });
  });

  test('an index answers with its own keys in LastEvaluatedKey', async () => {
    const first = await db.call('Query', query('c = :r', { IndexName: 'gsi', Limit: 1 }));
    expect(first.LastEvaluatedKey).toEqual({ c: S('r'), ...key(2) });
    const rest = await db.call(
      'Query',
      query('c = :r', { IndexName: 'gsi', ExclusiveStartKey: first.LastEvaluatedKey }),
    );
    expect(numbersOf(rest.Items)).toEqual([4]);
    expect(rest.LastEvaluatedKey).toBeUndefined();
  });

  test.each<[object, number, number]>([
    [query('p = :x'), 1, 2],
    [query('p = :x', { Limit: 1 }), 0.5, 1],
    [query('p = :y'), 0.5, 1],
    [query('p = :x', { Select: 'COUNT' }), 1, 2],
    [query('p = :x', { ProjectionExpression: 's' }), 1, 2],
  ])('%j costs %f units, read consistently %f', async (input, eventual, strong) => {
    for (const [ConsistentRead, units] of [
      [false, eventual],
      [true, strong],
    ]) {
      const { ConsumedCapacity } = await db.call('Query', {
        ...input,
        ConsistentRead,
        ReturnConsumedCapacity: 'INDEXES',
      });
      expect(ConsumedCapacity).toEqual({
        TableName: 'Ten',
        CapacityUnits: units,
        Table: { CapacityUnits: units },
      });
    }
  });
});

describe('the worked examples of Scan', () => {
  const scan = (more: object) => ({ TableName: 'Ten', ...more });
  test('a full page has a LastEvaluatedKey, a page that is not full has none', async () => {
    const full = await db.call('Scan', scan({ Limit: 5 }));
    expect([full.Count, full.LastEvaluatedKey]).toEqual([5, key(5)]);
    const last = await db.call('Scan', scan({ ExclusiveStartKey: full.LastEvaluatedKey }));
    expect(last).toEqual({ Items: [], Count: 0, ScannedCount: 0 });
    const over = await db.call('Scan', scan({ Limit: 6 }));
    expect([over.Count, over.LastEvaluatedKey]).toEqual([5, undefined]);
  });

  test('a filter may speak of keys', async () => {
    const { Count, ScannedCount } = await db.call('Scan', request({ FilterExpression: 's > :3' }));
    expect([Count, ScannedCount]).toEqual([2, 5]);
  });

  test('segments are disjoint, and together they are the table', async () => {
    await db.call('CreateTable', tableOf('Seg', ['p:S', 's:N']));
    for (let at = 0; at < 40; at += 1) {
      const Item = { p: S(`part ${at % 20}`), s: N(at) };
      await db.call('PutItem', { TableName: 'Seg', Item });
    }
    const seen = new Map<string, number>();
    for (let Segment = 0; Segment < 4; Segment += 1) {
      const pages = { TableName: 'Seg', TotalSegments: 4, Segment, Limit: 3 };
      let ExclusiveStartKey: object | undefined;
      for (let page = 0; page < 20; page += 1) {
        const answer = await db.call('Scan', { ...pages, ExclusiveStartKey });
        for (const { p, s } of answer.Items) {
          expect(seen.has(s.N)).toBe(false);
          seen.set(s.N, Segment);
          expect(seen.get(String((Number(s.N) + 20) % 40)) ?? Segment, p.S).toBe(Segment);
        }
        ExclusiveStartKey = answer.LastEvaluatedKey;
        if (ExclusiveStartKey === undefined) break;
      }
    }
    expect(seen.size).toBe(40);
    const other = [...seen].find(([, segment]) => segment !== 0)?.[0] ?? '';
    expect(
      await db.invalid('Scan', {
        TableName: 'Seg',
        TotalSegments: 4,
        Segment: 0,
        ExclusiveStartKey: { p: S(`part ${Number(other) % 20}`), s: N(other) },
      }),
    ).toBe(
      'The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ' +
        'ExclusiveStartKey with correct Segment. TotalSegments: 4 Segment: 0',
    );
  });

  const range = 'failed to satisfy constraint: Member must have value';
  test.each<[object, string]>([
    [
      { Segment: 0 },
      'The TotalSegments parameter is required but was not present in the request when Segment ' +
        'parameter is present',
    ],
    [
      { TotalSegments: 2 },
      'The Segment parameter is required but was not present in the request when parameter ' +
        'TotalSegments is present',
    ],
    [
      { Segment: 2, TotalSegments: 2 },
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: ' +
        'Segment: 2 is not less than TotalSegments: 2',
    ],
    [
      { Segment: -1, TotalSegments: 1 },
      `1 validation error detected: Value '-1' at 'segment' ${range} greater than or equal to 0`,
    ],
    [
      { Segment: 0, TotalSegments: 1_000_001 },
      `1 validation error detected: Value '1000001' at 'totalSegments' ${range} less than or ` +
        `equal to 1000000`,
    ],
    [
      { Limit: 0 },
      `1 validation error detected: Value '0' at 'limit' ${range} greater than or equal to 1`,
    ],
    [
      { Select: 'SPECIFIC_ATTRIBUTES' },
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get ' +
        'SPECIFIC_ATTRIBUTES',
    ],
    [
      { ExclusiveStartKey: { p: S('x') } },
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
    [
      { ExclusiveStartKey: { p: S('x'), s: S('1') } },
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
    [{ IndexName: 'nope' }, 'The table does not have the specified index: nope'],
    [
      { IndexName: 'gsi', ConsistentRead: true },
      'Consistent reads are not supported on global secondary indexes',
    ],
  ])('a Scan with %j is refused', async (more, message) => {
    expect(await db.invalid('Scan', scan(more))).toBe(message);
  });

  test('an index has only the items that have its keys', async () => {
    const { Items } = await db.call('Scan', scan({ IndexName: 'gko' }));
    expect(Items).toEqual([2, 4].map((s) => ({ c: S('r'), ...key(s) })));
  });
});

describe('a Query is refused', () => {
  const operator = 'Invalid operator used in KeyConditionExpression: ';
  const term = 'Invalid condition in KeyConditionExpression: ';
  test.each<[object, string]>([
    [
      request({}),
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the ' +
        'request.',
    ],
    [query('s = :1'), 'Query condition missed key schema element: p'],
    [query('p = :x AND w = :1'), 'Query condition missed key schema element: s'],
    [query('p > :x'), 'Query key condition not supported'],
    [query('begins_with(p, :x)'), 'Query key condition not supported'],
    [
      query('p = :x AND s = :1 AND w = :2'),
      'The number of query conditions (3) exceeds the number of key attributes defined in the ' +
        'schema (2)',
    ],
    [
      query('p = :x AND s > :1 AND s < :2'),
      'KeyConditionExpressions must only contain one condition per key',
    ],
    [query('p = :x OR s = :1'), `${operator}OR`],
    [query('NOT p = :x'), `${operator}NOT`],
    [query('p IN (:x, :y)'), `${operator}IN`],
    [query('p <> :x'), `${operator}<>`],
    [query('p = :x AND attribute_exists(s)'), `${operator}attribute_exists`],
    [query('p = :x AND contains(s, :1)'), `${operator}contains`],
    [query('p.q = :x'), 'KeyConditionExpressions cannot have conditions on nested attributes'],
    [query('p = :x AND size(s) = :1'), 'KeyConditionExpressions cannot contain nested operations'],
    [query('p = s'), `${term}Multiple attribute names used in one condition`],
    [query(':x = :y'), `${term}No key attribute specified`],
    [
      query('p = :x AND :1 BETWEEN s AND w'),
      `${term}BETWEEN operator must have the key attribute as its first operand`,
    ],
    [
      query('p = :x AND :1 BETWEEN s AND :2'),
      `${term}BETWEEN operator must have the key attribute as its first operand`,
    ],
    [
      query('p = :x AND begins_with(:x, s)'),
      `${term}begins_with operator must have the key attribute as its first operand`,
    ],
    [query('p = :1'), `${P}Condition parameter type does not match schema type`],
    [
      query('p = :x AND s BETWEEN :2 AND :1'),
      'Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater ' +
        'than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound ' +
        'operand: AttributeValue: {N:1}',
    ],
    [
      query('p = :x AND begins_with(s, :1)'),
      'Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator ' +
        'or function: begins_with, operand type: N',
    ],
    [
      query('p = :empty'),
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
        'contain an empty string value. Key: p',
    ],
    [query('p = :x', { IndexName: 'nope' }), 'The table does not have the specified index: nope'],
    [
      request({ KeyConditionExpression: 'p = :x', FilterExpression: 's = :1' }),
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: s',
    ],
    [
      request({ KeyConditionExpression: 'p = :x', FilterExpression: 's.t = :1' }),
      'Key attributes must be scalars; list random access ' +
        "'[]' and map lookup '.' are not allowed: Key: s",
    ],
    [
      query('p = :x', { ProjectionExpression: 's', Select: 'COUNT' }),
      'Cannot specify the ProjectionExpression when choosing to get only the Count',
    ],
    [
      query('p = :x', { ProjectionExpression: 's', Select: 'ALL_ATTRIBUTES' }),
      'Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES',
    ],
    [
      query('p = :x', { Select: 'ALL_PROJECTED_ATTRIBUTES' }),
      'ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName',
    ],
    [
      query('p = :x', { Select: 'SPECIFIC_ATTRIBUTES' }),
      '1 validation error detected: Must specify the AttributesToGet or ProjectionExpression ' +
        'when ' +
        'choosing to get SPECIFIC_ATTRIBUTES',
    ],
    [
      query('p = :x', { Select: 'ALL' }),
      "1 validation error detected: Value 'ALL' at 'select' failed to satisfy constraint: Member " +
        'must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ' +
        'ALL_PROJECTED_ATTRIBUTES]',
    ],
    [
      query('p = :x', { Limit: 0 }),
      "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must " +
        'have value greater than or equal to 1',
    ],
    [
      query('c = :r', { IndexName: 'gko', Select: 'ALL_ATTRIBUTES' }),
      `${P}Select type ALL_ATTRIBUTES is not supported for global secondary index gko because ` +
        `its ` +
        'projection type is not ALL',
    ],
    [
      query('c = :r', { IndexName: 'gko', ProjectionExpression: 'w, c' }),
      `${P}Global secondary index gko does not project [w]`,
    ],
    [
      query('c = :r', { IndexName: 'gsi', ConsistentRead: true }),
      'Consistent reads are not supported on global secondary indexes',
    ],
    [
      query('p = :x AND s > :3', { ExclusiveStartKey: key(1) }),
      'The provided starting key does not match the range key predicate',
    ],
    [
      query('p = :x', { ExclusiveStartKey: key(1, 'y') }),
      'The provided starting key is outside query boundaries based on provided conditions',
    ],
    [query('p = :x', { ExclusiveStartKey: { p: S('x') } }), 'The provided starting key is invalid'],
    [
      query('p = :x', { ExclusiveStartKey: { ...key(1), w: N(1) } }),
      'The provided starting key is invalid',
    ],
    [
      query('p = :x', { ExclusiveStartKey: { p: S('x'), s: S('1') } }),
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
    [
      query('p = :x AND s = :1', { ExclusiveStartKey: key(1) }),
      'The query can return at most one row and cannot be restarted',
    ],
    [
      query('p = :x', { TableName: 'Hash', ExclusiveStartKey: { p: S('x') } }),
      'The provided exclusive start key is invalid: ExclusiveStartKey: {p=AttributeValue: {S:x}}',
    ],
    [
      query('c = :r', { IndexName: 'gsi', ExclusiveStartKey: { c: S('q'), ...key(2) } }),
      'The provided starting key is outside query boundaries based on provided conditions',
    ],
    [
      query('c = :r', { IndexName: 'gsi', ExclusiveStartKey: key(2) }),
      'The provided starting key is invalid',
    ],
  ])('%j', async (input, message) => {
    expect(await db.invalid('Query', input)).toBe(message);
  });

  test('for its expression before its table is looked for', async () => {
    const input = { ...query('p = :x OR s = :1'), TableName: 'nowhere' };
    expect(await db.invalid('Query', input)).toBe(`${operator}OR`);
    const valid = { ...query('p = :1'), TableName: 'nowhere' };
    expect((await db.refuse('Query', valid)).name).toBe('ResourceNotFoundException');
  });
});

describe('legacy KeyConditions', () => {
  const legacy = (KeyConditions: object, more: object = {}) => ({
    TableName: 'Ten',
    KeyConditions,
    ...more,
  });
  const on = (ComparisonOperator: string, ...AttributeValueList: readonly object[]) => ({
    ComparisonOperator,
    AttributeValueList,
  });
  test.each<[object, readonly number[]]>([
    [legacy({ p: on('EQ', S('x')) }), [1, 2, 3, 4, 5]],
    [legacy({ p: on('EQ', S('x')), s: on('GT', N(3)) }), [4, 5]],
    [legacy({ p: on('EQ', S('x')), s: on('BETWEEN', N(2), N(3)) }), [2, 3]],
    [legacy({ p: on('EQ', S('x')) }, { QueryFilter: { w: on('LT', N(30)) } }), [1, 2]],
    [
      legacy(
        { p: on('EQ', S('x')) },
        { FilterExpression: 'w = :w', ExpressionAttributeValues: { ':w': N(10) } },
      ),
      [1],
    ],
  ])('%j finds %j', async (input, found) => {
    expect(numbersOf((await db.call('Query', input)).Items)).toEqual(found);
  });

  test.each<[object, string]>([
    [legacy({ p: on('NE', S('x')) }), 'Query key condition not supported'],
    [
      legacy({ p: on('EQ', S('x')), s: on('NE', N(3)) }),
      'Attempted conditional constraint is not an indexable operation',
    ],
    [legacy({ p: on('GT', S('x')) }), 'Query key condition not supported'],
    [
      legacy({ p: on('EQ', S('x')), s: on('BETWEEN', N(3), N(2)) }),
      'The BETWEEN condition was provided a range where the lower bound is greater than the ' +
        'upper bound',
    ],
    [
      legacy({ p: on('EQ', S('x')) }, { QueryFilter: { s: on('EQ', N(1)) } }),
      'QueryFilter can only contain non-primary key attributes: Primary key attribute: s',
    ],
    [
      legacy(
        { p: on('EQ', S('x')) },
        { KeyConditionExpression: 'p = :x', ExpressionAttributeValues: { ':x': S('x') } },
      ),
      'Can not use both expression and non-expression parameters in the same request: ' +
        'Non-expression parameters: {KeyConditions} Expression parameters: ' +
        '{KeyConditionExpression}',
    ],
  ])('%j is refused', async (input, message) => {
    expect(await db.invalid('Query', input)).toBe(message);
  });
});

describe('pages end at 1 MB', () => {
  test('of a Query, and of a batch at 16 MB', async () => {
    await db.call('CreateTable', tableOf('Big', ['p:S', 's:N']));
    const big = (s: number, bytes: number) => ({
      p: S('p'),
      s: N(s),
      // "p" + "p" + "s" + the number + "v".
      v: S('v'.repeat(bytes - 6)),
    });
    for (let s = 1; s <= 9; s += 1) {
      await db.call('PutItem', { TableName: 'Big', Item: big(s, 262_144) });
    }
    const ask = {
      TableName: 'Big',
      KeyConditionExpression: 'p = :p',
      ExpressionAttributeValues: { ':p': S('p') },
      ProjectionExpression: 's',
      ReturnConsumedCapacity: 'TOTAL',
    };
    const page = await db.call('Query', ask);
    // Four items are 1 MB to the byte: the page is full.
    expect([page.Count, page.LastEvaluatedKey.s.N]).toEqual([4, '4']);
    expect(page.ConsumedCapacity.CapacityUnits).toBe(128);
    await db.call('PutItem', { TableName: 'Big', Item: big(1, 262_143) });
    const longer = await db.call('Query', ask);
    expect([longer.Count, longer.LastEvaluatedKey.s.N]).toEqual([5, '5']);
    for (let s = 1; s <= 45; s += 1) {
      await db.call('PutItem', {
        TableName: 'Big',
        Item: { p: S('p'), s: N(s), v: S('v'.repeat(400_000)) },
      });
    }
    const Keys = Array.from({ length: 45 }, (_, at) => ({ p: S('p'), s: N(at + 1) }));
    const batch = await db.call('BatchGetItem', {
      RequestItems: { Big: { Keys, ProjectionExpression: 's', ConsistentRead: true } },
    });
    const left = batch.UnprocessedKeys.Big;
    expect(batch.Responses.Big.length + left.Keys.length).toBe(45);
    expect(left).toMatchObject({ ProjectionExpression: 's', ConsistentRead: true });
    // Items of 400,005 and 400,006 bytes: 41 are within 16 MB, one more is not.
    expect(batch.Responses.Big.length).toBe(41);
    const rest = await db.call('BatchGetItem', { RequestItems: batch.UnprocessedKeys });
    expect(rest.UnprocessedKeys).toEqual({});
    expect(rest.Responses.Big.length).toBe(left.Keys.length);
  });
});

describe('BatchGetItem', () => {
  const ask = (RequestItems: unknown, more: object = {}) => ({ RequestItems, ...more });
  test('answers what is there, and each table', async () => {
    expect(
      await db.call(
        'BatchGetItem',
        ask(
          {
            Ten: { Keys: [key(1), key(77), key(2)], ProjectionExpression: 's' },
            Hash: { Keys: [{ p: S('gone') }] },
          },
          { ReturnConsumedCapacity: 'TOTAL' },
        ),
      ),
    ).toEqual({
      Responses: { Ten: [{ s: N(1) }, { s: N(2) }], Hash: [] },
      UnprocessedKeys: {},
      ConsumedCapacity: [
        { TableName: 'Ten', CapacityUnits: 1.5 },
        { TableName: 'Hash', CapacityUnits: 0.5 },
      ],
    });
  });

  test('takes an ARN for a name, and answers under it', async () => {
    const { Table } = await db.call('DescribeTable', { TableName: 'Hash' });
    const arn = Table.TableArn as string;
    await db.call('PutItem', { TableName: arn, Item: { p: S('by arn') } });
    const Keys = [{ p: S('by arn') }];
    const batch = await db.call(
      'BatchGetItem',
      ask({ [arn]: { Keys } }, { ReturnConsumedCapacity: 'TOTAL' }),
    );
    expect(batch.Responses).toEqual({ [arn]: Keys });
    expect(batch.ConsumedCapacity).toEqual([{ TableName: arn, CapacityUnits: 0.5 }]);
    await db.call('BatchWriteItem', ask({ [arn]: [{ DeleteRequest: { Key: Keys[0] } }] }));
    expect(await db.call('GetItem', { TableName: 'Hash', Key: Keys[0] })).toEqual({});
  });

  test('knows one item under the name and the ARN of its table', async () => {
    const { Table } = await db.call('DescribeTable', { TableName: 'Hash' });
    const Item = { p: S('by both') };
    const put = [{ PutRequest: { Item } }];
    const both = { Hash: put, [Table.TableArn as string]: put };
    expect(await db.invalid('BatchWriteItem', ask(both))).toBe(
      'Provided list of item keys contains duplicates',
    );
    expect(await db.call('GetItem', { TableName: 'Hash', Key: Item })).toEqual({});
  });

  const many = (count: number) => Array.from({ length: count }, (_, at) => key(at));
  const mapKeys =
    'failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length ' +
    'less ' +
    'than or equal to 255, Member must have length greater than or equal to 1, Member must ' +
    'satisfy ' +
    'regular expression pattern: [a-zA-Z0-9_.-]+]';
  test.each<[unknown, string]>([
    [{}, 'The requestItems parameter is required for BatchGetItem'],
    [
      undefined,
      "1 validation error detected: Value null at 'requestItems' failed to satisfy constraint: " +
        'Member must not be null',
    ],
    [
      { Ten: { Keys: many(101) } },
      "1 validation error detected: Value at 'RequestItems.Ten.member.Keys' failed to satisfy " +
        'constraint: Member must have length less than or equal to 100',
    ],
    [
      { Ten: { Keys: [] } },
      "1 validation error detected: Value at 'RequestItems.Ten.member.Keys' failed to satisfy " +
        'constraint: Member must have length greater than or equal to 1',
    ],
    [
      { Ten: { Keys: many(60) }, Hash: { Keys: many(41) } },
      'Too many items requested for the BatchGetItem call',
    ],
    [{ Ten: { Keys: [key(1), key(1)] } }, 'Provided list of item keys contains duplicates'],
    [{ Ten: { Keys: [{ p: S('x') }] } }, 'The provided key element does not match the schema'],
    [
      { Ten: { Keys: [key(1)], AttributesToGet: ['s'], ProjectionExpression: 's' } },
      'Can not use both expression and non-expression parameters in the same request: ' +
        'Non-expression parameters: {AttributesToGet} Expression parameters: ' +
        '{ProjectionExpression}',
    ],
    [
      { 'a b': { Keys: [{ p: S('x') }] } },
      `1 validation error detected: Value '{a ` +
        `b=KeysAndAttributes(keys=[{p=AttributeValue(s=x)}], ` +
        'attributesToGet=null, consistentRead=null, projectionExpression=null, ' +
        `expressionAttributeNames=null)}' at 'requestItems' ${mapKeys}`,
    ],
  ])('%# is refused', async (items, message) => {
    expect(await db.invalid('BatchGetItem', ask(items))).toBe(message);
  });
});
