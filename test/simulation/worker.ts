/** A thread that runs one seed after another for scripts/simulate.mjs. */
import { parentPort } from 'node:worker_threads';
import { simulate } from './world.ts';

// Refusals and page faults are many; a stack for each would take a fifth of the time.
Error.stackTraceLimit = 3;

parentPort?.on('message', ({ seed, operations }: { seed: number; operations: number }) => {
  const before = process.threadCpuUsage();
  void simulate({ seed, operations }).then((verdict) => {
    const { user, system } = process.threadCpuUsage(before);
    parentPort?.postMessage({ seed, verdict, cpuMs: (user + system) / 1000 });
  });
});
