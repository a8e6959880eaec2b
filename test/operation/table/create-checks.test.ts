import { describe, expect, test } from 'vitest';
import { World } from '../../support/run.ts';
import {
  attribute,
  globalIndex,
  hash,
  invalidValues,
  localIndex,
  range,
  refusal,
  simpleTable,
  units,
} from '../../support/table-inputs.ts';

const onDemandUnits =
  'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is ' +
  'PAY_PER_REQUEST';
const sameName = 'Both the Hash Key and the Range Key element in the KeySchema have the same name';
const firstNotHash = 'Invalid KeySchema: The first KeySchemaElement is not a HASH key type';
const secondNotRange = 'Invalid KeySchema: The second KeySchemaElement is not a RANGE key type';

/** A table `a` (hash) `b` (range) whose other attributes the row's indexes use. */
function ranged(more: object, ...others: readonly string[]): object {
  return simpleTable({
    AttributeDefinitions: ['a', 'b', ...others].map((name) => attribute(name)),
    KeySchema: [hash('a'), range('b')],
    ...more,
  });
}
const locals = (...indexes: object[]): object => ({ LocalSecondaryIndexes: indexes });
const globals = (...indexes: object[]): object => ({ GlobalSecondaryIndexes: indexes });
const many = (count: number, make: (name: string) => object): object[] =>
  Array.from({ length: count }, (_, at) => make(`index${at}`));

// In the order of reference/types-and-limits.md, section 11. Where a row can, its input also has
// the fault of a later row, so that the order is tested too.
const rows: readonly (readonly [row: string, input: object, message: string])[] = [
  [
    '1 name',
    simpleTable({ TableName: 'ab' }),
    "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: Member " +
      'must have length greater than or equal to 3',
  ],
  [
    '2 KeySchema',
    simpleTable({ KeySchema: undefined }),
    "1 validation error detected: Value null at 'keySchema' failed to satisfy constraint: Member " +
      'must not be null',
  ],
  [
    '2 AttributeDefinitions',
    simpleTable({ AttributeDefinitions: undefined }),
    "1 validation error detected: Value null at 'attributeDefinitions' failed to satisfy " +
      'constraint: Member must not be null',
  ],
  [
    '3',
    simpleTable({ BillingMode: 'PAY_PER_REQUEST', ProvisionedThroughput: units(1e13, 1) }),
    invalidValues + onDemandUnits,
  ],
  [
    '4',
    simpleTable({ BillingMode: undefined, KeySchema: [range('x')] }),
    `${invalidValues}ReadCapacityUnits and WriteCapacityUnits must both be specified when ` +
      'BillingMode is PROVISIONED',
  ],
  [
    '5 read',
    simpleTable({
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: units(1_000_000_000_001, 1_000_000_000_001),
    }),
    'Given value 1000000000001 for ReadCapacityUnits is out of bounds',
  ],
  [
    '5 write',
    simpleTable({
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: units(1, 1_000_000_000_001),
      KeySchema: [hash('x')],
    }),
    'Given value 1000000000001 for WriteCapacityUnits is out of bounds',
  ],
  [
    '6',
    simpleTable({ KeySchema: [range('x'), range('x')] }),
    'Invalid KeySchema: Some index key attribute have no definition',
  ],
  [
    '7',
    ranged({ KeySchema: [range('a'), range('d')] }),
    `${invalidValues}Some index key attributes are not defined in AttributeDefinitions. Keys: ` +
      '[a, d], AttributeDefinitions: [a, b]',
  ],
  ['8', ranged({ KeySchema: [range('a'), hash('a')] }), sameName],
  ['9', simpleTable({ KeySchema: [range('a')] }), firstNotHash],
  ['10', ranged({ KeySchema: [hash('a'), hash('b')] }, 'c'), secondNotRange],
  [
    '11',
    ranged({ KeySchema: [hash('a'), range('b'), range('c')] }),
    "1 validation error detected: Value '[KeySchemaElement(attributeName=a, keyType=HASH), " +
      'KeySchemaElement(attributeName=b, keyType=RANGE), KeySchemaElement(attributeName=c, ' +
      "keyType=RANGE)]' at 'keySchema' failed to satisfy constraint: Member must have length " +
      'less than or equal to 2',
  ],
  [
    '12',
    ranged({ KeySchema: [hash('a')] }),
    `${invalidValues}Number of attributes in KeySchema does not exactly match number of ` +
      'attributes defined in AttributeDefinitions',
  ],
  ['13', simpleTable(locals()), `${invalidValues}List of LocalSecondaryIndexes is empty`],
  [
    '14',
    simpleTable(locals(localIndex('local', [hash('x')]))),
    `${invalidValues}Table KeySchema does not have a range key, which is required when ` +
      'specifying a LocalSecondaryIndex',
  ],
  [
    '15 local',
    ranged(locals(localIndex('local', [hash('x'), range('y')]))),
    `${invalidValues}Some index key attributes are not defined in AttributeDefinitions. Keys: ` +
      '[x, y], AttributeDefinitions: [a, b]',
  ],
  ['16 same', ranged(locals(localIndex('local', [hash('b'), range('b')]))), sameName],
  ['16 first', ranged(locals(localIndex('local', [range('b')]))), firstNotHash],
  ['16 second', ranged(locals(localIndex('local', [hash('b'), hash('a')]))), secondNotRange],
  [
    '17',
    ranged(locals(localIndex('local', [hash('b')]))),
    `${invalidValues}Index KeySchema does not have a range key for index: local`,
  ],
  [
    '18',
    ranged(locals(localIndex('local', [hash('b'), range('a')], {}))),
    `${invalidValues}Index KeySchema does not have the same leading hash key as table KeySchema ` +
      'for index: local. index hash key: b, table hash key: a',
  ],
  [
    '19',
    ranged(locals(localIndex('local', [hash('a'), range('b')], { NonKeyAttributes: ['x'] }))),
    `${invalidValues}Unknown ProjectionType: null`,
  ],
  [
    '20 ALL',
    ranged(
      locals(
        localIndex('local', [hash('a'), range('b')], {
          ProjectionType: 'ALL',
          NonKeyAttributes: ['x', 'x'],
        }),
      ),
    ),
    `${invalidValues}ProjectionType is ALL, but NonKeyAttributes is specified`,
  ],
  [
    '20 KEYS_ONLY',
    ranged(
      globals(
        globalIndex('global', [hash('a')], {
          ProjectionType: 'KEYS_ONLY',
          NonKeyAttributes: ['x'],
        }),
      ),
    ),
    `${invalidValues}ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified`,
  ],
  [
    '21',
    ranged(locals(localIndex('local', [hash('a'), range('b')], { ProjectionType: 'INCLUDE' }))),
    `${invalidValues}ProjectionType is INCLUDE, but NonKeyAttributes is not specified`,
  ],
  [
    '22',
    ranged(
      locals(
        localIndex('local', [hash('a'), range('b')], {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: ['x', 'y', 'x'],
        }),
      ),
    ),
    `${invalidValues}Duplicate element in NonKeyAttributes: x`,
  ],
  [
    '23 two local',
    ranged(locals(...many(7, () => localIndex('same', [hash('a'), range('b')])))),
    `${invalidValues}Duplicate index name: same`,
  ],
  [
    '23 local and global',
    ranged({
      ...locals(localIndex('same', [hash('a'), range('b')])),
      ...globals({ ...globalIndex('same', [hash('a')]), ProvisionedThroughput: units(1, 1) }),
    }),
    `${invalidValues}Duplicate index name: same`,
  ],
  [
    '24',
    ranged({
      ...locals(...many(6, (name) => localIndex(name, [hash('a'), range('b')]))),
      ...globals(),
    }),
    `${invalidValues}Number of LocalSecondaryIndexes exceeds per-table limit of 5`,
  ],
  ['25', simpleTable(globals()), `${invalidValues}List of GlobalSecondaryIndexes is empty`],
  [
    '15 global',
    simpleTable(globals(globalIndex('global', [hash('x')]))),
    `${invalidValues}Some index key attributes are not defined in AttributeDefinitions. Keys: ` +
      '[x], AttributeDefinitions: [a]',
  ],
  ['16 global', ranged(globals(globalIndex('global', [range('a'), hash('b')]))), firstNotHash],
  [
    '26',
    ranged(
      {
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput: units(1, 1),
        ...globals(globalIndex('global', [hash('a')])),
      },
      'unused',
    ),
    `${invalidValues}ProvisionedThroughput is not specified for index: global`,
  ],
  [
    '27',
    ranged(globals({ ...globalIndex('global', [hash('a')]), ProvisionedThroughput: units(1, 1) })),
    `${invalidValues}ProvisionedThroughput should not be specified for index: global when ` +
      'BillingMode is PAY_PER_REQUEST',
  ],
  [
    'bounds of an index',
    ranged({
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: units(1, 1),
      ...globals({
        ...globalIndex('global', [hash('a')]),
        ProvisionedThroughput: units(1, 1_000_000_000_001),
      }),
    }),
    'Given value 1000000000001 for WriteCapacityUnits is out of bounds for index global',
  ],
  [
    '28',
    ranged(globals(...many(21, (name) => globalIndex(name, [hash('a')]))), 'unused'),
    `${invalidValues}GlobalSecondaryIndex count exceeds the per-table limit of 20`,
  ],
  [
    '29',
    ranged(globals(globalIndex('global', [hash('b'), range('a')])), 'c', 'd'),
    `${invalidValues}Some AttributeDefinitions are not used. AttributeDefinitions: [a, b, c, d], ` +
      'keys used: [a, b]',
  ],
  [
    '30',
    ranged(globals(globalIndex('global', [hash('a'), range('b'), hash('a')])), 'a'),
    `${invalidValues}Attribute Name is duplicated: a`,
  ],
  [
    '31',
    ranged(globals(globalIndex('global', [hash('a'), range('b'), hash('a')]))),
    'All HASH key attributes must precede RANGE key attributes in the KeySchema',
  ],
  [
    '32 hash',
    ranged(globals(globalIndex('global', ['a', 'b', 'a', 'b', 'a'].map(hash)))),
    'The KeySchema exceeds the maximum allowed number of HASH key attributes',
  ],
  [
    '32 range',
    ranged(globals(globalIndex('global', [hash('a'), ...['a', 'b', 'a', 'b', 'a'].map(range)]))),
    'The KeySchema exceeds the maximum allowed number of RANGE key attributes',
  ],
  [
    '33',
    ranged(globals(globalIndex('global', [hash('a'), hash('b'), range('a')]))),
    'The KeySchema contains multiple key attributes with the same name',
  ],
  [
    '34',
    simpleTable({ StreamSpecification: { StreamEnabled: true } }),
    `${invalidValues}Table is being created with a stream enabled, UpdateViewType is required`,
  ],
  [
    '35',
    simpleTable({ StreamSpecification: { StreamEnabled: false, StreamViewType: 'KEYS_ONLY' } }),
    `${invalidValues}Table is being created with a stream disabled, UpdateViewType should not be ` +
      'specified',
  ],
  [
    '36, a type without encryption',
    simpleTable({ SSESpecification: { SSEType: 'KMS' } }),
    `${invalidValues}SSEType can not be specified if Enabled is false`,
  ],
  [
    '36, AES256',
    simpleTable({ SSESpecification: { Enabled: true, SSEType: 'AES256' } }),
    `${invalidValues}SSEType AES256 is not supported`,
  ],
  [
    '36, a key without a type',
    simpleTable({ SSESpecification: { Enabled: true, KMSMasterKeyId: 'k' } }),
    `${invalidValues}SSEType KMS is required if KMSMasterKeyId is specified`,
  ],
  [
    '37, of a provisioned table',
    simpleTable({
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: units(1, 1),
      OnDemandThroughput: { MaxReadRequestUnits: 1 },
    }),
    `${invalidValues}MaxReadRequestUnits for OnDemandThroughput cannot be specified when ` +
      'table BillingMode is PROVISIONED.',
  ],
  [
    '37, out of range',
    simpleTable({ OnDemandThroughput: { MaxReadRequestUnits: -1, MaxWriteRequestUnits: 0 } }),
    `${invalidValues}Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside ` +
      'of valid range',
  ],
  [
    '38, of a provisioned table',
    simpleTable({
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: units(1, 9),
      WarmThroughput: { ReadUnitsPerSecond: 1, WriteUnitsPerSecond: 8 },
    }),
    `${invalidValues}Requested WriteUnitsPerSecond for WarmThroughput for table is lower than ` +
      'WriteCapacityUnits of ProvisionedThroughput',
  ],
  [
    '38, on demand',
    simpleTable({ WarmThroughput: { ReadUnitsPerSecond: 11_999 } }),
    `${invalidValues}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than ` +
      'initial throughput for OnDemand',
  ],
  [
    'a tag',
    simpleTable({ Tags: [{ Key: 'a!', Value: '' }] }),
    'The Tag Key provided is invalid, Key: a!',
  ],
  [
    'a replica',
    simpleTable({ GlobalTableSourceArn: 'arn:aws:dynamodb:local:000000000000:table/Other' }),
    'Replicas of a table are made by synchronization, not by CreateTable',
  ],
];

describe('a new table is refused:', () => {
  test.each(rows)('row %s', (_row, input, message) => {
    expect(refusal(() => new World().run('CreateTable', input))).toEqual({
      name: 'ValidationException',
      message,
    });
  });

  test('units of 0, by the model', () => {
    const input = simpleTable({ BillingMode: 'PROVISIONED', ProvisionedThroughput: units(0, 0) });
    expect(refusal(() => new World().run('CreateTable', input)).message).toContain(
      "Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: " +
        'Member must have value greater than or equal to 1',
    );
  });
});
