/**
 * Keys of a table's tree back to the key attributes' values (docs/formats/key.md).
 *
 * For what names an item by its key alone: a stream's record without an image, a deletion of a
 * replica. Malformed bytes are a failed assert; of bytes from elsewhere `replica/image.ts` asks.
 */
import { assert } from '../base/assert.ts';
import { textOf } from '../base/bytes.ts';
import { decodeDecimal } from './decimal.ts';
import type { KeyType, KeyValue } from './value.ts';

const hashBytes = 4;

/** The values of the parts of a key, whose types are given in their order. */
export function decodeKey(key: Uint8Array, types: readonly KeyType[]): readonly KeyValue[] {
  let at = hashBytes;
  const values = types.map((type): KeyValue => {
    if (type === 'N') {
      const { text, end } = decodeDecimal(key, at);
      at = end;
      return { type, value: text };
    }
    const { bytes, end } = unescapeZeros(key, at);
    at = end;
    return type === 'S' ? { type, value: textOf(bytes) } : { type, value: bytes };
  });
  assert(at === key.length, 'bytes after the last part of a key');
  return values;
}

/** How many bytes of a key are of its partition: the hash, and the part behind it. */
export function leadLength(key: Uint8Array, type: KeyType): number {
  if (type === 'N') return decodeDecimal(key, hashBytes).end;
  return unescapeZeros(key, hashBytes).end;
}

/** The hash that the key begins with. */
export function hashOfKey(key: Uint8Array): number {
  assert(key.length >= hashBytes, 'a key without its hash');
  const high = ((key[0] as number) << 8) | (key[1] as number);
  const low = ((key[2] as number) << 8) | (key[3] as number);
  return high * 0x10000 + low;
}

/** Up to `00 01`; `00 ff` is a zero. */
function unescapeZeros(
  key: Uint8Array,
  from: number,
): { readonly bytes: Uint8Array; readonly end: number } {
  const bytes = new Uint8Array(key.length - from);
  let length = 0;
  for (let at = from; at < key.length; at += 1) {
    const byte = key[at] as number;
    if (byte === 0) {
      at += 1;
      if (key[at] === 0x01) return { bytes: bytes.slice(0, length), end: at + 1 };
      assert(key[at] === 0xff, 'a zero in a key that is not escaped');
    }
    bytes[length++] = byte;
  }
  assert(false, 'a part of a key without an end');
}
