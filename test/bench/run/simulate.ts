/**
 * How fast the simulation goes: operations of its clients for a second of one core's time, so that
 * what else runs on the machine matters less. In a thread as `npm run simulate` has them.
 */
import { Worker } from 'node:worker_threads';
import { maxYoungGenerationSizeMb } from '../../simulation/memory.ts';
import type { Verdict } from '../../simulation/world.ts';

export interface Speed {
  readonly seeds: number;
  readonly operations: number;
  readonly cpuSeconds: number;
  readonly perSecond: number;
  readonly violations: number;
}

/** What test/simulation/worker.ts answers. */
interface Done {
  readonly verdict: Verdict;
  readonly cpuMs: number;
}

const firstSeed = 1;
/** As long as the compiler is at it, much of the time is its own. */
const warmUpSeeds = 20;
/** As many as `npm run simulate` asks of a seed. */
const operationsOfSeed = 2000;

export async function speedOfSimulation(seeds: number): Promise<Speed> {
  const thread = new Worker(new URL('../../simulation/worker.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb },
  });
  try {
    await run(thread, firstSeed + seeds, warmUpSeeds);
    const { operations, violations, cpuSeconds } = await run(thread, firstSeed, seeds);
    return { seeds, operations, violations, cpuSeconds, perSecond: operations / cpuSeconds };
  } finally {
    await thread.terminate();
  }
}

async function run(
  thread: Worker,
  first: number,
  seeds: number,
): Promise<Pick<Speed, 'operations' | 'violations' | 'cpuSeconds'>> {
  const sum = { operations: 0, violations: 0, cpuSeconds: 0 };
  for (let seed = first; seed < first + seeds; seed += 1) {
    const { verdict, cpuMs } = await runOne(thread, seed);
    sum.operations += verdict.operations;
    sum.violations += verdict.violations.length;
    sum.cpuSeconds += cpuMs / 1000;
  }
  return sum;
}

function runOne(thread: Worker, seed: number): Promise<Done> {
  return new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('message', (done: Done) => {
      thread.off('error', reject);
      resolve(done);
    });
    thread.postMessage({ seed, operations: operationsOfSeed, sync: false });
  });
}
