/**
 * The engine's worker, inlined: a chunk of its own, loaded only when a page brings no worker.
 */
import EngineWorker from '../../worker/inline-worker.ts?worker&inline';

export function createInlineWorker(): Worker {
  return new EngineWorker({ name: 'tidetable' });
}
