import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { refusedBodyBytes } from '../../src/base/access-limits.ts';
import { requestBytesMax } from '../../src/base/limits.ts';
import { Bodies } from '../../src/host/bodies.ts';

function requestOf(parts: readonly Uint8Array[], announced?: number): IncomingMessage {
  const headers = announced === undefined ? {} : { 'content-length': String(announced) };
  return Object.assign(Readable.from(parts), { headers, complete: false }) as never;
}

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(1);

test('a body is what came', async () => {
  const body = await new Bodies().read(requestOf([bytes(2), bytes(3)]));
  expect(body.bytes?.length).toBe(5);
});

test('one that is too long is not kept', async () => {
  const bodies = new Bodies();
  const half = bytes(requestBytesMax / 2);
  expect((await bodies.read(requestOf([half, half, bytes(1)]))).bytes).toBeUndefined();
  expect((await bodies.read(requestOf([], 3 * requestBytesMax))).bytes).toBeUndefined();
});

test('all together are bounded, and are counted until they are released', async () => {
  const bodies = new Bodies(10);
  const first = await bodies.read(requestOf([bytes(6)]));
  const crowded = { name: 'ServiceUnavailable' };
  await expect(bodies.read(requestOf([bytes(3), bytes(2)]))).rejects.toMatchObject(crowded);
  // What the refused one held is free again.
  const second = await bodies.read(requestOf([bytes(4)]));
  await expect(bodies.read(requestOf([bytes(1)]))).rejects.toMatchObject(crowded);
  first.release();
  first.release();
  await bodies.read(requestOf([bytes(6)]));
  await expect(bodies.read(requestOf([bytes(1)]))).rejects.toMatchObject(crowded);
  second.release();
});

test('a refused body is dropped when it is short, and left when it is not', async () => {
  const bodies = new Bodies();
  expect(await bodies.drop(requestOf([bytes(10)]))).toBe(true);
  expect(await bodies.drop(requestOf([], refusedBodyBytes + 1))).toBe(false);
  const long = requestOf([bytes(refusedBodyBytes), bytes(1), bytes(1)]);
  expect(await bodies.drop(long)).toBe(false);
  expect(await bodies.drop(requestOf([]))).toBe(true);
});
