import { expect, test } from 'vitest';
import { syncRetryMs, syncRetryMsMax } from '../../src/base/replica-limits.ts';
import { backOffMs } from '../../src/sync/back-off.ts';

const least = { bytes: () => Uint8Array.of(0, 0) };
const most = { bytes: () => Uint8Array.of(255, 255) };

test('waits double up to their bound, and half of each is chance', () => {
  expect([1, 2, 3].map((n) => backOffMs(n, 'offline', least))).toEqual(
    [1, 2, 4].map((n) => (n * syncRetryMs) / 2),
  );
  expect(backOffMs(3, 'offline', most)).toBeGreaterThan(4 * syncRetryMs * 0.99);
  expect(backOffMs(10_000, 'offline', most)).toBeLessThanOrEqual(syncRetryMsMax);
  expect(backOffMs(10_000, 'offline', least)).toBe(syncRetryMsMax / 2);
});

test('what somebody must change first is tried seldom from the beginning', () => {
  expect(backOffMs(1, 'update-needed', least)).toBe(syncRetryMsMax / 2);
  expect(backOffMs(1, 'blocked', least)).toBe(syncRetryMsMax / 2);
});
