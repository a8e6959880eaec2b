import { expose } from 'comlink';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentTicksMax, workerSilenceTickMs } from '../../src/base/limits.ts';
import { type Database, open } from '../../src/index.ts';
import { channelVersion } from '../../src/wire/channel.ts';

describe('on a server', () => {
  test('the entry can be imported, and touches nothing', async () => {
    const before = Object.getOwnPropertyNames(globalThis);
    const { open } = await import('../../src/index.ts');
    expect(typeof open).toBe('function');
    expect(Object.getOwnPropertyNames(globalThis)).toEqual(before);
  });

  test('open says where a database without workers is', async () => {
    const { open } = await import('../../src/index.ts');
    await expect(open('notes')).rejects.toMatchObject({
      name: 'DatabaseError',
      why: 'open',
      message: expect.stringContaining('tidetable/node'),
    });
  });

  test('a name must have 1 to 255 characters', async () => {
    const { open } = await import('../../src/index.ts');
    for (const name of ['', 'x'.repeat(256)]) {
      await expect(open(name)).rejects.toMatchObject({ name: 'DatabaseError', why: 'open' });
    }
  });

  test('opening is given up with the reason of its signal', async () => {
    const { open } = await import('../../src/index.ts');
    const signal = AbortSignal.abort(new Error('not today'));
    await expect(open('notes', { signal })).rejects.toThrow('not today');
  });
});

/** A worker that opens whatever it is asked to, answers no call, and dies when it is told to. */
class MuteWorker extends EventTarget {
  dead = false;
  release: number = channelVersion;
  terminated = false;
  asked = 0;

  postMessage(_message: unknown, [control]: readonly MessagePort[] = []): void {
    if (control === undefined) return;
    const alive = <T>(value: T): Promise<T> => {
      return this.dead ? new Promise(() => undefined) : Promise.resolve(value);
    };
    const hello = (): Promise<number> => {
      this.asked += 1;
      return alive(this.release);
    };
    const mute = (): Promise<never> => new Promise(() => undefined);
    expose({ hello, open: () => alive({}), status: mute }, control);
  }

  terminate(): void {
    this.terminated = true;
  }
}

test('a worker of another release is refused', async () => {
  const worker = new MuteWorker();
  worker.release = channelVersion + 1;
  await expect(open('notes', { worker: () => worker as unknown as Worker })).rejects.toMatchObject({
    why: 'open',
    message: 'The worker is of another release of tidetable than the page',
  });
  expect(worker.terminated).toBe(true);
});

describe('a worker that says nothing', () => {
  afterEach(() => void vi.useRealTimers());

  /** Time passes for timers; messages between ports take a while of their own. */
  async function pass(ticks: number): Promise<void> {
    for (let tick = 0; tick < ticks; tick += 1) {
      vi.advanceTimersByTime(workerSilenceTickMs);
      await breathe();
    }
  }

  function breathe(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(() => setImmediate(() => setImmediate(resolve)));
    });
  }

  async function openMute(): Promise<{ worker: MuteWorker; db: Database }> {
    // Loaded before: how long the loading takes is nothing that fake timers know.
    await import('../../src/client/watch.ts');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const worker = new MuteWorker();
    const db = await open('notes', { worker: () => worker as unknown as Worker });
    await pass(1);
    return { worker, db };
  }

  test('is given up when it does not answer a question either, and its calls end', async () => {
    const { worker, db } = await openMute();
    const ended: unknown[] = [];
    const note = (error: unknown): void => void ended.push(error);
    db.putItem({ TableName: 'T', Item: { id: '1' } } as never).catch(note);
    db.status().catch(note);
    await breathe();
    worker.dead = true;
    await pass(silentTicksMax - 1);
    expect(ended).toEqual([]);
    await pass(1);
    expect(ended).toMatchObject([
      { name: 'DatabaseError', why: 'worker', mayHaveBeenApplied: true },
      { name: 'DatabaseError', why: 'worker', mayHaveBeenApplied: false },
    ]);
    expect(worker.terminated).toBe(true);
    await expect(db.getItem({} as never)).rejects.toMatchObject({ why: 'worker' });
  });

  test('is waited for as long as it answers questions', async () => {
    const { worker, db } = await openMute();
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    db.status().then(end, end);
    await pass(5 * silentTicksMax);
    expect(ended).toBe(false);
    expect(worker.asked).toBeGreaterThan(silentTicksMax);
  });

  test('is asked nothing while nothing waits for it', async () => {
    const { worker } = await openMute();
    worker.asked = 0;
    await pass(5 * silentTicksMax);
    expect(worker.asked).toBe(0);
    expect(worker.terminated).toBe(false);
  });
});

describe('a worker that does not start', () => {
  const remedy = /worker-src blob:.*tidetable\/worker/;

  class DeadWorker extends EventTarget {
    terminated = false;
    postMessage(): void {}
    terminate(): void {
      this.terminated = true;
    }
  }

  beforeEach(() => void vi.stubGlobal('Worker', DeadWorker));
  afterEach(() => vi.unstubAllGlobals());

  test('within its time is terminated, and the error names the remedy', async () => {
    const worker = new DeadWorker();
    const opening = open('notes', { worker: () => worker as unknown as Worker, timeoutMs: 5 });
    const message = expect.stringMatching(
      new RegExp(`^The worker did not start within 5 ms\\. If .*${remedy.source}`),
    );
    await expect(opening).rejects.toMatchObject({ name: 'DatabaseError', why: 'open', message });
    expect(worker.terminated).toBe(true);
  });

  test('because of an error says so, and names the remedy', async () => {
    const worker = new DeadWorker();
    const opening = open('notes', { worker: () => worker as unknown as Worker });
    setTimeout(() => worker.dispatchEvent(new Event('error')));
    const message = expect.stringMatching(
      new RegExp(`^The worker did not start\\. If .*${remedy.source}`),
    );
    await expect(opening).rejects.toMatchObject({ name: 'DatabaseError', why: 'open', message });
    expect(worker.terminated).toBe(true);
  });

  test('because it cannot be made says why, with the cause', async () => {
    const cause = new Error('not here');
    const worker = (): Worker => {
      throw cause;
    };
    const message = expect.stringMatching(
      new RegExp(`^The worker could not be made: not here\\. If .*${remedy.source}`),
    );
    await expect(open('notes', { worker })).rejects.toMatchObject({ why: 'open', message, cause });
  });

  test('before opening was aborted is given up with the reason', async () => {
    const worker = new DeadWorker();
    const { signal, abort } = abortable();
    const opening = open('notes', { worker: () => worker as unknown as Worker, signal });
    setTimeout(() => abort(new Error('not today')));
    await expect(opening).rejects.toThrow('not today');
    expect(worker.terminated).toBe(true);
  });

  function abortable(): { signal: AbortSignal; abort: (reason: Error) => void } {
    const controller = new AbortController();
    return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
  }
});
