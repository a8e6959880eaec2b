/**
 * Which items the transactions of a page wrote together: told to a hub that pulls, which keeps them
 * together for devices of its own. What is left of a transaction in a page does not say it: of an
 * item that was written over since, only the newest version comes.
 *
 * Not stored: written for one message, with short names (docs/formats/sync-wire.md).
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { transactionActionsMax } from '../base/limits.ts';
import type { Stamp } from '../base/hlc.ts';
import { ShortNames } from './names.ts';

export interface PageJoined {
  readonly stamp: Stamp;
  /** Of the items: the table's name among replicas, and the stored key. */
  readonly members: readonly { readonly table: string; readonly key: Uint8Array }[];
}

export function encodePageJoined(joined: readonly PageJoined[]): Uint8Array {
  const writer = new ByteWriter(256);
  const names = new ShortNames();
  for (const { stamp, members } of joined) {
    names.putStamp(writer, stamp);
    writer.varint(members.length);
    for (const { table, key } of members) {
      names.putTable(writer, table);
      writer.block(key);
    }
  }
  return writer.take();
}

/** Throws Corruption. */
export function decodePageJoined(bytes: Uint8Array): readonly PageJoined[] {
  const reader = new ByteReader(bytes);
  const names = new ShortNames();
  const joined: PageJoined[] = [];
  while (!reader.done) {
    const stamp = names.stamp(reader);
    const length = reader.varint();
    if (length > transactionActionsMax)
      throw new Corruption('sync: a transaction of too many items');
    const members = Array.from({ length }, () => ({
      table: names.table(reader),
      key: reader.block(),
    }));
    joined.push({ stamp, members });
  }
  return joined;
}
