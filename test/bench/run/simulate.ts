/**
 * How fast the simulation goes: operations of its clients for a second of one core's time, so that
 * what else runs on the machine matters less.
 */
import { simulate } from '../../simulation/world.ts';

export interface Speed {
  readonly seeds: number;
  readonly operations: number;
  readonly cpuSeconds: number;
  readonly perSecond: number;
  readonly violations: number;
}

interface Done {
  readonly operations: number;
  readonly violations: number;
}

const firstSeed = 1;
/** As long as the compiler is at it, much of the time is its own. */
const warmUpSeeds = 10;
/** As many as `npm run simulate` asks of a seed. */
const operationsOfSeed = 2000;

export async function speedOfSimulation(seeds: number): Promise<Speed> {
  // As in test/simulation/worker.ts.
  Error.stackTraceLimit = 0;
  await run(firstSeed + seeds, warmUpSeeds);
  const started = process.cpuUsage();
  const done = await run(firstSeed, seeds);
  const { user, system } = process.cpuUsage(started);
  const cpuSeconds = (user + system) / 1e6;
  return { seeds, ...done, cpuSeconds, perSecond: done.operations / cpuSeconds };
}

async function run(first: number, seeds: number): Promise<Done> {
  let operations = 0;
  let violations = 0;
  for (let seed = first; seed < first + seeds; seed += 1) {
    const verdict = await simulate({ seed, operations: operationsOfSeed });
    operations += verdict.operations;
    violations += verdict.violations.length;
  }
  return { operations, violations };
}
