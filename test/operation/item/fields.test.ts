import { describe, expect, test } from 'vitest';
import { operations } from '../../../src/operation/registry.ts';
import { checkInput } from '../../../src/shape/check.ts';

/** The refusal of an input's declared constraints. */
function refusal(name: string, input: object): string {
  const row = operations.find((one) => one.name === name);
  if (row === undefined) throw new Error(`no operation ${name}`);
  try {
    checkInput(row.input, input, 'json');
  } catch (fault) {
    return (fault as Error).message;
  }
  throw new Error(`${name} was not refused`);
}

describe('declared constraints', () => {
  const detected = '1 validation error detected: ';
  const failed = 'failed to satisfy constraint: ';
  const key = { p: { S: 'a' } };
  const rows: readonly [string, object, string][] = [
    [
      'PutItem',
      { Item: key },
      `${detected}Value null at 'tableName' ${failed}Member must not be null`,
    ],
    [
      'PutItem',
      { TableName: 'a b', Item: key, ReturnValues: 'NOPE' },
      `${detected}Value 'a b' at 'tableName' ${failed}Member must satisfy regular expression ` +
        'pattern: [a-zA-Z0-9_.-]+',
    ],
    [
      'UpdateItem',
      { TableName: 'Tab', Key: key, ReturnValues: 'NOPE' },
      `${detected}Value 'NOPE' at 'returnValues' ${failed}Member must satisfy enum value set: ` +
        '[ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]',
    ],
    [
      'Query',
      { TableName: 'Tab', Select: 'NOPE' },
      `${detected}Value 'NOPE' at 'select' ${failed}Member must satisfy enum value set: ` +
        '[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]',
    ],
    [
      'Query',
      { TableName: 'Tab', Limit: 0 },
      `${detected}Value at 'Limit' ${failed}Member must have value greater than or equal to 1`,
    ],
    [
      'Scan',
      { TableName: 'Tab', Limit: 0 },
      `${detected}Value '0' at 'limit' ${failed}Member must have value greater than or equal to 1`,
    ],
    [
      'Scan',
      { TableName: 'Tab', Segment: 0, TotalSegments: 1_000_001 },
      `${detected}Value '1000001' at 'totalSegments' ${failed}Member must have value less than ` +
        'or equal to 1000000',
    ],
    [
      'DeleteItem',
      { TableName: 'Tab', Key: key, Expected: { p: { ComparisonOperator: 'XX' } } },
      `${detected}Value 'XX' at 'expected.p.member.comparisonOperator' ${failed}Member must ` +
        'satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, ' +
        'BEGINS_WITH, GE, CONTAINS]',
    ],
    [
      'TransactWriteItems',
      { TransactItems: [{ Put: { TableName: 'Tab' } }] },
      `${detected}Value null at 'transactItems.1.member.put.item' ${failed}Member must not be null`,
    ],
    [
      'TransactWriteItems',
      { TransactItems: [] },
      `${detected}Value '[]' at 'transactItems' ${failed}Member must have length greater than or ` +
        'equal to 1',
    ],
  ];
  test.each(rows)('%s %j', (name, input, message) => {
    expect(refusal(name, input)).toBe(message);
  });

  test('a legacy Expected of a wrong type names its structure', () => {
    expect(refusal('PutItem', { TableName: 'Tab', Item: key, Expected: { p: [] } })).toContain(
      'com.amazonaws.dynamodb.v20120810.ExpectedAttributeValue',
    );
  });
});
