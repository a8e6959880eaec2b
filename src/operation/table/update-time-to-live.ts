/**
 * UpdateTimeToLive: items of a table expire by an attribute, or do not any more.
 *
 * Turning it off is done when it is answered. Turning it on is too, but for a table with items:
 * there a job looks at each of them first, and the state is ENABLING until it is done.
 */
import { validation } from '../../base/errors.ts';
import { attributeNameMax, expiryChangeMs } from '../../base/limits.ts';
import { boolean, ownTableName, string, struct } from '../../shape/constructors.ts';
import { beginExpiry, endExpiry, expiryAttribute } from '../../table/expiry.ts';
import type { TableState } from '../../table/state.ts';
import { putTable } from '../../table/system-items.ts';
import { type Operation, operation } from '../operation.ts';
import { settingsOf, storedSettings } from './settings.ts';
import { checkChangeable, knownTable, systemCommit } from './stored.ts';

const specification = struct(
  {
    Enabled: boolean.required,
    AttributeName: string({ min: 1, max: attributeNameMax }).required,
  },
  'TimeToLiveSpecification',
);

interface Specification {
  readonly Enabled: boolean;
  readonly AttributeName: string;
}

export const UpdateTimeToLive: Operation = operation({
  name: 'UpdateTimeToLive',
  kind: 'write',
  input: struct({
    TableName: ownTableName.required,
    TimeToLiveSpecification: specification.required,
  }),
  check: (input) => input,
  plan({ TableName, TimeToLiveSpecification: wanted }, { catalog, nowMs }) {
    const table = knownTable(catalog, TableName);
    checkChangeable(table);
    checkChange(table, wanted);
    checkInterval(table, nowMs);
    return { table, wanted };
  },
  decide({ table, wanted }, { reader, nowMs }) {
    const changed = wanted.Enabled
      ? beginExpiry(reader, table, wanted.AttributeName)
      : endExpiry(reader, table);
    const settings = storedSettings({ ...settingsOf(table), TimeToLiveChangedMs: nowMs });
    const put = putTable(reader, { ...changed.table, settings });
    return {
      output: { TimeToLiveSpecification: wanted },
      commits: [systemCommit([put, ...changed.mutations])],
    };
  },
});

function checkChange(table: TableState, { Enabled, AttributeName }: Specification): void {
  const current = expiryAttribute(table);
  if (current === undefined) {
    if (!Enabled) throw validation('TimeToLive is already disabled');
    return;
  }
  if (current !== AttributeName) {
    throw validation(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${current}`,
    );
  }
  if (Enabled) throw validation('TimeToLive is already enabled');
}

/** A change that lies in the future was made by a clock that was ahead: it holds up nobody. */
function checkInterval(table: TableState, nowMs: number): void {
  const { TimeToLiveChangedMs: changedMs } = settingsOf(table);
  if (changedMs === undefined || nowMs < changedMs || nowMs >= changedMs + expiryChangeMs) return;
  throw validation('Time to live has been modified multiple times within a fixed interval');
}
