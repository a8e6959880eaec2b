import { expect, test } from 'vitest';
import { typeWords } from '../../src/value/value.ts';
import { toWire, wireReader } from '../../src/value/wire.ts';

// One value of each type, by which every type has a word and a wire form of its own.
const values: Readonly<Record<keyof typeof typeWords, unknown>> = {
  S: 'a',
  N: '1',
  B: Uint8Array.of(1),
  BOOL: true,
  NULL: true,
  SS: ['a'],
  NS: ['1'],
  BS: [Uint8Array.of(1)],
  L: [],
  M: {},
};

test.each(Object.entries(values))('%s is a type of values, and has a word', (type, content) => {
  const value = wireReader.value({ [type]: content });
  expect(value.type).toBe(type);
  expect(toWire(value)).toEqual({ [type]: content });
  expect(typeWords[value.type]).toMatch(/^[A-Z]+( SET)?$/);
});

test('no two types share a word', () => {
  expect(new Set(Object.values(typeWords)).size).toBe(Object.keys(values).length);
});
