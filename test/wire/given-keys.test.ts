import { describe, expect, test } from 'vitest';
import { givenFreelyMax, givenKeysMax } from '../../src/base/page-limits.ts';
import type { Commit } from '../../src/log/commit.ts';
import { catalogTree, damageTree } from '../../src/table/system.ts';
import { GivenKeys } from '../../src/wire/given-keys.ts';

function place(tree: number, key: string) {
  return { tree, key: new TextEncoder().encode(key) };
}

function commitOf(...places: readonly { tree: number; key: Uint8Array }[]): Commit {
  const mutations = places.map(({ tree, key }) => ({ tree, key, value: new Uint8Array(1) }));
  return { mutations } as unknown as Commit;
}

describe('keys that a page was given', () => {
  test('are told once when they change, and then not given any more', () => {
    const given = new GivenKeys();
    const tag = given.give(place(100, 'a'));
    given.heard([commitOf(place(100, 'a')), commitOf(place(100, 'a'))]);
    expect(given.take()).toEqual([tag]);
    expect(given.take()).toBeUndefined();
    given.heard([commitOf(place(100, 'a'))]);
    expect(given.take()).toBeUndefined();
  });

  test('are of one tree each; of others nothing is told', () => {
    const given = new GivenKeys();
    const tags = [given.give(place(100, 'a')), given.give(place(101, 'a'))];
    expect(new Set(tags).size).toBe(2);
    given.heard([commitOf(place(101, 'a'), place(102, 'a'), place(100, 'b'))]);
    expect(given.take()).toEqual([tags[1]]);
  });

  test.each([
    ['catalog', catalogTree],
    ['damage', damageTree],
  ])('are all forgotten when the %s changes', (_, tree) => {
    const given = new GivenKeys();
    given.give(place(100, 'a'));
    given.heard([commitOf(place(tree, 'T'))]);
    expect(given.take()).toBe('all');
    given.heard([commitOf(place(100, 'a'))]);
    expect(given.take()).toBeUndefined();
  });

  test('are all forgotten when a bulk build comes within reach', () => {
    const given = new GivenKeys();
    given.give(place(100, 'a'));
    given.heard([{ mutations: [], attach: [{}] } as unknown as Commit]);
    expect(given.take()).toBe('all');
  });

  test('wake whoever tells the page, once until it is told', () => {
    const given = new GivenKeys();
    let woken = 0;
    given.wake = () => {
      woken += 1;
    };
    given.give(place(100, 'a'));
    given.give(place(100, 'b'));
    given.heard([commitOf(place(100, 'a'), place(100, 'b'))]);
    expect(woken).toBe(1);
    expect(given.take()).toHaveLength(2);
    given.overtaken();
    given.stopped();
    expect(woken).toBe(2);
  });

  test('past a bound are given at the second reading, and again as long as they are known', () => {
    const given = new GivenKeys();
    for (let n = 0; n < givenFreelyMax; n += 1) expect(given.give(place(100, `k${n}`))).not.toBe(0);
    expect(given.give(place(100, 'late'))).toBe(0);
    given.heard([commitOf(place(100, 'late'))]);
    expect(given.take()).toBeUndefined();
    const tag = given.give(place(100, 'late'));
    expect(tag).not.toBe(0);
    expect(given.give(place(100, 'late'))).toBe(tag);
    expect(given.give(place(100, 'k0'))).not.toBe(0);
    given.heard([commitOf(place(100, 'late'))]);
    expect(given.take()).toEqual([tag]);
  });

  test('past a bound are not given where each is read once', () => {
    const given = new GivenKeys();
    let kept = 0;
    for (let n = 0; n < 3 * givenKeysMax; n += 1) kept += given.give(place(100, `k${n}`)) ? 1 : 0;
    expect(kept).toBeLessThan(givenFreelyMax + 10);
    expect(given.take()).toBeUndefined();
  });

  test('are bounded: past the last bound all are forgotten', () => {
    const given = new GivenKeys();
    const giveTwice = (key: string): number => {
      given.give(place(100, key));
      return given.give(place(100, key));
    };
    for (let n = 0; n < givenKeysMax; n += 1) giveTwice(`k${n}`);
    expect(given.take()).toBeUndefined();
    const tag = giveTwice('one more');
    expect(given.take()).toBe('all');
    given.heard([commitOf(place(100, 'one more'), place(100, 'k0'))]);
    expect(given.take()).toEqual([tag]);
  });
});
