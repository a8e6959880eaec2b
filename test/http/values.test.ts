/** Attribute values, numbers, sizes and keys over HTTP: reference/types-and-limits.md. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
const KB400 = 409_600;
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  await db.call('CreateTable', tableOf('Tab', ['pk:S']));
  await db.call('CreateTable', tableOf('Num', ['pk:N']));
  await db.call('CreateTable', tableOf('Bin', ['pk:B', 'sk:B']));
  await db.call('CreateTable', tableOf('PkS', ['pk:S', 'sk:S']));
  await db.call('CreateTable', tableOf('PkN', ['pk:S', 'sk:N']));
  await db.call(
    'CreateTable',
    tableOf(
      'Idx',
      ['pk:S'],
      {
        GlobalSecondaryIndexes: ['gs1', 'ga1'].map((IndexName) => ({
          IndexName,
          KeySchema: schemaOf(['g:S', 'r:N']),
          Projection: { ProjectionType: 'ALL' },
        })),
      },
      ['g:S', 'r:N'],
    ),
  );
});
afterAll(() => db.close());

const empty =
  'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes';
const several =
  'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the ' +
  'supported datatypes';
const nesting =
  'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels ' +
  'beyond ' +
  'supported limit';
const overflow =
  'Number overflow. Attempting to store a number with magnitude larger than supported range';
const underflow =
  'Number underflow. Attempting to store a number with magnitude smaller than supported range';
const notNumeric = 'The parameter cannot be converted to a numeric value';

function nested(levels: number): object {
  let value: object = { S: 'x' };
  for (let level = 0; level < levels; level += 1) value = { L: [value] };
  return value;
}

describe('the shape of an attribute value', () => {
  const rows: readonly (readonly [object, string])[] = [
    [{}, empty],
    [{ X: 'a' }, empty],
    [{ S: null }, empty],
    [{ S: 'a', N: '1' }, several],
    [{ S: 'a', N: 'b' }, `${notNumeric}: b`],
    [{ NULL: false }, `${P}Null attribute value types must have the value of true`],
    [{ SS: [] }, `${P}An string set  may not be empty`],
    [{ NS: [] }, `${P}An number set  may not be empty`],
    [{ BS: [] }, `${P}Binary sets should not be empty`],
    [{ SS: ['a', 'a'] }, `${P}Input collection [a, a] contains duplicates.`],
    [{ NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
    [{ BS: ['Yg==', 'Yg=='] }, `${P}Input collection [Yg==, Yg==]of type BS contains duplicates.`],
    [{ L: [{ M: { k: {} } }] }, empty],
    [{ M: { k: { NULL: false } } }, `${P}Null attribute value types must have the value of true`],
  ];
  test.each(rows)('%j is refused in an Item', async (v, message) => {
    const Item = { pk: { S: 'a' }, v };
    expect(await db.invalid('PutItem', { TableName: 'Tab', Item })).toBe(message);
    expect(
      await db.invalid('BatchWriteItem', { RequestItems: { Tab: [{ PutRequest: { Item } }] } }),
    ).toBe(message);
    expect(
      await db.invalid('TransactWriteItems', {
        TransactItems: [{ Put: { TableName: 'Tab', Item } }],
      }),
    ).toBe(message);
  });

  test.each(rows)('%j is refused in ExpressionAttributeValues', async (v, message) => {
    const bare = /^Nesting|Null attribute|not be empty$/.test(message);
    const wrapped = `ExpressionAttributeValues contains invalid value: ${message} for key :v`;
    expect(
      await db.invalid('Scan', {
        TableName: 'Tab',
        FilterExpression: 'a = :v',
        ExpressionAttributeValues: { ':v': v },
      }),
    ).toBe(bare ? message : wrapped);
  });

  test.each(rows)('%j is refused in an ExclusiveStartKey', async (v, message) => {
    const isBare = /number set|contains duplicates$|numeric/.test(message);
    const isDuplicate = /contains duplicates\.$/.test(message);
    const told = await db.invalid('Scan', { TableName: 'Tab', ExclusiveStartKey: { pk: v } });
    const prefixed = `The provided starting key is invalid: ${message}`;
    expect(told).toBe(isBare || isDuplicate ? message : prefixed);
  });

  test.each([
    [32, true],
    [33, false],
  ])('%i levels of nesting are accepted: %s', async (levels, accepted) => {
    const v = nested(levels);
    const answer = await db.post(
      'PutItem',
      JSON.stringify({ TableName: 'Tab', Item: { pk: { S: 'deep' }, v } }),
    );
    expect(answer.status).toBe(accepted ? 200 : 400);
    if (!accepted) expect(answer.text).toContain(nesting);
    const update = await db.post(
      'UpdateItem',
      JSON.stringify({
        TableName: 'Tab',
        Key: { pk: { S: 'deep' } },
        UpdateExpression: 'SET w = :v',
        ExpressionAttributeValues: { ':v': v },
      }),
    );
    expect(update.status).toBe(accepted ? 200 : 400);
  });

  test('a nested SET may not go deeper than an item may be', async () => {
    const Key = { pk: { S: 'deeper' } };
    await db.call('PutItem', { TableName: 'Tab', Item: { ...Key, m: { M: {} } } });
    const set = (v: object) => ({
      TableName: 'Tab',
      Key,
      UpdateExpression: 'SET m.x = :v',
      ExpressionAttributeValues: { ':v': v },
    });
    await db.call('UpdateItem', set(nested(31)));
    expect(await db.invalid('UpdateItem', set(nested(32)))).toBe(nesting);
  });
});

describe('numbers', () => {
  const digits38 = '9'.repeat(38);
  test.each([
    ['1.0', '1'],
    ['01', '1'],
    ['+1', '1'],
    ['1e0', '1'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    ['1E2', '100'],
    ['1e125', `1${'0'.repeat(125)}`],
    ['1e-130', `0.${'0'.repeat(129)}1`],
    ['-0', '0'],
    ['0.0', '0'],
    ['-0.00', '0'],
    ['0.1e126', `1${'0'.repeat(125)}`],
    ['0.0e126', '0'],
    ['1.50', '1.5'],
    ['00012', '12'],
    ['12e-1', '1.2'],
    ['1e-3', '0.001'],
    [digits38, digits38],
    [`-${digits38}e87`, `-${digits38}${'0'.repeat(87)}`],
    [`0.${'0'.repeat(40)}12`, `0.${'0'.repeat(40)}12`],
  ])('%s is kept as %s', async (given, kept) => {
    await db.call('PutItem', { TableName: 'Tab', Item: { pk: { S: 'n' }, v: { N: given } } });
    const { Item } = await db.call('GetItem', { TableName: 'Tab', Key: { pk: { S: 'n' } } });
    expect(Item.v).toEqual({ N: kept });
  });

  test.each([
    ['', notNumeric],
    ['foo', `${notNumeric}: foo`],
    [' 1', `${notNumeric}:  1`],
    ['1 ', `${notNumeric}: 1 `],
    ['NaN', `${notNumeric}: NaN`],
    ['Infinity', `${notNumeric}: Infinity`],
    ['0x1', `${notNumeric}: 0x1`],
    ['1_0', `${notNumeric}: 1_0`],
    ['1'.repeat(39), 'Attempting to store more than 38 significant digits in a Number'],
    ['1e126', overflow],
    ['-1e126', overflow],
    ['0e126', overflow],
    ['1e-131', underflow],
    ['0e-131', underflow],
  ])('%j is refused', async (given, message) => {
    const Item = { pk: { S: 'n' }, v: { N: given } };
    expect(await db.invalid('PutItem', { TableName: 'Tab', Item })).toBe(message);
    expect(
      await db.invalid('PutItem', {
        TableName: 'Tab',
        Item: { pk: { S: 'n' }, v: { NS: [given] } },
      }),
    ).toBe(message);
  });

  test('are one key however they are spelled', async () => {
    await db.call('PutItem', { TableName: 'Num', Item: { pk: { N: '1e3' }, v: { S: 'x' } } });
    const { Item } = await db.call('GetItem', { TableName: 'Num', Key: { pk: { N: '1000.0' } } });
    expect(Item).toEqual({ pk: { N: '1000' }, v: { S: 'x' } });
    const put = (N: string) => ({ PutRequest: { Item: { pk: { N } } } });
    expect(
      await db.invalid('BatchWriteItem', { RequestItems: { Num: [put('1000'), put('1e3')] } }),
    ).toBe('Provided list of item keys contains duplicates');
    const Keys = [{ pk: { N: '1000' } }, { pk: { N: '1e3' } }];
    const { Responses } = await db.call('BatchGetItem', { RequestItems: { Num: { Keys } } });
    expect(Responses.Num).toHaveLength(1);
    for (const again of Keys) {
      expect(
        await db.invalid('BatchGetItem', { RequestItems: { Num: { Keys: [...Keys, again] } } }),
      ).toBe('Provided list of item keys contains duplicates');
    }
  });

  test.each([
    ['SET v = v + :n', '0.1', '0.2', '0.3'],
    ['SET v = v - :n', '1', '3', '-2'],
    ['ADD v :n', '5', '-5', '0'],
    ['SET v = v + :n', digits38, '-1', `${'9'.repeat(37)}8`],
  ])('%s of %s and %s is %s', async (UpdateExpression, before, n, after) => {
    const Key = { pk: { S: 'sum' } };
    await db.call('PutItem', { TableName: 'Tab', Item: { ...Key, v: { N: before } } });
    const { Attributes } = await db.call('UpdateItem', {
      TableName: 'Tab',
      Key,
      UpdateExpression,
      ExpressionAttributeValues: { ':n': { N: n } },
      ReturnValues: 'UPDATED_NEW',
    });
    expect(Attributes).toEqual({ v: { N: after } });
  });

  test.each([
    ['1e50', '1', overflow],
    ['9e125', '9e125', overflow],
  ])('%s + %s is refused', async (before, n, message) => {
    const Key = { pk: { S: 'sum' } };
    await db.call('PutItem', { TableName: 'Tab', Item: { ...Key, v: { N: before } } });
    expect(
      await db.invalid('UpdateItem', {
        TableName: 'Tab',
        Key,
        UpdateExpression: 'SET v = v + :n',
        ExpressionAttributeValues: { ':n': { N: n } },
      }),
    ).toBe(message);
  });
});

describe('the order of sort keys', () => {
  test.each([
    ['PkN', 'N', ['-1e125', '-10', '-9', '-1e-130', '0', '1e-130', '0.5', '1', '2', '10', '1e125']],
    ['PkS', 'S', ['A', 'B', 'a', 'aa', 'b', 'e\u0301', 'é', 'ｱ', '😀']],
    ['Bin', 'B', ['00', '0000', '01', '7f', '80', 'ff']],
  ])('of table %s, type %s', async (TableName, type, ascending) => {
    const value = (text: string) =>
      type === 'B' ? Buffer.from(text, 'hex').toString('base64') : text;
    const hash = TableName === 'Bin' ? { B: 'aA==' } : { S: 'order' };
    for (const sk of [...ascending].reverse()) {
      await db.call('PutItem', { TableName, Item: { pk: hash, sk: { [type]: value(sk) } } });
    }
    const query = {
      TableName,
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': hash },
    };
    const texts = (items: readonly { sk: Record<string, string> }[]) =>
      items.map(({ sk }) => (type === 'N' ? Number(sk[type]) : sk[type]));
    const wanted = ascending.map((text) => (type === 'N' ? Number(text) : value(text)));
    expect(texts((await db.call('Query', query)).Items)).toEqual(wanted);
    const reversed = await db.call('Query', { ...query, ScanIndexForward: false });
    expect(texts(reversed.Items)).toEqual([...wanted].reverse());
  });
});

const emptyKey =
  'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
  'contain an empty string value. Key: pk';
const mismatch = 'The provided key element does not match the schema';
const longHash = `${P}Size of hashkey has exceeded the maximum size limit of2048 bytes`;
const longRange = `${P}Aggregated size of all range keys has exceeded the size limit of 1024 bytes`;

describe('keys', () => {
  test.each([
    [{}, `${P}Missing the key pk in the item`],
    [{ pk: { N: '1' } }, `${P}Type mismatch for key pk expected: S actual: N`],
    [{ pk: { NULL: true } }, `${P}Type mismatch for key pk expected: S actual: NULL`],
    [{ pk: { M: {} } }, `${P}Type mismatch for key pk expected: S actual: M`],
    [{ pk: { S: '' } }, emptyKey],
  ])('an Item with %j is refused', async (Item, message) => {
    expect(await db.invalid('PutItem', { TableName: 'Tab', Item })).toBe(message);
    const batched = await db.invalid('BatchWriteItem', {
      RequestItems: { Tab: [{ PutRequest: { Item } }] },
    });
    expect(batched).toBe(message === emptyKey ? emptyKey : mismatch);
  });

  test.each([
    [{}, mismatch],
    [{ pk: { N: '1' } }, mismatch],
    [{ pk: { S: 'a' }, sk: { S: 'b' } }, mismatch],
    [{ other: { S: 'a' } }, mismatch],
    [{ pk: { S: '' } }, emptyKey],
  ])('a Key with %j is refused', async (Key, message) => {
    const TableName = 'Tab';
    expect(await db.invalid('GetItem', { TableName, Key })).toBe(message);
    expect(await db.invalid('DeleteItem', { TableName, Key })).toBe(message);
    expect(await db.invalid('UpdateItem', { TableName, Key })).toBe(message);
    expect(await db.invalid('BatchGetItem', { RequestItems: { Tab: { Keys: [Key] } } })).toBe(
      message,
    );
    const RequestItems = { Tab: [{ DeleteRequest: { Key } }] };
    expect(await db.invalid('BatchWriteItem', { RequestItems })).toBe(message);
  });

  test('of a missing table are not looked at', async () => {
    const told = await db.refuse('GetItem', { TableName: 'nowhere', Key: { pk: { S: '' } } });
    expect(told.message).toBe('Requested resource not found');
  });

  test.each([
    ['pk', 2048, longHash],
    ['sk', 1024, longRange],
  ])('%s has at most %i bytes', async (name, most, message) => {
    const key = (length: number) => ({
      pk: { S: 'k' },
      sk: { S: 'k' },
      // Two bytes each, and one.
      [name]: { S: 'é'.repeat(Math.floor(length / 2)) + 'x'.repeat(length % 2) },
    });
    await db.call('PutItem', { TableName: 'PkS', Item: key(most) });
    const { Item } = await db.call('GetItem', { TableName: 'PkS', Key: key(most) });
    expect(Item).toEqual(key(most));
    expect(await db.invalid('PutItem', { TableName: 'PkS', Item: key(most + 1) })).toBe(message);
    expect(await db.invalid('GetItem', { TableName: 'PkS', Key: key(most + 1) })).toBe(message);
    expect(
      await db.invalid('Query', {
        TableName: 'PkS',
        KeyConditionExpression: 'pk = :p AND sk = :s',
        ExpressionAttributeValues: { ':p': key(most + 1).pk, ':s': key(most + 1).sk },
      }),
    ).toBe(message);
  });
});

describe('keys of indexes', () => {
  const put = (Item: object) => ({ TableName: 'Idx', Item: { pk: { S: 'a' }, ...Item } });
  const unsupported =
    'One or more parameter values are not valid. A value specified for a secondary index key is ' +
    'not supported. The AttributeValue for a key attribute cannot contain an empty string value. ' +
    'IndexName: ga1, IndexKey: g';
  test.each([
    [{ g: { N: '1' } }, `${P}Type mismatch for Index Key g Expected: S Actual: N IndexName: ga1`],
    [
      { g: { NULL: true } },
      `${P}Type mismatch for Index Key g Expected: S Actual: NULL IndexName: ga1`,
    ],
    [{ g: { S: '' } }, unsupported],
    [{ g: { S: 'x'.repeat(2049) } }, longHash],
  ])('an Item with %# is refused', async (Item, message) => {
    expect(await db.invalid('PutItem', put(Item))).toBe(message);
    const RequestItems = { Idx: [{ PutRequest: { Item: put(Item).Item } }] };
    expect(await db.invalid('BatchWriteItem', { RequestItems })).toBe(message);
  });

  const update = (UpdateExpression: string, values: object) => ({
    TableName: 'Idx',
    Key: { pk: { S: 'u' } },
    UpdateExpression,
    ExpressionAttributeValues: values,
  });
  test.each([
    [
      'SET g = :v',
      { ':v': { N: '1' } },
      `${P}Type mismatch for Index Key g Expected: S Actual: N IndexName: ga1`,
    ],
    [
      'SET g = :v',
      { ':v': { S: '' } },
      'One or more parameter values are not valid. The update expression attempted to update a ' +
        'secondary index key to a value that is not supported. The AttributeValue for a key ' +
        'attribute cannot contain an empty string value.',
    ],
    [
      'SET g.x = :v',
      { ':v': { S: 'y' } },
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not " +
        'allowed: IndexKey: g',
    ],
    [
      'SET g = if_not_exists(zz, :v)',
      { ':v': { N: '1' } },
      'The update expression attempted to update the secondary index key to unsupported type',
    ],
    [
      'SET g = :v',
      { ':v': { S: 'x'.repeat(2049) } },
      `${P}The update expression attempted to update the secondary index key to a value beyond ` +
        'allowed size limits',
    ],
    [
      'SET pk = :v',
      { ':v': { S: 'u' } },
      `${P}Cannot update attribute pk. This attribute is part of the key`,
    ],
    [
      'SET pk.x = :v',
      { ':v': { S: 'u' } },
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not " +
        'allowed: Key: pk',
    ],
  ])('%s with %# is refused', async (expression, values, message) => {
    expect(await db.invalid('UpdateItem', update(expression, values))).toBe(message);
  });

  test('a key that does not fit is told before a path into one', async () => {
    const ProjectionExpression = 'pk.x';
    const message = 'The provided key element does not match the schema';
    const one = { TableName: 'Idx', Key: { other: { S: 'u' } }, ProjectionExpression };
    const batch = { Keys: [{ other: { S: 'u' } }], ProjectionExpression };
    expect(await db.invalid('GetItem', one)).toBe(message);
    expect(await db.invalid('BatchGetItem', { RequestItems: { Idx: batch } })).toBe(message);
    const told = await db.refuse('TransactGetItems', { TransactItems: [{ Get: one }] });
    expect(told.body['CancellationReasons']).toEqual([
      { Code: 'ValidationError', Message: message },
    ]);
  });
});

describe('the size of an item', () => {
  const put = (Item: object) => ({ TableName: 'Tab', Item });
  const big = (bytes: number) => ({ pk: { S: 'a' }, v: { S: 'x'.repeat(bytes) } });
  const tooBig = 'Item size has exceeded the maximum allowed size';

  test('is 400 KB at most for a Put, names included', async () => {
    await db.call('PutItem', put(big(KB400 - 4)));
    expect(await db.invalid('PutItem', put(big(KB400 - 3)))).toBe(tooBig);
    const missing = { ...put(big(KB400 - 3)), TableName: 'nowhere' };
    expect(await db.invalid('PutItem', missing)).toBe(tooBig);
    const RequestItems = { Tab: [{ PutRequest: { Item: big(KB400 - 3) } }] };
    expect(await db.invalid('BatchWriteItem', { RequestItems })).toBe(tooBig);
    const TransactItems = [{ Put: put(big(KB400 - 3)) }];
    expect(await db.invalid('TransactWriteItems', { TransactItems })).toBe(tooBig);
  });

  test('is a little less for an UpdateItem, and 400 KB for a transactional Update', async () => {
    const update = (bytes: number) => ({
      TableName: 'Tab',
      Key: { pk: { S: 'a' } },
      UpdateExpression: 'SET v = :v',
      ExpressionAttributeValues: { ':v': { S: 'x'.repeat(bytes) } },
    });
    const tooBigToUpdate = 'Item size to update has exceeded the maximum allowed size';
    await db.call('UpdateItem', update(409_577));
    expect(await db.invalid('UpdateItem', update(409_578))).toBe(tooBigToUpdate);
    await db.call('TransactWriteItems', { TransactItems: [{ Update: update(409_596) }] });
    const { body } = await db.refuse('TransactWriteItems', {
      TransactItems: [{ Update: update(409_597) }],
    });
    expect(body['CancellationReasons']).toEqual([
      { Code: 'ValidationError', Message: tooBigToUpdate },
    ]);
  });

  test.each([
    [{}, 3],
    [{ n: { N: '42' } }, 6],
    [{ b: { BOOL: true }, z: { NULL: true } }, 7],
    [{ l: { L: [] } }, 7],
    [{ l: { L: [{ S: 'xy' }, { N: '1' }] } }, 13],
    [{ m: { M: { k: { S: 'v' } } } }, 10],
    [{ s: { SS: ['ab', 'c'] } }, 7],
    [{ b: { B: 'AAEC' } }, 7],
  ])('of %j is %i bytes', async (more, bytes) => {
    await db.call('CreateTable', tableOf('Sizes', ['pk:S']));
    await db.call('PutItem', { TableName: 'Sizes', Item: { pk: { S: 'a' }, ...more } });
    const { Table } = await db.call('DescribeTable', { TableName: 'Sizes' });
    await db.call('DeleteTable', { TableName: 'Sizes' });
    expect([Table.ItemCount, Table.TableSizeBytes]).toEqual([1, bytes]);
  });

  test.each([
    ['0', 1],
    ['1', 2],
    ['10', 2],
    ['1e100', 2],
    ['42', 2],
    ['-42', 3],
    ['123', 3],
    ['1234', 3],
    ['12345', 4],
    ['0.5', 2],
    ['0.05', 2],
    ['1.5', 3],
    ['-1.5', 4],
    ['3.14159', 5],
    ['1'.repeat(38), 20],
    [`-${'1'.repeat(38)}`, 21],
  ])('counts %s as %i bytes', async (N, bytes) => {
    await db.call('CreateTable', tableOf('Sizes', ['pk:S']));
    await db.call('PutItem', { TableName: 'Sizes', Item: { pk: { S: 'a' }, n: { N } } });
    const { Table } = await db.call('DescribeTable', { TableName: 'Sizes' });
    await db.call('DeleteTable', { TableName: 'Sizes' });
    expect(Table.TableSizeBytes).toBe(4 + bytes);
  });
});

describe('names of attributes', () => {
  test('are neither empty nor over 64 KB', async () => {
    const put = (name: string) => ({
      TableName: 'Tab',
      Item: { pk: { S: 'names' }, [name]: { S: 'v' } },
    });
    expect(await db.invalid('PutItem', put(''))).toContain('Empty attribute name');
    await db.call('PutItem', put('n'.repeat(65_535)));
    expect(await db.invalid('PutItem', put('n'.repeat(65_536)))).toContain('65535');
  });
});
