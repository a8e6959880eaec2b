import { describe, expect, test } from 'vitest';
import { contributorMinutesMax } from '../../src/base/limits.ts';
import { Contributors, type Rule } from '../../src/insight/contributor.ts';

const minute = 60_000;
const hour = 60 * minute;

const since = 0;

function note(counted: Contributors, name: number, amount: number, nowMs: number, tree = 7): void {
  counted.note({ tree, since, rule: 'PKC', key: Uint8Array.of(name), amount }, nowMs);
}

function top(counted: Contributors, windowMs: number, nowMs: number, rule: Rule = 'PKC') {
  const { contributors, ...rest } = counted.report({ tree: 7, since }, rule, windowMs, 10, nowMs);
  return { ...rest, named: contributors.map(({ key, most, least }) => [key[0], most, least]) };
}

describe('contributors', () => {
  test('are those of the window, the greatest first', () => {
    const counted = new Contributors(0);
    note(counted, 1, 5, 10);
    note(counted, 2, 1, minute + 5);
    note(counted, 2, 1, 2 * minute);
    note(counted, 3, 4, 2 * minute);
    expect(top(counted, minute, 2 * minute)).toEqual({
      named: [
        [3, 4, 4],
        [2, 2, 2],
      ],
      total: 6,
      keys: 2,
      leftOut: 0,
      sinceMs: minute,
    });
    expect(top(counted, hour, 2 * minute)).toMatchObject({ total: 11, sinceMs: 0 });
    expect(top(counted, hour, 2 * minute).named[0]).toEqual([1, 5, 5]);
  });

  test('of other trees and rules are their own', () => {
    const counted = new Contributors(0);
    note(counted, 1, 5, 10);
    note(counted, 2, 9, 10, 8);
    counted.note({ tree: 7, since, rule: 'PKT', key: Uint8Array.of(3), amount: 1 }, 10);
    expect(top(counted, minute, 20).named).toEqual([[1, 5, 5]]);
    expect(top(counted, minute, 20, 'PKT').named).toEqual([[3, 1, 1]]);
    expect(top(counted, minute, 20, 'SKC')).toMatchObject({ total: 0, named: [] });
    expect(counted.report({ tree: 8, since }, 'PKC', minute, 10, 20).total).toBe(9);
  });

  test('that were counted before counting began anew are another’s, in the same minute too', () => {
    const counted = new Contributors(0);
    note(counted, 1, 5, 10);
    counted.note({ tree: 7, since: 20, rule: 'PKC', key: Uint8Array.of(1), amount: 2 }, 20);
    expect(counted.report({ tree: 7, since: 20 }, 'PKC', minute, 10, 30).total).toBe(2);
    expect(top(counted, minute, 30).total).toBe(5);
  });

  test('are forgotten after an hour, and the report says so', () => {
    const counted = new Contributors(0);
    note(counted, 1, 5, 0);
    const later = contributorMinutesMax * minute + 10;
    note(counted, 2, 1, later);
    expect(top(counted, 2 * hour, later)).toMatchObject({ named: [[2, 1, 1]], sinceMs: minute });
    expect(top(counted, 2 * hour, later + 2 * hour)).toMatchObject({ total: 0 });
  });

  test('that do not fit into a minute are bounded over all of the window', () => {
    const counted = new Contributors(0, 2);
    for (const name of [1, 1, 1, 2, 2, 3]) note(counted, name, 1, 0);
    note(counted, 2, 1, minute);
    const { named, total, leftOut } = top(counted, hour, minute);
    expect(total).toBe(7);
    expect(leftOut).toBe(1);
    // Of key 2 the first minute had 2, which were taken by key 3.
    expect(named).toEqual([
      [2, 4, 1],
      [1, 3, 3],
      [3, 3, 1],
    ]);
  });

  test('give up the oldest minutes when there are too many sums', () => {
    const counted = new Contributors(0, 100, 5);
    for (let name = 0; name < 4; name += 1) note(counted, name, 1, 0);
    for (let name = 0; name < 4; name += 1) note(counted, name, 2, 3 * minute);
    const { total, sinceMs, named } = top(counted, hour, 3 * minute);
    expect([total, sinceMs, named.length]).toEqual([8, minute, 4]);
  });
});
