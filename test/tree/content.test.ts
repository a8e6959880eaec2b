import { describe, expect, test } from 'vitest';
import { compareBytes, textOf, utf8 } from '../../src/base/bytes.ts';
import { pageBytesMin, pageBytesTarget } from '../../src/base/limits.ts';
import { prng } from '../../src/base/prng.ts';
import {
  type Cell,
  childOf,
  inlineCell,
  innerCell,
  keyOf,
  nodeSize,
} from '../../src/pager/node.ts';
import { type Content, isSmall, join, split } from '../../src/tree/content.ts';

function contentWith(cells: readonly Cell[], more: Partial<Content> = {}): Content {
  return {
    id: 300,
    height: 1,
    separator: utf8(''),
    cells,
    size: nodeSize(cells),
    changed: true,
    delta: undefined,
    appended: false,
    ...more,
  };
}

function leafOf(sizes: readonly number[], more: Partial<Content> = {}): Content {
  const cells = sizes.map((size, at) =>
    inlineCell(utf8(`key ${String(at).padStart(5, '0')}`), new Uint8Array(size)),
  );
  return contentWith(cells, more);
}

function splitOf(content: Content): readonly Content[] {
  let next = 400;
  return split(content, () => next++);
}

describe('splitting', () => {
  test('leaves alone what fits into a page', () => {
    const content = leafOf([1, 2, 3]);
    expect(splitOf(content)).toEqual([content]);
  });

  test('gives new ids to all pieces but the first, and loses no cell', () => {
    const content = leafOf(Array(500).fill(200));
    const pieces = splitOf(content);
    expect(pieces.map(({ id }) => id)).toEqual([300, 400, 401, 402, 403]);
    expect(pieces.flatMap(({ cells }) => cells)).toEqual(content.cells);
    expect(pieces.every(({ cells, size }) => size === nodeSize(cells))).toBe(true);
  });

  test('makes even pieces with room to grow, or full ones when keys ascend', () => {
    const sizes: number[] = Array(500).fill(200);
    const even = splitOf(leafOf(sizes)).map(({ size }) => size / pageBytesTarget);
    expect(Math.min(...even)).toBeGreaterThan(0.6);
    expect(Math.max(...even)).toBeLessThan(0.8);
    const full = splitOf(leafOf(sizes, { appended: true })).map(({ size }) => size);
    for (const size of full.slice(0, -1)) expect(size).toBeGreaterThan(pageBytesTarget * 0.93);
  });

  test('separates leaves by the shortest key that does', () => {
    const pieces = splitOf(leafOf(Array(500).fill(200)));
    pieces.forEach(({ separator, cells }, at) => {
      if (at === 0) return;
      const before = pieces[at - 1]?.cells.at(-1) as Cell;
      expect(compareBytes(keyOf(before), separator)).toBe(-1);
      expect(compareBytes(separator, keyOf(cells[0] as Cell))).toBeLessThanOrEqual(0);
      expect(compareBytes(keyOf(before), separator.slice(0, -1))).toBeGreaterThanOrEqual(0);
    });
  });

  test.each([false, true])(
    'no piece is empty or above a page and a half (appended: %s)',
    (appended) => {
      const random = prng(6);
      for (let round = 0; round < 200; round += 1) {
        const sizes = [...Array(1 + random.below(60))].map(() =>
          random.chance(0.3) ? 8000 + random.below(6200) : random.below(300),
        );
        for (const { cells, size } of splitOf(leafOf(sizes, { appended }))) {
          expect(cells.length).toBeGreaterThan(0);
          expect(size).toBeLessThan(pageBytesTarget * 1.5);
        }
      }
    },
  );

  test.each([false, true])('inner pieces have two children at least (appended: %s)', (appended) => {
    for (let count = 6; count < 40; count += 1) {
      const cells = [...Array(count)].map((_, at) =>
        innerCell(new Uint8Array(6200).fill(at, 6190), at),
      );
      const pieces = splitOf(contentWith(cells, { height: 2, appended }));
      expect(pieces.length).toBeGreaterThan(1);
      for (const piece of pieces) expect(piece.cells.length).toBeGreaterThanOrEqual(2);
      expect(pieces.flatMap((piece) => piece.cells.map(childOf))).toEqual([...Array(count).keys()]);
    }
  });
});

describe('joining', () => {
  test('keeps id and separator of the left, and both cells', () => {
    const left = contentWith([inlineCell(utf8('a'), utf8('1'))], { separator: utf8('A') });
    const right = contentWith([inlineCell(utf8('b'), utf8('2'))], {
      id: 301,
      separator: utf8('b'),
    });
    const { id, separator, cells, size, delta } = join(left, right);
    expect([id, textOf(separator), delta]).toEqual([300, 'A', undefined]);
    expect(cells.map((cell) => textOf(keyOf(cell)))).toEqual(['a', 'b']);
    expect(size).toBe(nodeSize(cells));
  });

  test.each<[string, Content, boolean]>([
    ['a leaf below the least size', leafOf([100]), true],
    ['a leaf of that size', leafOf([pageBytesMin]), false],
    ['a leaf to which keys are appended', leafOf([100], { appended: true }), false],
    [
      'an inner page of one child',
      contentWith([innerCell(utf8(''), 1)], { height: 2, appended: true }),
      true,
    ],
  ])('%s: wants to be joined is %s', (_name, content, small) => {
    expect(isSmall(content)).toBe(small);
  });
});
