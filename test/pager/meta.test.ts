import { describe, expect, test } from 'vitest';
import { fromHex, hexOf } from '../../src/base/bytes.ts';
import { Corruption, UpdateNeeded } from '../../src/base/corruption.ts';
import { decodeMeta, encodeMeta, type Meta, metaFormat } from '../../src/pager/meta.ts';

const engine = fromHex('000102030405060708090a0b0c0d0e0f');
const young: Meta = {
  format: metaFormat,
  storeId: fromHex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'),
  checkpoint: 0,
  position: 0,
  sequence: 0,
  trimmed: 0,
  clock: { ms: 0, counter: 0 },
  reservation: undefined,
  lastNumber: 0,
  dead: [],
  unswept: [],
  turnstile: undefined,
  roots: undefined,
  nextPage: 256,
  cipherKey: '',
};
const old: Meta = {
  ...young,
  checkpoint: 5,
  position: 300,
  sequence: 4000,
  trimmed: 200,
  clock: { ms: 1700000000000, counter: 65535 },
  reservation: { number: 8, engine, slices: 3 },
  lastNumber: 8,
  dead: [6, 7],
  unswept: [5],
  turnstile: { engine, count: 2 },
  roots: { page: 900, height: 2, entries: 70000, bytes: 21000000 },
  nextPage: 2 ** 20,
  cipherKey: 'key-1',
};

describe('the meta record', () => {
  test.each([
    [
      'of a new store',
      young,
      `5454544d 0500 2eab21fc f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff 00 00 00 00 00 00 00 
     8002 00 00 00 00 00 00`,
    ],
    [
      'with everything in it',
      old,
      `5454544d 0500 139de070 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff 05 ac02 a01f c801 
     80d095ffbc31 ffff03 08 808040 056b65792d31 020607 0105 01 08 
     000102030405060708090a0b0c0d0e0f 03 01 000102030405060708090a0b0c0d0e0f 02 01 
     8407 02 f0a204 c0de810a`,
    ],
  ])('%s has the bytes of docs/formats/meta.md', (_name, meta, golden) => {
    expect(hexOf(encodeMeta(meta))).toBe(golden.replaceAll(/\s/g, ''));
    expect(decodeMeta(encodeMeta(meta))).toEqual(meta);
  });

  test('names builds in its last bytes, where there are some', () => {
    const builds = [
      { number: 2 ** 48 - 1, slices: 0 },
      { number: 5, slices: 300 },
    ];
    const bytes = encodeMeta({ ...young, builds });
    expect(hexOf(bytes.subarray(encodeMeta(young).length))).toBe('02ffffffffffff3f0005ac02');
    expect(decodeMeta(bytes)).toEqual({ ...young, builds });
    expect(encodeMeta({ ...young, builds: [] })).toEqual(encodeMeta(young));
  });

  test('any changed byte is noticed, and any cut', () => {
    const bytes = encodeMeta(old);
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bit of [1, 0x80]) {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] as number) ^ bit;
        expect(() => decodeMeta(damaged)).toThrow(Corruption);
      }
      expect(() => decodeMeta(bytes.slice(0, at))).toThrow(Corruption);
    }
  });

  test('of a newer format asks for an update, whatever follows', () => {
    const bytes = encodeMeta({ ...young, format: metaFormat + 1 });
    expect(() => decodeMeta(bytes)).toThrow(UpdateNeeded);
  });

  test.each([0, 1])('of format %i is refused', (format) => {
    expect(() => decodeMeta(encodeMeta({ ...young, format }))).toThrow(Corruption);
  });
});
