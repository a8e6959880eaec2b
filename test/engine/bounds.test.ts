import { describe, expect, test } from 'vitest';
import { tailLeastBytes } from '../../src/base/memory-limits.ts';
import { boundsOf } from '../../src/engine/bounds.ts';
import { openRig } from '../support/engine.ts';

const MB = 1024 * 1024;

describe('the bounds of an engine', () => {
  test('are those of the docs when none are given', () => {
    const { cacheBytes, tailBytes, checkpointBytes, replayMs } = boundsOf({});
    expect([cacheBytes / MB, tailBytes / MB, checkpointBytes / MB]).toEqual([64, 20, 12]);
    expect(replayMs).toBe(300);
  });

  test("a tail's own bound moves where writes are refused", () => {
    expect(boundsOf({ tailBytes: 1000 }).tailRefusedBytes).toBe(3000);
  });

  test.each([
    [8, 10],
    [64, 20],
    [101, 20],
    [512, 20],
  ])('with a cache of %d MB leave %d MB of 32 to everything else', (cache, left) => {
    const { cacheBytes, tailBytes } = boundsOf({ cacheBytes: cache * MB });
    expect(Number.isInteger(tailBytes)).toBe(true);
    const most = Math.max(2 * tailBytes + cacheBytes / 4, cacheBytes + tailLeastBytes);
    expect(most).toBeLessThanOrEqual(cacheBytes + (32 - left) * MB);
  });

  test.each([1, 8, 64, 512])('with a cache of %d MB are kept where checkpoints fail', (cache) => {
    const { cacheBytes, tailBytes, tailRefusedBytes } = boundsOf({ cacheBytes: cache * MB });
    expect(tailRefusedBytes).toBeGreaterThanOrEqual(2 * tailBytes);
    expect(tailRefusedBytes + cacheBytes / 4).toBeLessThanOrEqual(cacheBytes + 30 * MB + 1);
  });

  test.each([
    ['cacheBytes', 0],
    ['cacheBytes', -1],
    ['tailBytes', 1.5],
    ['tailBytes', Number.NaN],
    ['checkpointBytes', Number.POSITIVE_INFINITY],
    ['checkpointBytes', '4 MB' as unknown as number],
    ['replayMs', 0],
  ])('%s of %s is refused before anything is opened', async (name, bytes) => {
    const unit = name === 'replayMs' ? 'milliseconds' : 'bytes';
    await expect(openRig({ [name]: bytes })).rejects.toThrow(
      new RangeError(`${name} must be a whole number of ${unit} above 0, not ${bytes}`),
    );
  });
});
