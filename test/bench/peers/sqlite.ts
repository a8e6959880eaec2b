/** SQLite on OPFS: the page's side. */
import { WorkerContender } from './worker-contender.ts';

export function sqlite(): WorkerContender {
  return new WorkerContender('SQLite', () => {
    return new Worker(new URL('./sqlite-worker.ts', import.meta.url), { type: 'module' });
  });
}
