/**
 * NextToken: where a SELECT goes on, as text that means nothing to its bearer.
 *
 * It is an item (docs/formats/item.md) behind its checksum, in base64: the digest of the statement
 * it belongs to, the read among those the statement is made of, and the key to go on after.
 */
import { decodeBase64, encodeBase64 } from '../../base/base64.ts';
import { concatBytes, equalBytes } from '../../base/bytes.ts';
import { crc32c } from '../../base/checksum.ts';
import { type DynamoError, validation } from '../../base/errors.ts';
import { decodeItem, encodeItem } from '../../value/codec.ts';
import type { Item, Value } from '../../value/value.ts';

export interface Resume {
  /** Which of the reads, from 0. */
  readonly read: number;
  /** The last key that was read; undefined where the read has not begun. */
  readonly after: Item | undefined;
}

const checksumBytes = 4;

export function writeToken(digest: Uint8Array, { read, after }: Resume): string {
  const item = new Map<string, Value>([
    ['digest', { type: 'B', value: digest }],
    ['read', { type: 'N', value: String(read) }],
  ]);
  if (after !== undefined) item.set('after', { type: 'M', value: after });
  const bytes = encodeItem(item);
  return encodeBase64(concatBytes(checksumOf(bytes), bytes));
}

/** Throws on a token that was not written here, or for another statement. */
export function readToken(token: string, digest: Uint8Array): Resume {
  const all = decodeBase64(token);
  const bytes = all?.subarray(checksumBytes);
  if (all === undefined || bytes === undefined || all.length <= checksumBytes) throw invalidToken();
  if (!equalBytes(all.subarray(0, checksumBytes), checksumOf(bytes))) throw invalidToken();
  const item = decodeItem(bytes);
  const [written, read, after] = ['digest', 'read', 'after'].map((name) => item.get(name));
  if (written?.type !== 'B' || read?.type !== 'N') throw invalidToken();
  if (!equalBytes(written.value, digest)) throw validation('NextToken does not match request');
  return { read: Number(read.value), after: after?.type === 'M' ? after.value : undefined };
}

export function invalidToken(): DynamoError {
  return validation('Invalid NextToken');
}

function checksumOf(bytes: Uint8Array): Uint8Array {
  const sum = crc32c(bytes);
  return Uint8Array.of(sum >>> 24, (sum >>> 16) & 0xff, (sum >>> 8) & 0xff, sum & 0xff);
}
