import { describe, expect, test } from 'vitest';
import { prng } from '../../src/base/prng.ts';
import type { ScanRange } from '../../src/port/store.ts';
import { SortedRecords } from '../../src/storage/sorted-records.ts';

/** The same told naively: a map, sorted at each question. */
function naiveScan(map: Map<number, number>, range: ScanRange): number[] {
  const keys = [...map.keys()]
    .filter((key) => range.from <= key && key <= range.to)
    .sort((a, b) => a - b);
  const limit = range.limit ?? keys.length;
  return range.last === true ? keys.slice(Math.max(0, keys.length - limit)) : keys.slice(0, limit);
}

describe('sorted records', () => {
  test('answer as a sorted map does, after any sequence of changes', () => {
    const chance = prng(11);
    const records = new SortedRecords();
    const model = new Map<number, number>();
    for (let step = 0; step < 3000; step += 1) {
      const key = chance.below(200);
      if (chance.chance(0.1)) {
        const to = key + chance.below(20);
        records.removeRange(key, to);
        for (let at = key; at <= to; at += 1) model.delete(at);
      } else {
        const length = chance.below(4);
        records.put(key, new Uint8Array(length));
        model.set(key, length);
      }
      const from = chance.below(200);
      const range: ScanRange = {
        space: 'log',
        from,
        to: from + chance.below(60),
        last: chance.chance(0.5),
        ...(chance.chance(0.5) ? { limit: chance.below(10) } : {}),
      };
      expect(records.scan(range).map((record) => record.key)).toEqual(naiveScan(model, range));
    }
    expect(records.keys(0, 1000)).toEqual(naiveScan(model, { space: 'log', from: 0, to: 1000 }));
    expect(records.bytes).toBe([...model.values()].reduce((sum, length) => sum + length, 0));
  });
});
