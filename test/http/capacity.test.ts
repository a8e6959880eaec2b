/**
 * What requests cost, and how large items may be with their entries in local indexes, over HTTP:
 * reference/streams-ttl-backup-globaltables.md, section 8; types-and-limits.md, section 6.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const N = (n: number): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
const text = (length: number): object => S('v'.repeat(length));
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  const index = (IndexName: string, keys: readonly string[], ProjectionType: string) => ({
    IndexName,
    KeySchema: schemaOf(keys),
    Projection:
      ProjectionType === 'INCLUDE'
        ? { ProjectionType, NonKeyAttributes: ['w'] }
        : { ProjectionType },
  });
  const all = {
    LocalSecondaryIndexes: [
      index('lal', ['p:S', 'c:S'], 'ALL'),
      index('lko', ['p:S', 'c:S'], 'KEYS_ONLY'),
    ],
    GlobalSecondaryIndexes: [
      index('gal', ['g:S', 's:N'], 'ALL'),
      index('gin', ['g:S'], 'INCLUDE'),
      index('gko', ['c:S'], 'KEYS_ONLY'),
    ],
  };
  await db.call('CreateTable', tableOf('Cap', ['p:S', 's:N'], all, ['c:S', 'g:S']));
  await db.call('CreateTable', tableOf('Tab', ['p:S']));
});
afterAll(() => db.close());

const Key = { p: S('a'), s: N(1) };
/** 2,500 bytes and a little: 3 write units, 1 read unit. */
const item = { ...Key, c: S('c'), g: S('g'), w: N(1), v: text(2500) };
const missing = { p: S('a'), s: N(2) };
beforeEach(async () => {
  await db.call('PutItem', { TableName: 'Cap', Item: item });
  await db.call('DeleteItem', { TableName: 'Cap', Key: missing });
});

type Units = { readonly CapacityUnits: number };
type Arm = Readonly<Record<string, Units>> | undefined;
interface Told extends Units {
  readonly Table: Units;
  readonly LocalSecondaryIndexes?: Arm;
  readonly GlobalSecondaryIndexes?: Arm;
}
/** `cap` is the table, the others are its indexes; an index that is not told is not there. */
function unitsOf(told: Told): Record<string, number> {
  const arms = { ...told.LocalSecondaryIndexes, ...told.GlobalSecondaryIndexes };
  const units = { cap: told.Table.CapacityUnits };
  for (const [name, { CapacityUnits }] of Object.entries(arms)) {
    Object.assign(units, { [name]: CapacityUnits });
  }
  expect(told.CapacityUnits).toBe(Object.values(units).reduce((sum, one) => sum + one, 0));
  return units;
}
const set = (UpdateExpression: string, values?: object): object => ({
  Key,
  UpdateExpression,
  ...(values && { ExpressionAttributeValues: values }),
});

/** A write and its units, alone; in a transaction the table's part is doubled. */
const writes: readonly (readonly [string, 'Put' | 'Update' | 'Delete', object, object])[] = [
  ['the same again', 'Put', { Item: item }, { cap: 3 }],
  ['a smaller item', 'Put', { Item: { ...item, v: S('v') } }, { cap: 3, lal: 3, gal: 3 }],
  ['a larger item', 'Put', { Item: { ...item, v: text(5000) } }, { cap: 5, lal: 5, gal: 5 }],
  ['keys alone', 'Put', { Item: Key }, { cap: 3, lal: 3, lko: 1, gal: 3, gin: 1, gko: 1 }],
  [
    'a new item',
    'Put',
    { Item: { ...item, ...missing } },
    { cap: 3, lal: 3, lko: 1, gal: 3, gin: 1, gko: 1 },
  ],
  [
    'an attribute that one index includes',
    'Update',
    set('SET w = :w', { ':w': N(2) }),
    { cap: 3, lal: 3, gal: 3, gin: 1 },
  ],
  [
    'an attribute that is in no projection but ALL',
    'Update',
    set('SET x = :w', { ':w': N(2) }),
    { cap: 3, lal: 3, gal: 3 },
  ],
  [
    'a key of three indexes',
    'Update',
    set('SET c = :c', { ':c': S('d') }),
    { cap: 3, lal: 6, lko: 2, gal: 3, gko: 2 },
  ],
  ['a key that goes', 'Update', set('REMOVE g'), { cap: 3, lal: 3, gal: 3, gin: 1 }],
  ['nothing', 'Update', set('SET w = w'), { cap: 3 }],
  ['what is not there', 'Update', set('REMOVE nothing'), { cap: 3 }],
  ['an item', 'Delete', { Key }, { cap: 3, lal: 3, lko: 1, gal: 3, gin: 1, gko: 1 }],
  ['no item', 'Delete', { Key: missing }, { cap: 1 }],
];

describe('a write', () => {
  test.each(writes)('of %s by %s', async (_name, kind, input, units) => {
    const { ConsumedCapacity } = await db.call(`${kind}Item`, {
      TableName: 'Cap',
      ...input,
      ReturnConsumedCapacity: 'INDEXES',
    });
    expect(unitsOf(ConsumedCapacity)).toEqual(units);
  });

  test.each(writes)('of %s by %s in a transaction', async (_name, kind, input, units) => {
    const { ConsumedCapacity } = await db.call('TransactWriteItems', {
      TransactItems: [{ [kind]: { TableName: 'Cap', ...input } }],
      ReturnConsumedCapacity: 'INDEXES',
    });
    expect(ConsumedCapacity).toHaveLength(1);
    const [told] = ConsumedCapacity;
    const { cap } = units as { cap: number };
    expect(unitsOf(told)).toEqual({ ...units, cap: cap * 2 });
    expect(told.WriteCapacityUnits).toBe(told.CapacityUnits);
    expect(told.Table.WriteCapacityUnits).toBe(cap * 2);
  });

  test.each(writes.filter(([, kind]) => kind !== 'Update'))(
    'of %s by %s in a batch',
    async (_name, kind, input, units) => {
      const { ConsumedCapacity } = await db.call('BatchWriteItem', {
        RequestItems: { Cap: [{ [`${kind}Request`]: input }] },
        ReturnConsumedCapacity: 'INDEXES',
      });
      expect(ConsumedCapacity.map(unitsOf)).toEqual([units]);
    },
  );
});

describe('a transaction', () => {
  test('checks for twice what is there, and is told again for what it reads', async () => {
    const request = {
      TransactItems: [
        {
          ConditionCheck: { TableName: 'Cap', Key, ConditionExpression: 'attribute_exists(p)' },
        },
        {
          ConditionCheck: {
            TableName: 'Cap',
            Key: missing,
            ConditionExpression: 'attribute_not_exists(p)',
          },
        },
        { Put: { TableName: 'Tab', Item: { p: S('a') } } },
      ],
      ClientRequestToken: 'capacity',
      ReturnConsumedCapacity: 'TOTAL',
    };
    const told = (name: string, units: number, kind: string) => ({
      TableName: name,
      CapacityUnits: units,
      [`${kind}CapacityUnits`]: units,
    });
    const { ConsumedCapacity } = await db.call('TransactWriteItems', request);
    expect(ConsumedCapacity).toEqual([told('Cap', 8, 'Write'), told('Tab', 2, 'Write')]);
    const again = await db.call('TransactWriteItems', request);
    expect(again.ConsumedCapacity).toEqual([told('Cap', 4, 'Read'), told('Tab', 2, 'Read')]);
  });

  test('reads for twice', async () => {
    await db.call('PutItem', { TableName: 'Tab', Item: { p: S('5k'), v: text(5000) } });
    const get = (p: string) => ({ Get: { TableName: 'Tab', Key: { p: S(p) } } });
    const { ConsumedCapacity } = await db.call('TransactGetItems', {
      TransactItems: [get('5k'), get('gone')],
      ReturnConsumedCapacity: 'INDEXES',
    });
    const units = { CapacityUnits: 6, ReadCapacityUnits: 6 };
    expect(ConsumedCapacity).toEqual([{ TableName: 'Tab', ...units, Table: units }]);
  });
});

describe('a read', () => {
  const select = {
    TableName: 'Cap',
    KeyConditionExpression: 'p = :p',
    ExpressionAttributeValues: { ':p': S('a') },
  };
  const byG = {
    TableName: 'Cap',
    KeyConditionExpression: 'g = :g',
    ExpressionAttributeValues: { ':g': S('g') },
  };
  test.each<[string, object, object]>([
    ['GetItem', { TableName: 'Cap', Key }, { cap: 0.5 }],
    ['GetItem', { TableName: 'Cap', Key, ConsistentRead: true }, { cap: 1 }],
    ['GetItem', { TableName: 'Cap', Key: missing }, { cap: 0.5 }],
    ['GetItem', { TableName: 'Cap', Key: missing, ConsistentRead: true }, { cap: 1 }],
    ['Query', { ...select, IndexName: 'lko' }, { cap: 0, lko: 0.5 }],
    ['Query', { ...select, IndexName: 'lko', Select: 'COUNT' }, { cap: 0, lko: 0.5 }],
    ['Query', { ...select, IndexName: 'lko', Select: 'ALL_ATTRIBUTES' }, { cap: 0.5, lko: 0.5 }],
    [
      'Query',
      { ...select, IndexName: 'lko', ProjectionExpression: 'v', ConsistentRead: true },
      { cap: 1, lko: 1 },
    ],
    ['Query', { ...select, IndexName: 'lal', Select: 'ALL_ATTRIBUTES' }, { cap: 0, lal: 0.5 }],
    ['Query', { ...byG, IndexName: 'gal' }, { cap: 0, gal: 0.5 }],
    ['Query', { ...byG, IndexName: 'gin' }, { cap: 0, gin: 0.5 }],
    ['Scan', { TableName: 'Cap', IndexName: 'gko' }, { cap: 0, gko: 0.5 }],
  ])('%s %j', async (operation, input, units) => {
    const { ConsumedCapacity } = await db.call(operation, {
      ...input,
      ReturnConsumedCapacity: 'INDEXES',
    });
    expect(unitsOf(ConsumedCapacity)).toEqual(units);
  });
});

describe('an item and its entries in local indexes', () => {
  // p, a, s, 1, c, c: 7 bytes; the entry of lko is as much, that of lal the whole item.
  const most = (409_600 - 7) / 2 - 8;
  const large = (length: number) => ({ ...Key, c: S('c'), v: text(length) });
  const put = 'Item size has exceeded the maximum allowed size';
  const update = 'Item size to update has exceeded the maximum allowed size';
  test('are 400 KB together', async () => {
    await db.call('PutItem', { TableName: 'Cap', Item: large(Math.floor(most)) });
    const Item = large(Math.floor(most) + 1);
    expect(await db.invalid('PutItem', { TableName: 'Cap', Item })).toBe(put);
    expect(
      await db.invalid('BatchWriteItem', { RequestItems: { Cap: [{ PutRequest: { Item } }] } }),
    ).toBe(put);
    // Without a key of the local indexes it has no entries there.
    const { c: _c, ...alone } = Item;
    await db.call('PutItem', { TableName: 'Cap', Item: alone });
    const change = {
      TableName: 'Cap',
      Key,
      UpdateExpression: 'SET c = :c',
      ExpressionAttributeValues: { ':c': S('c') },
    };
    expect(await db.invalid('UpdateItem', change)).toBe(update);
    const told = await db.refuse('TransactWriteItems', { TransactItems: [{ Update: change }] });
    expect(told.body['CancellationReasons']).toEqual([
      { Code: 'ValidationError', Message: update },
    ]);
  });

  test('are told after the table, and the item alone before it', async () => {
    const name = { TableName: 'nowhere' };
    const told = await db.refuse('PutItem', { ...name, Item: large(300_000) });
    expect(told.name).toBe('ResourceNotFoundException');
    expect(await db.invalid('PutItem', { ...name, Item: large(409_600) })).toBe(put);
  });
});
