import { expect, test } from 'vitest';
import { hubCallForgetMax, hubCallKeptMs } from '../../src/base/replica-limits.ts';
import {
  callKey,
  decodeCallRecord,
  encodeCallRecord,
  forgetCalls,
  isOutOfTime,
} from '../../src/replica/call-record.ts';
import { put } from '../../src/replica/book.ts';
import { MapReader } from '../support/map-reader.ts';

const book = 200;
const name = (ms: number) => {
  return { ms, replica: new Uint8Array(16).fill(1), id: new Uint8Array(16), principal: 'ada' };
};

test('a record comes back as it was, and nothing may stand behind it', () => {
  const record = { output: Uint8Array.of(1, 2, 3), isRefused: true };
  const bytes = encodeCallRecord(record);
  expect([...bytes]).toEqual([1, 3, 1, 2, 3]);
  expect(decodeCallRecord(bytes)).toEqual(record);
  expect(() => decodeCallRecord(Uint8Array.of(0, 0, 9))).toThrow('bytes after a call');
});

test('keys are in the order of time, and of who calls', () => {
  const key = callKey(name(0x0102));
  expect([...key.subarray(0, 10)]).toEqual([0x23, 0, 0, 0, 0, 0, 0, 1, 2, 1]);
  expect(key).toHaveLength(9 + 32 + 3);
  expect(callKey({ ...name(0x0102), principal: 'eve' })).not.toEqual(key);
});

test('what is too old goes, some at a time, and a message as old is out of time', () => {
  const now = 10 * hubCallKeptMs;
  const reader = new MapReader();
  const old = Array.from({ length: hubCallForgetMax + 2 }, (_, n) => now - hubCallKeptMs - n - 1);
  const times = [...old, now - hubCallKeptMs, now];
  reader.apply(times.map((ms) => put(book, callKey(name(ms)), undefined, Uint8Array.of(0, 0))));
  const rounds: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const gone = forgetCalls(reader, book, now);
    rounds.push(gone.length);
    reader.apply(gone);
  }
  expect(rounds).toEqual([hubCallForgetMax, 2, 0]);
  expect(times.map((ms) => isOutOfTime(ms, now))).toEqual([...old.map(() => true), false, false]);
  expect(isOutOfTime(now + hubCallKeptMs + 1, now)).toBe(true);
});
