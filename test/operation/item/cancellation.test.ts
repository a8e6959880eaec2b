import { describe, expect, test } from 'vitest';
import { DynamoError, resourceNotFound, validation } from '../../../src/base/errors.ts';
import {
  cancelled,
  eachOrCancel,
  noReason,
  reasonOf,
  statementReasonOf,
} from '../../../src/operation/item/cancellation.ts';
import { PageFault } from '../../../src/pager/fault.ts';

describe('a reason', () => {
  test.each([
    ['ConditionalCheckFailedException', 'ConditionalCheckFailed'],
    ['ItemCollectionSizeLimitExceededException', 'ItemCollectionSizeLimitExceeded'],
    ['TransactionConflictException', 'TransactionConflict'],
    ['ProvisionedThroughputExceededException', 'ProvisionedThroughputExceeded'],
    ['ThrottlingException', 'ThrottlingError'],
    ['ValidationException', 'ValidationError'],
    ['AccessDeniedException', 'AccessDenied'],
  ] as const)('for %s is %s, with its text and members', (name, Code) => {
    const fault = new DynamoError(name, 'text', { Item: 'item' });
    expect(reasonOf(fault)).toEqual({ Code, Message: 'text', Item: 'item' });
  });

  test('is not made of a missing table, a page fault or a mistake', () => {
    for (const fault of [resourceNotFound(), new PageFault([1]), new TypeError('mistake')]) {
      expect(() => reasonOf(fault)).toThrow(fault);
    }
  });
});

test('a missing table is a reason of a statement only', () => {
  expect(statementReasonOf(resourceNotFound())).toEqual({
    Code: 'ResourceNotFound',
    Message: 'Requested resource not found',
  });
  expect(statementReasonOf(validation('no'))).toEqual({ Code: 'ValidationError', Message: 'no' });
  const mistake = new TypeError('mistake');
  expect(() => statementReasonOf(mistake)).toThrow(mistake);
});

test('a cancellation names a code for each action', () => {
  const fault = cancelled([noReason, { Code: 'ValidationError', Message: 'no' }], 7);
  expect(fault.message).toBe(
    'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
      '[None, ValidationError]',
  );
  expect(fault.sizeRead).toBe(7);
});

describe('each or cancel', () => {
  const step = (value: number): number => {
    if (value < 0) throw validation(`negative: ${value}`);
    return value * 2;
  };

  test('answers all results', () => {
    expect(eachOrCancel([1, 2], step)).toEqual([2, 4]);
  });

  test('tells the first refusal alone', () => {
    expect(() => eachOrCancel([1, -2, -3], step)).toThrow(
      expect.objectContaining({
        name: 'TransactionCanceledException',
        members: {
          CancellationReasons: [
            noReason,
            { Code: 'ValidationError', Message: 'negative: -2' },
            noReason,
          ],
        },
      }),
    );
  });
});
