import { expect, test } from 'vitest';
import { type Description, keysOf, toDefinition } from '../../src/sync/definition.ts';

const table: Description = {
  TableName: 'T',
  AttributeDefinitions: [
    { AttributeName: 'b', AttributeType: 'N' },
    { AttributeName: 'a', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'a', KeyType: 'HASH' },
    { AttributeName: 'b', KeyType: 'RANGE' },
  ],
};

test('keys are compared by name, kind and type, whatever else is defined', () => {
  expect(keysOf(table)).toEqual([
    ['a', 'HASH', 'S'],
    ['b', 'RANGE', 'N'],
  ]);
});

test('a definition has what makes the table, and nothing that says how it is', () => {
  const index = { IndexName: 'I', KeySchema: [], Projection: {} };
  const described = { ...table, GlobalSecondaryIndexes: [{ ...index, IndexStatus: 'ACTIVE' }] };
  expect(toDefinition(described)).toEqual({
    ...table,
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [index],
  });
  expect(Object.keys(toDefinition(table))).not.toContain('LocalSecondaryIndexes');
});
