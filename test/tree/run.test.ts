import { describe, expect, test } from 'vitest';
import { compareBytes, concatBytes, hexOf, utf8 } from '../../src/base/bytes.ts';
import { prng } from '../../src/base/prng.ts';
import { cellValue, keyOf as keyOfCell } from '../../src/pager/node.ts';
import {
  annexStartOf,
  cellStartOf,
  entryEnd,
  entrySize,
  MergedCursor,
  RunBuffer,
  type RunCursor,
  StoredCursor,
} from '../../src/tree/run.ts';

interface Told {
  readonly key: string;
  readonly value: string;
  readonly size: number;
  readonly annex: string;
}

function keyOf(at: number, seed: number): Uint8Array {
  const random = prng(at * 7919 + seed);
  // Few prefixes, of different lengths: many keys agree in their first four bytes, and half of
  // them in fourteen, which is not where all of them differ.
  const common = utf8('a partition to').subarray(0, random.below(2) * 14);
  return concatBytes(
    common,
    random.bytes(random.below(7)).map((byte) => byte % 3),
  );
}

function tell({ bytes, at }: RunCursor): Told {
  const start = cellStartOf(bytes, at);
  const length = (bytes[start] as number) + (bytes[start + 1] as number) * 256;
  return {
    key: hexOf(bytes.subarray(start + 2, start + 2 + length)),
    value: hexOf(bytes.subarray(start + 2 + length, entryEnd(bytes, at))),
    size: entrySize(bytes, at),
    annex: hexOf(bytes.subarray(annexStartOf(at), cellStartOf(bytes, at))),
  };
}

function all(cursor: RunCursor): Told[] {
  const told: Told[] = [];
  while (cursor.next()) told.push(tell(cursor));
  return told;
}

/** A buffer of random entries; the last of each key goes into the model. */
function random(model: Map<string, Told>, count: number, seed: number): RunBuffer {
  const buffer = new RunBuffer();
  for (let at = 0; at < count; at += 1) {
    const key = keyOf(at, seed);
    const value = utf8(`v${seed}-${at}`.padEnd(at % 300, '.'));
    const annex = utf8('a'.repeat(at % 4));
    const keyed = concatBytes(key, annex);
    buffer.addKeyed(keyed, key.length, keyed.length, value, at);
    const name = hexOf(key);
    model.set(name, { key: name, value: hexOf(value), size: at, annex: hexOf(annex) });
  }
  return buffer;
}

function sorted(model: ReadonlyMap<string, Told>): Told[] {
  return [...model.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The bytes of a stored run. */
function stored(buffer: RunBuffer): Uint8Array {
  const cursor = buffer.cursor();
  const parts: Uint8Array[] = [];
  while (cursor.next())
    parts.push(cursor.bytes.slice(cursor.at, entryEnd(cursor.bytes, cursor.at)));
  return concatBytes(...parts);
}

describe('a run in memory', () => {
  test.each([0, 1, 2, 50, 5000])(
    'of %i entries is read in key order, the last of each key',
    (count) => {
      const model = new Map<string, Told>();
      const buffer = random(model, count, 1);
      const cursor = buffer.cursor();
      expect(all(cursor)).toEqual(sorted(model));
      expect(cursor.overwritten).toBe(count - model.size);
      expect(buffer.count).toBe(count);
    },
  );

  test('holds an entry that is larger than its chunks', () => {
    const buffer = new RunBuffer();
    const value = new Uint8Array(3_000_000).fill(7);
    buffer.add(utf8('b'), value, 1);
    buffer.add(utf8('a'), utf8('small'), 2);
    expect(all(buffer.cursor()).map(({ size }) => size)).toEqual([2, 1]);
    expect(buffer.bytes).toBe(3_000_000 + 5 + 2 * 13);
  });
});

test('a cell is where its entry is, in memory and in a run that was stored', () => {
  const buffer = random(new Map(), 20, 9);
  const bytes = stored(buffer);
  const run = new StoredCursor(bytes.length);
  run.feed(bytes);
  const merged = new MergedCursor<RunCursor>([run]);
  for (const cursor of [buffer.cursor(), merged]) {
    while (cursor.next()) {
      const { key, value } = tell(cursor);
      const cell = cursor.cell();
      expect([hexOf(keyOfCell(cell)), hexOf(cellValue(cell))]).toEqual([key, value]);
      expect(cell.end - cell.start).toBe(2 + key.length / 2 + value.length / 2);
    }
  }
  expect(() => new MergedCursor<RunCursor>([]).cell()).toThrow();
});

describe('a stored run', () => {
  test.each([1, 7, 64, 100_000])('is read as it is fed, %i bytes at a time', (step) => {
    const model = new Map<string, Told>();
    const bytes = stored(random(model, 200, 2));
    const cursor = new StoredCursor(bytes.length);
    const told: Told[] = [];
    for (let at = 0; cursor.starved; at += step) {
      told.push(...all(cursor));
      cursor.feed(bytes.subarray(at, at + step));
    }
    told.push(...all(cursor));
    expect(told).toEqual(sorted(model));
    expect(cursor.starved).toBe(false);
  });
});

describe('many runs', () => {
  test('are one, and a later run counts before an earlier', () => {
    const model = new Map<string, Told>();
    const parts = [3, 4, 5].map((seed) => stored(random(model, 300, seed)));
    const memory = random(model, 300, 6).cursor();
    const runs = parts.map((bytes) => ({ bytes, at: 0, cursor: new StoredCursor(bytes.length) }));
    const merged = new MergedCursor<RunCursor>([...runs.map(({ cursor }) => cursor), memory]);
    const told: Told[] = [];
    for (let rounds = 0; rounds < 10_000; rounds += 1) {
      if (merged.next()) {
        told.push(tell(merged));
        continue;
      }
      const run = runs.find(({ cursor }) => cursor === merged.hungry);
      if (run === undefined || !merged.starved) break;
      run.cursor.feed(run.bytes.subarray(run.at, run.at + 1000));
      run.at += 1000;
    }
    expect(told).toEqual(sorted(model));
    // Each run has told its own duplicates apart: what is left are those among runs, and memory's.
    const entries = parts.map((bytes) => {
      const cursor = new StoredCursor(bytes.length);
      cursor.feed(bytes);
      return all(cursor).length;
    });
    const sum = entries.reduce((total, count) => total + count, 300);
    expect(merged.overwritten).toBe(sum - model.size);
  });

  test('that are none are at their end', () => {
    const merged = new MergedCursor<RunCursor>([]);
    expect([merged.next(), merged.starved, merged.overwritten]).toEqual([false, false, 0]);
  });

  test('compare by whole keys, also where one begins another', () => {
    const keys = ['', 'a', 'aa', 'aaaa', 'aaaaa', 'aaaab', 'b'].map(utf8);
    const buffer = new RunBuffer();
    for (const key of keys.toReversed()) buffer.add(key, utf8('v'), 1);
    expect(all(buffer.cursor()).map(({ key }) => key)).toEqual(
      keys.toSorted(compareBytes).map(hexOf),
    );
  });
});
