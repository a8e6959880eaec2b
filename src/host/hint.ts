/**
 * The Hint port over BroadcastChannel: tells the engines of other tabs that the log has grown.
 */
import type { Hint } from '../port/hint.ts';

/** For the engines over the store `name`; undefined where there is no BroadcastChannel. */
export function broadcastHint(name: string): Hint | undefined {
  if (typeof BroadcastChannel === 'undefined') return undefined;
  const channel = new BroadcastChannel(`tidetable:${name}`);
  return {
    tell: (position) => channel.postMessage(position),
    listen: (heard) => {
      channel.addEventListener('message', ({ data }) => {
        // The channel belongs to the origin, not to us alone.
        if (typeof data === 'number') heard(data);
      });
    },
    close: () => channel.close(),
  };
}
