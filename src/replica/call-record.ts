/**
 * What a hub remembers of a call that it has carried out (src/operation/replica/hub-call.ts): what
 * it answered, so that the same message is answered the same and has no second effect.
 *
 * It is written by the commit that the call makes, and forgotten by later ones: keys are in the
 * order of time, which a message has in it and bears unchanged each time that it is sent. A message
 * that is older than the oldest record may be is refused, so nothing is forgotten too early.
 * Layout in docs/formats/replica.md.
 */
import { ByteReader, ByteWriter, concatBytes, utf8 } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { hubCallForgetMax, hubCallKeptMs } from '../base/replica-limits.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { remove } from './book.ts';

const callKind = 0x23;

/** Who made a call, when, and which it is. */
export interface CallName {
  readonly ms: number;
  readonly replica: Uint8Array;
  readonly id: Uint8Array;
  /** Whose session it is: another's call under the same id is another call. */
  readonly principal: string;
}

/** What was answered. */
export interface CallRecord {
  /** As request.ts writes an output. */
  readonly output: Uint8Array;
  readonly isRefused: boolean;
}

export function callKey({ ms, replica, id, principal }: CallName): Uint8Array {
  return concatBytes(timeKey(ms), replica, id, utf8(principal));
}

export function encodeCallRecord({ output, isRefused }: CallRecord): Uint8Array {
  const writer = new ByteWriter(output.length + 8);
  writer.byte(isRefused ? 1 : 0);
  writer.block(output);
  return writer.take();
}

export function decodeCallRecord(bytes: Uint8Array): CallRecord {
  const reader = new ByteReader(bytes);
  const isRefused = reader.byte() === 1;
  const output = reader.block();
  if (!reader.done) throw new Corruption('replica: bytes after a call');
  return { output, isRefused };
}

/** Whether a call of that time can be one that was forgotten, or would be kept for too long. */
export function isOutOfTime(ms: number, nowMs: number): boolean {
  return Math.abs(nowMs - ms) > hubCallKeptMs;
}

/** More at a time than are made, so that they do not gather. Throws PageFault. */
export function forgetCalls(reader: TreeReader, book: number, nowMs: number): readonly Mutation[] {
  const range = { from: Uint8Array.of(callKind), to: timeKey(Math.max(0, nowMs - hubCallKeptMs)) };
  const cursor = reader.range(book, range);
  const mutations: Mutation[] = [];
  while (mutations.length < hubCallForgetMax && cursor.next()) {
    mutations.push(remove(book, cursor.key.slice(), cursor.value.slice()));
  }
  return mutations;
}

function timeKey(ms: number): Uint8Array {
  const key = new Uint8Array(9);
  key[0] = callKind;
  new DataView(key.buffer).setBigUint64(1, BigInt(ms));
  return key;
}
