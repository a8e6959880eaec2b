import { describe, expect, test } from 'vitest';
import * as limits from '../../src/base/limits.ts';
import { tailLeastBytes } from '../../src/base/memory-limits.ts';
import { boundsOf } from '../../src/engine/bounds.ts';

describe('limits', () => {
  test.each(Object.entries(limits))('%s is a whole number', (_, value) => {
    expect(Number.isSafeInteger(value)).toBe(true);
  });

  // What one limit promises to another; code relies on each.
  const promises: readonly (readonly [string, boolean])[] = [
    ['a turn waits for less than the tail may hold', limits.turnBytesAim < tailLeastBytes],
    ['a page is stored as one record', limits.pageBytesTarget < limits.recordBytesMax],
    ['a record stays below 64 KB', limits.recordBytesMax < 64 * 1024],
    ['a leaf holds several values', limits.inlineValueBytesMax * 4 <= limits.pageBytesTarget],
    [
      'a checkpoint starts before writers wait',
      limits.logWaitFactor > 1 && limits.checkpointLogBytes < boundsOf({}).tailBytes,
    ],
    ['a slice holds several records', limits.checkpointSliceBytes > 4 * limits.recordBytesMax],
    [
      'page keys are safe integers for 2^29 pages',
      Number.isSafeInteger(2 ** 29 * limits.checkpointSpan - 1),
    ],
  ];
  test.each(promises)('%s', (_, holds) => {
    expect(holds).toBe(true);
  });
});
