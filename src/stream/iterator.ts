/**
 * Shard iterators: a place in a shard as an opaque text, which holds all there is to know.
 *
 *   stream ARN | 1 | base64 of: kind, shard, place, instant of issue, checksum of all
 *
 * The engine keeps nothing for an iterator, so any tab can go on with it, and none is ever lost
 * (docs/formats/change.md).
 */
import { decodeBase64, encodeBase64 } from '../base/base64.ts';
import { ByteReader, ByteWriter, utf8 } from '../base/bytes.ts';
import { crc32c } from '../base/checksum.ts';
import type { ChangePlace } from '../log/change.ts';

/**
 * `horizon`: from the oldest record that is retained, whichever that is when it is used; `at` and
 * `after`: from a place, with or without the record there.
 */
export type IteratorKind = 'horizon' | 'at' | 'after';

export interface ShardIterator {
  /** ARN of the stream. */
  readonly arn: string;
  readonly shard: string;
  readonly kind: IteratorKind;
  readonly place: ChangePlace;
  /** Wall time, milliseconds. */
  readonly issuedMs: number;
}

const kinds: readonly IteratorKind[] = ['horizon', 'at', 'after'];
const version = 1;
const checksumBytes = 4;

export function encodeIterator({ arn, shard, kind, place, issuedMs }: ShardIterator): string {
  const writer = new ByteWriter(96);
  writer.byte(version);
  writer.byte(kinds.indexOf(kind));
  writer.text(shard);
  writer.varint(place.ms);
  writer.varint(place.sequence);
  writer.varint(issuedMs);
  writer.u32(checksumOf(arn, writer.view()));
  return `${arn}|1|${encodeBase64(writer.take())}`;
}

/** Undefined for a text that `encodeIterator` did not make. */
export function decodeIterator(text: string): ShardIterator | undefined {
  const [, arn = '', base64 = ''] = /^(.*)\|1\|([^|]*)$/s.exec(text) ?? [];
  const bytes = decodeBase64(base64);
  if (bytes === undefined || bytes.length <= checksumBytes) return undefined;
  const content = bytes.subarray(0, bytes.length - checksumBytes);
  const sum = new ByteReader(bytes, content.length).u32();
  if (sum !== checksumOf(arn, content) || content[0] !== version) return undefined;
  const reader = new ByteReader(content, 1);
  const kind = kinds[reader.byte()] as IteratorKind;
  const shard = reader.text();
  const place = { ms: reader.varint(), sequence: reader.varint() };
  return { arn, shard, kind, place, issuedMs: reader.varint() };
}

function checksumOf(arn: string, content: Uint8Array): number {
  return crc32c(content, crc32c(utf8(arn)));
}
