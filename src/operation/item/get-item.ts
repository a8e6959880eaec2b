/** GetItem: one item by its key. */
import { admit } from '../capacity/admission.ts';
import { countItem, counts } from '../insight/accesses.ts';
import { consumedMember, noIndexes } from '../../capacity/consumed.ts';
import { readUnits } from '../../capacity/units.ts';
import { parseExpressions } from '../../expression/request.ts';
import {
  attributeMap,
  boolean,
  nameMap,
  returnConsumedCapacity,
  string,
  struct,
  tableName,
} from '../../shape/constructors.ts';
import { shownItem } from '../../table/expiry.ts';
import type { LivePart } from '../../live/live-read.ts';
import type { Projection } from '../../expression/projection.ts';
import { findItem } from '../../table/items.ts';
import { primaryKey } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
import type { Item } from '../../value/value.ts';
import { type Operation, operation } from '../operation.ts';
import { attributesToGet } from './fields.ts';
import { checkKeyPaths } from './key-paths.ts';

export const GetItem: Operation = operation({
  name: 'GetItem',
  kind: 'read',
  input: struct({
    TableName: tableName.required,
    Key: attributeMap.required,
    AttributesToGet: attributesToGet,
    ConsistentRead: boolean,
    ReturnConsumedCapacity: returnConsumedCapacity,
    ProjectionExpression: string(),
    ExpressionAttributeNames: nameMap,
  }),
  check(input, { values }) {
    let keyItem: Item = new Map();
    const { projection } = parseExpressions(
      'GetItem',
      input,
      (raw) => values.value(raw),
      () => {
        keyItem = values.item(input.Key);
      },
    );
    return { input, keyItem, projection };
  },
  plan({ input, keyItem, projection }, { catalog }) {
    const table = catalog.table(input.TableName);
    const key = primaryKey(table, keyItem);
    checkKeyPaths(table, projection);
    return { input, table, key, keyItem, projection };
  },
  decide({ input, table, key, keyItem, projection }, context) {
    const { reader, hideAtMs } = context;
    admit(context, table, 'Read', keyItem);
    const stored = findItem(reader, table, key);
    const units = readUnits(stored?.size ?? 0, input.ConsistentRead === true);
    countItem(context, table, keyItem, units);
    const shown = shownItem(table, stored, hideAtMs);
    // Without a projection the stored bytes go out as they are.
    const item = shown && projection ? projection.project(shown.item()) : shown;
    // Where units or keys are counted, every read has to come here.
    const isCounted = context.meter !== undefined || counts(table, '');
    const mayBeKept = stored !== undefined && item === stored && !isCounted;
    return {
      source: mayBeKept ? { tree: table.tree, key } : undefined,
      output: {
        ...(item === undefined ? {} : { Item: item }),
        ...consumedMember(input.ReturnConsumedCapacity, input.TableName, table, {
          table: units,
          indexes: noIndexes,
        }),
      },
    };
  },
  consistent: ({ input }) => input.ConsistentRead === true,
  follows: ({ table, key, projection }) => {
    return { parts: [onlyKey(table, key, projection)], limit: undefined, isCount: false };
  },
});

/** The one item as a range of its table. */
function onlyKey(table: TableState, key: Uint8Array, projection: Projection | undefined): LivePart {
  return {
    table,
    index: undefined,
    range: { from: key, to: key, toClosed: true },
    isReverse: false,
    filter: undefined,
    projection,
    isCount: false,
    reachBack: { forFilter: false, forResult: false },
    isRestartable: false,
  };
}
