/**
 * The Lock port over Web Locks: one engine of all tabs does the background work.
 */
import type { Lock } from '../port/lock.ts';

/** For the engines over the store `name`; undefined where there are no Web Locks. */
export function webLock(name: string, what = 'background'): Lock | undefined {
  if (typeof navigator === 'undefined' || navigator.locks === undefined) return undefined;
  const { locks } = navigator;
  return {
    async hold(work, signal) {
      try {
        await locks.request(`tidetable:${name}:${what}`, { signal }, () => work(signal));
      } catch (error) {
        // The wait was ended: the work was never begun.
        if (!signal.aborted) throw error;
      }
    },
  };
}
