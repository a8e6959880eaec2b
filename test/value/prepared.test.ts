import { expect, test } from 'vitest';
import {
  prepared,
  preparedBytes,
  preparedItem,
  rememberBytes,
  rememberItem,
} from '../../src/value/prepared.ts';
import { wireReader } from '../../src/value/wire.ts';

test('what was prepared is found by identity, and nothing else is', () => {
  const raw = { p: { S: 'a' } };
  const read = { p: { S: 'a' } };
  const item = wireReader.item({ p: { S: 'other' } });
  const bytes = new Uint8Array([1]);
  rememberItem(raw, read, item);
  rememberBytes(item, bytes);
  expect(prepared(raw)).toBe(read);
  expect(preparedItem(read)).toBe(item);
  expect(wireReader.item(read)).toBe(item);
  expect(preparedBytes(item)).toBe(bytes);
  expect(prepared(read)).toBeUndefined();
  expect(preparedItem(raw)).toBeUndefined();
  expect(preparedItem(undefined)).toBeUndefined();
  expect(preparedBytes(new Map(item))).toBeUndefined();
  expect(wireReader.item(raw)).toEqual(new Map([['p', { type: 'S', value: 'a' }]]));
});
