/**
 * How far a hub is with another one whose feed it pulls: one record of the book for each, by the
 * name that its operator gave it (docs/formats/replica.md). Moved by the commit that takes a page.
 */
import { ByteReader, ByteWriter, concatBytes, emptyBytes, utf8 } from '../base/bytes.ts';
import type { TreeReader } from '../tree/reader.ts';

export interface Peer {
  /** Of the other hub, 16 bytes; empty before the first contact. */
  readonly epoch: Uint8Array;
  /** All places of its feed up to it have been taken, of these tables: */
  readonly cursor: number;
  /** Hash of what we may read there (scope.ts); empty where nobody is asked who they are. */
  readonly scope: string;
  /** Their names among replicas at the other hub, ascending. */
  readonly tables: readonly string[];
}

const peerKind = 32;
const unmet: Peer = { epoch: emptyBytes, cursor: 0, scope: '', tables: [] };

export function peerKey(name: string): Uint8Array {
  return concatBytes(Uint8Array.of(peerKind), utf8(name));
}

export function readPeer(
  reader: TreeReader,
  book: number,
  name: string,
): { readonly peer: Peer; readonly bytes: Uint8Array | undefined } {
  const bytes = reader.get(book, peerKey(name));
  return { peer: bytes === undefined ? unmet : decodePeer(bytes), bytes };
}

export function encodePeer({ epoch, cursor, scope, tables }: Peer): Uint8Array {
  const writer = new ByteWriter(128);
  writer.block(epoch);
  writer.varint(cursor);
  writer.text(scope);
  for (const table of tables) writer.text(table);
  return writer.take();
}

export function decodePeer(bytes: Uint8Array): Peer {
  const from = new ByteReader(bytes);
  const epoch = from.block();
  const cursor = from.varint();
  const scope = from.text();
  const tables: string[] = [];
  while (!from.done) tables.push(from.text());
  return { epoch, cursor, scope, tables };
}
