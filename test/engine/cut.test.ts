import { describe, expect, test } from 'vitest';
import { CutNotes } from '../../src/engine/cut.ts';
import { Layer, type TailEntry } from '../../src/log/tail.ts';
import { type DamageRecord, damageItem, damageKey } from '../../src/table/damage.ts';
import { damageTree } from '../../src/table/system.ts';
import { decodeItem, encodeItem } from '../../src/value/codec.ts';
import { itemSize } from '../../src/value/size.ts';

const bytes = (...of: number[]): Uint8Array => Uint8Array.of(...of);

function record(page: number, more: Partial<DamageRecord> = {}): DamageRecord {
  const range = { from: bytes(3), to: bytes(6) };
  return { tree: 100, page, height: 1, ...range, table: 'Things', foundMs: 0, ...more };
}

/** Pages that are cut out, with the keys that they were found with. */
function cutOut(...pages: readonly number[]): ReadonlyMap<number, DamageRecord> {
  return new Map(pages.map((page) => [page, record(page)]));
}

/** That puts some keys of tree 100 and removes others. */
function layer(put: readonly number[], removed: readonly number[] = []): Layer {
  const made = new Layer();
  const mutations = [...put, ...removed].map((key) => ({
    ...{ tree: 100, key: bytes(key), sizeBefore: undefined, sizeAfter: 1 },
    value: removed.includes(key) ? undefined : bytes(9),
  }));
  const stamp = { ms: 1, counter: 0, replica: new Uint8Array(16) };
  const commit = { sequence: 1, stamp, transaction: 0, transactionEnd: true, caller: 'user' };
  made.apply({ ...commit, table: 100, units: 1, mutations } as never, 1);
  return made;
}

function noted({ entries }: CutNotes): unknown {
  return entries.map(({ key, value }) => {
    const item = decodeItem(value ?? new Uint8Array());
    const superseded = item.get('superseded');
    const keys = superseded?.type === 'BS' ? superseded.value.map((one) => one[0]) : [];
    return [key[15], item.has('cut'), keys];
  });
}

describe('a checkpoint notes', () => {
  test('of a page that it cuts out which keys of its range it writes, or removes', () => {
    const records = [record(44), record(45)];
    const notes = new CutNotes(records, cutOut(44), layer([1, 3, 6], [5]), 7);
    expect(noted(notes)).toEqual([[44, true, [3, 5]]]);
    expect(notes.trees).toEqual([damageTree]);
    const all = { isCut: true, superseded: [bytes(3), bytes(5)] };
    const grown = itemSize(damageItem(record(44, all))) - itemSize(damageItem(record(44)));
    expect(notes.bytes).toBe(grown);
  });

  test('of one that was cut out what it writes besides', () => {
    const cut = record(44, { isCut: true, superseded: [bytes(4)] });
    expect(noted(new CutNotes([cut], cutOut(), layer([3, 4]), 7))).toEqual([[44, true, [4, 3]]]);
    const same = new CutNotes([cut], cutOut(), layer([4]), 7);
    expect([same.entries, same.bytes, same.trees]).toEqual([[], 0, []]);
  });

  test('nothing of what is not cut out', () => {
    const others = [record(44), record(45, { height: 0 })];
    expect(noted(new CutNotes(others, cutOut(46), layer([4]), 7))).toEqual([]);
  });

  test('which keys the page has by now', () => {
    const known = record(44);
    const now = record(44, { from: bytes(2), to: undefined });
    const notes = new CutNotes([known], new Map([[44, now]]), layer([1, 2, 7]), 7);
    const whole = { ...now, isCut: true, superseded: [bytes(2), bytes(7)] };
    expect(notes.entries.map(({ value }) => value)).toEqual([encodeItem(damageItem(whole))]);
    expect(notes.bytes).toBe(itemSize(damageItem(whole)) - itemSize(damageItem(known)));
  });

  test('it in the place of what the records said', () => {
    const notes = new CutNotes([record(46), record(44)], cutOut(44, 46), layer([4]), 7);
    const change = (page: number): TailEntry => {
      return { key: damageKey(100, page), value: bytes(1), position: 2 };
    };
    const over = (tree: number): unknown =>
      [...notes.over(tree, [change(43), change(44), change(45), change(47)])].map(
        ({ key, value }) => [key[15], value?.length === 1],
      );
    expect(over(damageTree)).toEqual([
      [43, true],
      [44, false],
      [45, true],
      [46, false],
      [47, true],
    ]);
    expect(over(100)).toEqual([
      [43, true],
      [44, true],
      [45, true],
      [47, true],
    ]);
  });
});
