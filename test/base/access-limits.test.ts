import { expect, test } from 'vitest';
import * as limits from '../../src/base/access-limits.ts';
import { connectionsMax, headersBytesMax, requestBytesMax } from '../../src/base/limits.ts';

test.each(Object.entries(limits))('%s is a whole number above 0', (_, value) => {
  expect(Number.isSafeInteger(value) && value > 0).toBe(true);
});

test('a token fits in headers, and a body in what all bodies may be', () => {
  expect(limits.tokenLengthMax).toBeLessThan(headersBytesMax);
  expect(requestBytesMax * 4).toBeLessThan(limits.bodiesBytesMax);
});

test('nobody takes all that there is', () => {
  expect(limits.principalRequestsMax * 4).toBeLessThan(limits.serverRequestsMax);
  expect(limits.addressConnectionsMax * 2).toBeLessThan(connectionsMax);
});

test('keys rotate sooner than they are stale, and tokens end before', () => {
  expect(limits.keySetPauseMs).toBeLessThan(limits.keySetAgeMs);
  expect(limits.keySetAgeMs).toBeLessThan(limits.keySetStaleMs);
  expect(limits.tokenLifeMs).toBeLessThan(limits.tokenLifeMaxMs);
});
