/** PGlite on OPFS: the page's side. */
import { WorkerContender } from './worker-contender.ts';

export function pglite(): WorkerContender {
  return new WorkerContender('PGlite', () => {
    return new Worker(new URL('./pglite-worker.ts', import.meta.url), { type: 'module' });
  });
}
