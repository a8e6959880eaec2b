import { expect, test } from 'vitest';
import { PageFault } from '../../src/pager/fault.ts';

test('a page fault names pages, and has no stack trace to pay for', () => {
  const fault = new PageFault([1, 2], [3]);
  expect([fault.pages, fault.ahead, new PageFault([1]).ahead]).toEqual([[1, 2], [3], []]);
  expect(fault).toBeInstanceOf(Error);
  expect(fault.name).toBe('PageFault');
});
