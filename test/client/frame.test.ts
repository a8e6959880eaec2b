import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { liveFrameWaitMs, livePaceMs } from '../../src/base/limits.ts';
import { nextFrame } from '../../src/client/frame.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A page whose frames the test makes. */
function page(visibilityState: 'visible' | 'hidden'): { frame(): void; asked(): number } {
  const frames: (() => void)[] = [];
  let asked = 0;
  vi.stubGlobal('document', { visibilityState });
  vi.stubGlobal('requestAnimationFrame', (act: () => void) => {
    asked += 1;
    return frames.push(act);
  });
  vi.stubGlobal('cancelAnimationFrame', (id: number) => void frames.splice(id - 1, 1));
  return { frame: () => frames.shift()?.(), asked: () => asked };
}

/** Whether it has been resolved, as a function. */
function watch(promise: Promise<void>): () => boolean {
  let isOver = false;
  void promise.then(() => {
    isOver = true;
  });
  return () => isOver;
}

describe('the next frame', () => {
  test('of a page that is seen is a frame, one for all who wait', async () => {
    const { frame, asked } = page('visible');
    const over = watch(Promise.all([nextFrame(), nextFrame()]).then(() => undefined));
    await vi.advanceTimersByTimeAsync(livePaceMs * 2);
    expect([over(), asked()]).toEqual([false, 1]);
    frame();
    await vi.advanceTimersByTimeAsync(0);
    expect(over()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('of a page whose frames stay away comes all the same', async () => {
    page('visible');
    const over = watch(nextFrame());
    await vi.advanceTimersByTimeAsync(liveFrameWaitMs);
    expect(over()).toBe(true);
  });

  test.each(['hidden', undefined] as const)('without frames (%s) is a timer', async (state) => {
    const asked = state === undefined ? undefined : page(state).asked;
    const over = watch(nextFrame());
    await vi.advanceTimersByTimeAsync(livePaceMs - 1);
    expect(over()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(over()).toBe(true);
    expect(asked?.() ?? 0).toBe(0);
  });
});
