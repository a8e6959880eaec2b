/**
 * What an open database can do beside calls: live queries, imports, triggers; and the names of its
 * operations.
 *
 * It loads beside the start of the worker, to keep the entry small, so it imports nothing that the
 * entry has; imports and triggers load when they are used.
 */
import type { ImportResult } from '../engine/import-types.ts';
import type { Trigger, TriggerHandler, TriggerOptions } from '../engine/trigger-types.ts';
import type { Connection } from './connection.ts';
import type { ImportOptions, ImportSource } from './import.ts';
import { createLive, type Pace } from './live.ts';
import type { Live } from './live-types.ts';
import { operations } from './operation-names.ts';
import type { CreateTableInput } from './table-types.ts';
import type { Destinations } from '../engine/destinations.ts';
import type { TriggerPorts } from './trigger.ts';

/** Methods of a Database. */
export interface BesideMethods {
  /**
   * Fills a table in bulk: 10 times as fast as puts where the table is empty (it is CREATING and
   * cannot be used meanwhile; other tabs see it empty or full), by puts where it has items. Given a
   * CreateTable input, the table is made first. Items that PutItem would refuse are counted and
   * told of, and the others go on; of equal keys the last counts. Rejects, with the table as it was
   * before, when the source fails.
   */
  import(
    table: string | CreateTableInput,
    source: ImportSource,
    options?: ImportOptions,
  ): Promise<ImportResult>;
  /**
   * Calls `handler` with what changes in a table, as a Lambda function is called with the records
   * of its stream: in order for each item, at least once each, in one tab of all that open it. The
   * table has a stream. Resolves when the trigger is there, and its start is fixed
   * (docs/triggers.md).
   */
  trigger<I = Readonly<Record<string, unknown>>>(
    table: string,
    handler: TriggerHandler<I>,
    options?: TriggerOptions,
  ): Promise<Trigger<I>>;
  /**
   * Follows a GetItem (an input with `Key`), a SELECT (`Statement`), a Query (a key condition) or
   * a Scan: its result now, then each that differs, at most one a frame. docs/live.md.
   */
  readonly live: Live;
  /** Aborted when the database begins to close. */
  readonly closing: AbortSignal;
}

/** What a Database needs of it. */
export interface Beside {
  readonly methods: BesideMethods;
  /** The operations that it has a method for. */
  readonly operations: readonly string[];
  /** Ends every live query; before the connection takes no more calls. */
  close(): void;
}

/**
 * `ports`: what triggers need that is not the page's own. `destinations`: what stands for Kinesis
 * data streams, by their ARNs.
 */
export function beside(
  name: string,
  connection: Connection,
  pace: Pace,
  ports?: TriggerPorts,
  destinations?: Destinations,
): Beside {
  if (destinations !== undefined) {
    // Until they are there, changes wait in their shards.
    void import('./destinations.ts').then(({ deliverThrough }) => {
      deliverThrough(connection, name, destinations, ports);
    });
  }
  const { live, close } = createLive(connection, pace);
  const closing = new AbortController();
  return {
    methods: {
      live,
      closing: closing.signal,
      import: async (table, source, options) => {
        const { runImport } = await import('./import.ts');
        return runImport(connection, table, source, options);
      },
      trigger: async (table, handler, options) => {
        const { triggerThrough } = await import('./trigger.ts');
        return triggerThrough(connection, name, table, handler, options, ports);
      },
    },
    operations,
    close: () => {
      closing.abort();
      close();
    },
  };
}
