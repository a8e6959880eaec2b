import { expect, test } from 'vitest';
import { initialStatus } from '../../src/sync/initial-status.ts';

test('claims nothing that nobody has seen', () => {
  const { state, leads, lastRoundTripAt, clockOffsetMs } = initialStatus;
  expect([state, leads, lastRoundTripAt, clockOffsetMs]).toEqual([
    'offline',
    false,
    undefined,
    undefined,
  ]);
});
