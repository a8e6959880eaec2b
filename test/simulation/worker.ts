/** A thread that runs one seed after another for scripts/simulate.mjs. */
import { parentPort } from 'node:worker_threads';
import { simulateSync } from './sync-world.ts';
import { simulate } from './world.ts';

// Refusals and page faults are many; a stack for each would take a fifth of the time.
Error.stackTraceLimit = 0;

interface Task {
  readonly seed: number;
  readonly operations: number;
  /** Devices and their hub, instead of the tabs of one. */
  readonly sync: boolean;
}

parentPort?.on('message', ({ seed, operations, sync }: Task) => {
  const before = process.threadCpuUsage();
  const world = sync ? simulateSync({ seed, operations }) : simulate({ seed, operations });
  void world.then((verdict) => {
    const { user, system } = process.threadCpuUsage(before);
    parentPort?.postMessage({ seed, verdict, cpuMs: (user + system) / 1000 });
  });
});
