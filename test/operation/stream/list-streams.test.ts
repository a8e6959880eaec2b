import { describe, expect, test } from 'vitest';
import { ItemWorld } from '../../support/item-world.ts';
import { simpleTable } from '../../support/table-inputs.ts';

const arnOf = (table: string, label = '2023-11-14T22:13:20.000'): string =>
  `arn:aws:dynamodb:local:000000000000:table/${table}/stream/${label}`;
const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };

function world(): ItemWorld {
  const made = new ItemWorld();
  for (const TableName of ['Beta', 'Alpha', 'Gamma']) {
    made.run('CreateTable', simpleTable({ TableName, StreamSpecification }));
  }
  made.run('CreateTable', simpleTable({ TableName: 'Plain' }));
  return made;
}

describe('ListStreams', () => {
  test('names the streams of all tables, in pages', () => {
    const { Streams, LastEvaluatedStreamArn } = world().call('ListStreams', {});
    expect(LastEvaluatedStreamArn).toBeUndefined();
    expect(Streams).toEqual(
      ['Alpha', 'Beta', 'Gamma'].map((TableName) => ({
        StreamArn: arnOf(TableName),
        TableName,
        StreamLabel: '2023-11-14T22:13:20.000',
      })),
    );
    const first = world().call('ListStreams', { Limit: 2 });
    expect(first['LastEvaluatedStreamArn']).toBe(arnOf('Beta'));
    const last = world().call('ListStreams', {
      Limit: 2,
      ExclusiveStartStreamArn: first['LastEvaluatedStreamArn'],
    });
    expect(last).toEqual({ Streams: [expect.objectContaining({ TableName: 'Gamma' })] });
    expect(world().call('ListStreams', { Limit: 3 })).not.toHaveProperty('LastEvaluatedStreamArn');
  });

  test('names those of one table, older ones first', () => {
    const made = world();
    const off = { TableName: 'Beta', StreamSpecification: { StreamEnabled: false } };
    made.run('UpdateTable', off);
    made.nowMs += 5;
    made.run('UpdateTable', { TableName: 'Beta', StreamSpecification });
    const { Streams } = made.call('ListStreams', { TableName: 'Beta' });
    expect(Streams).toMatchObject([
      { StreamArn: arnOf('Beta') },
      { StreamArn: arnOf('Beta', '2023-11-14T22:13:20.005') },
    ]);
    expect(made.call('ListStreams', { TableName: 'Plain' })).toEqual({ Streams: [] });
  });

  test('names that of a table that was deleted', () => {
    const made = world();
    made.run('DeleteTable', { TableName: 'Beta' });
    expect(made.call('ListStreams', { TableName: 'Beta' })['Streams']).toHaveLength(1);
  });

  test.each([
    [
      { TableName: 'Nobody' },
      'ResourceNotFoundException',
      'Requested resource not found: Table: Nobody not found',
    ],
    [
      { ExclusiveStartStreamArn: arnOf('x').replace('stream', 'strom') },
      'ValidationException',
      'Invalid StreamArn',
    ],
    [
      { Limit: 101 },
      'ValidationException',
      "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: " +
        'Member must have value less than or equal to 100',
    ],
    [
      { Limit: 0 },
      'ValidationException',
      "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: " +
        'Member must have value greater than or equal to 1',
    ],
  ])('refuses %j', (input, name, message) => {
    expect(world().refuse('ListStreams', input)).toMatchObject({ name, message });
  });
});
