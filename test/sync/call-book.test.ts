import { expect, test } from 'vitest';
import { CallBook } from '../../src/sync/call-book.ts';

function book(): { readonly calls: CallBook; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const calls = new CallBook(async (operation, input) => {
    asked.push([operation, input]);
    return operation === 'SyncSettled'
      ? { As: 'superseded' }
      : { Output: { made: true }, Seqs: [7] };
  });
  return { calls, asked };
}

test('a call says what it asks for, and its result is known by what it is', async () => {
  const { calls, asked } = book();
  const Input = { TableName: 'Notes', Item: { id: 'a' } };
  const result = await calls.with({ mode: 'confirm', expiresMs: 5 })('PutItem', Input);
  expect(result).toEqual({ made: true });
  expect(await calls.settled(result)).toBe('superseded');
  expect(asked).toEqual([
    ['SyncCall', { Operation: 'PutItem', Input, Mode: 'confirm', ExpiresMs: 5 }],
    ['SyncSettled', { Seqs: [7] }],
  ]);
  await expect(calls.settled({ ...result })).rejects.toThrow(TypeError);
});

test('what the hub carried out is settled, and what is not asked for is left out', async () => {
  const { calls, asked } = book();
  const result = await calls.with({ mode: 'hub' })('GetItem', {});
  expect(await calls.settled(result)).toBe('hub');
  await calls.with({})('GetItem', {});
  expect(asked).toEqual([
    ['SyncCall', { Operation: 'GetItem', Input: {}, Mode: 'hub' }],
    ['SyncCall', { Operation: 'GetItem', Input: {} }],
  ]);
});
