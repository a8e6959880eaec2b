/** Local and global indexes over HTTP: reference/query-scan-indexes.md, sections 5 and 8. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const N = (n: number | string): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
let db: Endpoint;

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

describe('a local index', () => {
  const local = (IndexName: string, more: object = {}) =>
    query('p = :x', { IndexName, ReturnConsumedCapacity: 'INDEXES', ...more });
  test('holds keys alone under KEYS_ONLY', async () => {
    const { Items, ConsumedCapacity } = await db.call('Query', local('lko'));
    expect(Items).toEqual([2, 4].map((s) => ({ c: S('r'), ...key(s) })));
    expect(ConsumedCapacity).toEqual({
      TableName: 'Ten',
      CapacityUnits: 0.5,
      Table: { CapacityUnits: 0 },
      LocalSecondaryIndexes: { lko: { CapacityUnits: 0.5 } },
    });
  });

  test.each<[object, readonly object[]]>([
    [{ Select: 'ALL_ATTRIBUTES' }, [2, 4].map((s) => expect.objectContaining({ w: N(s * 10) }))],
    [{ ProjectionExpression: 's, w' }, [2, 4].map((s) => ({ s: N(s), w: N(s * 10) }))],
  ])('fetches the rest from its table: %j', async (more, items) => {
    const { Items, ConsumedCapacity } = await db.call(
      'Query',
      local('lko', { ConsistentRead: true, ...more }),
    );
    expect(Items).toEqual(items);
    expect(ConsumedCapacity).toMatchObject({
      CapacityUnits: 3,
      Table: { CapacityUnits: 2 },
      LocalSecondaryIndexes: { lko: { CapacityUnits: 1 } },
    });
  });

  test('does not fetch what it projects', async () => {
    const { Items, ConsumedCapacity } = await db.call(
      'Query',
      local('lin', { ProjectionExpression: 'w' }),
    );
    expect(Items).toEqual([{ w: N(20) }, { w: N(40) }]);
    expect(ConsumedCapacity.Table).toEqual({ CapacityUnits: 0 });
  });
});

describe('indexes follow their table', () => {
  test('an entry comes, moves, and goes', async () => {
    await db.call(
      'CreateTable',
      tableOf('Mov', ['p:S'], { GlobalSecondaryIndexes: [index('gsi', ['c:S'], all)] }, ['c:S']),
    );
    const units = { TableName: 'Mov', ReturnConsumedCapacity: 'INDEXES' };
    const find = async (c: string) =>
      (
        await db.call('Query', {
          TableName: 'Mov',
          IndexName: 'gsi',
          KeyConditionExpression: 'c = :c',
          ExpressionAttributeValues: { ':c': S(c) },
        })
      ).Count;
    const set = (UpdateExpression: string, c?: string) => ({
      ...units,
      Key: { p: S('a') },
      UpdateExpression,
      ...(c !== undefined && { ExpressionAttributeValues: { ':c': S(c) } }),
    });
    const cost = async (operation: string, input: object) => {
      const { ConsumedCapacity } = await db.call(operation, input);
      const gsi = ConsumedCapacity.GlobalSecondaryIndexes?.gsi.CapacityUnits;
      return [ConsumedCapacity.CapacityUnits, ConsumedCapacity.Table.CapacityUnits, gsi];
    };
    expect(await cost('PutItem', { ...units, Item: { p: S('a') } })).toEqual([1, 1, undefined]);
    expect(await cost('UpdateItem', set('SET c = :c', 'one'))).toEqual([2, 1, 1]);
    expect(await find('one')).toBe(1);
    expect(await cost('UpdateItem', set('SET c = :c', 'two'))).toEqual([3, 1, 2]);
    expect([await find('one'), await find('two')]).toEqual([0, 1]);
    expect(await cost('UpdateItem', set('SET w = :c', 'w'))).toEqual([2, 1, 1]);
    expect(await cost('UpdateItem', set('SET w = :c', 'w'))).toEqual([1, 1, undefined]);
    expect(await cost('UpdateItem', set('REMOVE c'))).toEqual([2, 1, 1]);
    expect(await find('two')).toBe(0);
    expect(await cost('DeleteItem', { ...units, Key: { p: S('a') } })).toEqual([1, 1, undefined]);
  });
});

describe('an index with several key attributes', () => {
  const keys = ['a:S', 'b:S', 'c:N', 'd:S'];
  beforeAll(async () => {
    await db.call(
      'CreateTable',
      tableOf('Mul', ['p:N'], { GlobalSecondaryIndexes: [index('gsi', keys, all, 2)] }, keys),
    );
    let p = 0;
    for (const c of [2, 1]) {
      for (const d of ['y', 'xx', 'x']) {
        p += 1;
        const Item = { p: N(p), a: S('a'), b: S('b'), c: N(c), d: S(d) };
        await db.call('PutItem', { TableName: 'Mul', Item });
      }
    }
    // Without one of the keys there is no entry.
    await db.call('PutItem', {
      TableName: 'Mul',
      Item: { p: N(9), a: S('a'), b: S('b'), c: N(1) },
    });
  });
  const ask = (condition: string, more: object = {}) => ({
    TableName: 'Mul',
    IndexName: 'gsi',
    KeyConditionExpression: condition,
    ExpressionAttributeValues: Object.fromEntries(
      (condition.match(/:\w+/g) ?? []).map((name) => [
        name,
        /^:\d/.test(name) ? N(name.slice(1)) : S(name.slice(1)),
      ]),
    ),
    ...more,
  });

  test.each<[string, readonly string[]]>([
    ['a = :a AND b = :b', ['1x', '1xx', '1y', '2x', '2xx', '2y']],
    ['a = :a AND b = :b AND c = :2', ['2x', '2xx', '2y']],
    ['a = :a AND b = :b AND c > :1', ['2x', '2xx', '2y']],
    ['a = :a AND b = :b AND c = :1 AND begins_with(d, :x)', ['1x', '1xx']],
    ['a = :a AND b = :b AND c = :1 AND d > :x', ['1xx', '1y']],
  ])('%s', async (condition, found) => {
    const { Items } = await db.call('Query', ask(condition));
    expect(
      Items.map(({ c, d }: Record<string, Record<string, string>>) => `${c?.N}${d?.S}`),
    ).toEqual(found);
  });

  test('goes on from page to page', async () => {
    const seen: string[] = [];
    let ExclusiveStartKey: object | undefined;
    for (let page = 0; page < 10; page += 1) {
      const answer = await db.call(
        'Query',
        ask('a = :a AND b = :b', { Limit: 1, ExclusiveStartKey }),
      );
      for (const { p } of answer.Items) seen.push(p.N);
      ExclusiveStartKey = answer.LastEvaluatedKey;
      if (ExclusiveStartKey === undefined) break;
      expect(Object.keys(ExclusiveStartKey).sort()).toEqual(['a', 'b', 'c', 'd', 'p']);
    }
    expect(seen).toEqual(['6', '5', '4', '3', '2', '1']);
  });

  test.each([
    ['a = :a', 'HASH key attributes b must have equality conditions specified in the query'],
    [
      'a = :a AND b = :b AND d = :x',
      'RANGE key attributes c must have equality conditions specified in the query because a ' +
        'condition is present on key attribute d',
    ],
    [
      'a = :a AND b = :b AND c > :1 AND d = :x',
      'RANGE key attributes c must have equality conditions specified in the query because a ' +
        'condition is present on key attribute d',
    ],
    [
      'a = :a AND b > :b',
      'HASH key attributes b must have equality conditions specified in the query',
    ],
  ])('%s is refused', async (condition, message) => {
    expect(await db.invalid('Query', ask(condition))).toBe(message);
  });
});
