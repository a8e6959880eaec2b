import { describe, expect, test } from 'vitest';
import { World } from '../../support/run.ts';
import { refusal, simpleTable } from '../../support/table-inputs.ts';

// What the description says is told in table-description.test.ts.
describe('DescribeTable', () => {
  const world = new World();
  world.run('CreateTable', simpleTable({ TableName: 'Here' }));

  test('refuses a table that is not there, by name or ARN', () => {
    const missing = {
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: Absent not found',
    };
    for (const TableName of ['Absent', 'arn:aws:dynamodb:local:000000000000:table/Absent']) {
      expect(refusal(() => world.run('DescribeTable', { TableName }))).toEqual(missing);
    }
  });

  test('takes an ARN', () => {
    const TableName = 'arn:aws:dynamodb:local:000000000000:table/Here';
    expect(world.run('DescribeTable', { TableName })['Table']).toMatchObject({
      TableName: 'Here',
    });
  });
});
