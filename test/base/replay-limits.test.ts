import { expect, test } from 'vitest';
import * as limits from '../../src/base/replay-limits.ts';

test.each(Object.entries(limits))('%s is a whole number', (_, value) => {
  expect(Number.isSafeInteger(value)).toBe(true);
});

test('a log that is long enough to tell is shorter than the bound', () => {
  expect(limits.replayPaceMs * limits.replayPaceMax).toBeLessThan(limits.replayMsDefault);
});
