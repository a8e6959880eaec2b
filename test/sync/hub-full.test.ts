/** A hub that fails as a whole says nothing of what it was sent: it is waited for. */
import { expect, test } from 'vitest';
import { DamagedData } from '../../src/base/corruption.ts';
import { failure } from '../../src/engine/failures.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { serve } from '../../src/host/http.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import { systemScheduler } from '../../src/host/ports.ts';
import { converged, openDevice } from '../support/sync.ts';

/** All waits are short, so that many tries are no long time. */
const hurried = {
  ...systemScheduler,
  delay: (ms: number, signal?: AbortSignal, isIdle?: boolean) =>
    systemScheduler.delay(ms / 50, signal, isIdle),
};

test.each([
  ['whose disk is full', failure('full', 'The disk is full')],
  ['that makes anew what it has lost', new DamagedData('It is being made anew')],
])(
  'a hub %s is waited for, and edits stay what they are',
  async (_, error) => {
    const engine = await openNodeDatabase({ memory: true });
    let tries = 0;
    let fails = false;
    const failing = new Proxy(engine, {
      get: (target, name: keyof Engine) => {
        if (name === 'call') {
          return (request: Parameters<Engine['call']>[0]) => {
            if (!fails || request.operation !== 'TakeEntry') return engine.call(request);
            tries += 1;
            return Promise.reject(error);
          };
        }
        const value: unknown = target[name];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const server = await serve({ engine, port: 0, hub: await openHub(failing) });
    const device = await openDevice(`http://127.0.0.1:${server.port}`, { scheduler: hurried });
    await device.settled();
    fails = true;
    await device.put('a', '1');
    await expect.poll(() => tries, { timeout: 20_000 }).toBeGreaterThan(8);
    expect(device.client.status).toMatchObject({ pending: 1, quarantined: 0 });
    expect(await device.note('a')).toBe('1');
    fails = false;
    await device.settled();
    await converged(device.engine, engine);
    expect(await device.note('a')).toBe('1');
    await device.close();
    await server.close();
    await engine.close();
  },
  30_000,
);
