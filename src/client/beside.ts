/**
 * What an open database can do beside calls: live queries, imports, triggers.
 *
 * It loads beside the start of the worker, to keep the entry small, so it imports nothing that the
 * entry has; imports and triggers load when they are used.
 */
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { createLive, type Pace } from './live.ts';
import type { TriggerPorts } from './trigger.ts';

/** What a Database needs of it. */
export interface Beside {
  readonly methods: Pick<Database, 'live' | 'import' | 'trigger'>;
  /** Ends every live query; before the connection takes no more calls. */
  close(): void;
}

/** `ports`: what triggers need that is not the page's own. */
export function beside(
  name: string,
  connection: Connection,
  pace: Pace,
  ports?: TriggerPorts,
): Beside {
  const { live, close } = createLive(connection, pace);
  return {
    methods: {
      live,
      import: async (table, source, options) => {
        const { runImport } = await import('./import.ts');
        return runImport(connection, table, source, options);
      },
      trigger: async (table, handler, options) => {
        const { triggerThrough } = await import('./trigger.ts');
        return triggerThrough(connection, name, table, handler, options, ports);
      },
    },
    close,
  };
}
