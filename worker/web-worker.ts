/**
 * What a dedicated worker runs: `new Worker(<this file>, { type: 'module' })`.
 */
import { type LateScope, startLate } from '../src/host/late-host.ts';

startLate(globalThis as unknown as LateScope, async () => {
  const { startWorkerHost } = await import('../src/worker.ts');
  return startWorkerHost;
});
