import { beforeEach, describe, expect, test } from 'vitest';
import { ItemWorld } from '../../support/item-world.ts';

let world: ItemWorld;
const mismatch = 'The provided key element does not match the schema';
const put = (Item: object): object => ({ PutRequest: { Item } });
const remove = (Key: object): object => ({ DeleteRequest: { Key } });
const a = { p: { S: 'a' } };
const b = { p: { S: 'b' } };
const batch = (...Tab: readonly object[]): object => ({ RequestItems: { Tab } });
const count = (table = 'Tab'): unknown => world.call('Scan', { TableName: table })['Count'];

beforeEach(() => {
  world = new ItemWorld();
  world.table('Tab', ['p:S'], { global: { gsi: { keys: ['g:S'] } } });
  world.table('Two', ['p:S', 's:N'], { local: { lsi: { keys: ['p:S', 'l:S'] } } });
});

describe('a BatchWriteItem is refused', () => {
  const many = (length: number): object[] =>
    Array.from({ length }, (_, n) => put({ p: { S: `${n}` } }));
  const rows: readonly [string, object, string][] = [
    [
      'without a table',
      { RequestItems: {} },
      'The requestItems parameter is required for BatchWriteItem',
    ],
    [
      'with more than 25 requests together',
      { RequestItems: { Tab: many(13), Two: many(13) } },
      'Too many items requested for the BatchWriteItem call',
    ],
    [
      'with an empty request',
      batch({}),
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the ' +
        'supported datatypes',
    ],
    [
      'with a put and a delete of one item',
      batch(put(a), remove(a)),
      'Provided list of item keys contains duplicates',
    ],
    [
      'with two puts of one item',
      batch(put(a), put({ ...a, x: { N: '1' } })),
      'Provided list of item keys contains duplicates',
    ],
    ['with a missing key in a put', batch(put({ x: { S: 'a' } })), mismatch],
    ['with a mistyped key in a put', batch(put({ p: { N: '1' } })), mismatch],
    ['with an extra attribute in a delete', batch(remove({ ...a, x: { S: 'a' } })), mismatch],
    [
      'with an empty key',
      batch(put({ p: { S: '' } })),
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
        'contain an empty string value. Key: p',
    ],
    [
      'with a mistyped index key, in detail',
      batch(put({ ...a, g: { N: '1' } })),
      'One or more parameter values were invalid: Type mismatch for Index Key g Expected: S ' +
        'Actual: N IndexName: gsi',
    ],
    [
      'with an item that is too large',
      batch(...many(24), put({ p: { S: 'a' }, v: { S: 'x'.repeat(409_600) } })),
      'Item size has exceeded the maximum allowed size',
    ],
  ];
  test.each(rows)('%s, and nothing is written', (_, input, message) => {
    expect(world.invalid('BatchWriteItem', input)).toBe(message);
    expect(count()).toBe(0);
  });

  test('with more than 25 requests for one table', () => {
    expect(world.invalid('BatchWriteItem', batch(...many(26)))).toContain(
      'Map value must satisfy constraint: [Member must have length less than or equal to 25, ' +
        'Member must have length greater than or equal to 1]',
    );
  });

  test('with keys that are one number', () => {
    const Two = ['1000', '1e3'].map((N) => put({ p: { S: 'a' }, s: { N } }));
    expect(world.invalid('BatchWriteItem', { RequestItems: { Two } })).toBe(
      'Provided list of item keys contains duplicates',
    );
  });

  test('with one item under the name and the ARN of its table', () => {
    const { Table } = world.call('DescribeTable', { TableName: 'Tab' }) as {
      readonly Table: { readonly TableArn: string };
    };
    const RequestItems = { Tab: [put(a)], [Table.TableArn]: [put({ ...a, g: { S: 'x' } })] };
    expect(world.invalid('BatchWriteItem', { RequestItems })).toBe(
      'Provided list of item keys contains duplicates',
    );
    expect(count()).toBe(0);
  });

  test('when a table is missing, and nothing is written', () => {
    const input = { RequestItems: { Tab: [put(a)], none: [put(a)] } };
    expect(world.refuse('BatchWriteItem', input).name).toBe('ResourceNotFoundException');
    expect(count()).toBe(0);
  });
});

describe('BatchWriteItem', () => {
  test('puts and deletes, and one key may be in two tables', () => {
    world.call('PutItem', { TableName: 'Tab', Item: a });
    const answer = world.call('BatchWriteItem', {
      RequestItems: { Tab: [remove(a), put(b)], Two: [put({ ...b, s: { N: '1' } })] },
    });
    expect(answer).toEqual({ UnprocessedItems: {} });
    expect(world.call('Scan', { TableName: 'Tab' })['Items']).toEqual([b]);
    expect(count('Two')).toBe(1);
  });

  test('makes one commit of each item that changes', () => {
    world.call('PutItem', { TableName: 'Tab', Item: a });
    const effect = world.effect('BatchWriteItem', batch(put(a), put(b), remove({ p: { S: 'c' } })));
    expect(effect.commits?.map(({ mutations }) => mutations.length)).toEqual([1]);
    expect(effect.transaction).toBeUndefined();
  });

  test('tells capacity and collections by table', () => {
    const item = (s: number): object => put({ ...a, s: { N: `${s}` }, l: { S: 'x' } });
    const answer = world.call('BatchWriteItem', {
      RequestItems: { Two: [item(1), item(2)], Tab: [put({ ...a, v: { S: 'x'.repeat(1500) } })] },
      ReturnConsumedCapacity: 'INDEXES',
      ReturnItemCollectionMetrics: 'SIZE',
    });
    expect(answer).toEqual({
      UnprocessedItems: {},
      ConsumedCapacity: [
        {
          TableName: 'Two',
          CapacityUnits: 4,
          Table: { CapacityUnits: 2 },
          LocalSecondaryIndexes: { lsi: { CapacityUnits: 2 } },
        },
        { TableName: 'Tab', CapacityUnits: 2, Table: { CapacityUnits: 2 } },
      ],
      ItemCollectionMetrics: {
        Two: [{ ItemCollectionKey: a, SizeEstimateRangeGB: [0, 1] }],
      },
    });
  });
});
