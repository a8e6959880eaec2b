/**
 * AdvanceStreams: the next step that time or a table's growth makes due for a stream
 * (stream/upkeep.ts); asked for until it answers Done. Adopt: also a stream for each table that was
 * told of one by a release that made no records.
 */
import { boolean, long, struct } from '../../shape/constructors.ts';
import { nextUpkeep, tableToAdopt } from '../../stream/upkeep.ts';
import { putTable } from '../../table/system-items.ts';
import { type Operation, operation } from '../operation.ts';
import { settingsOf } from '../table/settings.ts';
import { systemCommit } from '../table/stored.ts';
import { changeStream } from '../table/stream-change.ts';

export const AdvanceStreams: Operation = operation({
  name: 'AdvanceStreams',
  kind: 'write',
  internal: true,
  input: struct({ PartitionBytes: long({ min: 1 }).required, Adopt: boolean }),
  check: (input) => input,
  plan: (input) => input,
  decide({ PartitionBytes, Adopt }, { reader, catalog, nowMs }) {
    const orphan = Adopt === true ? tableToAdopt(catalog) : undefined;
    if (orphan !== undefined) {
      const specification = settingsOf(orphan).StreamSpecification;
      const { table, mutations } = changeStream(orphan, specification, reader, nowMs);
      const commits = [systemCommit([putTable(reader, table), ...mutations])];
      return { output: { Done: false }, commits };
    }
    const step = nextUpkeep(reader, catalog, nowMs, PartitionBytes).step?.();
    if (step === undefined) return { output: { Done: true } };
    const tables = step.table === undefined ? [] : [putTable(reader, step.table)];
    return { output: { Done: false }, commits: [systemCommit([...tables, ...step.mutations])] };
  },
});
