import { expect, test } from 'vitest';
import { failure } from '../../src/engine/failures.ts';

test('a failure is a server error that says why, what to do, and what became of the write', () => {
  const before = failure('full', 'The disk is full');
  expect(before).toMatchObject({
    name: 'InternalServerError',
    message: 'The disk is full; nothing was written',
    members: { reason: 'full', mayHaveBeenApplied: false },
  });
  const during = failure('unknown', 'The connection was lost', true);
  expect(during).toMatchObject({
    message: 'The connection was lost. It is not known whether the write was stored',
    members: { reason: 'unknown', mayHaveBeenApplied: true },
  });
});
