import { describe, expect, test } from 'vitest';
import { itemSize, valueSize } from '../../src/value/size.ts';
import { wireReader } from '../../src/value/wire.ts';

const bytes = new Uint8Array([0, 1, 2]);

describe('items have the sizes of section 14', () => {
  test.each([
    [{ pk: { S: 'a' } }, 3],
    [{ pk: { S: 'é' } }, 4],
    [{ pk: { S: 'a' }, n: { N: '42' } }, 6],
    [{ pk: { S: 'a' }, b: { BOOL: true }, z: { NULL: true } }, 7],
    [{ pk: { S: 'a' }, l: { L: [] } }, 7],
    [{ pk: { S: 'a' }, l: { L: [{ S: 'xy' }, { N: '1' }] } }, 13],
    [{ pk: { S: 'a' }, m: { M: { k: { S: 'v' } } } }, 10],
    [{ pk: { S: 'a' }, s: { SS: ['ab', 'c'] } }, 7],
    [{ pk: { S: 'a' }, b: { B: bytes } }, 7],
    [{ pk: { S: 'a' }, v: { S: 'x'.repeat(409_596) } }, 409_600],
    [{ é: { S: '' } }, 2],
    [{}, 0],
  ])('row %#: %o', (wire, size) => {
    expect(itemSize(wireReader.item(wire))).toBe(size);
  });
});

describe('values have the sizes of section 6', () => {
  test.each([
    [{ S: '' }, 0],
    [{ S: 'aé😀' }, 7],
    [{ B: new Uint8Array(0) }, 0],
    [{ NS: ['1', '0', '-1.5'] }, 7],
    [{ BS: [bytes, new Uint8Array(2)] }, 5],
    [{ M: {} }, 3],
    [{ M: { a: { L: [{ NULL: true }] } } }, 10],
  ])('%o', (wire, size) => {
    expect(valueSize(wireReader.value(wire))).toBe(size);
  });
});
