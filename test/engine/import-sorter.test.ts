import { describe, expect, test } from 'vitest';
import { concatBytes, hexOf, utf8 } from '../../src/base/bytes.ts';
import {
  appendedFillPercent,
  buildPagesFrom,
  buildPagesReserve,
  buildRangeMax,
  pageBytesTarget,
} from '../../src/base/limits.ts';
import { prng } from '../../src/base/prng.ts';
import { addBuild, BuildLost, BuildWriter, removeBuild } from '../../src/engine/build-writer.ts';
import { pagesAhead, RunLost, Sorter, type SorterHost } from '../../src/engine/import-sorter.ts';
import { cellValue, keyOf } from '../../src/pager/node.ts';
import { pageKey } from '../../src/pager/versions.ts';
import { annexStartOf, cellStartOf, entrySize } from '../../src/tree/run.ts';
import { openTestState, type TestStore } from '../support/engine.ts';

async function openHost(): Promise<{ host: SorterHost; store: TestStore }> {
  const { state, store } = await openTestState();
  await addBuild(state, 5);
  const writer = new BuildWriter(state, 5);
  writer.use({ first: buildPagesFrom, pages: 10_000 });
  const pause = async (): Promise<void> => {
    if (writer.isDue) await writer.flush();
  };
  return { host: { state, writer, reserve: async () => undefined, pause }, store };
}

async function fill(sorter: Sorter, count: number): Promise<Map<string, string>> {
  const random = prng(count);
  const last = new Map<string, string>();
  for (let at = 0; at < count; at += 1) {
    const key = utf8(`key-${random.below(count)}`);
    const annex = utf8(`${at}`);
    const keyed = concatBytes(key, annex);
    const value = new Uint8Array(at % 97 === 0 ? 70_000 : 300);
    sorter.buffer.addKeyed(keyed, key.length, keyed.length, value, at);
    last.set(hexOf(key), hexOf(annex));
    if (sorter.isFull) await sorter.spill();
  }
  return last;
}

async function drained(sorter: Sorter): Promise<string[]> {
  const annexes: string[] = [];
  let waits = 0;
  await sorter.drain(
    ({ bytes, at }) => {
      annexes.push(hexOf(bytes.subarray(annexStartOf(at), cellStartOf(bytes, at))));
      return annexes.length % 10 === 0;
    },
    async () => {
      waits += 1;
    },
  );
  expect(waits).toBe(Math.floor(annexes.length / 10));
  return annexes;
}

describe('ids to take at once', () => {
  test('are for what is stored and in memory, and as many as a build may ask for at most', async () => {
    const { host } = await openHost();
    const sorter = new Sorter(host, 1e9);
    await fill(sorter, 500);
    expect(sorter.bytes).toBeGreaterThan(500 * 300);
    await sorter.spill();
    const stored = sorter.bytes;
    expect(stored).toBeGreaterThan(300 * 300);
    await fill(sorter, 501);
    expect(sorter.bytes).toBeGreaterThan(stored + 501 * 300);
    const full = (pageBytesTarget * appendedFillPercent) / 100;
    expect(pagesAhead(0)).toBe(buildPagesReserve);
    expect(pagesAhead(10 * full)).toBe(buildPagesReserve + 10);
    expect(pagesAhead(1e12)).toBe(buildRangeMax);
  });
});

describe('sorting', () => {
  test.each([10_000_000, 300_000, 30_000])(
    'with %i bytes of memory yields the last of each key, in order',
    async (bytes) => {
      const { host } = await openHost();
      const sorter = new Sorter(host, bytes);
      const last = await fill(sorter, 3000);
      expect(sorter.runs.length > 0).toBe(bytes < 1_000_000);
      const expected = [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, annex]) => annex);
      expect(await drained(sorter)).toEqual(expected);
    },
  );

  test.each([10_000_000, 5000])(
    'with %i bytes of memory yields values that lie elsewhere',
    async (bytes) => {
      const { host } = await openHost();
      const sorter = new Sorter(host, bytes);
      const random = prng(7);
      const sources = [random.bytes(100_000), random.bytes(50_000)];
      const last = new Map<string, string>();
      for (let at = 0; at < 1000; at += 1) {
        const key = utf8(`key-${random.below(700)}`);
        const source = sources[at % 2] as Uint8Array;
        const from = random.below(40_000);
        const to = from + (at % 50 === 0 ? 0 : random.below(9000));
        const keyed = concatBytes(random.bytes(3), key, random.bytes(2));
        const place = { keyed, from: 3, to: 3 + key.length };
        sorter.buffer.addElsewhere(place, source, from, to, at);
        last.set(hexOf(key), `${at} ${hexOf(source.subarray(from, to))}`);
        if (sorter.isFull) await sorter.spill();
      }
      expect(sorter.runs.length > 2).toBe(bytes === 5000);
      const found: [string, string][] = [];
      await sorter.drain(
        (cursor) => {
          const cell = cursor.cell();
          const size = entrySize(cursor.bytes, cursor.at);
          found.push([hexOf(keyOf(cell)), `${size} ${hexOf(cellValue(cell))}`]);
          return false;
        },
        async () => undefined,
      );
      expect(found).toEqual([...last].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  );

  test('tells of pages that were freed with the build that they are lost to another tab', async () => {
    const { host, store } = await openHost();
    const sorter = new Sorter(host, 200_000);
    await fill(sorter, 1000);
    await removeBuild(host.state, 5);
    const page = { from: pageKey(buildPagesFrom, 0), to: pageKey(buildPagesFrom + 9999, 0) };
    await store.write({ remove: [{ space: 'page', ...page }] });
    await expect(drained(sorter)).rejects.toThrow(BuildLost);
  });

  test('notices a stored page that is missing or damaged', async () => {
    const { host, store } = await openHost();
    const sorter = new Sorter(host, 200_000);
    await fill(sorter, 1000);
    const page = pageKey(buildPagesFrom + 1, 0);
    const [record] = (await store.scan([{ space: 'page', from: page, to: page }]))[0] ?? [];
    await store.write({ remove: [{ space: 'page', from: page, to: page }] });
    await expect(drained(sorter)).rejects.toThrow(RunLost);
    const damaged = concatBytes(record?.value ?? utf8(''));
    damaged[50] = (damaged[50] as number) ^ 1;
    await store.write({ put: [{ space: 'page', key: page, value: damaged }] });
    const again = new Sorter(host, 200_000, sorter.runs);
    await expect(drained(again)).rejects.toThrow(/^What the import had stored.*bad checksum/);
    // Spoilt on the way, it is read again.
    await store.write({ put: [{ space: 'page', key: page, value: record?.value ?? utf8('') }] });
    const scan = store.scan.bind(store);
    let spoilt = 0;
    store.scan = async (ranges) => {
      const found = await scan(ranges);
      const isIts = found.flat().some(({ key }) => key === page);
      if (!isIts || spoilt > 0) return found;
      spoilt += 1;
      return found.map((records) =>
        records.map((one) => (one.key === page ? { ...one, value: damaged } : one)),
      );
    };
    const found = await drained(new Sorter(host, 200_000, sorter.runs));
    expect(spoilt).toBe(1);
    expect(found.length).toBeGreaterThan(500);
    expect(await drained(new Sorter(host, 200_000, sorter.runs))).toEqual(found);
  });
});
