/**
 * Signs that there may be a network again, as a page sees them: the browser says so, its service
 * worker was woken by Background Sync, or the page is looked at after a while, when timers slept
 * and connections may have died unnoticed.
 *
 * They are hints and no evidence: what they lead to is a try (docs/sync.md). That a browser is
 * `offline` is not heeded: it is wrong too often, and a try that fails costs little.
 */

/** What a service worker posts to its pages at the event `sync` (background-sync.ts). */
const wokenMessage = 'tidetable:sync';

/** Calls `hint` at each, until what it answers is called. Nothing where there is no page. */
export function watchNetwork(hint: () => void): () => void {
  if (typeof window === 'undefined') return () => undefined;
  const seen = (): void => {
    if (document.visibilityState === 'visible') hint();
  };
  const told = ({ data }: MessageEvent): void => {
    if (data === wokenMessage) hint();
  };
  const { serviceWorker } = navigator;
  serviceWorker?.addEventListener('message', told);
  window.addEventListener('online', hint);
  window.addEventListener('pageshow', hint);
  document.addEventListener('visibilitychange', seen);
  return () => {
    serviceWorker?.removeEventListener('message', told);
    window.removeEventListener('online', hint);
    window.removeEventListener('pageshow', hint);
    document.removeEventListener('visibilitychange', seen);
  };
}
