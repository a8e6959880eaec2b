/** Inputs on their way to the hub: what is read is what was given, whatever form it had. */
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/base/bytes.ts';
import { Corruption } from '../../src/base/corruption.ts';
import { encodeInput, encodeOutput } from '../../src/replica/request.ts';
import { decodeInput, decodeOutput } from '../../src/replica/request-input.ts';
import { NumberValue } from '../../src/value/number-value.ts';
import { encodeItem, StoredItem } from '../../src/value/codec.ts';
import type { Item } from '../../src/value/value.ts';
import { plainReader } from '../../src/value/plain.ts';

describe('an input', () => {
  test.each([
    [{ p: 'k', n: 12345678901234567890n, b: true, z: null }],
    [{ p: 'k', n: new NumberValue('0.10000000000000000000000000001') }],
    [{ p: 'k', set: new Set(['a', 'b']), map: new Map([['m', { deep: [1, -0, 1e100] }]]) }],
    [{ p: 'k', bytes: new DataView(new ArrayBuffer(3)), more: new ArrayBuffer(2) }],
    [{ p: 'k', left: undefined, out: [1, undefined, 2] }],
    [JSON.parse('{"p":"k","__proto__":{"q":"r"}}')],
  ])('of plain values is the same item on the other side: %o', (item) => {
    expect(plainReader.item(decodeInput(encodeInput(item)))).toEqual(plainReader.item(item));
  });

  test.each([
    ['', 'nothing'],
    ['0a', 'of no kind'],
    ['0701', 'a list that ends'],
    ['0000', 'bytes after it'],
    ['07ffffffff0f', 'a list that is long'],
    ['0701'.repeat(200), 'too deep'],
  ])('that is none is refused: %s', (bytes) => {
    expect(() => decodeInput(fromHex(bytes))).toThrow(Corruption);
    expect(() => decodeInput(fromHex('0a'))).toThrow(Corruption);
  });
});

describe('an output', () => {
  const item: Item = new Map([['p', { type: 'S', value: 'k' }]]);
  const stored = new StoredItem(encodeItem(item));

  test('is on the other side what it was, with its items as they were', () => {
    const output = { Count: 2, Items: [stored, stored], Attributes: item, none: undefined };
    const back = decodeOutput(encodeOutput(output)) as typeof output;
    expect(Object.keys(back)).toEqual(['Count', 'Items', 'Attributes']);
    expect(back.Count).toBe(2);
    expect(back.Attributes).toEqual(item);
    for (const one of back.Items) {
      expect(one).toBeInstanceOf(StoredItem);
      expect(one.item()).toEqual(item);
    }
  });

  test('is no input: a stranger brings no stored item', () => {
    expect(() => decodeInput(encodeOutput({ Item: stored }))).toThrow(Corruption);
    expect(() => decodeOutput(encodeInput('text'))).toThrow(Corruption);
  });
});
