import { describe, expect, test, vi } from 'vitest';
import { systemClock, systemRandom, systemScheduler } from '../../src/host/ports.ts';

describe('the ports of the machine', () => {
  test('the wall clock is near Date, the monotonic one never falls', () => {
    expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(1000);
    const before = systemClock.monoMs();
    expect(systemClock.monoMs()).toBeGreaterThanOrEqual(before);
  });

  test('random bytes have the length asked for, and differ', () => {
    expect(systemRandom.bytes(0).length).toBe(0);
    expect(systemRandom.bytes(16)).toHaveLength(16);
    expect(systemRandom.bytes(16)).not.toEqual(systemRandom.bytes(16));
  });

  test('a delay ends, and ends early when it is aborted', async () => {
    const start = systemClock.monoMs();
    await systemScheduler.delay(5);
    expect(systemClock.monoMs() - start).toBeGreaterThanOrEqual(4);
    const controller = new AbortController();
    const long = systemScheduler.delay(3_600_000, controller.signal);
    controller.abort();
    await long;
    await systemScheduler.delay(3_600_000, controller.signal);
    expect(systemClock.monoMs() - start).toBeLessThan(60_000);
  });

  test('a breath lets what waits go first', async () => {
    const order: string[] = [];
    setImmediate(() => order.push('waiting'));
    Promise.resolve().then(() => order.push('microtask'));
    await systemScheduler.breathe();
    expect(order).toEqual(['microtask', 'waiting']);
  });

  test('where there is no setImmediate, as in a page, a message does the same', async () => {
    const { setImmediate } = globalThis;
    Reflect.deleteProperty(globalThis, 'setImmediate');
    try {
      const order: number[] = [];
      const breaths = [1, 2, 3].map((n) => systemScheduler.breathe().then(() => order.push(n)));
      Promise.resolve().then(() => order.push(0));
      await Promise.all(breaths);
      expect(order).toEqual([0, 1, 2, 3]);
    } finally {
      globalThis.setImmediate = setImmediate;
    }
  });
});

test('an idle delay keeps no program from ending, another one does', () => {
  const set = vi.spyOn(globalThis, 'setTimeout');
  const stop = new AbortController();
  void systemScheduler.delay(60_000, stop.signal, true);
  void systemScheduler.delay(60_000, stop.signal);
  const timers = set.mock.results.map(({ value }) => value as NodeJS.Timeout);
  expect(timers.map((timer) => timer.hasRef())).toEqual([false, true]);
  stop.abort();
  set.mockRestore();
});
