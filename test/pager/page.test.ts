import { describe, expect, test } from 'vitest';
import { compareBytes, fromHex, hexOf, utf8 } from '../../src/base/bytes.ts';
import { Corruption } from '../../src/base/corruption.ts';
import { prng } from '../../src/base/prng.ts';
import { encodeList } from '../../src/pager/list.ts';
import {
  buildNode,
  buildOverflow,
  type Cell,
  inlineCell,
  innerCell,
  overflowCell,
  removedCell,
} from '../../src/pager/node.ts';
import { checkPageRecord, Page, type PageHeader, seal } from '../../src/pager/page.ts';

const empty = new Uint8Array(0);
const ref = { firstPage: 0x01020304, pages: 7, length: 0x00060708 };

function header(kind: PageHeader['kind'], previous = 0): PageHeader {
  return { kind, id: 0x100, checkpoint: 9, previous };
}

const records: readonly (readonly [string, Uint8Array, string])[] = [
  [
    'leaf',
    buildNode(
      header('leaf'),
      [
        inlineCell(utf8('a'), utf8('one')),
        overflowCell(utf8('bc'), ref),
        inlineCell(utf8('d'), empty),
      ],
      true,
    ),
    `5450 02 01 00010000 09000000 00000000 e39e2216
     0300 1c00 2200 3000
     0100 61 6f6e65  0280 6263 04030201 0700 08070600  0100 64`,
  ],
  [
    'inner page',
    buildNode(header('inner'), [innerCell(empty, 0x101), innerCell(utf8('m'), 0x102)], true),
    `5450 02 02 00010000 09000000 00000000 5c7b9a70
     0200 1a00 2000
     0000 01010000  0100 6d 02010000`,
  ],
  [
    'overflow page',
    buildOverflow(0x100, 9, utf8('piece')),
    '5450 02 03 00010000 09000000 00000000 734d5d46 7069656365',
  ],
  [
    'delta',
    buildNode(header('delta', 8), [removedCell(utf8('a')), inlineCell(utf8('b'), utf8('x'))], true),
    `5450 02 04 00010000 09000000 08000000 846e7f0f
     0200 1a00 1d00
     0140 61  0100 62 78`,
  ],
  [
    'list',
    encodeList(9, 2, [
      { page: 256, kind: 'image' },
      { page: 257, kind: 'delta' },
      { page: 258, kind: 'freed' },
    ]),
    '5450 02 05 02000000 09000000 00000000 62035ac5 03 8008 8508 8a08',
  ],
];

describe('a page record', () => {
  test.each(records)('%s: has the bytes of docs/formats/page.md', (_name, bytes, golden) => {
    expect(hexOf(bytes)).toBe(golden.replaceAll(/\s/g, ''));
  });

  test.each(records)('%s: any changed byte is noticed, and any cut', (_name, bytes) => {
    expect(checkPageRecord(bytes).checkpoint).toBe(9);
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bit of [1, 0x80]) {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] as number) ^ bit;
        expect(() => checkPageRecord(damaged)).toThrow(Corruption);
      }
      expect(() => checkPageRecord(bytes.slice(0, at))).toThrow(Corruption);
    }
  });

  test('of format 1 is read, with its CRC-32C', () => {
    const golden = '5450 01 03 00010000 09000000 00000000 100d3f11 7069656365';
    const bytes = fromHex(golden.replaceAll(' ', ''));
    expect(checkPageRecord(bytes)).toEqual(header('overflow'));
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => checkPageRecord(damaged)).toThrow(Corruption);
    }
  });

  test.each([
    ['format', 2, 3],
    ['kind', 3, 6],
    ['kind', 3, 0],
  ])('an unknown %s is refused, right as its checksum is', (_name, at, value) => {
    const bytes = buildOverflow(0x100, 9, utf8('piece'));
    bytes[at] = value;
    seal(bytes);
    expect(() => checkPageRecord(bytes)).toThrow(Corruption);
  });
});

describe('a page', () => {
  test('answers keys, values and overflow references of a leaf', () => {
    const [, bytes] = records[0] as (typeof records)[0];
    const page = new Page(checkPageRecord(bytes), bytes);
    expect([page.id, page.kind, page.version, page.count]).toEqual([0x100, 'leaf', 9, 3]);
    expect([0, 1, 2].map((at) => hexOf(page.key(at)))).toEqual(['61', '6263', '64']);
    expect([0, 1, 2].map((at) => page.isOverflow(at))).toEqual([false, true, false]);
    expect(page.value(0)).toEqual(utf8('one'));
    expect(page.overflow(1)).toEqual(ref);
    expect(page.value(2)).toEqual(empty);
    expect(page.key(0).buffer).toBe(bytes.buffer);
  });

  test('finds what an array finds', () => {
    const random = prng(1);
    for (let round = 0; round < 50; round += 1) {
      const keys = [...Array(random.below(40) + 1)].map(() => random.bytes(1 + random.below(2)));
      keys.sort(compareBytes);
      const unique = keys.filter(
        (key, at) => at === 0 || compareBytes(keys[at - 1] as Uint8Array, key),
      );
      const leaf = buildNode(
        header('leaf'),
        unique.map((key) => inlineCell(key, key)),
        false,
      );
      const cells = unique.map((key, at): Cell => innerCell(at === 0 ? empty : key, at + 500));
      const inner = new Page(header('inner'), buildNode(header('inner'), cells, false));
      const page = new Page(header('leaf'), leaf);
      for (let at = 0; at < 60; at += 1) {
        const key = random.bytes(1 + random.below(2));
        const below = unique.filter((other) => compareBytes(other, key) < 0).length;
        const found = unique.findIndex((other) => compareBytes(other, key) === 0);
        expect(page.lowerBound(key)).toBe(below);
        expect(page.find(key)).toBe(found);
        const child = Math.max(0, found >= 0 ? below : below - 1);
        expect(inner.childIndex(key)).toBe(child);
        expect(inner.child(child)).toBe(child + 500);
      }
    }
  });
});
