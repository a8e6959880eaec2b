import { expect, test } from 'vitest';
import { quotedTextMax } from '../../src/base/limits.ts';
import { quoted } from '../../src/base/quoted.ts';

test.each([
  [[], ''],
  [['a'], '1:a'],
  [['a', 'b', ''], '1:a, 1:b, 0:'],
])('%j is quoted whole', (elements: readonly string[], text) => {
  expect(quoted(elements, (element) => `${element.length}:${element}`)).toBe(text);
});

test('what is too long ends, and the rest is not even looked at', () => {
  let asked = 0;
  const elements = Array.from({ length: 1_000_000 }, () => 'abc');
  const text = quoted(elements, (element) => {
    asked += 1;
    return element;
  });
  expect(text.endsWith('abc, ...')).toBe(true);
  expect(text.length).toBeLessThan(quotedTextMax + 20);
  expect(asked).toBeLessThan(quotedTextMax / 5 + 2);
});
