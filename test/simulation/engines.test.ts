/** Simulated devices: seeded worlds of one to four tabs, each judged against the model. */
import { describe, expect, test } from 'vitest';
import { type Fired, type Rates, requestFaults, worldFaults } from './faults.ts';
import { repairSites, sites } from './sites.ts';
import { faultTable, idleSites } from './table.ts';
import { simulate } from './world.ts';

const seeds = 48;
const perTest = 8;
const operations = 300;
/** So many more at most, until every site has failed and every fault has fired. */
const rareSeeds = 120;
/** Shares of requests, and of client operations, that what is still missing befalls there. */
const moreFaults = { full: 0.02, lost: 0.03, slow: 0.01, kill: 0.004, decay: 0.02 };
const moreOfTheWorld = 0.02;

describe('engines over one store', () => {
  const fired: Record<string, number> = {};
  const totals = {
    commits: 0,
    lostRaces: 0,
    checkpoints: 0,
    kills: 0,
    takeOvers: 0,
    liveResults: 0,
  };

  for (let first = 1; first <= seeds; first += perTest) {
    test(`agree with the model in worlds ${first} to ${first + perTest - 1}`, async () => {
      for (let seed = first; seed < first + perTest; seed += 1) {
        const verdict = await simulate({ seed, operations });
        expect(verdict.violations, `seed ${seed}`).toEqual([]);
        add(fired, verdict.fired);
        for (const name of Object.keys(totals) as (keyof typeof totals)[]) {
          totals[name] += verdict[name];
        }
      }
    }, 120_000);
  }

  test('failed at every site, and met every fault', async () => {
    const last = seeds + rareSeeds;
    for (let seed = seeds + 1, idle = idleIn(fired); idle.length > 0 && seed <= last; seed += 1) {
      const faults = ratesFor(idle);
      const verdict = await simulate({ seed, operations, faults });
      expect(verdict.violations, `seed ${seed} with ${JSON.stringify(faults)}`).toEqual([]);
      add(fired, verdict.fired);
      idle = idleIn(fired);
    }
    expect(idleIn(fired)).toEqual([]);
  }, 120_000);

  test('raced, made checkpoints, were killed and failed in many places while they agreed', () => {
    expect(totals.commits).toBeGreaterThan(seeds * 100);
    expect(totals.lostRaces).toBeGreaterThan(seeds * 10);
    expect(totals.checkpoints).toBeGreaterThan(seeds);
    expect(totals.kills).toBeGreaterThan(seeds / 4);
    expect(totals.takeOvers).toBeGreaterThan(0);
    expect(totals.liveResults).toBeGreaterThan(seeds * 10);
    expect(Object.keys(fired).filter((name) => !name.endsWith('|')).length).toBeGreaterThan(60);
  });

  test('repeat to the letter: the same seed leaves the same trace', async () => {
    const first = await simulate({ seed: 7, operations });
    const again = await simulate({ seed: 7, operations });
    const other = await simulate({ seed: 8, operations });
    expect(again).toEqual(first);
    expect(other.trace).not.toBe(first.trace);
  });

  test('never fail where nothing goes wrong', async () => {
    const verdict = await simulate({ seed: 1, operations, faults: {} });
    expect(verdict.violations).toEqual([]);
    expect(Object.keys(verdict.fired).filter((name) => !name.endsWith('|'))).toEqual([]);
  });

  test('never fail where steps of a clock leave items more time than one step takes', async () => {
    // The time of some would come while tabs are compared at rest.
    const verdict = await simulate({ seed: 221, operations, faults: { 'clock-step': 0.12 } });
    expect(verdict.violations).toEqual([]);
    expect(verdict.expired).toBeGreaterThan(0);
  });
});

describe('the table of faults', () => {
  test('has a line for each site and names those where nothing ever failed', () => {
    const fired: Fired = { 'store.write append|': 9, 'store.write append|full': 4 };
    const table = faultTable(fired);
    expect(table.filter((line) => line.startsWith('store.'))).toHaveLength(sites.length);
    expect(table.find((line) => line.startsWith('store.write append '))).toMatch(/ 9 +4 /);
    expect(table[0]).toContain(requestFaults[0]);
    expect(idleSites(fired)).toContain('store.write commit');
    expect(idleSites(fired)).not.toContain('store.write append');
    expect(idleSites(fired)).toContain('hang');
    expect(idleSites(fired)).not.toContain('full');
  });
});

/** Of what so few worlds come to. */
function idleIn(fired: Fired): readonly string[] {
  const late: ReadonlySet<string> = new Set([...repairSites, 'store.write build-free']);
  return idleSites(fired).filter((name) => !late.has(name));
}

/** A world that comes to what never happened yet: failing requests, and more of the rare faults. */
function ratesFor(idle: readonly string[]): Rates {
  const rare = worldFaults.filter((fault) => idle.includes(fault));
  const failing = idle.length > rare.length ? moreFaults : {};
  return { ...Object.fromEntries(rare.map((fault) => [fault, moreOfTheWorld])), ...failing };
}

function add(sum: Record<string, number>, fired: Fired): void {
  for (const [name, count] of Object.entries(fired)) sum[name] = (sum[name] ?? 0) + count;
}
