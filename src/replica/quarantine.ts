/**
 * The quarantine of a device: entries that the hub has refused for good, and those that were made
 * on them, with their images and the reason. Kept for the user, until the user has decided
 * (shared/SYNC.md, Words). Layout in docs/formats/replica.md.
 */
import { ByteReader, ByteWriter, concatBytes } from '../base/bytes.ts';
import { treeKey, treeOfKey } from '../table/system.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeEntry, encodeEntry, type Entry } from './entry.ts';

export interface Quarantined {
  readonly entry: Entry;
  /** Why: what the hub said, or `DependsOnRefused`. */
  readonly code: string;
}

const quarantineKind = 8;

export function quarantineKey(seq: number): Uint8Array {
  return concatBytes(Uint8Array.of(quarantineKind), treeKey(seq));
}

export function encodeQuarantined({ entry, code }: Quarantined): Uint8Array {
  const writer = new ByteWriter(256);
  writer.text(code);
  writer.raw(encodeEntry(entry));
  return writer.take();
}

export function decodeQuarantined(bytes: Uint8Array): Quarantined {
  const reader = new ByteReader(bytes);
  const code = reader.text();
  return { code, entry: decodeEntry(bytes.subarray(reader.at)) };
}

/** The oldest first, as far as the caller goes. Throws PageFault. */
export function* quarantinedFrom(
  reader: TreeReader,
  book: number,
  seq: number,
): Generator<Quarantined, void, undefined> {
  const range = { from: quarantineKey(seq), to: quarantineKey(Number.MAX_SAFE_INTEGER) };
  const cursor = reader.range(book, range);
  while (cursor.next()) yield decodeQuarantined(cursor.value);
}

/** The greatest number of what is in it; 0 where nothing is. Throws PageFault. */
export function lastQuarantined(reader: TreeReader, book: number): number {
  const range = { from: quarantineKey(0), to: quarantineKey(Number.MAX_SAFE_INTEGER) };
  const cursor = reader.range(book, range, true);
  return cursor.next() ? treeOfKey(cursor.key.subarray(1, 9)) : 0;
}
