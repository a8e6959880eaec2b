import { expect, test } from 'vitest';
import { wordyDate } from '../../src/capacity/wordy-date.ts';

test.each([
  [Date.UTC(2026, 9, 9, 0, 21, 34), 'Friday, October 9, 2026 at 12:21:34 AM'],
  [Date.UTC(2026, 9, 9, 12, 0, 0), 'Friday, October 9, 2026 at 12:00:00 PM'],
  [Date.UTC(2024, 1, 29, 23, 59, 59), 'Thursday, February 29, 2024 at 11:59:59 PM'],
  [0, 'Thursday, January 1, 1970 at 12:00:00 AM'],
  [-1000, 'Wednesday, December 31, 1969 at 11:59:59 PM'],
])('%i is %s', (ms, text) => {
  expect(wordyDate(ms)).toBe(`${text} Coordinated Universal Time`);
});
