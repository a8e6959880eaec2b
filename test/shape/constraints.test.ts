import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { checkInput } from '../../src/shape/check.ts';
import {
  attributeMap,
  indexName,
  integer,
  list,
  map,
  newTableName,
  oneOf,
  returnConsumedCapacity,
  string,
  struct,
  tableName,
  writtenTableName,
} from '../../src/shape/constructors.ts';

const keyElement = struct(
  {
    AttributeName: string({ min: 1, max: 255 }).required,
    KeyType: oneOf('HASH', 'RANGE').required,
  },
  'KeySchemaElement',
);
const put = struct({ Item: attributeMap.required }, 'PutRequest');
const write = struct({ PutRequest: put }, 'WriteRequest');
const name = '[a-zA-Z0-9_.-]+';
const tableKeys = { kind: 'string', isRequired: false, min: 3, max: 255, pattern: name } as const;
const shape = struct({
  TableName: tableName,
  NewName: newTableName,
  IndexName: indexName,
  KeySchema: list(keyElement, { min: 1, max: 2 }),
  Limit: integer({ min: 1, max: 100 }),
  Hidden: integer({ min: 1, hidden: true }),
  Return: returnConsumedCapacity,
  Names: list(string({ min: 1 })),
  RequestItems: map(list(write, { min: 1, max: 2 }), {
    javaValue: 'x',
    min: 1,
    max: 2,
    keys: tableKeys,
  }),
  Get: map(struct({ Keys: list(attributeMap, { max: 1, hidden: true }).required }, 'K'), {
    javaValue: 'x',
  }),
});

function messageOf(of: Parameters<typeof checkInput>[0], raw: object): string | undefined {
  try {
    checkInput(of, raw, 'json');
  } catch (error) {
    if (!(error instanceof DynamoError)) throw error;
    expect(error.name).toBe('ValidationException');
    return error.message;
  }
  return undefined;
}

function one(value: string | undefined, path: string, constraint: string): string {
  const shown = value === undefined ? 'Value' : `Value ${value}`;
  return `1 validation error detected: ${shown} at '${path}' failed to satisfy constraint: ${constraint}`;
}

const arn = 'arn:aws:dynamodb:local:000000000000:table/T';
const lengths =
  '[Member must have length less than or equal to 2, Member must have length greater than or equal to 1]';
const keyRules =
  '[Member must have length less than or equal to 255, Member must have length greater than or equal to 3, ' +
  `Member must satisfy regular expression pattern: ${name}]`;

describe('one violation (protocol.md, section 6)', () => {
  const rows: readonly (readonly [object, string])[] = [
    [
      { TableName: '' },
      one("''", 'tableName', 'Member must have length greater than or equal to 1'),
    ],
    [
      { TableName: 'a b' },
      one("'a b'", 'tableName', `Member must satisfy regular expression pattern: ${name}`),
    ],
    [
      { TableName: 'a\n' },
      one("'a\n'", 'tableName', `Member must satisfy regular expression pattern: ${name}`),
    ],
    [
      { TableName: 'a'.repeat(256) },
      one(`'${'a'.repeat(256)}'`, 'tableName', 'Member must have length less than or equal to 255'),
    ],
    [
      { TableName: arn.padEnd(1025, 'T') },
      one(
        `'${arn.padEnd(1025, 'T')}'`,
        'tableName',
        'Member must have length less than or equal to 1024',
      ),
    ],
    [
      { NewName: 'ab' },
      one("'ab'", 'newName', 'Member must have length greater than or equal to 3'),
    ],
    [{ Limit: 0 }, one("'0'", 'limit', 'Member must have value greater than or equal to 1')],
    [{ Limit: 101 }, one("'101'", 'limit', 'Member must have value less than or equal to 100')],
    [{ Hidden: 0 }, one(undefined, 'Hidden', 'Member must have value greater than or equal to 1')],
    [
      { Return: 'all' },
      one("'all'", 'return', 'Member must satisfy enum value set: [INDEXES, TOTAL, NONE]'),
    ],
    [
      { KeySchema: [] },
      one("'[]'", 'keySchema', 'Member must have length greater than or equal to 1'),
    ],
    [
      {
        KeySchema: [
          { AttributeName: 'a', KeyType: 'HASH' },
          { AttributeName: 'b', KeyType: 'RANGE' },
          { AttributeName: 'c', KeyType: 'HASH' },
        ],
      },
      one(
        "'[KeySchemaElement(attributeName=a, keyType=HASH), " +
          'KeySchemaElement(attributeName=b, keyType=RANGE), ' +
          "KeySchemaElement(attributeName=c, keyType=HASH)]'",
        'keySchema',
        'Member must have length less than or equal to 2',
      ),
    ],
    [
      { KeySchema: [{ AttributeName: 'a', KeyType: 'X' }] },
      one("'X'", 'keySchema.1.member.keyType', 'Member must satisfy enum value set: [HASH, RANGE]'),
    ],
    [
      { KeySchema: [{ KeyType: 'HASH' }] },
      one('null', 'keySchema.1.member.attributeName', 'Member must not be null'),
    ],
    [{ Names: ['a', null] }, one('null', 'names.2.member', 'Member must not be null')],
    [
      { Names: ['a', ''] },
      one("''", 'names.2.member', 'Member must have length greater than or equal to 1'),
    ],
    [
      { RequestItems: {} },
      one("'{}'", 'requestItems', 'Member must have length greater than or equal to 1'),
    ],
    [
      { RequestItems: { Tab: [] } },
      one("'{Tab=[]}'", 'requestItems', `Map value must satisfy constraint: ${lengths}`),
    ],
    [
      { RequestItems: { T: [{}] } },
      one(
        "'{T=[WriteRequest(putRequest=null)]}'",
        'requestItems',
        `Map keys must satisfy constraint: ${keyRules}`,
      ),
    ],
    [
      { RequestItems: { Tab: [{ PutRequest: {} }] } },
      one('null', 'requestItems.Tab.member.1.member.putRequest.item', 'Member must not be null'),
    ],
    [
      { Get: { Tab: { Keys: [{}, {}] } } },
      one(undefined, 'Get.Tab.member.Keys', 'Member must have length less than or equal to 1'),
    ],
    [{ Get: { Tab: {} } }, one('null', 'get.Tab.member.keys', 'Member must not be null')],
  ];
  test.each(rows)('%j', (raw, message) => {
    expect(messageOf(shape, raw)).toBe(message);
  });

  test('a value is quoted the way Java prints it', () => {
    const item = {
      s: { S: 'x' },
      b: { B: 'YWI=' },
      l: { L: [{ N: '1' }, { M: { k: { SS: ['a', 'b'] } } }] },
    };
    const request = { PutRequest: { Item: item } };
    expect(messageOf(shape, { RequestItems: { Tab: [request, {}, {}] } })).toContain(
      "Value '{Tab=[WriteRequest(putRequest=PutRequest(item={s=AttributeValue(s=x), " +
        'b=AttributeValue(b=java.nio.HeapByteBuffer[pos=0 lim=2 cap=2]), ' +
        'l=AttributeValue(l=[AttributeValue(n=1), AttributeValue(m={k=AttributeValue(sS=[a, b])})])})), ' +
        "WriteRequest(putRequest=null), WriteRequest(putRequest=null)]}' at 'requestItems'",
    );
  });

  test.each([40, 5000])('a quoted value nested %i deep does not overflow', (depth) => {
    const text = `${'{"L":['.repeat(depth)}${']}'.repeat(depth)}`;
    const request = `{"PutRequest":{"Item":{"a":${text}}}}`;
    const raw = JSON.parse(`{"RequestItems":{"Tab":[${request},${request},${request}]}}`);
    expect(messageOf(shape, raw)).toContain('AttributeValue(l=[...');
  });
});

describe('what satisfies', () => {
  const rows = [
    { TableName: 'a' },
    { TableName: arn },
    { NewName: 'abc' },
    { Limit: 1 },
    { Return: 'NONE' },
    { RequestItems: { Tab: [{}, {}] } },
    { RequestItems: { 'a.b': [{}], 'c-d': [{}] } },
  ];
  test.each(rows)('%j', (raw) => {
    expect(messageOf(shape, raw)).toBeUndefined();
  });
});

describe('several violations', () => {
  test('are listed in the order of the shape, the top level first', () => {
    const raw = { Limit: 0, KeySchema: [{}], IndexName: 'a', Return: 'x' };
    const message = messageOf(shape, raw) ?? '';
    expect(message.startsWith('5 validation errors detected: ')).toBe(true);
    expect([...message.matchAll(/ at '([^']+)'/g)].map((match) => match[1])).toEqual([
      'indexName',
      'limit',
      'return',
      'keySchema.1.member.attributeName',
      'keySchema.1.member.keyType',
    ]);
  });

  test('of one text are both listed', () => {
    expect(messageOf(shape, { IndexName: '!' })).toBe(
      "2 validation errors detected: Value '!' at 'indexName' failed to satisfy constraint: " +
        `Member must satisfy regular expression pattern: ${name}; ` +
        "Value '!' at 'indexName' failed to satisfy constraint: " +
        'Member must have length greater than or equal to 3',
    );
  });

  test('end at ten', () => {
    const message = messageOf(shape, { Names: Array.from({ length: 12 }, () => '') }) ?? '';
    expect(message.startsWith('10 validation errors detected: ')).toBe(true);
    expect(message.split('; ').length).toBe(10);
  });
});

describe('a member that is demanded', () => {
  const demanding = struct({ Size: integer({ min: 1 }).required, Name: newTableName.required });

  test('is told of alone when it is absent', () => {
    for (const Name of [null, undefined]) {
      expect(messageOf(demanding, { Size: 0, Name })).toBe(
        "The parameter 'Name' is required but was not present in the request",
      );
    }
  });

  test('is judged with the others when it is there', () => {
    expect(messageOf(demanding, { Name: 'ab' })).toContain('2 validation errors detected: ');
  });
});

const written = struct({
  Key: attributeMap.required,
  TableName: writtenTableName.required,
  Return: returnConsumedCapacity,
});

describe('the table name of a single write', () => {
  test('is reported alone when it is bad', () => {
    expect(messageOf(written, { TableName: '!', Return: 'x' })).toBe(
      one("'!'", 'tableName', `Member must satisfy regular expression pattern: ${name}`),
    );
  });

  test('is reported with the others when it is absent', () => {
    expect(messageOf(written, { TableName: null })).toBe(
      "2 validation errors detected: Value null at 'key' failed to satisfy constraint: " +
        "Member must not be null; Value null at 'tableName' failed to satisfy constraint: " +
        'Member must not be null',
    );
  });
});
