import { afterEach, describe, expect, test, vi } from 'vitest';
import { webLock } from '../../src/host/lock.ts';
import type { Lock } from '../../src/port/lock.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

function lockOf(name: string): Lock {
  const lock = webLock(name);
  if (lock === undefined) throw new Error('no Web Locks');
  return lock;
}

describe('a lock over Web Locks', () => {
  test('is held by one at a time', async () => {
    const { signal } = new AbortController();
    const log: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      log.push(`${name} begins`);
      await new Promise((resolve) => {
        setTimeout(resolve, 2);
      });
      log.push(`${name} ends`);
    };
    await Promise.all([
      lockOf('one').hold(work('first'), signal),
      lockOf('one').hold(work('second'), signal),
    ]);
    expect(log).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });

  test('waits no longer than its signal, and says nothing', async () => {
    const aborter = new AbortController();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = lockOf('two').hold(() => held, new AbortController().signal);
    let began = false;
    const second = lockOf('two').hold(async () => {
      began = true;
    }, aborter.signal);
    aborter.abort();
    await second;
    expect(began).toBe(false);
    release();
    await first;
  });

  test('passes on what the work ends in', async () => {
    const { signal } = new AbortController();
    const failing = lockOf('three').hold(() => Promise.reject(new Error('oh')), signal);
    await expect(failing).rejects.toThrow('oh');
  });

  test('is absent where there are no Web Locks', () => {
    vi.stubGlobal('navigator', {});
    expect(webLock('four')).toBeUndefined();
  });
});

describe('a lock that is seized', () => {
  test('is at once of who takes it; whose it was is told, and may wait for it again', async () => {
    const { signal } = new AbortController();
    const log: string[] = [];
    const until = (own: AbortSignal): Promise<void> =>
      new Promise((resolve) => own.addEventListener('abort', () => resolve()));
    let began = (): void => undefined;
    const holds = new Promise<void>((resolve) => {
      began = resolve;
    });
    const first = lockOf('five').hold(async (own) => {
      log.push('first holds');
      began();
      await until(own);
      log.push('first stands down');
    }, signal);
    await holds;
    let end = (): void => undefined;
    const second = lockOf('five').seize?.(async () => {
      log.push('second holds');
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      log.push('second ends');
    }, signal);
    await first;
    const again = lockOf('five').hold(async () => void log.push('first holds again'), signal);
    expect(signal.aborted).toBe(false);
    end();
    await Promise.all([second, again]);
    expect(log).toEqual([
      ...['first holds', 'second holds', 'first stands down', 'second ends'],
      'first holds again',
    ]);
  });
});
