import { describe, expect, test } from 'vitest';
import { Patience } from '../../src/base/patience.ts';

describe('patience', () => {
  test('ends for what has waited as long as the limit, and once', () => {
    const patience = new Patience<string>(100, 25);
    patience.tick(1000);
    patience.begin('a');
    const late = [1025, 1050, 1075, 1100, 1125].map((nowMs) => patience.tick(nowMs));
    expect(late).toEqual([[], [], [], ['a'], []]);
    expect(patience.size).toBe(0);
  });

  test('does not end for what was answered', () => {
    const patience = new Patience<string>(50, 25);
    patience.tick(0);
    patience.begin('a');
    patience.begin('b');
    patience.end('a');
    expect([25, 50, 75].flatMap((nowMs) => patience.tick(nowMs))).toEqual(['b']);
  });

  test('does not count the time that the machine slept', () => {
    const patience = new Patience<string>(100, 25);
    patience.tick(0);
    patience.begin('a');
    // An hour in one tick counts for two ticks.
    expect(patience.tick(3_600_000)).toEqual([]);
    expect(patience.tick(3_600_025)).toEqual([]);
    expect(patience.tick(3_600_050)).toEqual(['a']);
  });

  test('takes a clock that turns back for one that stands', () => {
    const patience = new Patience<string>(50, 25);
    patience.tick(1000);
    patience.begin('a');
    expect(patience.tick(0)).toEqual([]);
    expect([25, 50].flatMap((nowMs) => patience.tick(nowMs))).toEqual(['a']);
  });

  test('can be ended for all at once', () => {
    const patience = new Patience<string>(50, 25);
    patience.begin('a');
    patience.begin('b');
    expect(patience.endAll()).toEqual(['a', 'b']);
    expect([patience.size, patience.tick(1000)]).toEqual([0, []]);
  });
});
