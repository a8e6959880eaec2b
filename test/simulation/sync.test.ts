/** Simulated devices and their hub: everything fails, then all become equal. */
import { describe, expect, test } from 'vitest';
import { simulateSync, syncFaults } from './sync-world.ts';

const seeds = 24;
const perTest = 6;
const operations = 200;

describe('devices and their hub', () => {
  const fired: Record<string, number> = {};

  for (let first = 1; first <= seeds; first += perTest) {
    test(`become equal and lose nothing in worlds ${first} to ${first + perTest - 1}`, async () => {
      for (let seed = first; seed < first + perTest; seed += 1) {
        const verdict = await simulateSync({ seed, operations });
        expect(verdict.violations, `seed ${seed}`).toEqual([]);
        for (const [name, count] of Object.entries(verdict.fired)) {
          fired[name] = (fired[name] ?? 0) + count;
        }
      }
    }, 120_000);
  }

  test('met every fault meanwhile', () => {
    expect(syncFaults.filter((name) => fired[name] === undefined)).toEqual([]);
  });

  test('repeat to the letter: the same seed leaves the same trace', async () => {
    const first = await simulateSync({ seed: 3, operations });
    expect(await simulateSync({ seed: 3, operations })).toEqual(first);
  }, 120_000);
});
