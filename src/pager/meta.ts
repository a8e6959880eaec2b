/**
 * The meta record: the one small record that says which state of the store counts.
 *
 * An append reads it and never writes it; a checkpoint's put of it is its commit point. Layout in
 * docs/formats/meta.md: magic, format, checksum, then the fields.
 * Invariants
 * - Every format, present and to come, begins with the same ten bytes, so that an old engine can
 *   tell a newer store from a damaged one.
 */
import { assert } from '../base/assert.ts';
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { crc32c } from '../base/checksum.ts';
import { Corruption, UpdateNeeded } from '../base/corruption.ts';
import type { ClockReading } from '../base/hlc.ts';
import { readRoot, type TreeRoot, writeRoot } from './root.ts';

export { decodeRoot, encodeRoot, type TreeRoot } from './root.ts';

export interface Reservation {
  /** The number of the checkpoint being written. */
  readonly number: number;
  /** Who writes it, 16 bytes. */
  readonly engine: Uint8Array;
  /** Slices written so far: a reservation that counts is alive. */
  readonly slices: number;
}

/** A bulk build under way: its writes demand that it is still named here. */
export interface Build {
  /** 48 random bits. */
  readonly number: number;
  /** Slices written so far: a build that counts is alive. */
  readonly slices: number;
}

export interface Turnstile {
  readonly engine: Uint8Array;
  readonly count: number;
}

export interface Meta {
  readonly format: number;
  /** 16 bytes. */
  readonly storeId: Uint8Array;
  /** The checkpoint that counts; 0 before the first. */
  readonly checkpoint: number;
  /** Log position of the last turn end that the checkpoint holds. */
  readonly position: number;
  /** Sequence number of the last commit that the checkpoint holds. */
  readonly sequence: number;
  /** Log positions up to this one may be gone. */
  readonly trimmed: number;
  readonly clock: ClockReading;
  readonly reservation: Reservation | undefined;
  /** The highest checkpoint number ever reserved. */
  readonly lastNumber: number;
  /** Numbers of checkpoints that failed and whose pages are not swept yet. */
  readonly dead: readonly number[];
  /** Checkpoints whose list is not swept yet. */
  readonly unswept: readonly number[];
  readonly turnstile: Turnstile | undefined;
  /** Root of the tree of roots. */
  readonly roots: TreeRoot | undefined;
  readonly nextPage: number;
  /** Key id of the cipher; empty without one. */
  readonly cipherKey: string;
  /** None when absent. */
  readonly builds?: readonly Build[] | undefined;
}

/** The format this version writes, and the highest it understands. */
export const metaFormat: number = 5;

export const metaMagic: number = 0x4d545454; // "TTTM"
const checksumAt = 6;
/** Where what the format says begins. */
export const contentAt: number = 10;
/** In the place of the format: the store is being converted to it (conversion.ts). */
export const convertingBit: number = 0x8000;

export function encodeMeta(meta: Meta): Uint8Array {
  const writer = new ByteWriter(160);
  writer.u32(metaMagic);
  writer.u16(meta.format);
  writer.u32(0);
  writeId(writer, meta.storeId);
  writer.varint(meta.checkpoint);
  writer.varint(meta.position);
  writer.varint(meta.sequence);
  writer.varint(meta.trimmed);
  writer.varint(meta.clock.ms);
  writer.varint(meta.clock.counter);
  writer.varint(meta.lastNumber);
  writer.varint(meta.nextPage);
  writer.text(meta.cipherKey);
  writeNumbers(writer, meta.dead);
  writeNumbers(writer, meta.unswept);
  writer.byte(meta.reservation === undefined ? 0 : 1);
  if (meta.reservation !== undefined) {
    writer.varint(meta.reservation.number);
    writeId(writer, meta.reservation.engine);
    writer.varint(meta.reservation.slices);
  }
  writer.byte(meta.turnstile === undefined ? 0 : 1);
  if (meta.turnstile !== undefined) {
    writeId(writer, meta.turnstile.engine);
    writer.varint(meta.turnstile.count);
  }
  writer.byte(meta.roots === undefined ? 0 : 1);
  if (meta.roots !== undefined) writeRoot(writer, meta.roots);
  if (meta.builds !== undefined && meta.builds.length > 0) writeBuilds(writer, meta.builds);
  sealMeta(writer);
  return writer.take();
}

/** Puts the checksum into a record that is complete but for it. */
export function sealMeta(writer: ByteWriter): void {
  writer.patchU32(checksumAt, checksumOf(writer.view()));
}

/**
 * The format of a record of any format, with `convertingBit` when it is on its way there. Throws
 * Corruption on damaged bytes.
 */
export function formatOf(bytes: Uint8Array): number {
  if (bytes.length < contentAt) throw new Corruption('meta: too short');
  const reader = new ByteReader(bytes);
  if (reader.u32() !== metaMagic) throw new Corruption('meta: not a meta record');
  const format = reader.u16();
  if (reader.u32() !== checksumOf(bytes)) throw new Corruption('meta: bad checksum');
  return format;
}

/** Throws UpdateNeeded when the format is newer than ours, or about to be. */
export function assertKnown(format: number): void {
  const number = format & ~convertingBit;
  if (number > metaFormat) throw new UpdateNeeded(newer(number));
}

/**
 * Throws Corruption on damaged bytes, UpdateNeeded when the format is newer than ours or the store
 * is being converted.
 */
export function decodeMeta(bytes: Uint8Array): Meta {
  const format = formatOf(bytes);
  assertKnown(format);
  if ((format & convertingBit) !== 0) throw new UpdateNeeded(newer(format & ~convertingBit));
  if (format !== metaFormat) throw new Corruption(`meta: format ${format} is not converted yet`);
  const reader = new ByteReader(bytes, contentAt);
  const fields = {
    format,
    storeId: reader.raw(16),
    checkpoint: reader.varint(),
    position: reader.varint(),
    sequence: reader.varint(),
    trimmed: reader.varint(),
    clock: { ms: reader.varint(), counter: reader.varint() },
    lastNumber: reader.varint(),
    nextPage: reader.varint(),
    cipherKey: reader.text(),
    dead: readNumbers(reader),
    unswept: readNumbers(reader),
  };
  const reservation =
    reader.byte() === 0
      ? undefined
      : { number: reader.varint(), engine: reader.raw(16), slices: reader.varint() };
  const turnstile =
    reader.byte() === 0 ? undefined : { engine: reader.raw(16), count: reader.varint() };
  const roots = reader.byte() === 0 ? undefined : readRoot(reader);
  if (reader.done) return { ...fields, reservation, turnstile, roots };
  return { ...fields, reservation, turnstile, roots, builds: readBuilds(reader) };
}

function writeBuilds(writer: ByteWriter, builds: readonly Build[]): void {
  writer.varint(builds.length);
  for (const { number, slices } of builds) {
    writer.varint(number);
    writer.varint(slices);
  }
}

function readBuilds(reader: ByteReader): readonly Build[] {
  const count = reader.varint();
  const builds: Build[] = [];
  for (let index = 0; index < count; index += 1) {
    builds.push({ number: reader.varint(), slices: reader.varint() });
  }
  return builds;
}

function newer(format: number): string {
  return (
    `A newer release has changed this database to format ${format}; this one knows formats up to ` +
    `${metaFormat} and leaves it alone: update it, in a page by loading it anew`
  );
}

function checksumOf(bytes: Uint8Array): number {
  return crc32c(bytes.subarray(contentAt), crc32c(bytes.subarray(0, checksumAt)));
}

function writeId(writer: ByteWriter, id: Uint8Array): void {
  assert(id.length === 16, `an id of ${id.length} bytes`);
  writer.raw(id);
}

function writeNumbers(writer: ByteWriter, numbers: readonly number[]): void {
  writer.varint(numbers.length);
  for (const number of numbers) writer.varint(number);
}

function readNumbers(reader: ByteReader): readonly number[] {
  const count = reader.varint();
  const numbers: number[] = [];
  for (let index = 0; index < count; index += 1) numbers.push(reader.varint());
  return numbers;
}
