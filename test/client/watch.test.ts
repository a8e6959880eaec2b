import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentTicksMax, workerSilenceTickMs } from '../../src/base/limits.ts';
import { keepSafe, watchSilence } from '../../src/client/watch.ts';
import { channelVersion } from '../../src/wire/channel.ts';

function fakeWatched() {
  const log: string[] = [];
  const watched = {
    connection: { busy: true, heard: 0 },
    waiting: 0,
    started: true,
    life: new AbortController(),
    answers: false,
    control: {
      hello: async () => {
        log.push('hello');
        if (!watched.answers) await new Promise(() => undefined);
        return channelVersion;
      },
      barrier: async () => {
        log.push('barrier');
        return Promise.reject(new Error('lost'));
      },
    },
  };
  return { watched, log };
}

describe('watching a worker', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const pass = (ticks: number): Promise<unknown> =>
    vi.advanceTimersByTimeAsync(ticks * workerSilenceTickMs);

  test('one that is silent is asked once, and given up after so many ticks', async () => {
    const { watched, log } = fakeWatched();
    const over = vi.fn();
    watchSilence(watched, over);
    await pass(silentTicksMax - 1);
    expect(over).not.toHaveBeenCalled();
    await pass(1);
    expect(over.mock.calls).toEqual([[expect.stringContaining('does not answer')]]);
    expect(log).toEqual(['hello']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([
    ['answers the question', { answers: true }],
    ['says something', {}],
  ])('one that %s is waited for', async (_name, members) => {
    const { watched } = fakeWatched();
    Object.assign(watched, members);
    const over = vi.fn();
    watchSilence(watched, over);
    for (let tick = 0; tick < 5 * silentTicksMax; tick += 1) {
      if (!watched.answers) watched.connection.heard += 1;
      await pass(1);
    }
    expect(over).not.toHaveBeenCalled();
  });

  test('one that has not started yet is not given up, however slow the machine is', async () => {
    const { watched, log } = fakeWatched();
    watched.started = false;
    const over = vi.fn();
    watchSilence(watched, over);
    await pass(2 * silentTicksMax);
    expect(over).not.toHaveBeenCalled();
    expect(log).toEqual([]);
    watched.started = true;
    await pass(silentTicksMax);
    expect(over.mock.calls).toEqual([[expect.stringContaining('does not answer')]]);
  });

  test('is over when nothing waits any more', async () => {
    const { watched, log } = fakeWatched();
    watched.connection.busy = false;
    watched.waiting = 1;
    const over = vi.fn();
    watchSilence(watched, over);
    await pass(1);
    expect(over).not.toHaveBeenCalled();
    watched.waiting = 0;
    await pass(1);
    expect(over.mock.calls).toEqual([[undefined]]);
    expect(log).toEqual(['hello']);
  });

  test.each(['before', 'meanwhile'])('is over when the link ended %s', (when) => {
    const { watched } = fakeWatched();
    const over = vi.fn();
    if (when === 'before') watched.life.abort();
    watchSilence(watched, over);
    watched.life.abort();
    expect(over.mock.calls).toEqual([[undefined]]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a page', () => {
  afterEach(() => vi.unstubAllGlobals());

  function stubPage() {
    const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    const window = new EventTarget();
    const persist = vi.fn(async () => true);
    vi.stubGlobal('document', document);
    vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
    vi.stubGlobal('navigator', { storage: { persist } });
    return { document, window, persist };
  }

  test('makes what it wrote durable when it is hidden, as long as it is open', () => {
    const { document, window } = stubPage();
    const { watched, log } = fakeWatched();
    keepSafe(watched, false);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(log).toEqual([]);
    document.visibilityState = 'hidden';
    document.dispatchEvent(new Event('visibilitychange'));
    window.dispatchEvent(new Event('pagehide'));
    expect(log).toEqual(['barrier', 'barrier']);
    watched.life.abort();
    document.dispatchEvent(new Event('visibilitychange'));
    window.dispatchEvent(new Event('pagehide'));
    expect(log.length).toBe(2);
  });

  test.each([
    [undefined, 1],
    [true, 1],
    [false, 0],
  ])('with `persist` %s asks to keep its storage %i times', (given, times) => {
    const { persist } = stubPage();
    keepSafe(fakeWatched().watched, given);
    expect(persist).toHaveBeenCalledTimes(times);
  });
});
