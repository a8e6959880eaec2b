/**
 * Requests that were right until something in them was replaced, taken out or put in, from a seed.
 *
 * Whatever comes, the answer is an answer or a refusal of the caller; the engine neither fails nor
 * loses what it has. GARBAGE says how many requests, GARBAGE_SEED from which seed
 * (docs/choices.md).
 */
import { expect, test } from 'vitest';
import { type Prng, prng } from '../../src/base/prng.ts';
import { openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const S = (text: string): Json => ({ S: text });
const N = (text: string): Json => ({ N: text });
const key: Json = { p: S('k'), s: N('1') };
const all = { ProjectionType: 'ALL' };
const index = (IndexName: string, keys: readonly string[]): object => ({
  IndexName,
  KeySchema: schemaOf(keys),
  Projection: all,
});
const table = tableOf(
  'Fuz',
  ['p:S', 's:N'],
  {
    GlobalSecondaryIndexes: [index('gsi', ['g:S', 's:N'])],
    LocalSecondaryIndexes: [index('lsi', ['p:S', 'g:S'])],
  },
  ['g:S'],
);
const put: Json = {
  TableName: 'Fuz',
  Item: { p: S('k'), s: N('1'), g: S('g'), l: { L: [N('1'), S('x')] }, m: { M: { a: S('b') } } },
};
const condition: Json = {
  ConditionExpression: '#g = :v OR attribute_not_exists(m.a) AND NOT size(l) > :n',
  ExpressionAttributeNames: { '#g': 'g' },
  ExpressionAttributeValues: { ':v': S('v'), ':n': N('1') },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
};
const update: Json = {
  TableName: 'Fuz',
  Key: key,
  UpdateExpression:
    'SET m.b = list_append(l, :l), n = if_not_exists(n, :n) - :n REMOVE l[0] ADD ' + 'q :n',
  ExpressionAttributeValues: { ':n': N('1'), ':l': { L: [] } },
};

const seeds: readonly (readonly [string, Json])[] = [
  ['PutItem', { ...put, ...condition, ReturnValues: 'ALL_OLD' }],
  ['PutItem', put],
  ['PutItem', { ...put, Expected: { g: { Value: S('g') }, z: { Exists: false } } }],
  ['UpdateItem', { ...update, ReturnValues: 'UPDATED_NEW', ReturnConsumedCapacity: 'INDEXES' }],
  [
    'UpdateItem',
    { TableName: 'Fuz', Key: key, AttributeUpdates: { q: { Value: N('1'), Action: 'ADD' } } },
  ],
  ['DeleteItem', { TableName: 'Fuz', Key: key, ...condition }],
  ['GetItem', { TableName: 'Fuz', Key: key, ProjectionExpression: 'm.a, l[1]' }],
  [
    'Query',
    {
      TableName: 'Fuz',
      IndexName: 'gsi',
      Limit: 2,
      KeyConditionExpression: 'g = :g AND s BETWEEN :a AND :b',
      FilterExpression: 'contains(m.a, :g)',
      ExpressionAttributeValues: { ':g': S('g'), ':a': N('1'), ':b': N('2') },
      ExclusiveStartKey: { p: S('k'), s: N('1'), g: S('g') },
      Select: 'ALL_ATTRIBUTES',
    },
  ],
  [
    'Query',
    {
      TableName: 'Fuz',
      KeyConditions: { p: { ComparisonOperator: 'EQ', AttributeValueList: [S('k')] } },
      QueryFilter: { q: { ComparisonOperator: 'NOT_NULL' } },
    },
  ],
  [
    'Scan',
    {
      TableName: 'Fuz',
      IndexName: 'lsi',
      Segment: 0,
      TotalSegments: 2,
      FilterExpression: 'begins_with(p, :p)',
      ExpressionAttributeValues: { ':p': S('k') },
    },
  ],
  ['BatchGetItem', { RequestItems: { Fuz: { Keys: [key], AttributesToGet: ['p'] } } }],
  [
    'BatchWriteItem',
    {
      RequestItems: {
        Fuz: [{ PutRequest: { Item: { p: S('b'), s: N('2') } } }, { DeleteRequest: { Key: key } }],
      },
      ReturnItemCollectionMetrics: 'SIZE',
    },
  ],
  [
    'TransactWriteItems',
    {
      TransactItems: [
        { Put: { TableName: 'Fuz', Item: { p: S('t'), s: N('3') } } },
        { Update: update },
        {
          ConditionCheck: {
            TableName: 'Fuz',
            Key: { p: S('c'), s: N('1') },
            ConditionExpression: 'attribute_not_exists(p)',
          },
        },
      ],
      ClientRequestToken: 'token',
    },
  ],
  ['TransactGetItems', { TransactItems: [{ Get: { TableName: 'Fuz', Key: key } }] }],
  [
    'ExecuteStatement',
    {
      Statement: 'SELECT p, l[0] FROM Fuz.gsi WHERE g = ? AND s IN [1, 2] ORDER BY g DESC',
      Parameters: [S('g')],
      Limit: 2,
      ReturnConsumedCapacity: 'INDEXES',
    },
  ],
  [
    'ExecuteStatement',
    {
      Statement:
        "UPDATE Fuz SET n = n + 1, l = list_append(l, [{'a': <<1>>}]) WHERE p = 'a' AND s = 1",
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  ],
  [
    'BatchExecuteStatement',
    {
      Statements: [{ Statement: 'SELECT * FROM Fuz WHERE p = ? AND s = 1', Parameters: [S('a')] }],
    },
  ],
  [
    'ExecuteTransaction',
    {
      TransactStatements: [
        { Statement: "INSERT INTO Fuz VALUE {'p': 'x', 's': 1, 'v': ?}", Parameters: [N('1')] },
        { Statement: "EXISTS(SELECT * FROM Fuz WHERE p = 'a' AND s = 1 AND n IS MISSING)" },
      ],
      ClientRequestToken: 'token',
    },
  ],
  ['CreateTable', JSON.parse(JSON.stringify({ ...table, TableName: 'Fu2' }))],
  [
    'UpdateTable',
    {
      TableName: 'Fu2',
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
    },
  ],
  [
    'UpdateTable',
    JSON.parse(
      JSON.stringify({
        TableName: 'Fu2',
        GlobalSecondaryIndexUpdates: [{ Create: index('new', ['g:S']) }],
        AttributeDefinitions: [{ AttributeName: 'g', AttributeType: 'S' }],
      }),
    ),
  ],
  ['DeleteTable', { TableName: 'Fu2' }],
  ['DescribeTable', { TableName: 'Fu2' }],
  ['ListTables', { Limit: 1, ExclusiveStartTableName: 'Fu2' }],
  [
    'TagResource',
    {
      ResourceArn: 'arn:aws:dynamodb:local:000000000000:table/Fu2',
      Tags: [{ Key: 'a', Value: 'b' }],
    },
  ],
  [
    'UntagResource',
    { ResourceArn: 'arn:aws:dynamodb:local:000000000000:table/Fu2', TagKeys: ['a'] },
  ],
  [
    'ListTagsOfResource',
    { ResourceArn: 'arn:aws:dynamodb:local:000000000000:table/Fu2', NextToken: '61' },
  ],
  [
    'PutResourcePolicy',
    {
      ResourceArn: 'arn:aws:dynamodb:local:000000000000:table/Fuz',
      Policy: '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}',
      ExpectedRevisionId: 'NO_POLICY',
    },
  ],
  ['GetResourcePolicy', { ResourceArn: 'arn:aws:dynamodb:local:000000000000:table/Fuz' }],
  ['DeleteResourcePolicy', { ResourceArn: 'arn:aws:dynamodb:local:000000000000:table/Fuz' }],
];

const names: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
];
/** Stands in a body for values too deep for JSON.stringify. */
const deep = '@deep';
const depths: readonly number[] = [31, 32, 33, 1000, 5000, 100_000];
/** What nests in values, in structures where none belong, in lists and nowhere. */
const nests: readonly (readonly [string, string])[] = [
  ['{"L":[', ']}'],
  ['{"M":{"m":', '}}'],
  ['{"M":{"__proto__":', '}}'],
  ['[', ']'],
  ['{"a":', '}'],
  ['{"L":[', ''],
];

const strange: readonly Json[] = [
  deep,
  ...names,
  '('.repeat(2000),
  `${'NOT '.repeat(900)}a = :n`,
  `${'size('.repeat(290)}a${')'.repeat(290)}`,
  `SET a = ${'list_append('.repeat(100)}l${', l)'.repeat(100)}`,
  `a${'[0]'.repeat(1300)}`,
  `#${'a'.repeat(4000)}`,
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  'a',
  '\u0000',
  '\ud800',
  ':n',
  '#g',
  '((((((((',
  'a[99999999999999999999]',
  'SET a = b',
  'arn:aws:dynamodb:local:000000000000:table/Fu2',
  'x'.repeat(3000),
  [],
  [null],
  [[]],
  {},
  { a: null },
  { S: '' },
  { N: '-0e1' },
  { N: '1e130' },
  { NULL: true },
  { B: '' },
  { BS: ['', 'AA=='] },
  { SS: [''] },
  { NS: ['1', '2'] },
  { L: [{ L: [{}] }] },
  { M: { '': { S: 'a' } } },
  { M: { ['__proto__']: { S: 'a' } } },
];

function choice<T>(random: Prng, list: readonly T[]): T {
  return list[random.below(list.length)] as T;
}

/** `json` with one place in it, found by chance, made strange. */
function spoiled(random: Prng, json: Json, depth = 0): Json {
  const isLeaf = typeof json !== 'object' || json === null || Object.keys(json).length === 0;
  if (isLeaf || (depth > 0 && random.below(6) === 0)) {
    if (typeof json === 'string' && random.below(2) === 0) return spoiledText(random, json);
    return choice(random, strange);
  }
  if (Array.isArray(json)) {
    const at = random.below(json.length);
    if (random.below(8) === 0) return [...json, json[at] as Json];
    return json.map((one, n) => (n === at ? spoiled(random, one, depth + 1) : one));
  }
  const members = Object.entries(json as Readonly<Record<string, Json>>);
  const [name] = choice(random, members);
  if (random.below(10) === 0)
    return Object.fromEntries(members.filter(([other]) => other !== name));
  if (random.below(20) === 0) {
    return Object.fromEntries([
      ...members,
      [choice(random, ['S', 'a', '', ...names]), choice(random, strange)],
    ]);
  }
  if (random.below(20) === 0) {
    const renamed = choice(random, names);
    return Object.fromEntries(
      members.map(([other, one]) => [other === name ? renamed : other, one]),
    );
  }
  return Object.fromEntries(
    members.map(([other, one]) => [other, other === name ? spoiled(random, one, depth + 1) : one]),
  );
}

/** The body of a request, with all that is to be deep in it. */
function bodyOf(random: Prng, input: Json): string {
  const [open, shut] = choice(random, nests);
  const levels = choice(random, depths);
  const nested = (): string => `${open.repeat(levels)}{"S":"a"}${shut.repeat(levels)}`;
  return JSON.stringify(input).replaceAll(`"${deep}"`, nested);
}

function spoiledText(random: Prng, text: string): string {
  const at = random.below(text.length + 1);
  const piece = choice(random, [
    '',
    ' ',
    '(',
    ')',
    ',',
    ':n',
    '#',
    '.',
    '[0]',
    ' AND ',
    '=',
    '\n',
    'é',
  ]);
  return text.slice(0, at) + piece + text.slice(at + random.below(3));
}

const requests = Number(process.env['GARBAGE'] ?? 1500);
const from = Number(process.env['GARBAGE_SEED'] ?? 20_261_121);
const timeout = Math.max(120_000, requests * 50);

test('no request, however spoiled, is a failure of ours', { timeout }, async () => {
  const db = await openEndpoint();
  const random = prng(from);
  const statuses = new Map<number, number>();
  const before = Object.getOwnPropertyNames(Object.prototype);
  await db.call('CreateTable', table);
  const kept = { ...put, Item: { ...(put as { Item: object }).Item, p: S('kept') } };
  await db.call('PutItem', kept);
  for (let at = 0; at < requests; at += 1) {
    const [operation, seed] = choice(random, seeds);
    let input = seed;
    for (let times = random.below(3); times >= 0; times -= 1) input = spoiled(random, input);
    const body = bodyOf(random, input);
    const { status, text } = await db.post(operation, body);
    const shown = `${operation} ${body.slice(0, 2000)}`;
    expect([200, 400], `${shown}: ${text.slice(0, 2000)}`).toContain(status);
    expect(text, shown).not.toMatch(/undefined|\[object|NaN|is not a function/);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect(await db.call('GetItem', { TableName: 'Fuz', Key: { p: S('kept'), s: N('1') } })).toEqual({
    Item: kept.Item,
  });
  // Both kinds were met, and neither by accident alone.
  expect(Math.min(statuses.get(200) ?? 0, statuses.get(400) ?? 0)).toBeGreaterThan(requests / 20);
  expect(({} as Record<string, unknown>)['S']).toBeUndefined();
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  await db.close();
});
