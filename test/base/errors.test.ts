import { describe, expect, test } from 'vitest';
import {
  DynamoError,
  type ErrorName,
  errorTable,
  internalServerError,
  invalid,
  limitExceeded,
  resourceInUse,
  resourceNotFound,
  validation,
} from '../../src/base/errors.ts';

describe('a DynamoError', () => {
  test('is an Error with a name, a text, members and what was read', () => {
    const error = new DynamoError('ConditionalCheckFailedException', 'no', { Item: 1 }, 300);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message: 'no', members: { Item: 1 }, sizeRead: 300 });
    expect(String(error)).toBe('ConditionalCheckFailedException: no');
    expect(validation('no')).toMatchObject({ members: {}, sizeRead: 0 });
  });

  // The wire's `__type`, status and spelling: reference/protocol.md, section 3.
  const rows: readonly (readonly [ErrorName, string, number, string | undefined])[] = [
    ['ValidationException', 'com.amazon.coral.validate#', 400, 'message'],
    ['SerializationException', 'com.amazon.coral.service#', 400, 'Message'],
    ['UnknownOperationException', 'com.amazon.coral.service#', 400, undefined],
    ['ThrottlingException', 'com.amazon.coral.availability#', 400, 'message'],
    ['ResourceNotFoundException', 'com.amazonaws.dynamodb.v20120810#', 400, 'message'],
    ['TransactionCanceledException', 'com.amazonaws.dynamodb.v20120810#', 400, 'Message'],
    ['InternalServerError', 'com.amazonaws.dynamodb.v20120810#', 500, 'message'],
    ['ServiceUnavailable', 'com.amazon.coral.service#', 503, 'message'],
  ];
  test.each(rows)('%s has its row', (name, prefix, status, text) => {
    expect(new DynamoError(name, '').row).toEqual({ prefix, status, text });
  });

  test('of every name is a failure by its status', () => {
    for (const row of Object.values(errorTable)) expect(row.status).toBeGreaterThanOrEqual(400);
  });

  const makers = [
    [validation('x'), 'ValidationException', 'x'],
    [invalid('x'), 'ValidationException', 'One or more parameter values were invalid: x'],
    [resourceNotFound(), 'ResourceNotFoundException', 'Requested resource not found'],
    [resourceInUse('x'), 'ResourceInUseException', 'x'],
    [limitExceeded('x'), 'LimitExceededException', 'x'],
    [internalServerError(), 'InternalServerError', 'Internal server error'],
  ] as const;
  test.each(makers)('is made: %s', (error, name, message) => {
    expect(error.name).toBe(name);
    expect(error.message).toBe(message);
  });
});
