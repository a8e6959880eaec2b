import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePlaces } from '../../src/log/change.ts';
import { placeOfNumber, sequenceNumber } from '../../src/stream/sequence.ts';

describe('a sequence number', () => {
  test('has 31 digits: time, then the sequence number of the commit', () => {
    expect(sequenceNumber({ ms: 1_767_225_600_123, sequence: 42 })).toBe(
      '1' + '01767225600123' + '0000000000000042',
    );
  });

  test('is a place, and compares as it does, as text and as number', () => {
    const place = fc.record({ ms: fc.nat(2 ** 31 - 1), sequence: fc.maxSafeNat() });
    fc.assert(
      fc.property(place, place, (a, b) => {
        const [x, y] = [sequenceNumber(a), sequenceNumber(b)];
        expect(placeOfNumber(x)).toEqual(a);
        const order = Math.sign(comparePlaces(a, b));
        expect(x === y ? 0 : x < y ? -1 : 1).toBe(order);
        expect(BigInt(x) === BigInt(y) ? 0 : BigInt(x) < BigInt(y) ? -1 : 1).toBe(order);
      }),
    );
  });

  test.each([
    ['000000000000000000001', { ms: 0, sequence: 0 }],
    ['9'.repeat(40), { ms: 2 ** 48 - 1, sequence: Number.MAX_SAFE_INTEGER }],
    [`1${'0'.repeat(13)}5${'9'.repeat(16)}`, { ms: 5, sequence: Number.MAX_SAFE_INTEGER }],
  ])('of somebody else, %s, is the place next to it', (number, place) => {
    expect(placeOfNumber(number)).toEqual(place);
  });

  test.each(['', 'abc', '12345678901234567890x', '-1234567890123456789012', '１２３'])(
    '%s is none',
    (text) => {
      expect(placeOfNumber(text)).toBeUndefined();
    },
  );
});
