/**
 * A worker's host that is imported late: what a worker's own script runs.
 *
 * A browser may keep the compiled code of a chunk that is imported so, and never that of a worker's
 * own script (docs/adr/0037). A page posts its handshake at once: messages that come before the
 * host are kept, and given to it in their order. Others that listen in this worker hear each once.
 * Cost: one more file to load at a page's first visit; later starts compile next to nothing.
 */
import type { WorkerScope } from './worker.ts';

/** What a late host needs of its worker besides. */
export interface LateScope extends WorkerScope {
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** `load` answers what begins to serve `scope`. If it rejects, the worker tells of an error. */
export function startLate(
  scope: LateScope,
  load: () => Promise<(scope: WorkerScope) => void>,
): void {
  let early: MessageEvent[] = [];
  const keep = (event: MessageEvent): void => void early.push(event);
  scope.addEventListener('message', keep);
  const begin = (start: (scope: WorkerScope) => void): void => {
    const listeners: ((event: MessageEvent) => void)[] = [];
    start({
      addEventListener: (type, listener) => {
        listeners.push(listener);
        scope.addEventListener(type, listener);
      },
      postMessage: (message, transfer) => scope.postMessage(message, transfer),
    });
    scope.removeEventListener('message', keep);
    const kept = early;
    early = [];
    // Who begins to listen at one of them hears those after it.
    for (const event of kept) for (const listener of [...listeners]) listener(event);
  };
  load()
    .then(begin)
    .catch((error: unknown) => {
      // A page hears of what a worker throws, and nothing of a promise that it rejects.
      setTimeout(() => {
        throw error;
      });
    });
}
