import { expect, test } from 'vitest';
import { pushBytesMax, pushBytesMin } from '../../src/base/replica-limits.ts';
import { SyncFault } from '../../src/sync/fault.ts';
import { Pace } from '../../src/sync/pace.ts';

const lost = new SyncFault('offline', 'The hub is out of reach');
const entries = (...bytes: readonly number[]): Uint8Array[] =>
  bytes.map((length) => new Uint8Array(length));

test('a push is half of what the network lost, down to a bound, and grows with what comes through', () => {
  const pace = new Pace();
  expect(pace.bytes).toBe(pushBytesMax);
  pace.failed(lost, entries(60_000, 40_000));
  expect(pace.bytes).toBe(50_000);
  pace.failed(lost, entries(50_100));
  expect(pace.bytes).toBe(25_000);
  for (let n = 0; n < 10; n += 1) pace.failed(lost, entries(25_000));
  expect(pace.bytes).toBe(pushBytesMin);
  pace.passed();
  expect(pace.bytes).toBe(2 * pushBytesMin);
  for (let n = 0; n < 20; n += 1) pace.passed();
  expect(pace.bytes).toBe(pushBytesMax);
});

test('what a hub has answered says nothing of the network', () => {
  const pace = new Pace();
  pace.failed(new SyncFault('offline', 'The hub fails', undefined, 503), entries(1000));
  expect(pace.bytes).toBe(pushBytesMax);
});
