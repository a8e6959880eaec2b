import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareWritten, resolve, type Written } from '../../src/replica/resolve.ts';

/** Few of each, so that stamps are often equal, and sometimes the bytes too. */
const replica = fc.integer({ min: 0, max: 2 }).map((id) => new Uint8Array(16).fill(id));
const small = fc.integer({ min: 0, max: 2 });
const image = fc.option(fc.uint8Array({ maxLength: 2, max: 3 }), { nil: undefined });
const written: fc.Arbitrary<Written> = fc.record({
  stamp: fc.record({ ms: small, counter: small, replica }),
  image,
});

function shown(history: readonly Written[]): Written | undefined {
  return history.reduce<Written | undefined>(
    (held, next) => (held === undefined ? next : resolve(held, next)),
    undefined,
  );
}

describe('last writer wins', () => {
  test('whatever came first (commutative)', () => {
    fc.assert(
      fc.property(written, written, (a, b) => {
        expect(resolve(a, b)).toEqual(resolve(b, a));
      }),
    );
  });

  test('however writes were gathered on the way (associative)', () => {
    fc.assert(
      fc.property(written, written, written, (a, b, c) => {
        expect(resolve(resolve(a, b), c)).toEqual(resolve(a, resolve(b, c)));
      }),
    );
  });

  test('however often one came (idempotent)', () => {
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 6 }), fc.nat(5), (history, at) => {
        const again = history[at % history.length] as Written;
        expect(shown([...history, again])).toEqual(shown(history));
        expect(shown([...history].reverse())).toEqual(shown(history));
      }),
    );
  });

  const at = (ms: number, counter: number, id: number, bytes?: readonly number[]): Written => ({
    stamp: { ms, counter, replica: new Uint8Array(16).fill(id) },
    image: bytes && Uint8Array.from(bytes),
  });

  test.each([
    ['a later time', at(2, 0, 0), at(1, 9, 9, [1])],
    ['a later count in one millisecond', at(1, 1, 0), at(1, 0, 9, [1])],
    ['the greater replica at the same time', at(1, 1, 2), at(1, 1, 1, [1])],
    ['an item over its deletion at an equal stamp', at(1, 1, 1, [1]), at(1, 1, 1)],
  ])('%s stands', (_, winner, loser) => {
    expect(resolve(loser, winner)).toBe(winner);
    expect(resolve(winner, loser)).toBe(winner);
  });

  test('D5: equal stamps with unequal bytes are one order for everyone, by hash', () => {
    const [a, b] = [at(1, 1, 1, [1]), at(1, 1, 1, [2])];
    expect(compareWritten(a, b)).not.toBe(0);
    expect(resolve(a, b)).toBe(resolve(b, a));
  });

  test('an equal write is the same write', () => {
    expect(compareWritten(at(1, 1, 1, [1]), at(1, 1, 1, [1]))).toBe(0);
    expect(compareWritten(at(1, 1, 1), at(1, 1, 1))).toBe(0);
  });
});
