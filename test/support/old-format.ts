/**
 * A format that never was, for tests of conversion: 0, in which every page and log record is stored
 * backwards. A record that is converted twice, or not at all, cannot be read.
 */
import { readFileSync } from 'node:fs';
import { ByteReader, ByteWriter } from '../../src/base/bytes.ts';
import { metaCopyKey } from '../../src/engine/meta-update.ts';
import type { ConvertedSlice, Converter, SliceInput } from '../../src/engine/converter.ts';
import { encodeMeta, metaFormat, sealMeta } from '../../src/pager/meta.ts';
import { metaKey, type Space, type SpaceRecord } from '../../src/port/store.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import { unpacked } from '../golden/make.ts';
import { keysOf, metaOf } from './engine.ts';

const spaces: readonly Space[] = ['page', 'log'];

/** The golden store of the present format as format 0 would have had it. */
export function oldStore(): MemoryDisk {
  return agedBy(
    unpacked(readFileSync(new URL(`../golden/store-${metaFormat}.gz`, import.meta.url))),
  );
}

/** The same disk, in format 0. */
export function agedBy(disk: MemoryDisk): MemoryDisk {
  const old = encodeMeta({ ...metaOf(disk), format: 0 });
  for (const space of spaces) {
    for (const key of keysOf(disk, space)) {
      disk.spaces[space].put(key, backwards(disk.spaces[space].get(key)));
    }
  }
  disk.spaces.meta.put(metaKey, old);
  disk.spaces.meta.put(metaCopyKey, old);
  return disk;
}

export function backwards(bytes: Uint8Array | undefined): Uint8Array {
  return (bytes ?? new Uint8Array()).slice().reverse();
}

/** From format 0 to the present, so many records a slice. */
export function converterOf(recordsMax: number): Converter {
  return {
    from: 0,
    to: metaFormat,
    meta: (old) => {
      const writer = new ByteWriter(old.length);
      writer.raw(old.subarray(0, 4));
      writer.u16(metaFormat);
      writer.raw(old.subarray(6));
      sealMeta(writer);
      return writer.take();
    },
    slice: (input) => turnRound(input, recordsMax),
  };
}

async function turnRound(
  { store, cursor, head }: SliceInput,
  limit: number,
): Promise<ConvertedSlice> {
  const reader = new ByteReader(cursor);
  const at = cursor.length === 0 ? 0 : reader.varint();
  const from = cursor.length === 0 ? 0 : reader.varint();
  const space = spaces[at] as Space;
  const to = space === 'log' ? head : Number.MAX_SAFE_INTEGER;
  const [records = []] = await store.scan([{ space, from, to, limit }]);
  const put = records.map(({ key, value }): SpaceRecord => {
    return { space, key, value: backwards(value) };
  });
  const last = records.at(-1);
  const isOver = records.length < limit || last === undefined;
  if (isOver && at + 1 === spaces.length) return { put, records: put.length, next: undefined };
  const writer = new ByteWriter();
  writer.varint(isOver ? at + 1 : at);
  writer.varint(isOver ? 0 : last.key + 1);
  return { put, records: put.length, next: writer.take() };
}
