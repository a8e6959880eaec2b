/**
 * What the inlined worker runs: one text, which has no address to load anything from.
 */
import { startWorkerHost, type WorkerScope } from '../src/worker.ts';

startWorkerHost(globalThis as unknown as WorkerScope);
