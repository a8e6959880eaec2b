/** The Relay of sync over BroadcastChannel: between the tabs of one database. */
import type { Relay, RelayMessage } from '../sync/client.ts';

/** Undefined where there is no BroadcastChannel. */
export function broadcastRelay(name: string): Relay | undefined {
  if (typeof BroadcastChannel === 'undefined') return undefined;
  const channel = new BroadcastChannel(`tidetable:${name}:sync`);
  return {
    tell: (message) => channel.postMessage(message),
    listen: (heard) => {
      channel.addEventListener('message', ({ data }) => {
        // The channel belongs to the origin, not to us alone.
        if (typeof data === 'object' && data !== null) heard(data as RelayMessage);
      });
    },
    close: () => channel.close(),
  };
}
