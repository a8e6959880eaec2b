import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { DamagedData } from '../../src/base/corruption.ts';
import { damageItem, damageKey, Quarantine, readDamage } from '../../src/table/damage.ts';
import { damageTree } from '../../src/table/system.ts';
import { putSystemItem } from '../../src/table/system-items.ts';
import type { KeyRange } from '../../src/tree/reader.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { MapReader } from '../support/map-reader.ts';

const tree = 100;
const record = {
  tree,
  page: 300,
  height: 1,
  from: utf8('d'),
  to: utf8('g'),
  table: 'Things',
  foundMs: 5,
  isReplica: false,
};

describe('a record of damage', () => {
  test.each([
    record,
    { ...record, to: undefined, table: undefined, height: 0 },
    { ...record, isReplica: true },
  ])('is read as it was written %#', (one) => {
    const reader = new MapReader();
    reader.apply([putSystemItem(reader, damageTree, damageKey(tree, 300), damageItem(one))]);
    expect(readDamage(reader)).toEqual([one]);
  });
});

describe('keys out of reach', () => {
  const quarantine = new Quarantine([record]);

  test.each([
    ['c', true],
    ['d', false],
    ['f', false],
    ['g', true],
  ])('%s that was not found is known to be absent: %s', (key, known) => {
    const check = (): void => quarantine.check(tree, utf8(key));
    if (known) expect(check).not.toThrow();
    else expect(check).toThrow(DamagedData);
    expect(() => quarantine.check(101, utf8(key))).not.toThrow();
  });

  test('a piece of a value puts no other key out of reach', () => {
    const piece = new Quarantine([{ ...record, height: 0 }]);
    expect(() => piece.check(tree, utf8('d'))).not.toThrow();
  });

  const reader = new MapReader();
  for (const key of ['a', 'c', 'e', 'h']) {
    const value = encodeItem(new Map([['p', { type: 'S', value: key }]]));
    const mutation = { tree, key: utf8(key), value, sizeBefore: undefined, sizeAfter: 1 };
    reader.apply([mutation]);
  }
  const read = (range: KeyRange, reverse: boolean): string => {
    const cursor = quarantine.guard(reader.range(tree, range, reverse), tree, range, reverse);
    let keys = '';
    try {
      while (cursor.next()) keys += String.fromCharCode(cursor.key[0] ?? 0);
      return keys;
    } catch (error) {
      expect(error).toBeInstanceOf(DamagedData);
      return `${keys}!`;
    }
  };
  test.each<[string, KeyRange, boolean, string]>([
    ['all', {}, false, 'ac!'],
    ['all, in reverse', {}, true, 'h!'],
    ['before it', { to: utf8('d') }, false, 'ac'],
    ['up to its first key', { to: utf8('d'), toClosed: true }, false, 'ac!'],
    ['inside it', { from: utf8('e'), to: utf8('f') }, false, '!'],
    ['behind it', { from: utf8('g') }, false, 'h'],
    ['behind it, in reverse', { from: utf8('g') }, true, 'h'],
    ['across its end', { from: utf8('f') }, false, '!'],
  ])('a range of %s', (_name, range, reverse, found) => {
    expect(read(range, reverse)).toBe(found);
  });
});
