/** The key attributes that an encoded key has: as an item, of a table. */
import { decodeKey } from '../value/key-decode.ts';
import type { Item } from '../value/value.ts';
import type { TableState } from './state.ts';

/** Throws where the bytes are no key of the table. */
export function itemOfKey({ keys }: Pick<TableState, 'keys'>, key: Uint8Array): Item {
  const parts = [...keys.hash, ...keys.range];
  const values = decodeKey(
    key,
    parts.map(({ type }) => type),
  );
  return new Map(values.map((value, at) => [parts[at]?.name ?? '', value]));
}
