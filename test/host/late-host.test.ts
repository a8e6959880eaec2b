import { describe, expect, test, vi } from 'vitest';
import { type LateScope, startLate } from '../../src/host/late-host.ts';
import type { WorkerScope } from '../../src/host/worker.ts';

/** A worker's scope as far as messages go, with what its host heard. */
function rig() {
  const scope = new EventTarget() as unknown as LateScope;
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
    scope.dispatchEvent(new MessageEvent('message', { data, ports: given }));
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
