/**
 * Turning a table's stream on and off: CreateTable's and UpdateTable's StreamSpecification, and
 * what a Kinesis destination needs.
 *
 * A stream that is turned on again is another one, with a label of its own; the old one can be read
 * for a day (reference/streams-ttl-backup-globaltables.md, section 2). A destination reads the
 * table's stream, which then keeps both images whatever it shows; where there is none, it reads one
 * that nobody sees. So at any time a change is recorded once.
 */
import type { Mutation } from '../../log/commit.ts';
import { beginStream, endStream, freeLabel } from '../../stream/lifecycle.ts';
import type { StreamView, TableState } from '../../table/state.ts';
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
  const isOn = StreamEnabled && view !== undefined;
  const ended = endStream(reader, table, nowMs);
  const stored = storedSettings({
    ...settings,
    StreamSpecification: isOn ? input : undefined,
  });
  const without = { ...table, settings: stored, stream: undefined };
  const begun = isOn
    ? begin(without, view, reader, nowMs, false)
    : settleDestinations(without, reader, nowMs);
  return { table: begun.table, mutations: [...ended, ...begun.mutations] };
}

/**
 * The table's stream keeps what active destinations need, or one that nobody sees does; without
 * them it keeps its view, and a hidden one ends.
 */
export function settleDestinations(
  table: TableState,
  reader: TreeReader,
  nowMs: number,
): StreamedTable {
  const { stream } = table;
  const wanted = hasDestination(table);
  if (stream === undefined) {
    return wanted
      ? begin(table, 'NEW_AND_OLD_IMAGES', reader, nowMs, true)
      : { table, mutations: [] };
  }
  if (!wanted && stream.hidden === true) {
    return { table: { ...table, stream: undefined }, mutations: endStream(reader, table, nowMs) };
  }
  return { table: { ...table, stream: { ...stream, keepsAll: wanted } }, mutations: [] };
}

function begin(
  table: TableState,
  view: StreamView,
  reader: TreeReader,
  nowMs: number,
  hidden: boolean,
): StreamedTable {
  const label = freeLabel(reader, table.name, nowMs);
  const { ids, mutation } = takeTreeIds(reader, 1);
  const [tree = 0] = ids;
  const more = { keepsAll: hasDestination(table), hidden };
  const { stream, mutations } = beginStream(reader, table, label, view, tree, nowMs, more);
  const settings = hidden
    ? table.settings
    : storedSettings({ ...settingsOf(table), LatestStreamLabel: label });
  return { table: { ...table, settings, stream }, mutations: [mutation, ...mutations] };
}

function hasDestination(table: TableState): boolean {
  const { KinesisDestinations = [] } = settingsOf(table);
  return KinesisDestinations.some(({ DestinationStatus }) => DestinationStatus === 'ACTIVE');
}
