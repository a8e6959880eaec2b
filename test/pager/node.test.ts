import { describe, expect, test } from 'vitest';
import { hexOf, textOf, utf8 } from '../../src/base/bytes.ts';
import { recordBytesMax } from '../../src/base/limits.ts';
import {
  buildNode,
  buildOverflow,
  cellAt,
  cellsOf,
  childOf,
  inlineCell,
  innerCell,
  isRemoved,
  keyOf,
  nodeSize,
  overflowCell,
  overflowPieceMax,
  removedCell,
  sizeOf,
} from '../../src/pager/node.ts';
import { Page } from '../../src/pager/page.ts';

const ref = { firstPage: 300, pages: 2, length: 70_000 };
const header = (kind: 'leaf' | 'inner' | 'delta') => {
  return { kind, id: 300, checkpoint: 1, previous: 0 };
};

describe('a node', () => {
  test('its size is known before it is built', () => {
    const cells = [inlineCell(utf8('a'), utf8('one')), overflowCell(utf8('bc'), ref)];
    expect(buildNode(header('leaf'), cells, false).length).toBe(nodeSize(cells));
  });

  test('an overflow page holds as much as a record may', () => {
    const bytes = buildOverflow(300, 1, new Uint8Array(overflowPieceMax));
    expect(bytes.length).toBe(recordBytesMax);
    expect(() => buildOverflow(300, 1, new Uint8Array(overflowPieceMax + 1))).toThrow();
  });
  test('gives its cells back, to be built into another', () => {
    const cells = [inlineCell(utf8('a'), utf8('one')), removedCell(utf8('bc'))];
    const bytes = buildNode(header('delta'), cells, true);
    const again = cellsOf(bytes);
    expect(again.map((cell) => textOf(keyOf(cell)))).toEqual(['a', 'bc']);
    expect(again.map(isRemoved)).toEqual([false, true]);
    expect(again.map(sizeOf)).toEqual([2 + 2 + 4, 2 + 2 + 2]);
    expect(again[1]).toEqual(cellAt(bytes, 1));
    expect(hexOf(buildNode(header('delta'), again, true))).toBe(hexOf(bytes));
  });

  test('a value stays where it is until there is a page for it', () => {
    const values = ['one', 'v'.repeat(100)].map(utf8);
    const cells = values.map((value, at) => inlineCell(Uint8Array.of(at), value));
    for (const [at, cell] of cells.entries()) {
      expect(cell.value).toBe(values[at]);
      expect(cell.end - cell.start).toBe(3);
    }
    const page = new Page(header('leaf'), buildNode(header('leaf'), cells, true));
    expect([0, 1].map((at) => textOf(page.value(at)))).toEqual(values.map(textOf));
    expect(page.bytes.length).toBe(nodeSize(cells));
  });

  test('of children names them', () => {
    const bytes = buildNode(header('inner'), [innerCell(utf8(''), 2 ** 29 - 1)], false);
    expect(childOf(cellAt(bytes, 0))).toBe(2 ** 29 - 1);
  });

  test('refuses a key or a page that its offsets could not describe', () => {
    expect(() => inlineCell(new Uint8Array(0x4000), utf8(''))).toThrow();
    const large = inlineCell(utf8('a'), new Uint8Array(recordBytesMax));
    expect(() => buildNode(header('leaf'), [large], false)).toThrow();
  });
});
