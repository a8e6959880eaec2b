import { describe, expect, test } from 'vitest';
import { TestClock } from '../../src/client/test-clock.ts';

describe('a test clock', () => {
  test('runs with the machine until it is frozen', () => {
    const clock = new TestClock();
    expect(Math.abs(clock.wallMs() - Date.now())).toBeLessThan(1000);
    clock.freeze();
    const at = [clock.wallMs(), clock.monoMs()];
    for (const end = performance.now() + 3; performance.now() < end; );
    expect([clock.wallMs(), clock.monoMs()]).toEqual(at);
  });

  test('is moved by advance, running or frozen', () => {
    const clock = new TestClock();
    clock.advance(3_600_000);
    expect(Math.abs(clock.wallMs() - Date.now() - 3_600_000)).toBeLessThan(1000);
    clock.set(1000);
    const monoMs = clock.monoMs();
    clock.advance(500);
    expect([clock.wallMs(), clock.monoMs()]).toEqual([1500, monoMs + 500]);
    expect(() => clock.advance(-1)).toThrow(RangeError);
  });

  test('turned back, its monotonic side does not fall', () => {
    const clock = new TestClock();
    clock.set(10_000);
    const monoMs = clock.monoMs();
    clock.set(5000);
    expect([clock.wallMs(), clock.monoMs()]).toEqual([5000, monoMs]);
  });

  test('ends waits that are over, and those alone', async () => {
    const clock = new TestClock();
    clock.freeze();
    const woken: number[] = [];
    for (const delayMs of [10, 20, 30]) void clock.delay(delayMs).then(() => woken.push(delayMs));
    clock.advance(20);
    await clock.breathe();
    expect(woken).toEqual([10, 20]);
  });

  test('ends a wait whose signal is aborted, before or during it', async () => {
    const clock = new TestClock();
    clock.freeze();
    await clock.delay(1000, AbortSignal.abort());
    const aborter = new AbortController();
    const wait = clock.delay(1000, aborter.signal);
    aborter.abort();
    await wait;
  });

  test('lets real time end a wait while it runs', async () => {
    await new TestClock().delay(2);
  });
});
