import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatOf, metaFormat } from '../../src/pager/meta.ts';
import { checkPageRecord, type PageRecordKind } from '../../src/pager/page.ts';
import { metaKey } from '../../src/port/store.ts';
import { ask, countOf, find, keysOf, metaOf, openRig, put } from '../support/engine.ts';
import { type AskStream, readStream } from '../support/streams.ts';
import { Stored } from '../support/replica.ts';
import { collections, held, makeGolden, packed, shared, unpacked } from './make.ts';

/** The newest format that has a file; a new one adds a file, and keeps those before it. */
const formats = Array.from({ length: metaFormat }, (_, index) => index + 1);
const fileOf = (format: number): URL => new URL(`./store-${format}.gz`, import.meta.url);

describe('a golden store', () => {
  test('is there for the present format', async () => {
    const file = fileOf(metaFormat);
    if (!existsSync(file) && process.env['UPDATE_GOLDEN'] !== undefined) {
      writeFileSync(file, packed(await makeGolden()));
    }
    expect(existsSync(file)).toBe(true);
  });

  test.each(formats)('of format %i has every kind of page record, and a log', (format) => {
    const disk = unpacked(readFileSync(fileOf(format)));
    const kinds = new Set<PageRecordKind>();
    for (const key of keysOf(disk, 'page')) {
      const bytes = disk.spaces.page.get(key);
      if (bytes !== undefined) kinds.add(checkPageRecord(bytes).kind);
    }
    expect([...kinds].sort()).toEqual(['delta', 'inner', 'leaf', 'list', 'overflow']);
    expect(keysOf(disk, 'log').length).toBeGreaterThan(2);
    expect(formatOf(disk.spaces.meta.get(metaKey) ?? new Uint8Array())).toBe(format);
  });

  test.each(formats)('of format %i is opened, read, found sound and written on', async (format) => {
    const disk = unpacked(readFileSync(fileOf(format)));
    const rig = await openRig({ disk });
    expect(await countOf(rig)).toBe(held.items);
    expect(await countOf(rig, 'byG')).toBe(held.items - 3);
    for (const key of ['k20', 'k21', 'k22']) {
      expect((await find(rig, key))?.get('v')?.value).toBe(held.changed);
    }
    expect((await find(rig, 'k22'))?.get('n')).toEqual({ type: 'N', value: '1.5' });
    expect(await find(rig, 'k3')).toBeUndefined();
    expect(String((await find(rig, 'large'))?.get('v')?.value)).toHaveLength(held.large);
    expect(String((await find(rig, 'long'))?.get('v')?.value)).toHaveLength(100_000);
    expect(metaOf(disk).format).toBe(metaFormat);
    await put(rig, 'new');
    await rig.engine.checkpoint();
    const report = await rig.engine.scrub();
    expect(report).toMatchObject({ damagedPages: 0, mended: 0, counters: 0 });
    expect(await countOf(await openRig({ disk }))).toBe(held.items + 1);
    expect(rig.engine.status().damage).toEqual([]);
  });

  test('of format 2 has counters of item collections, and goes on with them', async () => {
    const disk = unpacked(readFileSync(fileOf(2)));
    const { bytes, table: TableName } = collections;
    const Item = { p: { S: 'a' }, s: { N: '99' } };
    // Seven bytes more than a limit that the collection fills.
    const full = await openRig({ disk, collectionBytesMax: bytes });
    await expect(ask(full, 'PutItem', { TableName, Item })).rejects.toThrow('Collection size');
    await full.engine.close();
    const rig = await openRig({ disk, collectionBytesMax: bytes + 7 });
    await ask(rig, 'PutItem', { TableName, Item });
  });

  test.each(formats.slice(2))('of format %i has its stream, which goes on', async (format) => {
    const disk = unpacked(readFileSync(fileOf(format)));
    // Its records are of the time in which it was made.
    const rig = await openRig({ disk });
    const asked: AskStream = (operation, input) => ask(rig, operation, input);
    await put(rig, 'new');
    const { Table } = await ask(rig, 'DescribeTable', { TableName: 'Things' });
    const arn = (Table as { readonly LatestStreamArn: string }).LatestStreamArn;
    const records = await readStream(asked, arn);
    expect(records).toHaveLength(held.recorded + 1);
    expect(records.map(({ eventName }) => eventName)).toEqual([
      'MODIFY',
      'MODIFY',
      'REMOVE',
      'INSERT',
      'INSERT',
      'MODIFY',
      'INSERT',
    ]);
  });

  test.each(formats.slice(3))('of format %i has its outbox, which goes on', async (format) => {
    const disk = unpacked(readFileSync(fileOf(format)));
    const rig = await openRig({ disk });
    const { table: TableName, entries } = shared;
    await ask(rig, 'PutItem', { TableName, Item: { p: { S: 'c' } } });
    const stored = await Stored.of(disk, TableName);
    expect(stored.entries().map(({ mutations }) => mutations.length)).toEqual([2, 1, 1, 1]);
    expect(stored.entries()).toHaveLength(entries + 1);
    expect(stored.versions().filter(({ isDeleted }) => isDeleted)).toHaveLength(1);
  });
});
