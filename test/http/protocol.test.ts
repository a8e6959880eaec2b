/** What is no request of DynamoDB's, and names that mean something to JavaScript, over HTTP. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestBytesMax } from '../../src/base/limits.ts';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

let db: Endpoint;
beforeAll(async () => {
  db = await openEndpoint();
  await db.call('CreateTable', tableOf('Tab', ['p:S']));
  await db.call('PutItem', { TableName: 'Tab', Item: { p: { S: 'kept' } } });
});
afterAll(async () => {
  // Whatever was sent, what was there before is there still.
  const kept = { p: { S: 'kept' } };
  expect(await db.call('GetItem', { TableName: 'Tab', Key: kept })).toEqual({ Item: kept });
  await db.close();
});

const service = 'com.amazon.coral.service#';
const bare = `{"__type":"${service}SerializationException"}`;

describe('a body', () => {
  test.each<[string, string | Uint8Array]>([
    ['that is empty', ''],
    ['that is blank', ' '],
    ['that ends early', '{"TableName":'],
    ['with more behind it', '{}{}'],
    ['that is a list', '[]'],
    ['that is a string', '"x"'],
    ['that is null', 'null'],
    ['that is no UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
    ['with single quotes', "{'TableName':'Tab'}"],
  ])('%s is no JSON object', async (_name, body) => {
    expect(await db.post('GetItem', body)).toEqual({ status: 400, text: bare });
  });

  test('of 16 MB is read, one byte more is not', async () => {
    const head = '{"Limit":1,"unknown":"';
    const ofLength = (length: number) => `${head}${'x'.repeat(length - head.length - 2)}"}`;
    const most = await db.post('ListTables', ofLength(requestBytesMax));
    expect(most).toMatchObject({ status: 200 });
    expect(await db.post('ListTables', ofLength(requestBytesMax + 1))).toEqual({
      status: 413,
      text: '',
    });
  });

  test('may be compressed, within the same bound', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    expect((await db.post('ListTables', gzipSync('{"Limit":1}'), gzip)).status).toBe(200);
    const bomb = gzipSync(Buffer.alloc(requestBytesMax + 1, 0x20));
    expect((await db.post('ListTables', bomb, gzip)).status).toBe(413);
    expect(await db.post('ListTables', 'not gzip', gzip)).toMatchObject({ status: 500 });
  });

  test.each([33, 1000, 100_000])('with a value of %i levels is refused', async (levels) => {
    const nesting =
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels ' +
      'beyond supported limit';
    for (const [open, shut] of [
      ['{"L":[', ']}'],
      ['{"M":{"m":', '}}'],
    ] as const) {
      const value = `${open.repeat(levels)}{"NULL":true}${shut.repeat(levels)}`;
      const bodies: readonly (readonly [string, string])[] = [
        ['PutItem', `{"TableName":"Tab","Item":{"p":{"S":"deep"},"v":${value}}}`],
        ['GetItem', `{"TableName":"Tab","Key":{"p":${value}}}`],
        [
          'UpdateItem',
          `{"TableName":"Tab","Key":{"p":{"S":"a"}},"AttributeUpdates":{"v":{"Value":${value}}}}`,
        ],
        [
          'BatchWriteItem',
          `{"RequestItems":{"Tab":[{"PutRequest":{"Item":{"p":{"S":"a"},"v":${value}}}}]}}`,
        ],
        [
          'TransactWriteItems',
          `{"TransactItems":[{"Put":{"TableName":"Tab","Item":{"p":{"S":"a"},"v":${value}}}}]}`,
        ],
        [
          'Scan',
          `{"TableName":"Tab","FilterExpression":"v = ` +
            `:v","ExpressionAttributeValues":{":v":${value}}}`,
        ],
      ];
      for (const [operation, body] of bodies) {
        const { status, text } = await db.post(operation, body);
        expect([operation, status, text]).toEqual([
          operation,
          400,
          `{"__type":"com.amazon.coral.validate#ValidationException","message":"${nesting}"}`,
        ]);
      }
    }
  });

  test.each([33, 1000, 100_000])('of %i lists where none belong is refused', async (levels) => {
    const lists = `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const bodies: readonly (readonly [string, string, number])[] = [
      ['ListTables', `{"Limit":${lists}}`, 400],
      ['ListTables', `{"unknown":${lists}}`, 200],
      ['PutItem', `{"TableName":"Tab","Item":{"p":${lists}}}`, 400],
      ['PutItem', `{"TableName":"Tab","Item":{"p":{"S":"a"},"v":{"L":${lists}}}}`, 400],
      ['BatchWriteItem', `{"RequestItems":${lists}}`, 400],
      ['TransactWriteItems', `{"TransactItems":${lists}}`, 400],
    ];
    for (const [operation, body, status] of bodies) {
      expect([operation, (await db.post(operation, body)).status]).toEqual([operation, status]);
    }
  });

  test('with too much in its violations is quoted all the same', async () => {
    const v = `${'{"L":['.repeat(1000)}${']}'.repeat(1000)}`;
    const actions = Array.from(
      { length: 101 },
      () => `{"Put":{"TableName":"Tab","Item":{"p":${v}}}}`,
    );
    const { status, text } = await db.post(
      'TransactWriteItems',
      `{"TransactItems":[${actions.join(',')}]}`,
    );
    expect(status).toBe(400);
    expect(text).toContain('ValidationException');
  });
});

describe('members of a wrong type', () => {
  const model = 'com.amazonaws.dynamodb.v20120810.';
  const start = 'Start of structure or map found where not expected';
  const map = (of: string) => `Unrecognized collection type java.util.Map<java.lang.String, ${of}>`;
  const attributes = map(`${model}AttributeValue`);
  const parameterized =
    'class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class ' +
    'java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and ' +
    "java.lang.Class are in module java.base of loader 'bootstrap')";
  const list = (name: string) => `Unrecognized collection type class ${name}`;
  const value = (v: unknown) => ({ Item: { v } });
  test.each<[string, unknown, string]>([
    ['PutItem', { TableName: true }, 'TRUE_VALUE cannot be converted to String'],
    ['PutItem', { TableName: false }, 'FALSE_VALUE cannot be converted to String'],
    ['PutItem', { TableName: 3 }, 'NUMBER_VALUE cannot be converted to String'],
    ['PutItem', { TableName: 3.5 }, 'DECIMAL_VALUE cannot be converted to String'],
    ['PutItem', { TableName: [] }, list('java.lang.String')],
    ['PutItem', { TableName: {} }, start],
    ['Query', { ConsistentRead: 3 }, 'NUMBER_VALUE cannot be converted to Boolean'],
    ['Query', { ConsistentRead: 'maybe' }, 'Unexpected token received from parser'],
    ['Query', { ConsistentRead: [] }, list('java.lang.Boolean')],
    ['Query', { ConsistentRead: {} }, start],
    ['Query', { Limit: true }, 'TRUE_VALUE cannot be converted to Integer'],
    ['Query', { Limit: '1' }, 'STRING_VALUE cannot be converted to Integer'],
    ['Query', { Limit: [] }, list('java.lang.Integer')],
    [
      'CreateTable',
      { ProvisionedThroughput: { ReadCapacityUnits: '1' } },
      'STRING_VALUE cannot be converted to Long',
    ],
    ['PutItem', { Item: 'x' }, 'Unexpected field type'],
    ['PutItem', { Item: [] }, attributes],
    ['PutItem', value('x'), 'Unexpected value type in payload'],
    ['PutItem', value([]), list(`${model}AttributeValue`)],
    ['PutItem', value({ S: 3 }), 'NUMBER_VALUE cannot be converted to String'],
    ['PutItem', value({ N: 3 }), 'NUMBER_VALUE cannot be converted to String'],
    ['PutItem', value({ N: 3.1 }), 'DECIMAL_VALUE cannot be converted to String'],
    ['PutItem', value({ B: 3 }), 'only base-64-encoded strings are convertible to bytes'],
    [
      'PutItem',
      value({ B: 'abc' }),
      'Base64 encoded length is expected a multiple of 4 bytes but found: 3',
    ],
    ['PutItem', value({ B: 'YWJ=' }), 'Invalid last non-pad Base64 character dectected'],
    ['PutItem', value({ B: '****' }), 'Invalid last non-pad Base64 character dectected'],
    ['PutItem', value({ B: [] }), list('java.nio.ByteBuffer')],
    [
      'PutItem',
      value({ BS: ['abc'] }),
      'Base64 encoded length is expected a multiple of 4 bytes but found: 3',
    ],
    ['PutItem', value({ SS: 'x' }), 'Unexpected field type'],
    ['PutItem', value({ SS: {} }), start],
    ['PutItem', value({ SS: [1] }), 'NUMBER_VALUE cannot be converted to String'],
    ['PutItem', value({ L: {} }), start],
    ['PutItem', value({ L: ['x'] }), 'Unexpected value type in payload'],
    ['PutItem', value({ M: 'x' }), 'Unexpected field type'],
    ['PutItem', value({ M: [] }), attributes],
    [
      'PutItem',
      { Expected: [] },
      `Unrecognized collection type java.util.Map<java.lang.String, ` +
        `${model}ExpectedAttributeValue>`,
    ],
    ['PutItem', { Expected: { a: 'x' } }, 'Unexpected value type in payload'],
    ['PutItem', { Expected: { a: [] } }, list(`${model}ExpectedAttributeValue`)],
    [
      'GetItem',
      { ExpressionAttributeNames: [] },
      'Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>',
    ],
    ['GetItem', { AttributesToGet: 'x' }, 'Unexpected field type'],
    ['GetItem', { AttributesToGet: {} }, start],
    [
      'Query',
      { KeyConditions: [] },
      `Unrecognized collection type java.util.Map<java.lang.String, ${model}Condition>`,
    ],
    [
      'UpdateItem',
      { AttributeUpdates: [] },
      `Unrecognized collection type java.util.Map<java.lang.String, ${model}AttributeValueUpdate>`,
    ],
    [
      'BatchWriteItem',
      { RequestItems: [] },
      `Unrecognized collection type java.util.Map<java.lang.String, ` +
        `java.util.List<${model}WriteRequest>>`,
    ],
    ['BatchWriteItem', { RequestItems: { Tab: 'x' } }, parameterized],
    ['BatchWriteItem', { RequestItems: { Tab: {} } }, start],
    ['BatchWriteItem', { RequestItems: { Tab: ['x'] } }, 'Unexpected value type in payload'],
    [
      'BatchGetItem',
      { RequestItems: [] },
      `Unrecognized collection type java.util.Map<java.lang.String, ${model}KeysAndAttributes>`,
    ],
    ['BatchGetItem', { RequestItems: { Tab: { Keys: ['x'] } } }, parameterized],
    ['TransactWriteItems', { TransactItems: [{ Put: 'x' }] }, 'Unexpected field type'],
    ['TransactWriteItems', { TransactItems: [{ Put: [] }] }, list(`${model}Put`)],
    ['TransactWriteItems', { TransactItems: ['x'] }, 'Unexpected value type in payload'],
    ['TransactWriteItems', { TransactItems: [[]] }, list(`${model}TransactWriteItem`)],
    ['CreateTable', { KeySchema: [[]] }, list(`${model}KeySchemaElement`)],
    ['CreateTable', { StreamSpecification: [] }, list(`${model}StreamSpecification`)],
  ])('%s %j', async (operation, input, message) => {
    expect(await db.refuse(operation, input)).toEqual({
      name: 'SerializationException',
      message,
      body: { __type: `${service}SerializationException`, Message: message },
    });
  });

  test('that are true or false in words are understood', async () => {
    await db.call('PutItem', {
      TableName: 'Tab',
      Item: { p: { S: 'words' }, t: { BOOL: 'TRUE' }, f: { BOOL: 'no' }, z: { NULL: '1' } },
    });
    const { Item } = await db.call('GetItem', {
      TableName: 'Tab',
      Key: { p: { S: 'words' } },
      ConsistentRead: 'yes',
    });
    expect(Item).toMatchObject({ t: { BOOL: true }, f: { BOOL: false }, z: { NULL: true } });
  });
});

describe('constraints', () => {
  const value = (text: string | null, at: string, rule: string) =>
    `Value ${text === null ? 'null' : `'${text}'`} at '${at}' failed to satisfy constraint: ` +
    `Member must ${rule}`;
  const one = '1 validation error detected: ';
  const returnValues = '[ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]';
  const Key = { p: { S: 'a' } };
  test.each<[string, object, string]>([
    ['GetItem', { Key }, one + value(null, 'tableName', 'not be null')],
    [
      'GetItem',
      {},
      `2 validation errors detected: ${value(null, 'tableName', 'not be null')}; ` +
        `${value(null, 'key', 'not be null')}`,
    ],
    [
      'GetItem',
      { TableName: '', Key },
      one + value('', 'tableName', 'have length greater than or equal to 1'),
    ],
    [
      'GetItem',
      { TableName: 'a b', Key },
      one + value('a b', 'tableName', 'satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
    ],
    [
      'GetItem',
      { TableName: 'a'.repeat(256), Key },
      one + value('a'.repeat(256), 'tableName', 'have length less than or equal to 255'),
    ],
    // A bad table name of a write is told alone.
    ...(['PutItem', 'UpdateItem', 'DeleteItem'] as const).map(
      (operation): [string, object, string] => [
        operation,
        { TableName: 'a b', ReturnValues: 'x' },
        one + value('a b', 'tableName', 'satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
      ],
    ),
    [
      'GetItem',
      { TableName: 'Tab', Key, ReturnConsumedCapacity: 'x' },
      one + value('x', 'returnConsumedCapacity', 'satisfy enum value set: [INDEXES, TOTAL, NONE]'),
    ],
    [
      'PutItem',
      { TableName: 'Tab', Item: Key, ReturnValues: 'x', ReturnItemCollectionMetrics: 'y' },
      `2 validation errors detected: ` +
        value('x', 'returnValues', `satisfy enum value set: ${returnValues}`) +
        '; ' +
        value('y', 'returnItemCollectionMetrics', 'satisfy enum value set: [SIZE, NONE]'),
    ],
    [
      'PutItem',
      { TableName: 'Tab', Item: Key, ReturnValuesOnConditionCheckFailure: 'x' },
      one +
        value(
          'x',
          'returnValuesOnConditionCheckFailure',
          'satisfy enum value set: [ALL_OLD, NONE]',
        ),
    ],
    [
      'UpdateItem',
      { TableName: 'Tab', Key, AttributeUpdates: { a: { Action: 'x' } } },
      one +
        value(
          'x',
          'attributeUpdates.a.member.action',
          'satisfy enum value set: [ADD, PUT, DELETE]',
        ),
    ],
    [
      'Query',
      { TableName: 'Tab', KeyConditions: { a: { ComparisonOperator: 'x' } } },
      one +
        value(
          'x',
          'keyConditions.a.member.comparisonOperator',
          'satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, ' +
            'LE, BEGINS_WITH, GE, CONTAINS]',
        ),
    ],
    [
      'CreateTable',
      { ...tableOf('New', ['p:S']), BillingMode: 'x' },
      one + value('x', 'billingMode', 'satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]'),
    ],
    [
      'CreateTable',
      { ...tableOf('New', ['p:X']) },
      one +
        value(
          'X',
          'attributeDefinitions.1.member.attributeType',
          'satisfy enum value set: [B, N, S]',
        ),
    ],
  ])('%s %j', async (operation, input, message) => {
    expect(await db.invalid(operation, input)).toBe(message);
  });
});

describe('a request', () => {
  const post = (headers: Record<string, string>, body = '{}', url = db.url) =>
    fetch(url, { method: 'POST', headers, body });
  const json = { 'content-type': 'application/x-amz-json-1.0' };
  const target = { 'x-amz-target': 'DynamoDB_20120810.ListTables' };
  const line = '<UnknownOperationException/>\n';

  test.each<[string, () => Promise<Response>, number, string]>([
    ['GET /', () => fetch(db.url), 200, 'healthy: dynamodb.local.amazonaws.com '],
    ['PUT', () => fetch(db.url, { method: 'PUT', body: '{}', headers: json }), 404, line],
    ['DELETE', () => fetch(db.url, { method: 'DELETE' }), 404, line],
    ['OPTIONS without Origin', () => fetch(db.url, { method: 'OPTIONS' }), 404, line],
    [
      'of JSON 1.1',
      () => post({ ...target, 'content-type': 'application/x-amz-json-1.1' }),
      404,
      line,
    ],
    ['of text', () => post({ ...target, 'content-type': 'text/plain' }), 404, line],
    ['without a target', () => post(json), 400, `{"__type":"${service}UnknownOperationException"}`],
    [
      'with an unknown target',
      () => post({ ...json, 'x-amz-target': 'DynamoDB_20120810.Nothing' }),
      400,
      `{"__type":"${service}UnknownOperationException"}`,
    ],
    [
      'with a target of Object.prototype',
      () => post({ ...json, 'x-amz-target': 'DynamoDB_20120810.constructor' }),
      400,
      `{"__type":"${service}UnknownOperationException"}`,
    ],
    [
      'for what is internal',
      () => post({ ...json, 'x-amz-target': 'DynamoDB_20120810.AdvanceJob' }),
      400,
      `{"__type":"${service}UnknownOperationException"}`,
    ],
    ['that is not JSON, and has no target', () => post(json, 'x'), 400, bare],
    [
      'without a signature',
      () => post({ ...json, ...target }, ''),
      400,
      `{"__type":"${service}MissingAuthenticationTokenException","message":"Request is missing ` +
        `Authentication Token"}`,
    ],
    [
      'with half a signature',
      () => post({ ...json, ...target, authorization: 'AWS4-HMAC-SHA256 Credential=a' }),
      400,
      `{"__type":"${service}IncompleteSignatureException","message":"Authorization header ` +
        `requires 'Signature' parameter. Authorization header requires 'SignedHeaders' ` +
        `parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' ` +
        `header. Authorization=AWS4-HMAC-SHA256 Credential=a"}`,
    ],
  ])('%s', async (_name, send, status, text) => {
    const response = await send();
    expect([response.status, await response.text()]).toEqual([status, text]);
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9A-Z]{52}$/);
  });

  test.each<[string, string]>([
    [bare, '3948637019'],
    [`{"__type":"${service}UnknownOperationException"}`, '1368724161'],
  ])('has the checksum of %s', async (text, checksum) => {
    const body = text === bare ? '' : '{}';
    const name = text === bare ? 'GetItem' : 'Nothing';
    const response = await fetch(db.url, {
      method: 'POST',
      headers: {
        ...json,
        'x-amz-target': `DynamoDB_20120810.${name}`,
        authorization: 'AWS4-HMAC-SHA256 Credential=x/1/2/3/4, SignedHeaders=host, Signature=abc',
        'x-amz-date': '20260101T000000Z',
      },
      body,
    });
    expect(await response.text()).toBe(text);
    expect(response.headers.get('x-amz-crc32')).toBe(checksum);
  });

  test('is understood in application/json with a charset', async () => {
    const response = await post({
      ...target,
      'content-type': 'application/json; charset=utf-8',
      authorization: 'AWS4-HMAC-SHA256 Credential=x/1/2/3/4, SignedHeaders=host, Signature=abc',
      'x-amz-date': '20260101T000000Z',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
  });
});

describe('names of Object.prototype', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'valueOf'];
  /** `{ [name]: value }` as JSON, where a literal would set the prototype. */
  const own = (
    entries: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  ) =>
    `{${(Array.isArray(entries) ? entries : Object.entries(entries))
      .map(([name, json]: readonly [string, string]) => `${JSON.stringify(name)}:${json}`)
      .join(',')}}`;
  const post = async (operation: string, body: string) => {
    const { status, text } = await db.post(operation, body);
    if (status !== 200) throw new Error(`${operation}: ${text}`);
    return text;
  };
  const before = Object.getOwnPropertyNames(Object.prototype);
  afterAll(() => {
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each(names)('%s is an attribute like any other', async (name) => {
    const value = own([[name, '{"M":{"__proto__":{"S":"inner"},"polluted":{"BOOL":true}}}']]);
    const item = own([
      ['p', '{"S":"names"}'],
      [name, '{"M":{"__proto__":{"S":"inner"},"polluted":{"BOOL":true}}}'],
    ]);
    await post('PutItem', own({ TableName: '"Tab"', Item: item }));
    const key = '{"p":{"S":"names"}}';
    const text = await post('GetItem', own({ TableName: '"Tab"', Key: key }));
    expect(text).toContain(value.slice(1, -1));
    const projected = await post(
      'GetItem',
      own({
        TableName: '"Tab"',
        Key: key,
        ProjectionExpression: '"#n.#n"',
        ExpressionAttributeNames: own([['#n', JSON.stringify(name)]]),
      }),
    );
    expect(projected).toBe(
      name === '__proto__'
        ? '{"Item":{"__proto__":{"M":{"__proto__":{"S":"inner"}}}}}'
        : '{"Item":{}}',
    );
    const updated = await post(
      'UpdateItem',
      own({
        TableName: '"Tab"',
        Key: key,
        UpdateExpression: '"SET #n.#x = :v"',
        ConditionExpression: '"attribute_exists(#n)"',
        ExpressionAttributeNames: own([
          ['#n', JSON.stringify(name)],
          ['#x', '"__proto__"'],
        ]),
        ExpressionAttributeValues: '{":v":{"N":"1"}}',
        ReturnValues: '"UPDATED_NEW"',
      }),
    );
    expect(updated).toBe(`{"Attributes":{${JSON.stringify(name)}:{"M":{"__proto__":{"N":"1"}}}}}`);
    await post(
      'UpdateItem',
      own({ TableName: '"Tab"', Key: key, AttributeUpdates: own([[name, '{"Action":"DELETE"}']]) }),
    );
    expect(await post('GetItem', own({ TableName: '"Tab"', Key: key }))).toBe(
      '{"Item":{"p":{"S":"names"}}}',
    );
  });

  test.each(names)('%s is a table, a key and an index like any other', async (name) => {
    const key = `${name}:S`;
    const index = { IndexName: name, Projection: { ProjectionType: 'ALL' } };
    await db.call('CreateTable', {
      ...tableOf(name, [key], {
        GlobalSecondaryIndexes: [{ ...index, KeySchema: schemaOf([key]) }],
      }),
      Tags: [{ Key: name, Value: name }],
    });
    const item = own([[name, '{"S":"x"}']]);
    const puts = await post(
      'BatchWriteItem',
      own({
        RequestItems: own([[name, `[{"PutRequest":{"Item":${item}}}]`]]),
        ReturnConsumedCapacity: '"INDEXES"',
      }),
    );
    expect(puts).toContain(
      `"GlobalSecondaryIndexes":{${JSON.stringify(name)}:{"CapacityUnits":1}}`,
    );
    const got = await post(
      'BatchGetItem',
      own({ RequestItems: own([[name, `{"Keys":[${item}]}`]]) }),
    );
    expect(got).toBe(`{"Responses":{${JSON.stringify(name)}:[${item}]},"UnprocessedKeys":{}}`);
    const queried = await post(
      'Query',
      own({
        TableName: JSON.stringify(name),
        IndexName: JSON.stringify(name),
        KeyConditionExpression: '"#n = :v"',
        ExpressionAttributeNames: own([['#n', JSON.stringify(name)]]),
        ExpressionAttributeValues: '{":v":{"S":"x"}}',
        Limit: '1',
      }),
    );
    expect(queried).toBe(
      `{"Items":[${item}],"Count":1,"ScannedCount":1,"LastEvaluatedKey":${item}}`,
    );
    const legacy = await post(
      'Query',
      own({
        TableName: JSON.stringify(name),
        KeyConditions: own([
          [name, '{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}'],
        ]),
      }),
    );
    expect(legacy).toContain('"Count":1');
    await db.call('DeleteTable', { TableName: name });
  });

  test.each(names)('%s is no table, index or placeholder by itself', async (name) => {
    const told = await db.refuse('GetItem', { TableName: name, Key: { p: { S: 'a' } } });
    expect(told.message).toBe('Requested resource not found');
    expect(await db.invalid('Scan', { TableName: 'Tab', IndexName: name })).toBe(
      `The table does not have the specified index: ${name}`,
    );
    const filter = (FilterExpression: string) => ({
      TableName: 'Tab',
      FilterExpression,
      ExpressionAttributeValues: { ':a': { S: 'a' } },
    });
    expect(await db.invalid('Scan', filter(`#${name} = :a`))).toContain(
      `is not defined; attribute name: #${name}`,
    );
    expect(await db.invalid('Scan', filter(`p = :a OR p = :${name}`))).toContain(
      `is not defined; attribute value: :${name}`,
    );
    const placeholder = await db.post(
      'Scan',
      own({
        TableName: '"Tab"',
        FilterExpression: '"p = :a"',
        ExpressionAttributeValues: own([[name, '{"S":"a"}']]),
      }),
    );
    expect(placeholder.text).toContain(`Syntax error; key: \\"${name}\\"`);
  });

  test('are unknown members of a request', async () => {
    expect(
      await post(
        'GetItem',
        own([
          ['TableName', '"Tab"'],
          ['Key', '{"p":{"S":"kept"}}'],
          ['__proto__', '{"ProjectionExpression":"q","polluted":true}'],
          ['constructor', '{"prototype":{"polluted":true}}'],
        ]),
      ),
    ).toBe('{"Item":{"p":{"S":"kept"}}}');
  });
});
