import { expect, test } from 'vitest';
import { hintPauseMs, syncRetryMs, syncRetryMsMax } from '../../src/base/replica-limits.ts';
import { SyncFault } from '../../src/sync/fault.ts';
import { Retries } from '../../src/sync/retries.ts';

function made() {
  const waits: number[] = [];
  const ended: (() => void)[] = [];
  const time = { ms: 0 };
  const retries = new Retries({
    clock: { wallMs: () => time.ms, monoMs: () => time.ms },
    random: { bytes: (count: number) => new Uint8Array(count) },
    scheduler: {
      breathe: () => Promise.resolve(),
      delay: (delayMs, signal) => {
        waits.push(delayMs);
        return new Promise((resolve) => {
          ended.push(resolve);
          signal?.addEventListener('abort', () => resolve(), { once: true });
        });
      },
    },
  });
  return { retries, waits, ended, time };
}

const offline = new SyncFault('offline', 'gone');

test('are twice as far apart each time, until something has come through', async () => {
  const { retries, waits, ended } = made();
  for (const wentWell of [false, false, false, true, false]) {
    const waited = retries.wait(offline, wentWell);
    ended.at(-1)?.();
    await waited;
  }
  expect(waits).toEqual([1, 2, 4, 1, 2].map((times) => (times * syncRetryMs) / 2));
  const asked = retries.wait(new SyncFault('offline', 'later', 9000), false);
  ended.at(-1)?.();
  await asked;
  expect(waits.at(-1)).toBe(9000);
  // A minute at most, whatever a proxy asks for.
  const long = retries.wait(new SyncFault('offline', 'much later', 86_400_000), false);
  ended.at(-1)?.();
  await long;
  expect(waits.at(-1)).toBe(syncRetryMsMax);
});

test('a hint ends a wait and makes the next one short; one a moment later is passed over', async () => {
  const { retries, waits, ended, time } = made();
  for (let n = 0; n < 3; n += 1) {
    const waited = retries.wait(offline, false);
    ended.at(-1)?.();
    await waited;
  }
  const waited = retries.wait(offline, false);
  expect(retries.hint()).toBe(true);
  await waited;
  expect(retries.hint()).toBe(false);
  time.ms += hintPauseMs;
  const short = retries.wait(offline, false);
  expect(retries.hint()).toBe(true);
  await short;
  expect(waits.slice(-2)).toEqual([(8 * syncRetryMs) / 2, syncRetryMs / 2]);
  const wished = retries.wait(offline, false);
  retries.end();
  await wished;
});
