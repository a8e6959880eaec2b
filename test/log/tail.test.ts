import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes, utf8 } from '../../src/base/bytes.ts';
import { Arena } from '../../src/base/arena.ts';
import { systemTreesMax } from '../../src/base/limits.ts';
import { tailEntryBytes } from '../../src/base/memory-limits.ts';
import { prng } from '../../src/base/prng.ts';
import { changeRecord } from '../../src/log/change.ts';
import type { Mutation } from '../../src/log/commit.ts';
import { type EntryRange, Layer, type TailEntry } from '../../src/log/tail.ts';
import { firstUserTree } from '../../src/table/system.ts';
import { commitOf } from '../support/tree-world.ts';

const tree = 100;

function mutation(key: Uint8Array, value: Uint8Array | undefined, before?: number): Mutation {
  return { tree, key, value, sizeBefore: before, sizeAfter: value?.length };
}

function entriesOf(layer: Layer, range: EntryRange = {}, reverse = false): TailEntry[] {
  const cursor = layer.cursor(tree, range, reverse);
  const entries: TailEntry[] = [];
  while (cursor.next()) entries.push(cursor.entry);
  return entries;
}

/** The naive layer: an array that is sorted when it is read. */
class Naive {
  entries: TailEntry[] = [];

  put(entry: TailEntry): void {
    this.entries = this.entries.filter(({ key }) => compareBytes(key, entry.key) !== 0);
    this.entries.push(entry);
    this.entries.sort((a, b) => compareBytes(a.key, b.key));
  }

  range(range: EntryRange, reverse: boolean): TailEntry[] {
    const inside = this.entries.filter(({ key }) => {
      const low = range.from === undefined ? 1 : compareBytes(key, range.from);
      const high = range.to === undefined ? -1 : compareBytes(key, range.to);
      const above = low > 0 || (low === 0 && !range.fromOpen);
      return above && (high < 0 || (high === 0 && range.toClosed === true));
    });
    return reverse ? inside.reverse() : inside;
  }
}

// Few byte values and lengths around six, where the number of a key's first bytes ends.
const key = fc.uint8Array({ maxLength: 9, max: 3 });
const put = fc.record({
  key,
  value: fc.option(fc.uint8Array({ maxLength: 5 }), { nil: undefined }),
});
const range = fc.record(
  { from: key, to: key, fromOpen: fc.boolean(), toClosed: fc.boolean() },
  { requiredKeys: [] },
);

describe('a layer', () => {
  test('reads like a sorted array', () => {
    fc.assert(
      fc.property(
        fc.array(put, { maxLength: 400 }),
        fc.array(range, { minLength: 5, maxLength: 5 }),
        fc.array(key, { maxLength: 10 }),
        (puts, ranges, keys) => {
          const layer = new Layer();
          const naive = new Naive();
          puts.forEach((one, position) => {
            layer.apply(commitOf([mutation(one.key, one.value)]), position);
            naive.put({ ...one, position, isShared: false });
          });
          expect([...layer.entries(tree)]).toEqual(naive.entries);
          expect(layer.size(tree)).toBe(naive.entries.length);
          for (const one of ranges) {
            expect(entriesOf(layer, one)).toEqual(naive.range(one, false));
            expect(entriesOf(layer, one, true)).toEqual(naive.range(one, true));
          }
          for (const one of [...keys, ...puts.map((each) => each.key)]) {
            const there = naive.entries.find((entry) => compareBytes(entry.key, one) === 0);
            expect(layer.get(tree, one)).toEqual(there);
          }
          const bytes = naive.entries.reduce(
            (sum, entry) => sum + entry.key.length + (entry.value?.length ?? 0) + tailEntryBytes,
            0,
          );
          expect(layer.bytes).toBe(bytes);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('absorbs a newer one as if its commits had been applied here', () => {
    const random = prng(3);
    const [whole, older] = [new Layer(), new Layer()];
    for (let position = 1; position <= 60; position += 1) {
      const turn = new Layer();
      for (let at = 0; at < 5; at += 1) {
        const one = commitOf([
          {
            tree: random.chance(0.2) ? 1 : tree,
            key: random.bytes(1),
            value: random.chance(0.3) ? undefined : random.bytes(random.below(20)),
            sizeBefore: random.chance(0.5) ? random.below(50) : undefined,
            sizeAfter: random.chance(0.5) ? random.below(50) : undefined,
          },
        ]);
        turn.apply(one, position);
        whole.apply(one, position);
      }
      older.absorb(turn);
    }
    for (const cut of [0, 20, 45, 59]) {
      older.dropThrough(cut);
      whole.dropThrough(cut);
      expect(older.trees()).toEqual(whole.trees());
      for (const id of whole.trees()) {
        expect([...older.entries(id)]).toEqual([...whole.entries(id)]);
        expect(older.counters(id)).toEqual(whole.counters(id));
      }
      expect(older.bytes).toBe(whole.bytes);
      expect(older.systemVersion).toBe(whole.systemVersion);
    }
    older.dropThrough(60);
    expect([older.empty, older.bytes, older.trees()]).toEqual([true, 0, []]);
  });

  test('a cut leaves what commits after it added and removed, hidden entries included', () => {
    const layer = new Layer();
    const one = utf8('a');
    layer.apply(commitOf([mutation(one, utf8('12345'))]), 1);
    layer.apply(commitOf([mutation(one, utf8('1234567'), 5)]), 2);
    layer.apply(commitOf([mutation(one, undefined, 7)]), 3);
    layer.apply(commitOf([mutation(utf8('b'), utf8('1'))]), 3);
    expect(layer.counters(tree)).toEqual({ entries: 1, bytes: 1 });
    layer.dropThrough(1);
    expect(layer.counters(tree)).toEqual({ entries: 0, bytes: -4 });
    expect(entriesOf(layer).length).toBe(2);
    layer.dropThrough(2);
    expect(layer.counters(tree)).toEqual({ entries: 0, bytes: -6 });
    layer.dropThrough(3);
    expect(layer.counters(tree)).toEqual({ entries: 0, bytes: 0 });
  });

  test('counts a value that entries of a commit share once, and what takes their place anew', () => {
    const layer = new Layer();
    const value = utf8('12345');
    const [item, first, second] = [utf8('a'), utf8('bb'), utf8('ccc')];
    layer.apply(commitOf([item, first, second].map((one) => mutation(one, value))), 1);
    expect(layer.bytes).toBe(1 + 2 + 3 + 5 + 3 * tailEntryBytes);
    // Equal bytes of another commit are others.
    layer.apply(commitOf([mutation(first, value)]), 2);
    expect(layer.bytes).toBe(1 + 2 + 3 + 5 + 5 + 3 * tailEntryBytes);
    layer.apply(commitOf([mutation(item, undefined, 5), mutation(second, undefined, 5)]), 3);
    expect(layer.bytes).toBe(1 + 2 + 3 + 5 + 3 * tailEntryBytes);
    layer.dropThrough(2);
    expect(layer.bytes).toBe(1 + 3 + 2 * tailEntryBytes);
  });

  test('with an arena has copies side by side, and of what is shared one', () => {
    const layer = new Layer(new Arena());
    const given = Array.from({ length: 100 }, (_, at) => utf8(`value ${at}`));
    given.forEach((value, at) => {
      const pair = [mutation(utf8(`a${at}`), value), mutation(utf8(`b${at}`), value)];
      layer.apply(commitOf(pair), at);
    });
    const kept = entriesOf(layer);
    const buffers = new Set(kept.flatMap((one) => [one.key.buffer, one.value?.buffer]));
    expect([kept.length, buffers.size]).toEqual([200, 1]);
    given.forEach((value, at) => {
      const item = layer.get(tree, utf8(`a${at}`))?.value;
      expect(item).toEqual(value);
      expect(item).not.toBe(value);
      expect(layer.get(tree, utf8(`b${at}`))?.value).toBe(item);
      value.fill(0);
      expect(layer.get(tree, utf8(`b${at}`))?.value).toEqual(utf8(`value ${at}`));
    });
  });

  test('puts the record of a change into its shard, wherever the change is applied', () => {
    const plain: Mutation = {
      tree: 100,
      key: utf8('k'),
      value: utf8('new'),
      sizeBefore: 3,
      sizeAfter: 5,
      before: utf8('old'),
    };
    const layer = new Layer();
    layer.apply(commitOf([{ ...plain, recorded: { tree: 200, images: 3 } }], 7), 1);
    const [record] = [...layer.entries(200)];
    const made = changeRecord(commitOf([], 7), plain, 3);
    expect(record).toMatchObject({ key: made.key, value: made.value, position: 1 });
    expect(layer.counters(200)).toEqual({ entries: 1, bytes: 8 });
    expect(layer.trees()).toEqual([100, 200]);
    const without = new Layer();
    without.apply(commitOf([plain], 7), 1);
    expect(without.trees()).toEqual([100]);
    expect(layer.loggedBytes).toBe(without.bytes);
    expect(layer.bytes).toBe(without.bytes + made.key.length + made.value.length + tailEntryBytes);
    layer.dropThrough(1);
    expect([layer.empty, layer.counters(200).entries]).toEqual([true, 0]);
  });

  test('its system version rises with the trees of the engine, and with no other', () => {
    expect(systemTreesMax).toBe(firstUserTree);
    const layer = new Layer();
    const at = (id: number): Mutation => ({ ...mutation(utf8('k'), utf8('v')), tree: id });
    layer.apply(commitOf([at(firstUserTree)]), 1);
    expect(layer.systemVersion).toBe(0);
    layer.apply(commitOf([at(firstUserTree - 1)]), 2);
    expect(layer.systemVersion).toBe(1);
    const newer = new Layer();
    newer.apply(commitOf([at(1), at(5)]), 3);
    layer.absorb(newer);
    expect(layer.systemVersion).toBe(3);
  });
});
