/**
 * The Lock port over Web Locks: one engine of all tabs does the background work.
 */
import type { Lock } from '../port/lock.ts';

/** For the engines over the store `name`; undefined where there are no Web Locks. */
export function webLock(name: string, what = 'background'): Lock | undefined {
  if (typeof navigator === 'undefined' || navigator.locks === undefined) return undefined;
  const { locks } = navigator;
  const request = async (
    options: LockOptions,
    work: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> => {
    const lost = new AbortController();
    const begun: Promise<void>[] = [];
    try {
      await locks.request(`tidetable:${name}:${what}`, options, () => {
        const own = work(AbortSignal.any([signal, lost.signal]));
        begun.push(own);
        return own;
      });
    } catch (error) {
      // The wait was ended: the work was never begun.
      if (begun.length === 0 && !signal.aborted) throw error;
      // It has failed, or another tab has taken the lock away from it.
      lost.abort();
      await begun[0];
    }
  };
  return {
    hold: (work, signal) => request({ signal }, work, signal),
    seize: (work, signal) => request({ steal: true }, work, signal),
  };
}
