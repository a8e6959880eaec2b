import { expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { nameAt } from '../../src/value/intern.ts';

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
