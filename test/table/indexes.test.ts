import { describe, expect, test } from 'vitest';
import { decodeItem, encodeItem, StoredItem } from '../../src/value/codec.ts';
import { emptyBytes, hexOf } from '../../src/base/bytes.ts';
import { prng } from '../../src/base/prng.ts';
import { findItem, putItem, removeItem } from '../../src/table/items.ts';
import { itemKey } from '../../src/table/keys.ts';
import { findIndex, indexChanges, indexEntry, projectedNames } from '../../src/table/indexes.ts';
import type { TableState } from '../../src/table/state.ts';
import { itemSize } from '../../src/value/size.ts';
import { MapReader } from '../support/map-reader.ts';
import { index, itemOf, keys, table } from '../support/tables.ts';

const whole = (wire: object): StoredItem => new StoredItem(encodeItem(itemOf(wire)));
const keysOnly = { type: 'KEYS_ONLY', names: [] } as const;
const g = index('g', 101, keys('g:S', 'r:N'));
const narrow = index('k', 102, keys('g:S'), { projection: keysOnly });
const some = index('i', 103, keys('g:S'), { projection: { type: 'INCLUDE', names: ['x', 'no'] } });
const local = index('l', 104, keys('p:S', 'l:N'), { kind: 'local', projection: keysOnly });
const base = table(keys('p:S', 's:N'), { indexes: [g, narrow, some, local] });
const item = {
  p: { S: 'a' },
  s: { N: '1' },
  g: { S: 'h' },
  r: { N: '2' },
  x: { S: 'y' },
  z: { N: '3' },
};

describe('an entry', () => {
  test('under projection ALL is the bytes of the item, by reference', () => {
    const stored = whole(item);
    const entry = indexEntry(base, g, stored);
    expect(entry?.value).toBe(stored.bytes);
    expect(entry?.size).toBe(stored.size);
  });

  test('has the bytes of its key with others, and so has the item', () => {
    const entries = Array.from({ length: 200 }, (_, at) => {
      const changed = { ...item, s: { N: String(at) } };
      return [itemKey(base, itemOf(changed)), indexEntry(base, g, whole(changed))?.key];
    });
    const buffers = new Set(entries.flat().map((key) => key?.buffer));
    expect(buffers.size).toBeLessThan(3);
    expect(new Set(entries.flat().map((key) => hexOf(key ?? emptyBytes))).size).toBe(400);
  });

  test.each([
    ['KEYS_ONLY', narrow, ['g', 'p', 's']],
    ['INCLUDE', some, ['g', 'p', 's', 'x']],
  ])('under %s holds keys and what is named', (_, target, names) => {
    const entry = indexEntry(base, target, whole(item));
    const held = decodeItem(entry?.value ?? new Uint8Array());
    expect([...held.keys()].sort()).toEqual(names);
    expect(entry?.size).toBe(itemSize(held));
  });

  test.each([
    ['an attribute is missing', { g: undefined }],
    ['a type is wrong', { g: { N: '1' } }],
    ['a value is empty', { g: { S: '' } }],
    ['a value is too long', { g: { S: 'x'.repeat(2049) } }],
    ['a later attribute is missing', { r: undefined }],
  ])('is absent when %s', (_, change) => {
    const wire = Object.fromEntries(
      Object.entries({ ...item, ...change }).filter(([, value]) => value !== undefined),
    );
    expect(indexEntry(base, g, whole(wire))).toBeUndefined();
  });

  test('of two items with equal index keys differ by the key of the table', () => {
    const a = indexEntry(base, g, whole(item));
    const b = indexEntry(base, g, whole({ ...item, s: { N: '2' } }));
    expect(a?.key).not.toEqual(b?.key);
  });
});

describe('changes', () => {
  const change = (
    of: TableState,
    reader: MapReader,
    before: object | undefined,
    after: object | undefined,
  ): ReturnType<typeof indexChanges> => {
    const old = before && whole(before);
    const changes = indexChanges(reader, of, old, after && whole(after));
    reader.apply(changes.mutations);
    return changes;
  };
  const one = (more: object = {}): TableState =>
    table(keys('p:S'), { indexes: [index('g', 101, keys('g:S'), more)] });

  test('of a key move the entry, with both sizes', () => {
    const reader = new MapReader();
    change(one(), reader, undefined, { p: { S: 'a' }, g: { S: '1' } });
    const { mutations, units } = change(
      one(),
      reader,
      { p: { S: 'a' }, g: { S: '1' } },
      { p: { S: 'a' }, g: { S: '22' } },
    );
    expect(mutations.map(({ sizeBefore, sizeAfter }) => [sizeBefore, sizeAfter])).toEqual([
      [4, undefined],
      [undefined, 5],
    ]);
    expect(units).toEqual(new Map([['g', 2]]));
    expect(reader.counters(101)).toEqual({ entries: 1, bytes: 5 });
  });

  test('of what is not projected do nothing', () => {
    const reader = new MapReader();
    const narrowed = one({ projection: keysOnly });
    const before = { p: { S: 'a' }, g: { S: '1' } };
    change(narrowed, reader, undefined, before);
    const { mutations, units } = change(narrowed, reader, before, { ...before, v: { N: '1' } });
    expect(mutations).toEqual([]);
    expect(units.size).toBe(0);
  });

  test('leave an index that is being deleted alone', () => {
    const { mutations } = change(one({ status: 'DELETING' }), new MapReader(), undefined, {
      p: { S: 'a' },
      g: { S: '1' },
    });
    expect(mutations).toEqual([]);
  });

  test("keep the engine's own indexes and cost nothing there", () => {
    const reader = new MapReader();
    const expiry = table(keys('p:S'), {
      indexes: [index('ttl', 101, keys([], 'at:N'), { kind: 'system', projection: keysOnly })],
    });
    for (const [at, number] of ['10', '9', '200'].entries()) {
      const { units } = change(expiry, reader, undefined, {
        p: { S: `${at}` },
        at: { N: number },
      });
      expect(units.size).toBe(0);
    }
    change(expiry, reader, undefined, { p: { S: 'x' }, at: { S: 'never' } });
    const cursor = reader.range(101, {});
    const order: unknown[] = [];
    while (cursor.next()) order.push(decodeItem(cursor.value).get('at')?.value);
    expect(order).toEqual(['9', '10', '200']);
  });

  describe('while the index is filled', () => {
    const filling = one({ backfilling: true, status: 'CREATING' });
    const before = { p: { S: 'a' }, g: { S: '1' } };

    test('do not remove an entry that was never made', () => {
      const { mutations } = change(filling, new MapReader(), before, undefined);
      expect(mutations).toEqual([]);
    });

    test('make the entry of an item that changes, as if it were new', () => {
      const after = { ...before, v: { N: '1' } };
      const { mutations } = change(filling, new MapReader(), before, after);
      expect(mutations.map(({ sizeBefore, sizeAfter }) => [sizeBefore, sizeAfter])).toEqual([
        [undefined, 7],
      ]);
    });

    test('replace an entry that is there', () => {
      const reader = new MapReader();
      change(filling, reader, undefined, before);
      const { mutations } = change(filling, reader, before, { ...before, v: { N: '1' } });
      expect(mutations.map(({ sizeBefore, sizeAfter }) => [sizeBefore, sizeAfter])).toEqual([
        [4, 7],
      ]);
    });
  });
});

test("the names an index projects are its own, the table's keys and what it includes", () => {
  expect([...(projectedNames(base, local) ?? [])].sort()).toEqual(['l', 'p', 's']);
  expect([...(projectedNames(base, some) ?? [])].sort()).toEqual(['g', 'no', 'p', 's', 'x']);
  expect(projectedNames(base, g)).toBeUndefined();
});

test("an index of the engine's own is not found by its name", () => {
  const own = table(keys('p:S'), { indexes: [index('ttl', 9, keys('t:N'), { kind: 'system' })] });
  expect(findIndex(own, 'ttl')).toBeUndefined();
  expect(findIndex(base, 'l')).toBe(local);
});

describe('many changes', () => {
  /** The size a tree holds under a key, which a mutation must know. */
  const sizeAt = (reader: MapReader, tree: number, key: Uint8Array): number | undefined => {
    const value = reader.get(tree, key);
    return value && new StoredItem(value).size;
  };

  const entriesOf = (reader: MapReader, tree: number): string[] => {
    const cursor = reader.range(tree, {});
    const found: string[] = [];
    while (cursor.next()) found.push(`${hexOf(cursor.key)} ${hexOf(cursor.value)}`);
    return found;
  };

  test.each([1, 2, 3])('of seed %i leave each index what its table makes it', (seed) => {
    const chance = prng(seed);
    const filling = { ...some, name: 'filling', tree: 105, backfilling: true };
    const before = table(base.keys, { indexes: [g, narrow, some, local] });
    const during = table(base.keys, { indexes: [g, narrow, some, local, filling] });
    const reader = new MapReader();
    for (let step = 0; step < 300; step += 1) {
      // The last index comes later, so items that are older have no entry there.
      const now = step < 100 ? before : during;
      const pick = (...choices: object[]): object => choices[chance.below(choices.length)] ?? {};
      const wire = {
        p: pick({ S: 'a' }, { S: 'b' }),
        s: pick({ N: '1' }, { N: '2' }, { N: '3' }),
        ...pick({}, { g: { S: 'x' } }, { g: { S: 'yy' } }),
        ...pick({}, { r: { N: '1' } }),
        ...pick({}, { l: { N: '1' } }, { l: { N: '-22' } }),
        ...pick({}, { x: { S: 'in' } }, { z: { S: 'out' } }),
      };
      const next = itemOf(wire);
      const key = itemKey(now, next);
      const old = findItem(reader, now, key);
      const { draft } =
        chance.below(4) === 0
          ? removeItem(reader, now, key, old)
          : putItem(reader, now, key, old, next);
      for (const { tree, key: at, sizeBefore } of draft.mutations) {
        expect(sizeBefore).toBe(sizeAt(reader, tree, at));
      }
      reader.apply(draft.mutations);
    }
    const items = reader.range(100, {});
    const expected = new Map(before.indexes.map(({ tree }) => [tree, [] as string[]]));
    while (items.next()) {
      for (const one of before.indexes) {
        const entry = indexEntry(before, one, new StoredItem(items.value));
        if (entry) expected.get(one.tree)?.push(`${hexOf(entry.key)} ${hexOf(entry.value)}`);
      }
    }
    for (const [tree, entries] of expected) {
      expect(entriesOf(reader, tree)).toEqual(entries.sort());
    }
    // What fills may lack entries, and has no others.
    const filled = entriesOf(reader, 105);
    expect(filled.length).toBeGreaterThan(0);
    expect(entriesOf(reader, 103)).toEqual(expect.arrayContaining(filled));
  });
});
