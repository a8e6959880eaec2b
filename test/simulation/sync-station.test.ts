/** The tabs of a simulated replica. */
import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import { Faults } from './faults.ts';
import { SeededScheduler } from './scheduler.ts';
import { Station } from './sync-station.ts';

test('an engine whose preparation fails is prepared again, and is the only one', async () => {
  const scheduler = new SeededScheduler(1);
  const shape = { name: 'hub', seed: 1, tabs: 1, skewMs: 0 };
  const station = new Station(scheduler, new Faults(scheduler.random, {}), shape);
  const prepared: Engine[] = [];
  station.prepare = (engine) => {
    prepared.push(engine);
    return prepared.length > 5 ? Promise.resolve() : Promise.reject(new Error('damaged'));
  };
  station.start();
  await scheduler.run(() => station.tab() !== undefined, 10_000);
  expect(prepared).toHaveLength(6);
  expect(new Set(prepared)).toEqual(new Set([station.tab()?.engine]));
  station.losePower();
  expect(station.kills).toBe(0);
  await scheduler.run(() => station.tab() !== undefined, 10_000);
  expect(prepared).toHaveLength(7);
});
