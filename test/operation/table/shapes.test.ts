import { describe, expect, test } from 'vitest';
import { World } from '../../support/run.ts';
import { attribute, globalIndex, hash, refusal, simpleTable } from '../../support/table-inputs.ts';

const violation = (value: string, path: string, constraint: string): string =>
  `1 validation error detected: Value ${value} at '${path}' failed to satisfy constraint: Member ` +
  constraint;
const withIndex = (index: object): object => ({ GlobalSecondaryIndexes: [index] });

// Enumerations print in the order of reference/protocol.md, section 6.
const rows: readonly (readonly [path: string, changes: object, message: string])[] = [
  [
    'attributeType',
    { AttributeDefinitions: [attribute('a', 'BOOL')] },
    violation(
      "'BOOL'",
      'attributeDefinitions.1.member.attributeType',
      'must satisfy enum value set: [B, N, S]',
    ),
  ],
  [
    'attributeName',
    { AttributeDefinitions: [attribute('')] },
    violation(
      "''",
      'attributeDefinitions.1.member.attributeName',
      'must have length greater than or equal to 1',
    ),
  ],
  [
    'keyType',
    { KeySchema: [{ AttributeName: 'a', KeyType: 'SORT' }] },
    violation("'SORT'", 'keySchema.1.member.keyType', 'must satisfy enum value set: [HASH, RANGE]'),
  ],
  [
    'an empty keySchema',
    { KeySchema: [] },
    violation("'[]'", 'keySchema', 'must have length greater than or equal to 1'),
  ],
  [
    'billingMode',
    { BillingMode: 'FREE' },
    violation(
      "'FREE'",
      'billingMode',
      'must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]',
    ),
  ],
  [
    'tableClass',
    { TableClass: 'BEST' },
    violation(
      "'BEST'",
      'tableClass',
      'must satisfy enum value set: [STANDARD, STANDARD_INFREQUENT_ACCESS]',
    ),
  ],
  [
    'projectionType',
    withIndex(globalIndex('index', [hash('a')], { ProjectionType: 'SOME' })),
    violation(
      "'SOME'",
      'globalSecondaryIndexes.1.member.projection.projectionType',
      'must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]',
    ),
  ],
  [
    'indexName',
    withIndex(globalIndex('ab', [hash('a')])),
    violation(
      "'ab'",
      'globalSecondaryIndexes.1.member.indexName',
      'must have length greater than or equal to 3',
    ),
  ],
  [
    'nonKeyAttributes',
    withIndex(
      globalIndex('index', [hash('a')], {
        ProjectionType: 'INCLUDE',
        NonKeyAttributes: Array.from({ length: 21 }, (_, at) => `n${at}`),
      }),
    ),
    violation(
      `'[${Array.from({ length: 21 }, (_, at) => `n${at}`).join(', ')}]'`,
      'globalSecondaryIndexes.1.member.projection.nonKeyAttributes',
      'must have length less than or equal to 20',
    ),
  ],
  [
    'a long attributeName',
    { AttributeDefinitions: [attribute('n'.repeat(256))] },
    violation(
      `'${'n'.repeat(256)}'`,
      'attributeDefinitions.1.member.attributeName',
      'must have length less than or equal to 255',
    ),
  ],
  [
    'no projection',
    withIndex({ IndexName: 'index', KeySchema: [hash('a')] }),
    violation('null', 'globalSecondaryIndexes.1.member.projection', 'must not be null'),
  ],
  [
    'streamEnabled',
    { StreamSpecification: {} },
    violation('null', 'streamSpecification.streamEnabled', 'must not be null'),
  ],
];

describe("the model's constraints of table inputs", () => {
  test.each(rows)('refuse %s', (_path, changes, message) => {
    expect(refusal(() => new World().run('CreateTable', simpleTable(changes)))).toEqual({
      name: 'ValidationException',
      message,
    });
  });
});
