/**
 * The meta record of a store that is being converted from one format to the next.
 *
 * It stands in the place of the meta record, with the format's number that is to be and a bit that
 * no format has, so that every engine that is not converting takes it for newer and stops. How far
 * the work is, and the old record, are in it: each slice replaces it in its own transaction.
 * Layout in docs/formats/meta.md.
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { contentAt, convertingBit, formatOf, metaMagic, sealMeta } from './meta.ts';

export interface Conversion {
  /** 16 bytes, where they are in every format. */
  readonly storeId: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** The last log position of the old format; the one above it is the fence. */
  readonly head: number;
  /** Who wrote the last slice, 16 bytes. */
  readonly engine: Uint8Array;
  /** Slices written so far: a conversion that counts is alive. */
  readonly slices: number;
  /** Records converted so far. */
  readonly records: number;
  /** The old record was damaged, and this began from its copy. */
  readonly mended: boolean;
  /** Where the next slice begins, in the converter's own form; empty at the start. */
  readonly cursor: Uint8Array;
  /** The meta record of format `from`. */
  readonly meta: Uint8Array;
}

export function encodeConversion(conversion: Conversion): Uint8Array {
  const writer = new ByteWriter(256);
  writer.u32(metaMagic);
  writer.u16(conversion.to | convertingBit);
  writer.u32(0);
  writer.raw(conversion.storeId);
  writer.varint(conversion.from);
  writer.varint(conversion.head);
  writer.raw(conversion.engine);
  writer.varint(conversion.slices);
  writer.varint(conversion.records);
  writer.byte(conversion.mended ? 1 : 0);
  writer.block(conversion.cursor);
  writer.block(conversion.meta);
  sealMeta(writer);
  return writer.take();
}

export function isConverting(bytes: Uint8Array): boolean {
  return (formatOf(bytes) & convertingBit) !== 0;
}

/** Throws Corruption on damaged bytes, and on a record that is of no conversion. */
export function decodeConversion(bytes: Uint8Array): Conversion {
  if (!isConverting(bytes)) throw new Corruption('meta: not a conversion');
  const reader = new ByteReader(bytes, contentAt);
  return {
    to: formatOf(bytes) & ~convertingBit,
    storeId: reader.raw(16),
    from: reader.varint(),
    head: reader.varint(),
    engine: reader.raw(16),
    slices: reader.varint(),
    records: reader.varint(),
    mended: reader.byte() !== 0,
    cursor: reader.block(),
    meta: reader.block(),
  };
}
