import { describe, expect, test, vi } from 'vitest';
import { type LateScope, startLate } from '../../src/host/late-host.ts';
import type { WorkerScope } from '../../src/host/worker.ts';

function of(data: string): MessageEvent {
  return new MessageEvent('message', { data });
}

/** A worker's scope as far as messages go, with what its host heard. */
function rig() {
  const target = new EventTarget();
  const scope = target as unknown as LateScope;
  const heard: unknown[] = [];
  const ports: number[] = [];
  let arrive: (start: (scope: WorkerScope) => void) => void = () => {};
  let fail: (error: Error) => void = () => {};
  startLate(scope, () => {
    return new Promise((resolve, reject) => {
      arrive = resolve;
      fail = reject;
    });
  });
  const start = (worker: WorkerScope): void => {
    worker.addEventListener('message', (event) => {
      heard.push(event.data);
      ports.push(event.ports.length);
    });
  };
  const post = (data: unknown, given: MessagePort[] = []): void => {
    target.dispatchEvent(new MessageEvent('message', { data, ports: given }));
  };
  return { heard, ports, post, arrive: () => arrive(start), fail: (error: Error) => fail(error) };
}

describe('a host that is imported late', () => {
  test('hears what came before it, in its order, with the ports', async () => {
    const { heard, ports, post, arrive } = rig();
    const { port1, port2 } = new MessageChannel();
    post('handshake', [port1]);
    post('first');
    expect(heard).toEqual([]);
    arrive();
    await Promise.resolve();
    await Promise.resolve();
    expect(heard).toEqual(['handshake', 'first']);
    expect(ports).toEqual([1, 0]);
    port2.close();
  });

  test('hears what comes later once', async () => {
    const { heard, post, arrive } = rig();
    post('before');
    arrive();
    await Promise.resolve();
    await Promise.resolve();
    post('after');
    post('last');
    expect(heard).toEqual(['before', 'after', 'last']);
  });

  test('leaves what others heard alone, and whom it adds on the way hears the rest', async () => {
    const scope = new EventTarget() as unknown as LateScope;
    const heard: string[] = [];
    const listen = (who: string, on: WorkerScope, then?: () => void): void => {
      on.addEventListener('message', ({ data }) => {
        heard.push(`${who} ${data}`);
        then?.();
      });
    };
    listen('page', scope);
    let isAdded = false;
    startLate(scope, async () => (host) => {
      listen('host', host, () => {
        if (!isAdded) listen('calls', host);
        isAdded = true;
      });
    });
    for (const data of ['one', 'two']) (scope as unknown as EventTarget).dispatchEvent(of(data));
    await vi.waitFor(() => expect(heard).toContain('host two'));
    (scope as unknown as EventTarget).dispatchEvent(of('three'));
    expect(heard.filter((line) => line.startsWith('page'))).toEqual([
      'page one',
      'page two',
      'page three',
    ]);
    expect(heard.filter((line) => line.startsWith('host'))).toEqual([
      'host one',
      'host two',
      'host three',
    ]);
    expect(heard.filter((line) => line.startsWith('calls'))).toEqual(['calls two', 'calls three']);
  });

  test('that fails as it begins is an error of the worker', async () => {
    vi.useFakeTimers();
    try {
      startLate(new EventTarget() as unknown as LateScope, async () => () => {
        throw new Error('no host');
      });
      await expect(vi.runAllTimersAsync()).rejects.toThrow('no host');
    } finally {
      vi.useRealTimers();
    }
  });

  test('that cannot be imported is an error of the worker', async () => {
    vi.useFakeTimers();
    try {
      const { fail } = rig();
      fail(new TypeError('Failed to fetch dynamically imported module'));
      await expect(vi.runAllTimersAsync()).rejects.toThrow('Failed to fetch dynamically');
    } finally {
      vi.useRealTimers();
    }
  });
});
