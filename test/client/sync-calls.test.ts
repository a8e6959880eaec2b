import { expect, test } from 'vitest';
import { CallBook } from '../../src/client/sync-calls.ts';

function book(): { readonly calls: CallBook; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const calls = new CallBook(async (operation, input) => {
    asked.push([operation, input]);
    return operation === 'SyncSettled' ? { As: 'hub' } : { Output: { made: true }, Seqs: [7] };
  });
  return { calls, asked };
}

test('a call says what it asks for, and its result is known by what it is', async () => {
  const { calls, asked } = book();
  const some = calls.calls('local', { mode: 'confirm', expiresMs: 5 });
  const Item = { id: 'a' };
  const result = await some.putItem({ TableName: 'Notes', Item });
  expect(result).toEqual({ made: true });
  expect(await calls.settled(result)).toBe('hub');
  const Input = { TableName: 'Notes', Item };
  expect(asked).toEqual([
    ['SyncCall', { Operation: 'PutItem', Input, Mode: 'confirm', ExpiresMs: 5 }],
    ['SyncSettled', { Seqs: [7] }],
  ]);
  await expect(calls.settled({ ...result })).rejects.toThrow(TypeError);
});

test('what is not asked for is left out, for the AWS SDK too', async () => {
  const { calls, asked } = book();
  const { call, region } = calls.calls('eu', {});
  await call('GetItem', {}, { attributeValues: 'json' });
  expect([region, asked]).toEqual(['eu', [['SyncCall', { Operation: 'GetItem', Input: {} }]]]);
});
