/**
 * Log records: the commits of one turn, as bytes at dense positions.
 *
 * A turn is encoded once and cut into parts, one record each; the header of every part says whose
 * turn it is, so that an engine whose append had an unknown outcome can find its own
 * (docs/formats/log.md).
 * Invariants
 * - Records are read whole turns at a time; a turn that is not whole yet is left alone.
 * - Values of decoded commits are views of record bytes; a turn of many parts is joined once.
 */
import { assert } from '../base/assert.ts';
import { ByteWriter, concatBytes, hexOf } from '../base/bytes.ts';
import { crc32c, xxHash32 } from '../base/checksum.ts';
import { Corruption, DamagedLog } from '../base/corruption.ts';
import type { ClockReading } from '../base/hlc.ts';
import { recordBytesMax } from '../base/limits.ts';
import { turnBufferBytesMax } from '../base/memory-limits.ts';
import type { StoreRecord } from '../port/store.ts';
import { decodeCommits, writeCommits } from './codec.ts';
import type { Commit } from './commit.ts';

export { Corruption } from '../base/corruption.ts';

export interface TurnHeader {
  /** Of its first record. */
  readonly position: number;
  /** 16 bytes. */
  readonly engine: Uint8Array;
  /** The engine's own count of its turns. */
  readonly turn: number;
  /** The highest stamp that the engine had seen. */
  readonly clock: ClockReading;
}

export interface Turn {
  readonly header: TurnHeader;
  readonly records: number;
  /** Of its records, headers included. */
  readonly bytes: number;
  readonly commits: readonly Commit[];
}

/** What the header of one record says. */
export interface RecordHeader {
  readonly engine: Uint8Array;
  readonly turn: number;
  /** From 0. */
  readonly part: number;
  readonly parts: number;
  readonly clock: ClockReading;
}

const recordHeaderBytes: number = 64;
const magic = 0x4c545454; // "TTTL"
const format = 2;
/** Its checksum is a CRC-32C; nothing else is different. */
const formatOfCrc = 1;
const partAt = 40;
const partsAt = 44;
const checksumAt = 60;
const pieceMax = recordBytesMax - recordHeaderBytes;

/** Kept from turn to turn: it has grown once, and not for each of them. */
let content = new ByteWriter();

/** Values of the records at header.position, + 1 and so on; each at most `recordBytesMax`. */
export function encodeTurn(header: TurnHeader, commits: readonly Commit[]): Uint8Array[] {
  assert(header.engine.length === 16, 'an engine id has 16 bytes');
  // What an encoding that failed has left behind.
  content.lend();
  writeCommits(content, commits);
  const whole = content.view();
  const parts = Math.max(1, Math.ceil(whole.length / pieceMax));
  const records: Uint8Array[] = [];
  for (let part = 0; part < parts; part += 1) {
    const piece = whole.subarray(part * pieceMax, (part + 1) * pieceMax);
    const bytes = new Uint8Array(recordHeaderBytes + piece.length);
    writeHeader(bytes, header, part, parts);
    bytes.set(piece, recordHeaderBytes);
    new DataView(bytes.buffer).setUint32(checksumAt, checksumOf(bytes, xxHash32), true);
    records.push(bytes);
  }
  if (content.capacity > turnBufferBytesMax) content = new ByteWriter();
  return records;
}

/**
 * The whole turns of records in ascending order, the first of which begins a turn. A turn whose
 * last records are not among them is left out; `next` is the position after the last whole turn (0
 * when there are no records at all). Throws Corruption on a bad checksum, a wrong position, a gap,
 * parts that do not belong together, or an unknown format.
 */
export function readTurns(records: readonly StoreRecord[]): {
  readonly turns: readonly Turn[];
  readonly next: number;
} {
  const { turns, next, damage } = readWholeTurns(records);
  if (damage !== undefined) throw damage;
  return { turns, next };
}

/** As readTurns, but the turns before the first that is damaged are answered with what is wrong. */
export function readWholeTurns(records: readonly StoreRecord[]): {
  readonly turns: readonly Turn[];
  readonly next: number;
  readonly damage: DamagedLog | undefined;
} {
  const turns: Turn[] = [];
  let at = 0;
  let damage: DamagedLog | undefined;
  const first = records[0]?.key ?? 0;
  try {
    while (at < records.length) {
      const { key } = records[at] as StoreRecord;
      if (key !== first + at) throw new Corruption(`log: ${key} follows ${first + at - 1}`);
      const turn = readTurn(records, at);
      if (turn === undefined) break;
      turns.push(turn);
      at += turn.records;
    }
  } catch (error) {
    if (!(error instanceof Corruption)) throw error;
    damage = new DamagedLog(first + at, error.message);
  }
  return { turns, next: records.length === 0 ? 0 : first + at, damage };
}

/** The header of one record, its commits unread. Throws Corruption like `readTurns`. */
export function peekRecord(bytes: Uint8Array, position: number): RecordHeader {
  const bad = (what: string): Corruption => new Corruption(`log record ${position}: ${what}`);
  if (bytes.length < recordHeaderBytes) throw bad('too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== magic) throw bad('not a log record');
  const written = view.getUint16(4, true);
  const isOld = written === formatOfCrc;
  if (!isOld && written !== format) throw bad(`format ${written}`);
  const sum = checksumOf(bytes, isOld ? crc32c : xxHash32);
  if (view.getUint32(checksumAt, true) !== sum) throw bad('bad checksum');
  if (getU64(view, 8) !== position) throw bad(`it says that it is ${getU64(view, 8)}`);
  if (view.getUint32(56, true) !== bytes.length - recordHeaderBytes) throw bad('wrong length');
  return {
    engine: bytes.subarray(16, 32),
    turn: getU64(view, 32),
    part: view.getUint32(partAt, true),
    parts: view.getUint32(partsAt, true),
    clock: {
      ms: view.getUint32(48, true) + view.getUint16(52, true) * 0x100000000,
      counter: view.getUint16(54, true),
    },
  };
}

/**
 * Where to read on behind the last record of a read: after it, or from the beginning of its turn
 * where that goes on. Only a record's header is looked at: of a damaged one the answer may be any.
 */
export function nextTurnAt({ key, value }: StoreRecord): number {
  if (value.length < recordHeaderBytes) return key + 1;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const part = view.getUint32(partAt, true);
  return part + 1 === view.getUint32(partsAt, true) ? key + 1 : key - part;
}

function readTurn(records: readonly StoreRecord[], at: number): Turn | undefined {
  const { key: position, value: first } = records[at] as StoreRecord;
  const header = peekRecord(first, position);
  if (header.part !== 0) {
    throw new Corruption(`log record ${position}: part ${header.part} without those before`);
  }
  const pieces: Uint8Array[] = [first.subarray(recordHeaderBytes)];
  let bytes = first.length;
  for (let part = 1; part < header.parts; part += 1) {
    const record = records[at + part];
    if (record === undefined) return undefined;
    assertFollows(record, position + part, header, part);
    pieces.push(record.value.subarray(recordHeaderBytes));
    bytes += record.value.length;
  }
  const content = pieces.length === 1 ? (pieces[0] as Uint8Array) : concatBytes(...pieces);
  const { engine, turn, clock } = header;
  return {
    header: { position, engine, turn, clock },
    records: header.parts,
    bytes,
    commits: decodeCommits(content),
  };
}

function assertFollows(
  record: StoreRecord,
  position: number,
  first: RecordHeader,
  part: number,
): void {
  if (record.key !== position) throw new Corruption(`log: ${record.key} follows ${position - 1}`);
  const header = peekRecord(record.value, position);
  const same =
    header.part === part &&
    header.parts === first.parts &&
    header.turn === first.turn &&
    hexOf(header.engine) === hexOf(first.engine);
  if (!same) throw new Corruption(`log record ${position}: not the part that should follow`);
}

function writeHeader(bytes: Uint8Array, header: TurnHeader, part: number, parts: number): void {
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint16(4, format, true);
  putU64(view, 8, header.position + part);
  bytes.set(header.engine, 16);
  putU64(view, 32, header.turn);
  view.setUint32(partAt, part, true);
  view.setUint32(partsAt, parts, true);
  view.setUint32(48, header.clock.ms % 0x100000000, true);
  view.setUint16(52, Math.floor(header.clock.ms / 0x100000000), true);
  view.setUint16(54, header.clock.counter, true);
  view.setUint32(56, bytes.length - recordHeaderBytes, true);
}

function checksumOf(bytes: Uint8Array, hash: typeof xxHash32): number {
  return hash(bytes.subarray(recordHeaderBytes), hash(bytes.subarray(0, checksumAt)));
}

function putU64(view: DataView, at: number, value: number): void {
  assert(Number.isSafeInteger(value) && value >= 0, `not a safe integer: ${value}`);
  view.setUint32(at, value % 0x100000000, true);
  view.setUint32(at + 4, Math.floor(value / 0x100000000), true);
}

function getU64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x100000000;
}
