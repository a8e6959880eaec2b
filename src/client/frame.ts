/**
 * The pace of a page: its frames while it is seen, and a timer where there are none.
 *
 * All who wait share one request. A page that is covered or minimized may be given no frames
 * though it counts as visible, so a timer ends each wait for one.
 */
import { liveFrameWaitMs, livePaceMs } from '../base/limits.ts';

let waiting: Promise<void> | undefined;

/** Resolves at the next frame; of a hidden page or a worker, after livePaceMs. */
export function nextFrame(): Promise<void> {
  waiting ??= new Promise<void>((resolve) => {
    const timer = setTimeout(done, isSeen() ? liveFrameWaitMs : livePaceMs);
    const frame = isSeen() ? requestAnimationFrame(done) : undefined;
    function done(): void {
      clearTimeout(timer);
      if (frame !== undefined) cancelAnimationFrame(frame);
      waiting = undefined;
      resolve();
    }
  });
  return waiting;
}

function isSeen(): boolean {
  return typeof document !== 'undefined' && document.visibilityState === 'visible';
}
