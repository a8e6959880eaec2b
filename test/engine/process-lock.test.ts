/** Locks inside one process: one holder at a time, in the order in which they came. */
import { expect, test } from 'vitest';
import { ProcessLocks } from '../../src/engine/process-lock.ts';

const live = new AbortController().signal;

test('holders follow each other, and names do not know each other', async () => {
  const locks = new ProcessLocks();
  const log: string[] = [];
  const hold = (name: string, what: string): Promise<void> =>
    locks.lock(name).hold(async () => {
      log.push(`${what} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.push(`${what} ends`);
    }, live);
  await Promise.all([hold('a', 'one'), hold('a', 'two'), hold('b', 'three')]);
  expect(log.slice(0, 2).sort()).toEqual(['one begins', 'three begins']);
  expect(log.filter((line) => !line.startsWith('three'))).toEqual([
    'one begins',
    'one ends',
    'two begins',
    'two ends',
  ]);
});

test('who gives up waiting is passed over, and work that fails frees the lock', async () => {
  const locks = new ProcessLocks();
  const stop = new AbortController();
  let free: () => void = () => undefined;
  const first = locks.lock('a').hold(
    () =>
      new Promise((_, reject) => {
        free = () => reject(new Error('failed'));
      }),
    live,
  );
  let began = false;
  const second = locks.lock('a').hold(async () => {
    began = true;
  }, stop.signal);
  stop.abort();
  await second;
  let third = false;
  const last = locks.lock('a').hold(async () => {
    third = true;
  }, live);
  free();
  await expect(first).rejects.toThrow('failed');
  await last;
  expect([began, third]).toEqual([false, true]);
});

test('who has given up already does not begin to wait', async () => {
  let began = false;
  const lock = new ProcessLocks().lock('a');
  await lock.hold(async () => {
    began = true;
  }, AbortSignal.abort());
  expect(began).toBe(false);
});
