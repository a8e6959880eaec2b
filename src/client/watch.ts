/**
 * What an open database does beside its calls: it watches its worker, keeps its data safe, and has
 * live queries.
 *
 * A worker is watched while anything waits for it: whether it says something; it is asked to, and
 * in the end given up. No event tells of one that was terminated, or that hangs. Ticks and not the
 * time are counted, so that a page that was frozen gives nothing up on waking. A chunk of its own
 * that loads while the worker starts, so it imports nothing that the entry has.
 */
import { silentTicksMax, workerSilenceTickMs } from '../base/limits.ts';
import type { Control } from '../wire/control.ts';

export { beside } from './beside.ts';
export { createDatabase } from './database.ts';
export { nextFrame } from './frame.ts';
export { ItemCache } from './page-cache.ts';

export interface Watched {
  readonly control: Pick<Control, 'hello' | 'barrier'>;
  /** Its calls. */
  readonly connection: { readonly busy: boolean; heard: number };
  /** What waits besides calls. */
  readonly waiting: number;
  /** It has answered once: how long that takes has a limit of its own. */
  readonly started: boolean;
  /** Over when the worker is given up or closed. */
  readonly life: { readonly signal: AbortSignal };
}

/** Calls `over` when nothing waits any more, or with the reason to give the worker up. */
export function watchSilence(watched: Watched, over: (reason?: string) => void): void {
  const { connection, control, life } = watched;
  let { heard } = connection;
  let silentTicks = 0;
  const stop = (reason?: string): void => {
    clearTimeout(timer);
    life.signal.removeEventListener('abort', ended);
    over(reason);
  };
  const ended = (): void => stop();
  const answered = (): void => {
    connection.heard += 1;
  };
  const tick = (): void => {
    const isWaiting = connection.busy || watched.waiting > 0;
    const isSilent = isWaiting && watched.started && connection.heard === heard;
    silentTicks = isSilent ? silentTicks + 1 : 0;
    heard = connection.heard;
    if (!isWaiting) stop();
    else if (silentTicks >= silentTicksMax) {
      stop("The database's worker does not answer; open it again");
    } else {
      if (silentTicks === 1) void control.hello().then(answered);
      timer = setTimeout(tick, workerSilenceTickMs);
    }
  };
  let timer = setTimeout(tick, workerSilenceTickMs);
  life.signal.addEventListener('abort', ended);
  if (life.signal.aborted) stop();
}

/**
 * Asks for storage that is not evicted, unless told not to; what was written is made durable
 * when the page is hidden, for it may never come back.
 */
export function keepSafe({ control, life }: Watched, persist: boolean | undefined): void {
  if (persist !== false) navigator.storage?.persist?.().catch(() => undefined);
  const hidden = ({ type }: Event): void => {
    if (type === 'visibilitychange' && document.visibilityState !== 'hidden') return;
    // Nobody waits for it, and a barrier that fails is tried again by the engine.
    control.barrier().catch(() => undefined);
  };
  if (typeof document === 'undefined') return;
  const { signal } = life;
  document.addEventListener('visibilitychange', hidden, { signal });
  globalThis.addEventListener('pagehide', hidden, { signal });
}
