import { describe, expect, test } from 'vitest';
import { isCuttable, Leads } from '../../src/engine/leads.ts';
import type { TailEntry } from '../../src/log/tail.ts';
import type { DamageRecord } from '../../src/table/damage.ts';
import { rootsTree } from '../../src/table/system.ts';

function record(tree: number, page: number, from: number): DamageRecord {
  const key = Uint8Array.of(from);
  return { tree, page, height: 1, from: key, to: undefined, table: undefined, foundMs: 0 };
}

function change(key: number, value = 1): TailEntry {
  return { key: Uint8Array.of(key), value: Uint8Array.of(value), position: 5 };
}

describe('leads', () => {
  test('go to pages of the tree of roots that are in memory, and cut none of them out', () => {
    const inner = { ...record(rootsTree, 302, 9), height: 2 };
    const damage = [record(rootsTree, 300, 5), record(rootsTree, 301, 7), inner];
    const leads = new Leads(damage, undefined, { has: (page) => page !== 301 });
    expect([...leads.among(rootsTree, [])].map(({ key }) => key[0])).toEqual([5]);
    expect(leads.anew).toEqual(new Set([300, 301, 302]));
    expect(leads.lostOf(rootsTree)).toBeUndefined();
    expect(damage.some(isCuttable)).toBe(false);
  });

  const lost = new Leads([record(7, 300, 5), record(7, 301, 9), record(102, 302, 0)]);

  test('bring their trees among those that are merged, in order', () => {
    expect(lost.with([3, 50, 102])).toEqual([3, 7, 50, 102]);
    expect(lost.lostOf(7)).toEqual(new Set([300, 301]));
    expect(lost.lostOf(3)).toBeUndefined();
  });

  test('are led to by an entry that changes nothing, in its place, unless a change leads there', () => {
    const keys = (changes: readonly TailEntry[]): unknown =>
      [...lost.among(7, changes)].map(({ key, value }) => [key[0], value?.[0]]);
    expect(keys([])).toEqual([
      [5, undefined],
      [9, undefined],
    ]);
    expect(keys([change(1), change(5), change(12)])).toEqual([
      [1, 1],
      [5, 1],
      [9, undefined],
      [12, 1],
    ]);
    expect([...lost.among(3, [change(1)])]).toEqual([change(1)]);
    const sparse = new Leads([], new Map([[4, [Uint8Array.of(8), Uint8Array.of(2)]]]));
    expect([...sparse.among(4, [])].map(({ key }) => key[0])).toEqual([2, 8]);
  });
});
