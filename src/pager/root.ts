/**
 * The root of a tree: where it starts, how high it is, and what it holds.
 *
 * The value of a tree's item in the tree of roots, and a part of the meta record
 * (docs/formats/meta.md). An empty tree has no root.
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';

export interface TreeRoot {
  readonly page: number;
  /** 1 when the root is a leaf. */
  readonly height: number;
  readonly entries: number;
  /** Sum of the entries' DynamoDB sizes. */
  readonly bytes: number;
}

export function encodeRoot(root: TreeRoot): Uint8Array {
  const writer = new ByteWriter(32);
  writeRoot(writer, root);
  return writer.take();
}

export function decodeRoot(bytes: Uint8Array): TreeRoot {
  return readRoot(new ByteReader(bytes));
}

export function writeRoot(writer: ByteWriter, root: TreeRoot): void {
  writer.varint(root.page);
  writer.varint(root.height);
  writer.varint(root.entries);
  writer.varint(root.bytes);
}

export function readRoot(reader: ByteReader): TreeRoot {
  return {
    page: reader.varint(),
    height: reader.varint(),
    entries: reader.varint(),
    bytes: reader.varint(),
  };
}
