/**
 * How far a device is with its hub: what it was sent, what it has taken. One record of the book
 * (docs/formats/replica.md), moved by the commit that does what it speaks of.
 */
import { ByteReader, ByteWriter, emptyBytes } from '../base/bytes.ts';
import { type ClockReading, clockZero } from '../base/hlc.ts';
import type { TreeReader } from '../tree/reader.ts';

export interface Link {
  /** 16 random bytes, made at a start of the hub; empty before the first contact. */
  readonly epoch: Uint8Array;
  /** All places of the hub's feed up to it have been taken. */
  readonly cursor: number;
  /** The page that ended there was not the last: the hub had more. */
  readonly isOpen?: boolean | undefined;
  /** The greatest place of the feed that is in what was taken: of pages, and of chunks. */
  readonly reach: number;
  /** Entries up to it may have been sent. */
  readonly sent: number;
  /** Who the hub took the caller for at the first contact; empty before. */
  readonly principal: string;
  /** Id of the hub; empty before the first contact. */
  readonly hub: Uint8Array;
  /** The hub's time at which all that it had was taken last; 0 before the first. */
  readonly syncedMs: number;
  /** Of what the hub has answered, entries up to it outlive the loss of what it runs on. */
  readonly safe: number;
  /** The greatest stamp that the hub has named. */
  readonly seen: ClockReading;
}

export const linkKey: Uint8Array = Uint8Array.of(1);

const unlinked: Link = {
  epoch: emptyBytes,
  cursor: 0,
  reach: 0,
  sent: 0,
  seen: clockZero,
  principal: '',
  hub: emptyBytes,
  syncedMs: 0,
  safe: 0,
};

export function readLink(
  reader: TreeReader,
  book: number,
): { readonly link: Link; readonly bytes: Uint8Array | undefined } {
  const bytes = reader.get(book, linkKey);
  if (bytes === undefined) return { link: unlinked, bytes };
  const from = new ByteReader(bytes);
  const epoch = from.block();
  const cursor = from.varint();
  const reach = from.varint();
  const sent = from.varint();
  const seen = { ms: from.varint(), counter: from.varint() };
  return {
    link: {
      ...{ epoch, cursor, reach, sent, seen, principal: from.text(), hub: from.block() },
      ...{ syncedMs: from.varint(), safe: from.varint() },
      ...(from.done ? {} : { isOpen: from.byte() === 1 }),
    },
    bytes,
  };
}

/** Whether what is followed at `cursor` may lack what was written again behind it. */
export function isOpenAt(link: Link, cursor: number): boolean {
  return link.isOpen === true && link.cursor === cursor;
}

export function encodeLink(link: Link): Uint8Array {
  const { epoch, cursor, reach, sent, seen, principal, hub, syncedMs, safe } = link;
  const writer = new ByteWriter(48);
  writer.block(epoch);
  writer.varint(cursor);
  writer.varint(reach);
  writer.varint(sent);
  writer.varint(seen.ms);
  writer.varint(seen.counter);
  writer.text(principal);
  writer.block(hub);
  writer.varint(syncedMs);
  writer.varint(safe);
  if (link.isOpen === true) writer.byte(1);
  return writer.take();
}
