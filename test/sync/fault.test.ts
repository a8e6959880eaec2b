import { expect, test } from 'vitest';
import { SyncFault } from '../../src/sync/fault.ts';

test('a fault says why, and how long it is to be left alone', () => {
  const fault = new SyncFault('offline', 'no answer', 1000);
  expect([fault.name, fault.why, fault.message, fault.retryMs]).toEqual([
    'SyncFault',
    'offline',
    'no answer',
    1000,
  ]);
});
