/**
 * What the clients of a simulation ask for: operations over the whole data API, on few keys, so
 * that they meet. Every item written carries the number of its operation in `m`.
 */
import type { Prng } from '../../src/base/prng.ts';
import type { Input } from '../model/model.ts';

export interface Asked {
  readonly operation: string;
  readonly input: Input;
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
export const tableB = { ...tableA, TableName: 'Beta' };

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

/** Operation number `id`, drawn from `random`. */
export function draw(random: Prng, id: number): Asked {
  const roll = random.below(100);
  if (roll < 22) return { operation: 'PutItem', input: put(random, id) };
  if (roll < 38) return { operation: 'UpdateItem', input: update(random, id) };
  if (roll < 48) return { operation: 'DeleteItem', input: remove(random) };
  if (roll < 58) return { operation: 'GetItem', input: { ...read(random), Key: key(random) } };
  if (roll < 68) return query(random);
  if (roll < 74) return scan(random);
  if (roll < 84) return { operation: 'TransactWriteItems', input: transaction(random, id) };
  if (roll < 94) return { operation: 'BatchWriteItem', input: batch(random, id) };
  if (roll < 96) return { operation: 'UpdateTable', input: indexUpdate };
  if (roll < 97) return { operation: 'UpdateTable', input: indexRemoval };
  if (roll < 99) return { operation: 'CreateTable', input: tableB };
  return { operation: 'DeleteTable', input: { TableName: 'Beta' } };
}

function table(random: Prng): string {
  return random.chance(0.85) ? 'Alpha' : 'Beta';
}

function key(random: Prng): Input {
  return { p: { S: 'pqrs'[random.below(4)] }, s: { N: String(random.below(8)) } };
}

function marker(id: number): Input {
  return { N: String(id) };
}

function item(random: Prng, id: number): Input {
  const attributes: Record<string, unknown> = { ...key(random), m: marker(id) };
  if (random.chance(0.7)) attributes['g'] = { S: 'xyz'[random.below(3)] };
  if (random.chance(0.9)) attributes['r'] = { N: String(random.below(5)) };
  if (random.chance(0.4)) attributes['v'] = { S: 'v'.repeat(random.below(400)) };
  if (random.chance(0.05)) attributes['w'] = { B: random.bytes(random.below(40_000)) };
  return attributes;
}

const absent = { ConditionExpression: 'attribute_not_exists(p)' };
const present = { ConditionExpression: 'attribute_exists(p)' };

function put(random: Prng, id: number): Input {
  return {
    TableName: table(random),
    Item: item(random, id),
    ...(random.chance(0.3) ? absent : {}),
    ...(random.chance(0.5) ? { ReturnValues: 'ALL_OLD' } : {}),
  };
}

function update(random: Prng, id: number): Input {
  const counts = random.chance(0.5);
  return {
    TableName: table(random),
    Key: key(random),
    UpdateExpression: counts ? 'SET m = :m, r = :r ADD n :one' : 'SET m = :m, g = :g REMOVE v',
    ExpressionAttributeValues: {
      ':m': marker(id),
      ...(counts
        ? { ':one': { N: '1' }, ':r': { N: String(random.below(5)) } }
        : { ':g': { S: 'xyz'[random.below(3)] } }),
    },
    ...(random.chance(0.3) ? present : {}),
    ...(random.chance(0.5) ? { ReturnValues: 'ALL_NEW' } : {}),
  };
}

function remove(random: Prng): Input {
  return {
    TableName: table(random),
    Key: key(random),
    ...(random.chance(0.3) ? present : {}),
    ...(random.chance(0.5) ? { ReturnValues: 'ALL_OLD' } : {}),
  };
}

function read(random: Prng): Input {
  return { TableName: table(random), ConsistentRead: true };
}

function query(random: Prng): Asked {
  const byIndex = random.chance(0.4);
  const shape = byIndex
    ? {
        TableName: 'Alpha',
        IndexName: 'byG',
        KeyConditionExpression: 'g = :p',
        ExpressionAttributeValues: { ':p': { S: 'xyz'[random.below(3)] } },
      }
    : {
        ...read(random),
        KeyConditionExpression: 'p = :p',
        ExpressionAttributeValues: { ':p': { S: 'pqrs'[random.below(4)] } },
      };
  return {
    operation: 'Query',
    input: {
      ...shape,
      ...(random.chance(0.3) ? { Limit: 1 + random.below(5) } : {}),
      ...(random.chance(0.3) ? { ScanIndexForward: false } : {}),
    },
  };
}

function scan(random: Prng): Asked {
  const input = random.chance(0.3) ? { TableName: 'Alpha', IndexName: 'byG' } : read(random);
  return { operation: 'Scan', input };
}

function transaction(random: Prng, id: number): Input {
  const seen = new Set<string>();
  const elements: Input[] = [];
  for (let count = 2 + random.below(3); count > 0; count -= 1) {
    const chosen = key(random);
    const TableName = table(random);
    const name = JSON.stringify([TableName, chosen]);
    if (seen.has(name)) continue;
    seen.add(name);
    elements.push(element(random, id, TableName, chosen));
  }
  return { TransactItems: elements };
}

function element(random: Prng, id: number, TableName: string, chosen: Input): Input {
  const Item = { ...item(random, id), ...chosen };
  const condition = random.chance(0.2) ? present : {};
  switch (random.below(4)) {
    case 0:
      return { Put: { TableName, Item, ...condition } };
    case 1:
      return { Delete: { TableName, Key: chosen, ...condition } };
    case 2:
      return { ConditionCheck: { TableName, Key: chosen, ...absent } };
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

function batch(random: Prng, id: number): Input {
  const seen = new Set<string>();
  const requests: Input[] = [];
  for (let count = 1 + random.below(8); count > 0; count -= 1) {
    const chosen = key(random);
    if (seen.has(JSON.stringify(chosen))) continue;
    seen.add(JSON.stringify(chosen));
    const Item = { ...item(random, id), ...chosen };
    requests.push(
      random.chance(0.2) ? { DeleteRequest: { Key: chosen } } : { PutRequest: { Item } },
    );
  }
  return { RequestItems: { [table(random)]: requests } };
}
