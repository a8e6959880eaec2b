/** What CreateTable refuses, over HTTP: reference/types-and-limits.md, section 11. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
const constraint = '1 validation error detected: Value';
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  await db.call('CreateTable', tableOf('Tab', ['p:S']));
});
afterAll(() => db.close());

const all = { ProjectionType: 'ALL' };
const units = (read = 1, write = 1): object => ({
  ReadCapacityUnits: read,
  WriteCapacityUnits: write,
});
const provisioned = { BillingMode: 'PROVISIONED', ProvisionedThroughput: units() };
const local = (IndexName: string, keys: readonly string[], Projection: object = all): object => ({
  IndexName,
  KeySchema: schemaOf(keys),
  Projection,
});
const globals = (...indexes: readonly object[]): object => ({ GlobalSecondaryIndexes: indexes });
const locals = (...indexes: readonly object[]): object => ({ LocalSecondaryIndexes: indexes });
const defined = (...keys: readonly string[]): object => ({
  AttributeDefinitions: keys.map((key) => ({
    AttributeName: key.split(':')[0],
    AttributeType: key.split(':')[1],
  })),
});

describe('CreateTable is refused', () => {
  const table = (more: object = {}, keys = ['p:S']): object => ({
    ...tableOf('New', keys),
    ...more,
  });
  const provisionedTable = (more: object = {}) => table({ ...provisioned, ...more });
  const number = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => from + at);
  const rows: readonly (readonly [string, object, string])[] = [
    [
      'a name that is too short',
      table({ TableName: 'ab' }),
      `${constraint} 'ab' at 'tableName' failed to satisfy constraint: Member must have length ` +
        `greater than or equal to 3`,
    ],
    [
      'no name, whatever else is missing',
      { KeySchema: undefined },
      "The parameter 'TableName' is required but was not present in the request",
    ],
    [
      'no KeySchema',
      table({ KeySchema: undefined }),
      `${constraint} null at 'keySchema' failed to satisfy constraint: Member must not be null`,
    ],
    [
      'no AttributeDefinitions',
      table({ AttributeDefinitions: undefined }),
      `${constraint} null at 'attributeDefinitions' failed to satisfy constraint: Member must ` +
        `not be null`,
    ],
    [
      '3: units on demand',
      table({ ProvisionedThroughput: units() }),
      `${P}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is ` +
        `PAY_PER_REQUEST`,
    ],
    [
      '4: no units',
      table({ BillingMode: undefined }),
      `${P}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is ` +
        `PROVISIONED`,
    ],
    [
      '5: too many units',
      provisionedTable({ ProvisionedThroughput: units(1_000_000_000_001) }),
      'Given value 1000000000001 for ReadCapacityUnits is out of bounds',
    ],
    [
      '6: no definition',
      table({ AttributeDefinitions: [] }),
      'Invalid KeySchema: Some index key attribute have no definition',
    ],
    [
      '6: fewer definitions than keys',
      table({ KeySchema: schemaOf(['p:S', 'x:S']) }),
      'Invalid KeySchema: Some index key attribute have no definition',
    ],
    [
      '6: fewer definitions than keys of one name',
      table({ KeySchema: schemaOf(['p:S', 'p:S']) }),
      'Invalid KeySchema: Some index key attribute have no definition',
    ],
    [
      '7: the key is not defined, something else is',
      table({ KeySchema: schemaOf(['x:S']) }),
      `${P}Some index key attributes are not defined in AttributeDefinitions. Keys: [x], ` +
        `AttributeDefinitions: [p]`,
    ],
    [
      '7: one key is not defined',
      table({ KeySchema: schemaOf(['p:S', 'x:S']), ...defined('p:S', 's:S') }),
      `${P}Some index key attributes are not defined in AttributeDefinitions. Keys: [p, x], ` +
        `AttributeDefinitions: [p, s]`,
    ],
    [
      '8: the keys have one name',
      table({ KeySchema: schemaOf(['p:S', 'p:S']), ...defined('p:S', 's:S') }),
      'Both the Hash Key and the Range Key element in the KeySchema have the same name',
    ],
    [
      '8: the keys have one name and one type',
      table({ KeySchema: schemaOf(['p:S', 'p:S'], 2), ...defined('p:S', 's:S') }),
      'Both the Hash Key and the Range Key element in the KeySchema have the same name',
    ],
    [
      '9: the first is not HASH',
      table({ KeySchema: schemaOf(['p:S'], 0) }),
      'Invalid KeySchema: The first KeySchemaElement is not a HASH key type',
    ],
    [
      '10: the second is not RANGE',
      table({ KeySchema: schemaOf(['p:S', 's:S'], 2), ...defined('p:S', 's:S') }),
      'Invalid KeySchema: The second KeySchemaElement is not a RANGE key type',
    ],
    [
      '11: three keys',
      table({ KeySchema: schemaOf(['p:S', 's:S', 't:S']) }),
      `${constraint} '[KeySchemaElement(attributeName=p, keyType=HASH), KeySchemaElement(` +
        "attributeName=s, keyType=RANGE), KeySchemaElement(attributeName=t, keyType=RANGE)]' at " +
        "'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2",
    ],
    [
      '12: more definitions than keys',
      table(defined('p:S', 'x:S')),
      `${P}Number of attributes in KeySchema does not exactly match number of attributes defined ` +
        `in AttributeDefinitions`,
    ],
    [
      '13: no local index',
      table(locals(), ['p:S', 's:S']),
      `${P}List of LocalSecondaryIndexes is empty`,
    ],
    [
      '14: a local index without a sort key',
      table(locals(local('lsi', ['p:S', 'p:S']))),
      `${P}Table KeySchema does not have a range key, which is required when specifying a ` +
        `LocalSecondaryIndex`,
    ],
    [
      '15: an index key is not defined',
      table(globals(local('gsi', ['x:S']))),
      `${P}Some index key attributes are not defined in AttributeDefinitions. Keys: [x], ` +
        `AttributeDefinitions: [p]`,
    ],
    [
      '17: a local index without a range',
      table(locals(local('lsi', ['p:S'])), ['p:S', 's:S']),
      `${P}Index KeySchema does not have a range key for index: lsi`,
    ],
    [
      '18: a local index with another hash',
      table(locals(local('lsi', ['s:S', 'p:S'])), ['p:S', 's:S']),
      `${P}Index KeySchema does not have the same leading hash key as table KeySchema for index: ` +
        `lsi. ` +
        'index hash key: s, table hash key: p',
    ],
    [
      '19: no projection',
      table(globals(local('gsi', ['p:S'], {}))),
      `${P}Unknown ProjectionType: null`,
    ],
    [
      '20: names under ALL',
      table(globals(local('gsi', ['p:S'], { ...all, NonKeyAttributes: ['x'] }))),
      `${P}ProjectionType is ALL, but NonKeyAttributes is specified`,
    ],
    [
      '21: no names under INCLUDE',
      table(globals(local('gsi', ['p:S'], { ProjectionType: 'INCLUDE' }))),
      `${P}ProjectionType is INCLUDE, but NonKeyAttributes is not specified`,
    ],
    [
      '22: a name twice',
      table(
        globals(local('gsi', ['p:S'], { ProjectionType: 'INCLUDE', NonKeyAttributes: ['x', 'x'] })),
      ),
      `${P}Duplicate element in NonKeyAttributes: x`,
    ],
    [
      '23: an index name twice',
      table({ ...locals(local('idx', ['p:S', 's:S'])), ...globals(local('idx', ['s:S'])) }, [
        'p:S',
        's:S',
      ]),
      `${P}Duplicate index name: idx`,
    ],
    [
      '24: six local indexes',
      table(locals(...number(100, 6).map((n) => local(`l${n}`, ['p:S', 's:S']))), ['p:S', 's:S']),
      `${P}Number of LocalSecondaryIndexes exceeds per-table limit of 5`,
    ],
    ['25: no global index', table(globals()), `${P}List of GlobalSecondaryIndexes is empty`],
    [
      '26: an index without units',
      provisionedTable(globals(local('gsi', ['p:S']))),
      `${P}ProvisionedThroughput is not specified for index: gsi`,
    ],
    [
      '27: an index with units on demand',
      table(globals({ ...local('gsi', ['p:S']), ProvisionedThroughput: units() })),
      `${P}ProvisionedThroughput should not be specified for index: gsi when BillingMode is ` +
        `PAY_PER_REQUEST`,
    ],
    [
      '28: 21 global indexes',
      table(globals(...number(100, 21).map((n) => local(`g${n}`, ['p:S'])))),
      `${P}GlobalSecondaryIndex count exceeds the per-table limit of 20`,
    ],
    [
      '29: an unused definition',
      table({ ...globals(local('gsi', ['p:S'])), ...defined('p:S', 'b:S', 'c:S') }),
      `${P}Some AttributeDefinitions are not used. AttributeDefinitions: [p, b, c], keys used: [p]`,
    ],
    [
      '30: a definition twice',
      table({ ...globals(local('gsi', ['p:S'])), ...defined('p:S', 'p:S') }),
      `${P}Attribute Name is duplicated: p`,
    ],
    [
      '30: a definition twice, with two types and no index',
      table(defined('p:S', 'p:N')),
      `${P}Attribute Name is duplicated: p`,
    ],
    [
      '31: a hash after a range',
      table({
        ...globals({
          IndexName: 'gsi',
          KeySchema: [...schemaOf(['a:S', 'b:S']), ...schemaOf(['c:S'])],
          Projection: all,
        }),
        ...defined('p:S', 'a:S', 'b:S', 'c:S'),
      }),
      'All HASH key attributes must precede RANGE key attributes in the KeySchema',
    ],
    [
      '32: five hashes',
      table({
        ...globals({
          IndexName: 'gsi',
          KeySchema: schemaOf(['a:S', 'b:S', 'c:S', 'd:S', 'e:S'], 5),
          Projection: all,
        }),
        ...defined('p:S', 'a:S', 'b:S', 'c:S', 'd:S', 'e:S'),
      }),
      'The KeySchema exceeds the maximum allowed number of HASH key attributes',
    ],
    [
      '33: a name twice among several',
      table({
        ...globals({
          IndexName: 'gsi',
          KeySchema: schemaOf(['a:S', 'b:S', 'b:S']),
          Projection: all,
        }),
        ...defined('p:S', 'a:S', 'b:S'),
      }),
      'The KeySchema contains multiple key attributes with the same name',
    ],
    [
      '33: before a definition that nothing uses',
      table({
        ...globals({ IndexName: 'gsi', KeySchema: schemaOf(['a:S', 'a:S'], 2), Projection: all }),
        ...defined('p:S', 'a:S', 'b:S'),
      }),
      'The KeySchema contains multiple key attributes with the same name',
    ],
    [
      '34: a stream without a view',
      table({ StreamSpecification: { StreamEnabled: true } }),
      `${P}Table is being created with a stream enabled, UpdateViewType is required`,
    ],
    [
      '35: a view without a stream',
      table({ StreamSpecification: { StreamEnabled: false, StreamViewType: 'KEYS_ONLY' } }),
      `${P}Table is being created with a stream disabled, UpdateViewType should not be specified`,
    ],
    [
      '36: SSEType without encryption',
      table({ SSESpecification: { Enabled: false, SSEType: 'KMS' } }),
      `${P}SSEType can not be specified if Enabled is false`,
    ],
    [
      '36: AES256',
      table({ SSESpecification: { Enabled: true, SSEType: 'AES256' } }),
      `${P}SSEType AES256 is not supported`,
    ],
    [
      '36: a key without KMS',
      table({ SSESpecification: { Enabled: true, KMSMasterKeyId: 'key' } }),
      `${P}SSEType KMS is required if KMSMasterKeyId is specified`,
    ],
    [
      '37: on-demand units of a provisioned table',
      provisionedTable({ OnDemandThroughput: { MaxReadRequestUnits: 1 } }),
      `${P}MaxReadRequestUnits for OnDemandThroughput cannot be specified when table BillingMode ` +
        `is PROVISIONED.`,
    ],
    [
      '37: on-demand units out of range',
      table({ OnDemandThroughput: { MaxWriteRequestUnits: 0 } }),
      `${P}Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside of valid ` +
        `range`,
    ],
    [
      '38: less warm than provisioned',
      provisionedTable({
        ProvisionedThroughput: units(5, 5),
        WarmThroughput: { ReadUnitsPerSecond: 4 },
      }),
      `${P}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than ` +
        `ReadCapacityUnits of ProvisionedThroughput`,
    ],
    [
      '39: a bad tag',
      table({ Tags: [{ Key: 'a!', Value: 'b' }] }),
      'The Tag Key provided is invalid, Key: a!',
    ],
  ];
  test.each(rows)('%s', async (_name, input, message) => {
    expect(await db.invalid('CreateTable', input)).toBe(message);
    expect((await db.call('ListTables', {})).TableNames).not.toContain('New');
  });

  test('40: a table that is there', async () => {
    expect(await db.refuse('CreateTable', tableOf('Tab', ['p:S']))).toMatchObject({
      name: 'ResourceInUseException',
      message: 'Table already exists: Tab',
    });
  });
});
