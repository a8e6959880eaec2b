import { expect, test } from 'vitest';
import { pullBytesMax, pushBytesMax, tellBytesMin } from '../../src/base/replica-limits.ts';
import type { ToHub } from '../../src/replica/message.ts';
import { SyncFault } from '../../src/sync/fault.ts';
import { Pace } from '../../src/sync/pace.ts';

const lost = new SyncFault('offline', 'The hub is out of reach');
const busy = new SyncFault('offline', 'The hub fails', undefined, 503);
const pull: ToHub = { kind: 'pull', number: 1, Epoch: '', Cursor: 0, Reach: 0 };

function push(...bytes: readonly number[]): ToHub {
  return { kind: 'push', number: 1, Entries: bytes.map((length) => new Uint8Array(length)) };
}

test('a push is half of what the network lost, down to a bound, and grows with what comes through', () => {
  const pace = new Pace();
  expect(pace.bytes).toBe(pushBytesMax);
  pace.failed(push(60_000, 40_000), lost);
  expect(pace.bytes).toBe(50_000);
  pace.failed(push(50_100), lost);
  expect(pace.bytes).toBe(25_000);
  for (let n = 0; n < 10; n += 1) pace.failed(push(25_000), lost);
  expect(pace.bytes).toBe(tellBytesMin);
  pace.passed(push());
  expect(pace.bytes).toBe(2 * tellBytesMin);
  for (let n = 0; n < 20; n += 1) pace.passed(push());
  expect(pace.bytes).toBe(pushBytesMax);
});

test('a pull asks for a quarter after a page was lost, and says nothing while all goes well', () => {
  const pace = new Pace();
  expect(pace.ask(pull)).toEqual(pull);
  pace.failed(pull, lost);
  expect(pace.ask(pull)).toEqual({ ...pull, Bytes: pullBytesMax / 4 });
  for (let n = 0; n < 10; n += 1) pace.failed(pull, lost);
  expect(pace.ask(pull)).toEqual({ ...pull, Bytes: tellBytesMin });
  for (let n = 0; n < 20; n += 1) pace.passed(pull);
  expect(pace.ask(pull)).toEqual(pull);
});

test('a chunk is asked for as a page is', () => {
  const pace = new Pace();
  const none = new Uint8Array();
  const at = { Epoch: '', Reach: 0, Range: none, After: none, WithDeleted: false };
  const snapshot: ToHub = { kind: 'snapshot', number: 1, ...at };
  expect(pace.ask(snapshot)).toEqual(snapshot);
  pace.failed(snapshot, lost);
  expect(pace.ask(snapshot)).toEqual({ ...snapshot, Bytes: pullBytesMax / 4 });
  pace.passed(snapshot);
  expect(pace.ask(pull)).toEqual({ ...pull, Bytes: pullBytesMax / 2 });
});

test('what a hub has answered says nothing of the network', () => {
  const pace = new Pace();
  pace.failed(push(1000), busy);
  pace.failed(pull, busy);
  expect([pace.bytes, pace.ask(pull)]).toEqual([pushBytesMax, pull]);
});
