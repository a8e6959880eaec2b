import { describe, expect, test } from 'vitest';
import { compareBytes } from '../../src/base/bytes.ts';
import { liveBytesMax, liveItemsMax } from '../../src/base/limits.ts';
import { prng } from '../../src/base/prng.ts';
import type { LivePart } from '../../src/live/live-read.ts';
import { Window } from '../../src/live/window.ts';
import { encodeItem, StoredItem } from '../../src/value/codec.ts';
import type { Value } from '../../src/value/value.ts';
import { MapReader } from '../support/map-reader.ts';
import { tableState } from '../support/table-states.ts';

const table = tableState({
  keys: { hash: [{ name: 'p', type: 'S' }], range: [{ name: 's', type: 'N' }] },
});

function partOf(changes: Partial<LivePart> = {}): LivePart {
  return {
    table,
    index: undefined,
    range: {},
    isReverse: false,
    filter: undefined,
    projection: undefined,
    isCount: false,
    reachBack: { forFilter: false, forResult: false },
    isRestartable: true,
    ...changes,
  };
}

const isEven: LivePart['filter'] = {
  holds: (item) => Number(item?.get('v')?.value) % 2 === 0,
  roots: new Set(['v']),
  nestedRoots: new Set(),
};

const key = (at: number): Uint8Array => Uint8Array.of(at);

function itemOf(at: number, v: number, filler = 0): Uint8Array {
  const values: [string, Value][] = [
    ['p', { type: 'S', value: 'p' }],
    ['s', { type: 'N', value: String(at) }],
    ['v', { type: 'N', value: String(v) }],
  ];
  if (filler > 0) values.push(['x', { type: 'B', value: new Uint8Array(filler) }]);
  return encodeItem(new Map(values)).slice();
}

function textOf(bytes: Uint8Array | undefined): string {
  const item = new StoredItem(bytes as Uint8Array).item();
  return ['s', 'v'].map((name) => (item.get(name) as { value: string }).value).join(':');
}

function fill(window: Window, reader: MapReader): number {
  let reads = 0;
  for (; window.isWanting; reads += 1) window.readOn(reader);
  return reads;
}

/** A tree with keys from 0 on. */
function treeOf(count: number): MapReader {
  const reader = new MapReader();
  for (let at = 0; at < count; at += 1) change(reader, at, at);
  return reader;
}

function change(reader: MapReader, at: number, v: number | undefined): Uint8Array | undefined {
  const value = v === undefined ? undefined : itemOf(at, v);
  reader.apply([{ tree: 100, key: key(at), value, sizeBefore: undefined, sizeAfter: 1 }]);
  return value;
}

describe('a window', () => {
  const ranges = [
    { name: 'forward', parts: [partOf()] },
    { name: 'in reverse', parts: [partOf({ isReverse: true })] },
    { name: 'with a filter', parts: [partOf({ filter: isEven })] },
    {
      name: 'of parts',
      parts: [
        partOf({ range: { from: key(40), to: key(60) } }),
        partOf({ range: { from: key(5), to: key(30) } }),
      ],
    },
  ];
  const limits = [undefined, 1, 3, 10];
  const rows = ranges.flatMap(({ name, parts }) => limits.map((limit) => ({ name, parts, limit })));

  test.each(rows)('$name with limit $limit shows what reading again shows', ({ parts, limit }) => {
    const random = prng(17);
    const reader = treeOf(64);
    // The least slack there can be, so that it is used up often.
    const window = new Window({ parts, limit, isCount: false }, 1);
    fill(window, reader);
    for (let round = 0; round < 1500; round += 1) {
      // Times of growth and of decline take turns.
      const isGone = random.u32() % 4 < (round % 200 < 100 ? 1 : 3);
      const at = random.u32() % 64;
      const value = change(reader, at, isGone ? undefined : random.u32() % 10);
      for (const [part, { range }] of parts.entries()) {
        const { from = key(0), to = key(64) } = range;
        const isInside = compareBytes(from, key(at)) <= 0 && compareBytes(key(at), to) < 0;
        if (isInside) window.apply(part, key(at), value);
      }
      if (random.u32() % 3 > 0) continue;
      fill(window, reader);
      const again = new Window({ parts, limit, isCount: false }, 0);
      fill(again, reader);
      const shown = window.visible().map((held) => textOf(held.shown));
      expect(shown).toEqual(again.visible().map((held) => textOf(held.shown)));
      expect(window.end()?.key).toEqual(again.end()?.key);
    }
  });

  test('reads on only when its slack is used up, and from where it ends', () => {
    const reader = treeOf(100);
    const window = new Window({ parts: [partOf()], limit: 10, isCount: false }, 5);
    expect(fill(window, reader)).toBe(1);
    let reads = 0;
    for (let at = 0; at < 60; at += 1) {
      change(reader, at, undefined);
      window.apply(0, key(at), undefined);
      reads += fill(window, reader);
    }
    // Each read brings those that are missing and five more.
    expect(reads).toBe(10);
  });

  test('keeps an entry that shows the same', () => {
    const reader = treeOf(3);
    const window = new Window({ parts: [partOf()], limit: undefined, isCount: false });
    fill(window, reader);
    const before = [...window.visible()];
    window.apply(0, key(1), itemOf(1, 1));
    expect(window.visible()[1]).toBe(before[1]);
    window.apply(0, key(1), itemOf(1, 8));
    expect(window.visible()[1]).not.toBe(before[1]);
    expect(window.visible()[2]).toBe(before[2]);
  });

  test('counts the bytes of what it holds', () => {
    const reader = treeOf(30);
    const window = new Window({ parts: [partOf()], limit: 4, isCount: false }, 2);
    expect(window.bytes).toBe(0);
    fill(window, reader);
    expect(window.bytes).toBeGreaterThan(0);
    for (let at = 0; at < 30; at += 1) window.apply(0, key(at), undefined);
    expect(window.bytes).toBe(0);
  });

  test.each([
    ['items', liveItemsMax, 0, 'liveItemsMax'],
    ['bytes', 50, liveBytesMax / 40, 'liveBytesMax'],
  ])('of too many %s ends with an error that names the limit', (_name, count, filler, limit) => {
    const window = new Window({ parts: [partOf()], limit: undefined, isCount: false });
    fill(window, new MapReader());
    const grow = (): void => {
      for (let at = 0; at <= count; at += 1) {
        const place = Uint8Array.of(at >> 16, at >> 8, at);
        window.apply(0, place, itemOf(at, at, filler));
      }
    };
    expect(grow).toThrow(new RegExp(`LimitExceeded|${limit}`));
  });
});
