/**
 * DeleteTable: the table is gone when this is answered; its pages go with the next checkpoint.
 *
 * One commit removes the description and puts the trees of table and indexes among the dropped,
 * so whatever happens next, either the table is whole or all its pages are to be freed. Its stream
 * is turned off, and can be read for a day.
 */
import { resourceInUse, validation } from '../../base/errors.ts';
import { ownTableName, struct } from '../../shape/constructors.ts';
import type { Mutation } from '../../log/commit.ts';
import { destinationName } from '../../stream/destination.ts';
import { endStream } from '../../stream/lifecycle.ts';
import { removeTrigger } from '../../stream/trigger-state.ts';
import { forgetCounters } from '../../table/collections.ts';
import type { TableState } from '../../table/state.ts';
import { catalogKey, catalogTree } from '../../table/system.ts';
import { dropTrees, removeSystemItem } from '../../table/system-items.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type Operation, operation } from '../operation.ts';
import { settingsOf } from './settings.ts';
import { knownTable, systemCommit } from './stored.ts';
import { describeDeleted } from './table-description.ts';

export const DeleteTable: Operation = operation({
  name: 'DeleteTable',
  kind: 'write',
  input: struct({ TableName: ownTableName.required }),
  check: (input) => input,
  plan(input, { catalog }) {
    const table = knownTable(catalog, input.TableName);
    checkDeletable(table);
    return table;
  },
  decide(table, { catalog, reader, nowMs, meter }) {
    meter?.checkChange(catalog, table, undefined);
    const { replica } = table;
    const versions = replica === undefined ? [] : [replica.versions];
    const trees = [table.tree, ...table.indexes.map(({ tree }) => tree), ...versions];
    return {
      output: { TableDescription: describeDeleted(table, reader, nowMs) },
      commits: [
        systemCommit([
          ...removeSystemItem(reader, catalogTree, catalogKey(table.name)),
          ...dropTrees(reader, trees),
          ...forgetCounters(reader, table.collections),
          ...endStream(reader, table, nowMs),
          ...forgetDestinations(reader, table),
        ]),
      ],
    };
  },
});

/** A destination is given nothing more of a table that is gone. */
function forgetDestinations(reader: TreeReader, table: TableState): readonly Mutation[] {
  return (settingsOf(table).KinesisDestinations ?? []).flatMap(({ StreamArn }) => {
    return removeTrigger(reader, destinationName(table.id, StreamArn));
  });
}

/** Protection, then what is still going on (types-and-limits.md, section 12). */
function checkDeletable(table: TableState): void {
  if (table.deletionProtection) {
    throw validation(
      'Resource cannot be deleted as it is currently protected against deletion. ' +
        'Disable deletion protection first.',
    );
  }
  const prefix = 'Attempt to change a resource which is still in use: ';
  if (table.status === 'CREATING') {
    throw resourceInUse(`${prefix}Table is being created: ${table.name}`);
  }
  if (table.status === 'DELETING') {
    throw resourceInUse(`${prefix}Table is being deleted: ${table.name}`);
  }
  if (table.status === 'UPDATING') {
    throw resourceInUse(`${prefix}Table: ${table.name} is in the process of being updated.`);
  }
  if (table.indexes.some(({ kind, status }) => kind !== 'system' && status !== 'ACTIVE')) {
    throw resourceInUse(
      `${prefix}Cannot delete table while indexes are being created, updated, or deleted.`,
    );
  }
}
