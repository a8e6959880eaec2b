/** How fast the simulation goes on one core: operations that its clients asked for, a second. */
import { simulate } from '../../simulation/world.ts';

export interface Speed {
  readonly seeds: number;
  readonly operations: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly violations: number;
}

const firstSeed = 1;
const warmUpSeeds = 5;
const clients = 6;
const operations = 400;

export async function speedOfSimulation(seeds: number): Promise<Speed> {
  await run(firstSeed + seeds, warmUpSeeds);
  const started = performance.now();
  const { asked, violations } = await run(firstSeed, seeds);
  const seconds = (performance.now() - started) / 1000;
  return { seeds, operations: asked, seconds, perSecond: asked / seconds, violations };
}

/** The faults of `npm run simulate`; commits are what the clients' operations came to. */
async function run(first: number, seeds: number): Promise<{ asked: number; violations: number }> {
  let asked = 0;
  let violations = 0;
  for (let seed = first; seed < first + seeds; seed += 1) {
    const faults = { unknown: 0.02, frozen: 0.01, full: seed % 5 ? 0 : 0.01 };
    const verdict = await simulate({ seed, clients, operations, faults });
    asked += clients * operations;
    violations += verdict.violations.length;
  }
  return { asked, violations };
}
