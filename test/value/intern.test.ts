import { expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { type KnownName, nameAfter, nameAt, noName } from '../../src/value/intern.ts';

test('names that share a slot do not pass for each other', () => {
  const names = Array.from({ length: 2000 }, (_, at) => `n${(at * 7919) % 5000}`);
  for (let round = 0; round < 2; round += 1) {
    for (const name of names) {
      const bytes = concatBytes(utf8('??'), utf8(name), utf8('??'));
      expect(nameAt(bytes, 2, 2 + name.length, true)).toBe(name);
    }
  }
});

test.each([
  ['', true],
  ['a', true],
  ['é', false],
  ['\ufeffname', false],
  ['x'.repeat(65_535), true],
])('row %#: a name is read as it was written, the first time and later', (name, ascii) => {
  const bytes = utf8(name);
  expect(nameAt(bytes, 0, bytes.length, ascii)).toBe(name);
  expect(nameAt(bytes, 0, bytes.length, ascii)).toBe(name);
});

test('a name is read as what it is, whatever came after the one before it', () => {
  const names = Array.from({ length: 600 }, (_, at) => `n${(at * 31) % 400}`);
  for (const step of [1, 7, 1]) {
    let last: KnownName = noName;
    for (let at = 0; at < names.length; at += step) {
      const name = names[at] as string;
      const bytes = concatBytes(utf8('?'), utf8(name), utf8('?'));
      last = nameAfter(last, bytes, 1, 1 + name.length);
      expect(last.name).toBe(name);
      expect(last.bytes).toEqual(utf8(name));
    }
  }
});

test.each([
  ['outlives', utf8('outlives')],
  ['survives', Buffer.from('survives')],
])('the name %s outlives the bytes that it was read from', (name, bytes) => {
  expect(nameAfter(noName, bytes, 0, 8).name).toBe(name);
  bytes.fill(0x78);
  expect(nameAfter(noName, bytes, 0, 8).name).toBe('xxxxxxxx');
  expect(nameAfter(noName, utf8(name), 0, 8).name).toBe(name);
});
