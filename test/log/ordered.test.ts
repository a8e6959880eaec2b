import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes, textOf, utf8 } from '../../src/base/bytes.ts';
import { tailBlockEntries } from '../../src/base/limits.ts';
import { type EntryRange, OrderedEntries, type TailEntry } from '../../src/log/ordered.ts';

function entriesOf(ordered: OrderedEntries, range: EntryRange = {}, reverse = false): TailEntry[] {
  const cursor = ordered.cursor(range, reverse);
  const entries: TailEntry[] = [];
  while (cursor.next()) entries.push(cursor.entry);
  return entries;
}

describe('ordered entries', () => {
  test.each([
    ['ascending', (at: number) => at],
    ['descending', (at: number) => 5000 - at],
    ['random', (at: number) => (at * 2654435761) % 5000],
  ])('keeps thousands of %s keys in order', (_name, number) => {
    const ordered = new OrderedEntries();
    const seen = new Set<string>();
    for (let at = 0; at < 5000; at += 1) {
      const text = `key-${String(number(at)).padStart(5, '0')}`;
      seen.add(text);
      ordered.put({ key: utf8(text), value: utf8('v'), position: at });
    }
    const keys = entriesOf(ordered).map((entry) => new TextDecoder().decode(entry.key));
    expect(keys).toEqual([...seen].sort());
    const from = utf8('key-02000');
    const to = utf8('key-03000');
    const forward = entriesOf(ordered, { from, to });
    expect(forward.length).toBe(
      [...seen].filter((k) => k >= 'key-02000' && k < 'key-03000').length,
    );
    expect(entriesOf(ordered, { from, to }, true)).toEqual(forward.reverse());
  });

  test('answer the entry that a put replaced, and keep the newest', () => {
    const ordered = new OrderedEntries();
    const [old, young] = [1, 2].map((position) => ({ key: utf8('k'), value: undefined, position }));
    expect(ordered.put(old as TailEntry)).toBeUndefined();
    expect(ordered.put(young as TailEntry)).toBe(old);
    expect([ordered.get(utf8('k')), ordered.size]).toEqual([young, 1]);
  });

  test('keep what a filter says yes to, over many blocks', () => {
    const ordered = new OrderedEntries();
    const count = tailBlockEntries * 5;
    for (let at = 0; at < count; at += 1) {
      ordered.put({ key: utf8(String(at).padStart(6, '0')), value: undefined, position: at });
    }
    ordered.filter(({ position }) => position % 3 === 0);
    const positions = [...ordered.all()].map(({ position }) => position);
    expect(positions).toEqual([...Array(count).keys()].filter((at) => at % 3 === 0));
    expect(ordered.size).toBe(positions.length);
    expect(entriesOf(ordered, {}, true).length).toBe(positions.length);
  });

  // Six zeros and none, and keys of less than six bytes, have the same first six bytes as a number.
  test('tell keys apart that differ only in zeros at their end', () => {
    const ordered = new OrderedEntries();
    const keys = ['', '\0', '\0\0', 'a', 'a\0', 'a\0\0\0\0\0', 'a\0\0\0\0\0\0', 'b'];
    for (const key of [...keys].reverse()) {
      ordered.put({ key: utf8(key), value: utf8(key), position: 1 });
    }
    expect([...ordered.all()].map(({ key }) => textOf(key))).toEqual(keys);
    for (const key of keys) expect(ordered.get(utf8(key))?.value).toEqual(utf8(key));
  });

  // Groups of keys that agree in six bytes and more, split, and lose what they had in common.
  test('are a map and a sort, whatever keys have in common', () => {
    const piece = fc.constantFrom(
      '',
      'a',
      '\0',
      'partition-',
      'partition-0000',
      'z',
      '\0\0\0\0\0\0',
    );
    const key = fc
      .tuple(piece, piece, piece, fc.uint8Array({ maxLength: 3 }), piece)
      .map(([a, b, c, bytes, d]) => Uint8Array.of(...utf8(a + b + c), ...bytes, ...utf8(d)));
    const keys = fc.array(key, { maxLength: tailBlockEntries * 4, size: 'max' });
    const property = fc.property(keys, key, key, (all, from, to) => {
      const ordered = new OrderedEntries();
      const model = new Map<string, TailEntry>();
      for (const [position, one] of all.entries()) {
        const entry = { key: one, value: undefined, position };
        expect(ordered.put(entry)).toBe(model.get(String(one)));
        model.set(String(one), entry);
      }
      const sorted = [...model.values()].sort((a, b) => compareBytes(a.key, b.key));
      expect([...ordered.all()]).toEqual(sorted);
      for (const one of [...all, from, to]) expect(ordered.get(one)).toBe(model.get(String(one)));
      for (const fromOpen of [false, true]) {
        for (const toClosed of [false, true]) {
          const within = sorted.filter(
            (entry) =>
              compareBytes(entry.key, from) >= (fromOpen ? 1 : 0) &&
              compareBytes(entry.key, to) < (toClosed ? 1 : 0),
          );
          const range = { from, to, fromOpen, toClosed };
          expect(entriesOf(ordered, range)).toEqual(within);
          expect(entriesOf(ordered, range, true)).toEqual(within.reverse());
        }
      }
    });
    fc.assert(property, { numRuns: 60 });
  });
});
