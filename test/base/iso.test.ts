import { describe, expect, test } from 'vitest';
import { dayOf, isoText } from '../../src/base/iso.ts';
import { prng } from '../../src/base/prng.ts';

describe('an instant as text', () => {
  const random = prng(7);
  const instants = Array.from({ length: 200 }, () => random.below(4_102_444_800) * 1000 + 7);

  test.each([0, 1, 951_782_400_000, 951_868_799_999, 1_709_164_800_123, ...instants])(
    'is the instant %d in UTC',
    (ms) => {
      expect(isoText(ms)).toBe(new Date(ms).toISOString().slice(0, -1));
    },
  );

  test('changes its day at midnight', () => {
    expect([dayOf(86_399_999), dayOf(86_400_000)]).toEqual([0, 1]);
  });
});
