/**
 * Turning a table's stream on and off: CreateTable's and UpdateTable's StreamSpecification.
 *
 * A stream that is turned on again is another one, with a label of its own; the old one can be read
 * for a day (reference/streams-ttl-backup-globaltables.md, section 2).
 */
import type { Mutation } from '../../log/commit.ts';
import { beginStream, endStream, freeLabel } from '../../stream/lifecycle.ts';
import type { TableState } from '../../table/state.ts';
import { takeTreeIds } from '../../table/system-items.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { settingsOf, storedSettings } from './settings.ts';
import type { StreamInput } from './shapes.ts';

export interface StreamedTable {
  readonly table: TableState;
  readonly mutations: readonly Mutation[];
}

/** The table with its stream as asked for; what it is now has been checked. Throws PageFault. */
export function changeStream(
  table: TableState,
  input: StreamInput | undefined,
  reader: TreeReader,
  nowMs: number,
): StreamedTable {
  if (input === undefined) return { table, mutations: [] };
  const settings = settingsOf(table);
  const { StreamEnabled, StreamViewType: view } = input;
  if (!StreamEnabled || view === undefined) {
    const off = storedSettings({ ...settings, StreamSpecification: undefined });
    return {
      table: { ...table, settings: off, stream: undefined },
      mutations: endStream(reader, table, nowMs),
    };
  }
  const label = freeLabel(reader, table.name, nowMs);
  const { ids, mutation } = takeTreeIds(reader, 1);
  const { stream, mutations } = beginStream(reader, table, label, view, ids[0] as number, nowMs);
  const on = { ...settings, StreamSpecification: input, LatestStreamLabel: label };
  return {
    table: { ...table, settings: storedSettings(on), stream },
    mutations: [mutation, ...mutations],
  };
}
