import { describe, expect, test } from 'vitest';
import { CallError, DatabaseError, DynamoDBError, errorOf } from '../../src/client/errors.ts';

describe('errors that were sent as data', () => {
  test('of DynamoDB have their members', () => {
    const members = { CancellationReasons: [{ Code: 'None' }] };
    const error = errorOf({
      name: 'TransactionCanceledException',
      message: 'm',
      expected: true,
      members,
    });
    expect(error).toBeInstanceOf(DynamoDBError);
    expect(error).toMatchObject({ name: 'TransactionCanceledException', message: 'm', ...members });
  });

  test('of a newer release say so', () => {
    const error = errorOf({ name: 'UpdateNeeded', message: 'm', expected: false, members: {} });
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ why: 'update-needed', message: 'm' });
  });

  test('of the world keep name and message', () => {
    const members = { mayHaveBeenApplied: true };
    const error = errorOf({ name: 'AbortError', message: 'm', expected: false, members });
    expect(error).not.toBeInstanceOf(DynamoDBError);
    expect(error).toMatchObject({ name: 'AbortError', message: 'm', mayHaveBeenApplied: true });
  });
});

test.each([
  [new CallError('AbortError', false), 'The call was aborted; nothing was written'],
  [
    new CallError('TimeoutError', true),
    'The call took too long; the write may have been applied all the same',
  ],
  [new DatabaseError('closed', 'Closed'), 'Closed'],
  [
    new DatabaseError('worker', 'Died', { mayHaveBeenApplied: true }),
    'Died; the write may have been applied all the same',
  ],
])('%s says whether a write may stand', (error, message) => {
  expect(error.message).toBe(message);
  expect(error.mayHaveBeenApplied).toBe(message.includes('may have been applied'));
});
