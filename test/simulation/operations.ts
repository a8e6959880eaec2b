/**
 * What the clients of a simulation ask for: operations over the whole data API, on few keys, so
 * that they meet. Every item written carries the number of its operation in `m`.
 */
import type { Prng } from '../../src/base/prng.ts';
import type { Input } from '../model/state.ts';
import { drawTime, expiryAttribute } from './expiry.ts';

export interface Asked {
  readonly operation: string;
  readonly input: Input;
  /** The operation that the model knows, of one that it does not. */
  readonly means?: { readonly operation: string; readonly input: Input };
}

/** How many keys there are, and how large the items. */
export interface Shape {
  readonly partitions: number;
  readonly sorts: number;
  readonly textMax: number;
  readonly binaryMax: number;
  /** The wall clock's, in worlds in which items expire. */
  readonly nowSeconds?: () => number;
}

/** `isWide`: enough for many pages. */
export function drawShape(random: Prng, isWide: boolean): Shape {
  if (isWide) return { partitions: 8, sorts: 60, textMax: 3000, binaryMax: 9000 };
  const roll = random.below(10);
  const partitions = 1 + random.below(8);
  const sorts = 2 + random.below(roll < 3 ? 40 : roll === 8 ? 120 : 12);
  if (roll < 6) return { partitions, sorts, textMax: 400, binaryMax: 9000 };
  if (roll < 9) return { partitions, sorts, textMax: 3000, binaryMax: 40_000 };
  return { partitions, sorts, textMax: 400, binaryMax: 395_000 };
}

export const tableA = {
  TableName: 'Alpha',
  AttributeDefinitions: [
    { AttributeName: 'p', AttributeType: 'S' },
    { AttributeName: 's', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'p', KeyType: 'HASH' },
    { AttributeName: 's', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};
/**
 * With a local index, which the model knows nothing of: it gives the table item collections. And
 * with a stream from the start.
 */
export const tableB = {
  ...tableA,
  TableName: 'Beta',
  AttributeDefinitions: [
    ...tableA.AttributeDefinitions,
    { AttributeName: 'r', AttributeType: 'N' },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: 'byR',
      KeySchema: [
        { AttributeName: 'p', KeyType: 'HASH' },
        { AttributeName: 'r', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
};

/** With its index from the start. */
export const tableGamma = {
  ...tableA,
  TableName: 'Gamma',
  AttributeDefinitions: [
    ...tableA.AttributeDefinitions,
    { AttributeName: 'g', AttributeType: 'S' },
    { AttributeName: 'r', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byG',
      KeySchema: [
        { AttributeName: 'g', KeyType: 'HASH' },
        { AttributeName: 'r', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};

const indexUpdate = {
  TableName: 'Alpha',
  AttributeDefinitions: [
    ...tableA.AttributeDefinitions,
    { AttributeName: 'g', AttributeType: 'S' },
    { AttributeName: 'r', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexUpdates: [
    {
      Create: {
        IndexName: 'byG',
        KeySchema: [
          { AttributeName: 'g', KeyType: 'HASH' },
          { AttributeName: 'r', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    },
  ],
};
const indexRemoval = {
  TableName: 'Alpha',
  GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byG' } }],
};

const views = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'];

/** On or off, half of them refused. */
function turnStream(random: Prng): Asked {
  const TableName = table(random);
  const StreamViewType = views[random.below(views.length)];
  const StreamSpecification = random.chance(0.5)
    ? { StreamEnabled: true, StreamViewType }
    : { StreamEnabled: false };
  return { operation: 'UpdateTable', input: { TableName, StreamSpecification } };
}

type Draw = (random: Prng, shape: Shape, id: number) => Asked;

type Draws = readonly (readonly [number, Draw])[];

/** Each with its share. */
const readDraws: Draws = [
  [10, get],
  [4, batchGet],
  [3, transactGet],
  [10, query],
  [6, scan],
];
const draws: Draws = [
  ...readDraws,
  [18, (random, shape, id) => ({ operation: 'PutItem', input: put(random, shape, id) })],
  [16, (random, shape, id) => ({ operation: 'UpdateItem', input: update(random, shape, id) })],
  [9, (random, shape) => ({ operation: 'DeleteItem', input: remove(random, shape) })],
  [10, transaction],
  [8, batch],
  [2, (random) => ({ operation: 'DescribeTable', input: { TableName: table(random) } })],
  [1, () => ({ operation: 'UpdateTable', input: indexUpdate })],
  [1, () => ({ operation: 'UpdateTable', input: indexRemoval })],
  [1, turnStream],
  [1, (random) => ({ operation: 'CreateTable', input: random.chance(0.7) ? tableB : tableA })],
  [1, (random) => (random.chance(0.5) ? drop(random) : protect(random))],
];

/** Operation number `id`, drawn from `random`. */
export function draw(random: Prng, shape: Shape, id: number): Asked {
  return pick(random, draws)(random, shape, id);
}

/** One that changes something, in a table that is there. */
export function drawPut(random: Prng, shape: Shape, id: number): Asked {
  const Item = item(random, shape, id, key(random, shape));
  return { operation: 'PutItem', input: { TableName: 'Alpha', Item } };
}

/** What such a put wrote, as it is now. */
export function getOf({ input }: Asked): Asked {
  const { p, s } = input['Item'] as Input;
  const asked = { TableName: input['TableName'], Key: { p, s }, ConsistentRead: true };
  return { operation: 'GetItem', input: asked };
}

export const scanAll: Asked = {
  operation: 'Scan',
  input: { TableName: 'Alpha', ConsistentRead: true },
};

/** One that changes nothing. */
export function drawRead(random: Prng, shape: Shape): Asked {
  return pick(random, readDraws)(random, shape, 0);
}

function pick(random: Prng, among: Draws): Draw {
  let roll = random.below(among.reduce((sum, [share]) => sum + share, 0));
  for (const [share, make] of among) {
    if (roll < share) return make;
    roll -= share;
  }
  throw new Error('a roll beyond all shares');
}

/** The same transaction again, or another under its token. */
export function repeat(random: Prng, shape: Shape, asked: Asked, id: number): Asked {
  const { operation, input, means } = asked;
  if (means !== undefined || random.chance(0.7)) return asked;
  const { TransactItems } = transaction(random, shape, id).input;
  return { operation, input: { ...input, TransactItems } };
}

/** The next page of a Query or Scan, or of a statement, which has a token for it. */
export function goOn({ operation, input, means }: Asked, last: Input, NextToken: unknown): Asked {
  if (means !== undefined) {
    return { operation, input: { ...input, NextToken }, means: goOn(means, last, undefined) };
  }
  return { operation, input: { ...input, ExclusiveStartKey: last } };
}

function drop(random: Prng): Asked {
  return { operation: 'DeleteTable', input: { TableName: random.chance(0.5) ? 'Beta' : 'Gamma' } };
}

function protect(random: Prng): Asked {
  const input = { TableName: 'Alpha', DeletionProtectionEnabled: random.chance(0.5) };
  return { operation: 'UpdateTable', input };
}

export function table(random: Prng): string {
  if (random.chance(0.8)) return 'Alpha';
  return random.chance(0.6) ? 'Gamma' : 'Beta';
}

export function partition(random: Prng, { partitions }: Shape): Input {
  return { S: `p${random.below(partitions)}` };
}

function sort(random: Prng, { sorts }: Shape): Input {
  return { N: String(random.below(sorts)) };
}

function key(random: Prng, shape: Shape): Input {
  return { p: partition(random, shape), s: sort(random, shape) };
}

export function distinctKeys(random: Prng, shape: Shape, most: number): readonly Input[] {
  const keys = new Map<string, Input>();
  for (let count = 1 + random.below(most); count > 0; count -= 1) {
    const chosen = key(random, shape);
    keys.set(JSON.stringify(chosen), chosen);
  }
  return [...keys.values()];
}

export function marker(id: number): Input {
  return { N: String(id) };
}

export function item(
  random: Prng,
  { textMax, binaryMax, nowSeconds }: Shape,
  id: number,
  chosen: Input,
): Input {
  const attributes: Record<string, unknown> = { ...chosen, m: marker(id) };
  if (random.chance(0.7)) attributes['g'] = { S: 'xyz'[random.below(3)] };
  if (random.chance(0.9)) attributes['r'] = { N: String(random.below(5)) };
  if (random.chance(0.4)) attributes['v'] = { S: 'v'.repeat(random.below(textMax)) };
  if (random.chance(0.2)) attributes['t'] = { SS: ['a', 'b', 'c'].slice(random.below(3)) };
  if (random.chance(0.1)) attributes['l'] = { L: [{ M: { x: marker(id) } }, { NULL: true }] };
  if (nowSeconds !== undefined && random.chance(0.4)) {
    attributes[expiryAttribute] = drawTime(random, nowSeconds());
  }
  if (random.chance(0.02)) {
    attributes['w'] = { B: new Uint8Array(random.below(binaryMax)).fill(id & 0xff) };
  }
  return attributes;
}

export const absent: Input = { ConditionExpression: 'attribute_not_exists(p)' };
export const present: Input = { ConditionExpression: 'attribute_exists(p)' };

function put(random: Prng, shape: Shape, id: number): Input {
  return {
    TableName: table(random),
    Item: item(random, shape, id, key(random, shape)),
    ...(random.chance(0.3) ? absent : {}),
    ...(random.chance(0.5) ? { ReturnValues: 'ALL_OLD' } : {}),
  };
}

/** Update expressions with what they need of values. */
const updates: readonly ((random: Prng, nowSeconds: number) => readonly [string, Input])[] = [
  (random) => [
    'SET m = :m, r = :r ADD n :one',
    { ':one': { N: '1' }, ':r': { N: String(random.below(5)) } },
  ],
  (random) => ['SET m = :m, g = :g REMOVE v, w', { ':g': { S: 'xyz'[random.below(3)] } }],
  () => ['SET m = :m, l = :l ADD t :t', { ':l': { L: [] }, ':t': { SS: ['d'] } }],
  () => ['SET m = :m, l = list_append(if_not_exists(l, :l), :l)', { ':l': { L: [{ N: '1' }] } }],
  () => ['SET m = :m REMOVE l[1]', {}],
  () => ['SET m = :m DELETE t :t', { ':t': { SS: ['a', 'd'] } }],
  () => ['SET m = :m REMOVE g, r', {}],
];
/** Of an item's time: it is moved, or taken away. */
const timeUpdates: typeof updates = [
  (random, now) => ['SET m = :m, e = :e', { ':e': drawTime(random, now) }],
  () => ['SET m = :m REMOVE e', {}],
];

function update(random: Prng, shape: Shape, id: number): Input {
  const now = shape.nowSeconds?.() ?? 0;
  const among = now > 0 && random.chance(0.3) ? timeUpdates : updates;
  const make = among[random.below(among.length)] as (typeof updates)[0];
  const [UpdateExpression, values] = make(random, now);
  return {
    TableName: table(random),
    Key: key(random, shape),
    UpdateExpression,
    ExpressionAttributeValues: { ':m': marker(id), ...values },
    ...(random.chance(0.3) ? present : {}),
    ...(random.chance(0.5) ? { ReturnValues: 'ALL_NEW' } : {}),
  };
}

function remove(random: Prng, shape: Shape): Input {
  return {
    TableName: table(random),
    Key: key(random, shape),
    ...(random.chance(0.3) ? present : {}),
    ...(random.chance(0.5) ? { ReturnValues: 'ALL_OLD' } : {}),
  };
}

/** Half of the reads are strongly consistent by their input. */
function read(random: Prng): Input {
  return { TableName: table(random), ConsistentRead: random.chance(0.5) };
}

function get(random: Prng, shape: Shape): Asked {
  const shown = random.chance(0.2) ? { ProjectionExpression: 'm, l[0].x' } : {};
  return { operation: 'GetItem', input: { ...read(random), Key: key(random, shape), ...shown } };
}

function batchGet(random: Prng, shape: Shape): Asked {
  const wanted = { Keys: distinctKeys(random, shape, 8), ConsistentRead: random.chance(0.5) };
  return { operation: 'BatchGetItem', input: { RequestItems: { [table(random)]: wanted } } };
}

function transactGet(random: Prng, shape: Shape): Asked {
  const TransactItems = distinctKeys(random, shape, 5).map((Key) => {
    return { Get: { TableName: table(random), Key } };
  });
  return { operation: 'TransactGetItems', input: { TransactItems } };
}

function query(random: Prng, shape: Shape): Asked {
  const asked = random.chance(0.4) ? indexQuery(random) : tableQuery(random, shape);
  const filter = random.chance(0.2)
    ? { FilterExpression: 'attribute_exists(v) AND NOT contains(t, m)' }
    : {};
  return {
    operation: 'Query',
    input: {
      ...asked,
      ...filter,
      ...(random.chance(0.4) ? { Limit: 1 + random.below(5) } : {}),
      ...(random.chance(0.3) ? { ScanIndexForward: false } : {}),
      ...(random.chance(0.1) ? { Select: 'COUNT' } : {}),
    },
  };
}

function indexQuery(random: Prng): Input {
  const values = { ':p': { S: 'xyz'[random.below(3)] } };
  const whole = random.chance(0.5);
  return {
    TableName: 'Alpha',
    IndexName: 'byG',
    KeyConditionExpression: whole ? 'g = :p' : 'g = :p AND r >= :low',
    ExpressionAttributeValues: whole ? values : { ...values, ':low': { N: '2' } },
  };
}

function tableQuery(random: Prng, shape: Shape): Input {
  const values = { ':p': partition(random, shape) };
  const low = sort(random, shape);
  const conditions: readonly (readonly [string, Input])[] = [
    ['p = :p', values],
    ['p = :p AND s < :low', { ...values, ':low': low }],
    ['p = :p AND s BETWEEN :low AND :high', { ...values, ':low': low, ':high': { N: '1000' } }],
  ];
  const [KeyConditionExpression, ExpressionAttributeValues] = conditions[
    random.below(conditions.length)
  ] as (typeof conditions)[0];
  return { ...read(random), KeyConditionExpression, ExpressionAttributeValues };
}

function scan(random: Prng): Asked {
  const input = random.chance(0.3) ? { TableName: 'Alpha', IndexName: 'byG' } : read(random);
  const total = 1 + random.below(4);
  return {
    operation: 'Scan',
    input: {
      ...input,
      ...(random.chance(0.4) ? { Limit: 1 + random.below(20) } : {}),
      ...(random.chance(0.3) ? { TotalSegments: total, Segment: random.below(total) } : {}),
      ...(random.chance(0.1) ? { FilterExpression: 'attribute_not_exists(v)' } : {}),
    },
  };
}

function transaction(random: Prng, shape: Shape, id: number): Asked {
  const elements = distinctKeys(random, shape, 4).map((chosen, at) => {
    return element(random, shape, id, chosen, at === 0);
  });
  const token = random.chance(0.3) ? { ClientRequestToken: `token${id}` } : {};
  return { operation: 'TransactWriteItems', input: { TransactItems: elements, ...token } };
}

/** `marks`: it is to write an item, so that the ledger knows whose the transaction is. */
function element(random: Prng, shape: Shape, id: number, chosen: Input, marks: boolean): Input {
  const TableName = table(random);
  const condition = random.chance(0.2) ? present : {};
  switch (marks ? 2 + random.below(2) : random.below(4)) {
    case 0:
      return { Delete: { TableName, Key: chosen, ...condition } };
    case 1:
      return { ConditionCheck: { TableName, Key: chosen, ...absent } };
    case 2:
      return { Put: { TableName, Item: item(random, shape, id, chosen), ...condition } };
    default:
      return {
        Update: {
          TableName,
          Key: chosen,
          UpdateExpression: 'SET m = :m ADD n :one',
          ExpressionAttributeValues: { ':m': marker(id), ':one': { N: '1' } },
          ...condition,
        },
      };
  }
}

function batch(random: Prng, shape: Shape, id: number): Asked {
  const requests = distinctKeys(random, shape, 8).map((chosen) => {
    if (random.chance(0.2)) return { DeleteRequest: { Key: chosen } };
    return { PutRequest: { Item: item(random, shape, id, chosen) } };
  });
  return { operation: 'BatchWriteItem', input: { RequestItems: { [table(random)]: requests } } };
}

/** Items of an import, and the ends of its batches; a key may be twice, in one batch. */
export function importedItems(
  random: Prng,
  shape: Shape,
  id: number,
  most: number,
): { readonly items: readonly Input[]; readonly cuts: readonly number[] } {
  const items: Input[] = [];
  const cuts: number[] = [];
  const end = (): void => {
    if ((cuts.at(-1) ?? 0) < items.length) cuts.push(items.length);
  };
  for (const chosen of distinctKeys(random, shape, most)) {
    if (random.chance(0.02)) items.push(item(random, shape, id, chosen));
    items.push(item(random, shape, id, chosen));
    if (random.chance(0.05)) end();
  }
  end();
  return { items, cuts };
}

/** The keys an operation may remove, each with its table. */
export function removedKeys({ operation, input }: Asked): readonly string[] {
  if (operation === 'Each') return (input['Each'] as Asked[]).flatMap(removedKeys);
  const keys: string[] = [];
  const note = (name: unknown, removed: unknown): void => {
    if (removed !== undefined) keys.push(JSON.stringify([name, removed]));
  };
  if (operation === 'DeleteItem') note(input['TableName'], input['Key']);
  if (operation === 'TransactWriteItems') {
    for (const one of input['TransactItems'] as Input[]) {
      const removal = one['Delete'] as Input | undefined;
      note(removal?.['TableName'], removal?.['Key']);
    }
  }
  if (operation !== 'BatchWriteItem') return keys;
  for (const [name, requests] of Object.entries(input['RequestItems'] as Input)) {
    for (const request of requests as Input[]) {
      note(name, (request['DeleteRequest'] as Input | undefined)?.['Key']);
    }
  }
  return keys;
}
