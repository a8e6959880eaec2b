/**
 * What a dedicated worker runs: `new Worker(<this file>, { type: 'module' })`.
 */
import { startWorkerHost } from '../src/worker.ts';

startWorkerHost(globalThis as unknown as Parameters<typeof startWorkerHost>[0]);
