import { describe, expect, test } from 'vitest';
import { textOf, utf8 } from '../../src/base/bytes.ts';
import { Corruption } from '../../src/base/corruption.ts';
import { prng } from '../../src/base/prng.ts';
import { buildNode, buildOverflow, inlineCell, removedCell } from '../../src/pager/node.ts';
import type { Page } from '../../src/pager/page.ts';
import { assemble, pageKey, pageRange } from '../../src/pager/versions.ts';
import type { StoreRecord } from '../../src/port/store.ts';

const id = 300;
type Cells = Readonly<Record<string, string>>;

function image(checkpoint: number, cells: Cells): StoreRecord {
  const list = Object.entries(cells).map(([key, value]) => inlineCell(utf8(key), utf8(value)));
  const value = buildNode({ kind: 'leaf', id, checkpoint, previous: 0 }, list, true);
  return { key: pageKey(id, checkpoint), value };
}

/** A hyphen removes. */
function delta(checkpoint: number, previous: number, cells: Cells): StoreRecord {
  const list = Object.entries(cells).map(([key, value]) =>
    value === '-' ? removedCell(utf8(key)) : inlineCell(utf8(key), utf8(value)),
  );
  const value = buildNode({ kind: 'delta', id, checkpoint, previous }, list, true);
  return { key: pageKey(id, checkpoint), value };
}

function cellsOfPage(page: Page | undefined): Cells | undefined {
  if (page === undefined) return undefined;
  const cells: Record<string, string> = {};
  for (let at = 0; at < page.count; at += 1) cells[textOf(page.key(at))] = textOf(page.value(at));
  return cells;
}

const first = image(2, { b: '1', d: '1', f: '1' });
const second = delta(4, 2, { a: '2', d: '2', f: '-' });
const third = delta(7, 4, { a: '-', d: '3', f: '3', g: '3' });
const fourth = image(9, { z: '4' });
const all = [first, second, third, fourth];

describe('the versions of a page', () => {
  test.each<[number, number[], StoreRecord[], Cells | undefined]>([
    [1, [], all, undefined],
    [2, [], all, { b: '1', d: '1', f: '1' }],
    [3, [], all, { b: '1', d: '1', f: '1' }],
    [4, [], all, { a: '2', b: '1', d: '2' }],
    [6, [], all, { a: '2', b: '1', d: '2' }],
    [7, [], all, { b: '1', d: '3', f: '3', g: '3' }],
    [9, [], all, { z: '4' }],
    [9, [9], all, { b: '1', d: '3', f: '3', g: '3' }],
    [9, [7, 9], all, { a: '2', b: '1', d: '2' }],
    [9, [2, 4, 7, 9], all, undefined],
    [9, [], [fourth], { z: '4' }],
    [9, [], [], undefined],
    // A delta of a checkpoint that failed lies between two that did not.
    [
      7,
      [5],
      [first, delta(5, 2, { x: '9' }), delta(7, 2, { y: '8' })],
      { b: '1', d: '1', f: '1', y: '8' },
    ],
  ])('make the page of checkpoint %i when %j are dead', (checkpoint, dead, records, cells) => {
    expect(cellsOfPage(assemble(id, records, checkpoint, new Set(dead)))).toEqual(cells);
  });

  test('tell how many deltas a page is made of, and of which checkpoint it is', () => {
    const page = assemble(id, all, 8, new Set());
    expect([page?.version, page?.deltas]).toEqual([7, 2]);
    expect(page?.deltaBytes).toBe(second.value.length + third.value.length);
    expect(assemble(id, all, 9, new Set())?.deltas).toBe(0);
  });

  test.each<[string, StoreRecord[]]>([
    ['a delta without an image', [second, third]],
    ['a version missing in between', [first, third]],
    ['an image missing before a delta', [first, second, delta(8, 7, { a: '1' })]],
    [
      'a record of another page',
      [{ key: pageKey(id, 2), value: buildOverflow(301, 2, utf8('x')) }],
    ],
    ['a record of another checkpoint', [{ key: pageKey(id, 3), value: first.value }]],
    [
      'a delta of an overflow page',
      [{ key: pageKey(id, 2), value: buildOverflow(id, 2, utf8('x')) }, second],
    ],
  ])('are refused: %s', (_name, records) => {
    expect(() => assemble(id, records, 9, new Set())).toThrow(Corruption);
  });

  test('are refused when a byte of any is changed', () => {
    const random = prng(4);
    for (let round = 0; round < 300; round += 1) {
      const records = [first, second, third].map(({ key, value }) => ({
        key,
        value: value.slice(),
      }));
      const { value } = records[random.below(3)] as StoreRecord;
      const at = random.below(value.length);
      value[at] = (value[at] as number) ^ (1 + random.below(255));
      expect(() => assemble(id, records, 7, new Set())).toThrow(Corruption);
    }
  });

  test('stand together in the page space, apart from those of the next page', () => {
    expect(pageRange(id, 7)).toEqual({ from: 300 * 2 ** 24, to: 300 * 2 ** 24 + 7 });
    expect(pageKey(id, 2 ** 24 - 1) + 1).toBe(pageKey(id + 1, 0));
    expect(Number.isSafeInteger(pageKey(2 ** 29 - 1, 2 ** 24 - 1))).toBe(true);
  });
});
