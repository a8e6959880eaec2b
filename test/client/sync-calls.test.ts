import { expect, test } from 'vitest';
import { syncCalls } from '../../src/client/sync-calls.ts';

test('the methods of a database, each by its operation, and what the AWS SDK needs', async () => {
  const asked: unknown[] = [];
  const calls = syncCalls('eu', (...call) => {
    asked.push(call);
    return Promise.resolve({});
  });
  await calls.putItem({ TableName: 'Notes', Item: { id: 'a' } });
  await calls.call('GetItem', {}, { attributeValues: 'json' });
  await calls.query({ TableName: 'Notes' }, {});
  expect(asked).toEqual([
    ['PutItem', { TableName: 'Notes', Item: { id: 'a' } }, undefined],
    ['GetItem', {}, { attributeValues: 'json' }],
    ['Query', { TableName: 'Notes' }, {}],
  ]);
  expect(calls.region).toBe('eu');
});
