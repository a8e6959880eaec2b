import { expect, test } from 'vitest';
import { prng } from '../../src/base/prng.ts';
import { findBytes, findText } from '../../src/expression/find-bytes.ts';

test.each([
  ['', '', true],
  ['a', '', true],
  ['', 'a', false],
  ['abc', 'c', true],
  ['abc', 'abcd', false],
  ['aabaabaaa', 'aabaaa', true],
  ['ababac', 'abac', true],
  ['ababab', 'abac', false],
])('%j with %j in it: %s', (bytes, part, found) => {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  expect(findBytes(encode(bytes), encode(part))).toBe(found);
});

test('random bytes are found where a string search finds them', () => {
  const random = prng(7);
  const bits = (length: number): Uint8Array => random.bytes(length).map((byte) => byte & 1);
  for (let round = 0; round < 500; round += 1) {
    const bytes = bits(random.below(40));
    const part = bits(random.below(8));
    expect(findBytes(bytes, part)).toBe(bytes.join('').includes(part.join('')));
  }
});

test('the worst case of a naive search is quick', () => {
  const bytes = new Uint8Array(400_000);
  const part = new Uint8Array(200_000);
  part[part.length - 1] = 1;
  expect(findBytes(bytes, part)).toBe(false);
});

test('random texts are found where a string search finds them, however long the part is', () => {
  const random = prng(8);
  const textOf = (length: number): string =>
    Array.from({ length }, () => 'ab\u{1f600}'[random.below(3)] ?? 'a').join('');
  for (let round = 0; round < 300; round += 1) {
    const text = textOf(random.below(600));
    const from = random.below(200);
    const part = text.slice(from, from + random.below(150)) + textOf(random.below(2));
    expect(findText(text, part)).toBe(text.includes(part));
  }
});

test('the worst case of a search for text is quick', () => {
  const part = `${'a'.repeat(100_000)}b${'a'.repeat(100_000)}`;
  expect(findText('a'.repeat(400_000), part)).toBe(false);
  expect(findText(`${'a'.repeat(200_000)}${part}`, part)).toBe(true);
});
