/** A hub has its log of conflicts (src/replica/conflict.ts) before anything is taken. */
import { DynamoError } from '../base/errors.ts';
import type { Engine } from '../engine/engine-types.ts';
import { owner } from '../operation/request.ts';
import { conflictExpiry, conflictsDefinition, conflictsTable } from '../replica/conflict.ts';
import { syncCaller } from './tables.ts';

/** Makes what is missing of it. A table of this name that is something else stays as it is. */
export async function openConflicts(engine: Engine): Promise<void> {
  const TableName = conflictsTable;
  const TimeToLiveSpecification = { AttributeName: conflictExpiry, Enabled: true };
  const steps = [
    ['CreateTable', conflictsDefinition, 'ResourceInUseException'],
    ['UpdateTimeToLive', { TableName, TimeToLiveSpecification }, 'ValidationException'],
  ] as const;
  for (const [operation, input, known] of steps) {
    try {
      await engine.call({ operation, input, form: 'json', caller: owner });
    } catch (error) {
      if (!(error instanceof DynamoError && error.name === known)) throw error;
    }
  }
  // One name on all hubs: what a device has read of the log of one, it keeps with the next.
  const input = { TableName, Global: conflictsTable };
  await engine.call({ operation: 'ReplicateTable', input, form: 'plain', caller: syncCaller });
}
