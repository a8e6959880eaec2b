/** Four engines over one store: 200 seeded worlds, each judged against the model. */
import { describe, expect, test } from 'vitest';
import { simulate, type Verdict } from './world.ts';

const seeds = 200;
const perTest = 20;

describe('engines over one store', () => {
  const totals = {
    commits: 0,
    lostRaces: 0,
    checkpoints: 0,
    kills: 0,
    takeOvers: 0,
    schemaChanges: 0,
  };

  for (let first = 1; first <= seeds; first += perTest) {
    test(`agree with the model in worlds ${first} to ${first + perTest - 1}`, async () => {
      for (let seed = first; seed < first + perTest; seed += 1) {
        const verdict = await simulate({
          seed,
          faults: { unknown: 0.02, frozen: 0.01, full: seed % 5 ? 0 : 0.01 },
        });
        expect(verdict.violations, `seed ${seed}`).toEqual([]);
        add(totals, verdict);
      }
    }, 120_000);
  }

  test('raced, made checkpoints and were killed while they agreed', () => {
    expect(totals.lostRaces).toBeGreaterThan(seeds * 30);
    expect(totals.checkpoints).toBeGreaterThan(seeds * 5);
    expect(totals.takeOvers).toBeGreaterThan(seeds / 4);
    expect(totals.schemaChanges).toBeGreaterThan(seeds * 3);
    expect(totals.kills).toBeGreaterThan(seeds * 3);
    expect(totals.commits).toBeGreaterThan(seeds * 150);
  });

  test('repeat to the letter: the same seed leaves the same trace', async () => {
    const first = await simulate({ seed: 7, faults: { unknown: 0.02, frozen: 0.01, full: 0.01 } });
    const again = await simulate({ seed: 7, faults: { unknown: 0.02, frozen: 0.01, full: 0.01 } });
    const other = await simulate({ seed: 8, faults: { unknown: 0.02, frozen: 0.01, full: 0.01 } });
    expect(again).toEqual(first);
    expect(other.trace).not.toBe(first.trace);
  });
});

function add(totals: Record<string, number>, verdict: Verdict): void {
  for (const name of Object.keys(totals)) {
    totals[name] = (totals[name] ?? 0) + Number(verdict[name as keyof Verdict]);
  }
}
