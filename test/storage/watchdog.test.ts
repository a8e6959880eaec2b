import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Watchdog } from '../../src/storage/watchdog.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const late = (): Error => new Error('late');
const never = (): Promise<never> => new Promise(() => undefined);

describe('a watchdog', () => {
  test('rejects what is not answered within the limit', async () => {
    const watchdog = new Watchdog(1000, 100);
    const outcome = watchdog.race(never(), late).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(800);
    expect(await Promise.race([outcome, 'waiting'])).toBe('waiting');
    await vi.advanceTimersByTimeAsync(400);
    expect(await outcome).toMatchObject({ message: 'late' });
  });

  test('passes on what is answered, and what fails', async () => {
    const watchdog = new Watchdog(1000, 100);
    expect(await watchdog.race(Promise.resolve(1), late)).toBe(1);
    await expect(watchdog.race(Promise.reject(new Error('no')), late)).rejects.toThrow('no');
  });

  test('has one timer for all, and none when nothing is under way', async () => {
    const watchdog = new Watchdog(1000, 100);
    const releases = [1, 2, 3].map(() => watchdog.watch(() => undefined));
    expect(vi.getTimerCount()).toBe(1);
    for (const release of releases) release();
    await vi.advanceTimersByTimeAsync(200);
    expect(vi.getTimerCount()).toBe(0);
    const bite = vi.fn();
    watchdog.watch(bite);
    await vi.advanceTimersByTimeAsync(1500);
    expect(bite).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('bites for each watch of one function', async () => {
    const watchdog = new Watchdog(200, 100);
    const bite = vi.fn();
    watchdog.watch(bite);
    watchdog.watch(bite);
    await vi.advanceTimersByTimeAsync(1000);
    expect(bite).toHaveBeenCalledTimes(2);
  });
});
