/**
 * The converters that this release has (docs/adr/0013), from the oldest format that it opens on.
 *
 * 1 to 2: tables with local indexes may have counters of their item collections, which an engine of
 * format 1 would not keep. No record changes but the meta record's number: the counters of a table
 * begin with its next write (table/collections.ts, docs/formats/meta.md).
 *
 * 2 to 3: an engine of format 2 would write to a table whose stream is on without making records.
 * Nothing else changes; streams that the store was told of begin with its opening
 * (operation/internal/advance-streams.ts).
 *
 * 3 to 4: an engine of format 3 would write to a replicated table without its versions and outbox.
 *
 * 4 to 5: an engine of format 4 would take new pages and log records for damaged: they have another
 * checksum. Those that are there are read as they are (docs/adr/0038).
 */
import { ByteWriter } from '../base/bytes.ts';
import { sealMeta } from '../pager/meta.ts';
import type { Converter } from './converter.ts';

const formatAt = 4;

const numbers: readonly (readonly [from: number, to: number])[] = [
  [1, 2],
  [2, 3],
  [3, 4],
  [4, 5],
];

export const converters: readonly Converter[] = numbers.map(([from, to]) => ({
  from,
  to,
  meta: (old) => withFormat(old, to),
  slice: () => Promise.resolve({ records: 0, next: undefined }),
}));

/** The same record under another number: its fields are those of the format before. */
function withFormat(meta: Uint8Array, format: number): Uint8Array {
  const writer = new ByteWriter(meta.length);
  writer.raw(meta.subarray(0, formatAt));
  writer.u16(format);
  writer.raw(meta.subarray(formatAt + 2));
  sealMeta(writer);
  return writer.take();
}
