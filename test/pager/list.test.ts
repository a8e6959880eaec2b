import { describe, expect, test } from 'vitest';
import { Corruption } from '../../src/base/corruption.ts';
import { recordBytesMax } from '../../src/base/limits.ts';
import { decodeList, encodeList, type ListEntry, listEntriesMax } from '../../src/pager/list.ts';
import { buildOverflow } from '../../src/pager/node.ts';

describe('a list', () => {
  const entries: readonly ListEntry[] = [
    { page: 256, kind: 'image' },
    { page: 2 ** 29 - 1, kind: 'delta' },
    { page: 300, kind: 'freed' },
  ];

  test('is read back as it was', () => {
    expect(decodeList(encodeList(4, 1, entries), 4, 1)).toEqual(entries);
    expect(decodeList(encodeList(4, 1, []), 4, 1)).toEqual([]);
  });

  test('fits into a record when it is full', () => {
    const full = Array(listEntriesMax).fill({ page: 2 ** 29 - 1, kind: 'freed' });
    const bytes = encodeList(4, 255, full);
    expect(bytes.length).toBeLessThanOrEqual(recordBytesMax);
    expect(decodeList(bytes, 4, 255).length).toBe(listEntriesMax);
    expect(() => encodeList(4, 0, [...full, full[0]])).toThrow();
    expect(() => encodeList(4, 256, [])).toThrow();
  });

  test.each([
    ['another checkpoint', 5, 1],
    ['another part', 4, 2],
  ])('of %s is refused', (_name, number, part) => {
    expect(() => decodeList(encodeList(4, 1, entries), number, part)).toThrow(Corruption);
  });

  test('is not another record', () => {
    expect(() => decodeList(buildOverflow(1, 4, new Uint8Array(0)), 4, 1)).toThrow(Corruption);
  });
});
