/**
 * A hub is another one from one message to the next, and no connection has failed: its process
 * was started again in memory, or a proxy has gone over to the one beside it.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { openNodeDatabase } from '../../src/host/node.ts';
import { type NearHub, openNearHub } from '../support/hubs.ts';
import { converged, type Device, openDevice } from '../support/sync.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end().catch(() => undefined);
});

interface World {
  near: NearHub;
  readonly device: Device;
}

async function open(): Promise<World> {
  const engine = await openNodeDatabase({ memory: true });
  let near = await openNearHub();
  const fetch: NearHub['fetch'] = (...asked) => near.fetch(...asked);
  const device = await openDevice('http://hub', { engine, fetch });
  ends.push(
    () => near.engine.close(),
    () => device.close(),
  );
  return {
    device,
    get near(): NearHub {
      return near;
    },
    set near(other: NearHub) {
      const before = near.engine;
      ends.push(() => before.close());
      near = other;
    },
  };
}

const isRejected = ({ events }: Device): boolean => events.some(({ type }) => type === 'rejected');

describe('a hub that is another one in mid-conversation', () => {
  test.each([0, 1])(
    'is asked which tables it has, before it is given what waits (%i sent before)',
    async (sent) => {
      const world = await open();
      const { device } = world;
      for (let n = 0; n < sent; n += 1) await device.put(`before ${n}`, 'v');
      await device.settled();
      world.near = await openNearHub();
      await device.put('after', 'v');
      await converged(device.engine, world.near.engine);
      await device.settled();
      expect(await device.note('after')).toBe('v');
      expect(device.client.status).toMatchObject({ quarantined: 0, detached: [] });
      expect(isRejected(device)).toBe(false);
    },
  );
});
