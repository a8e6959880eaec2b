/**
 * BatchWriteItem: up to 25 puts and deletes in several tables, each atomic by itself.
 *
 * Anything invalid refuses the whole call before the first write. Faults of a table's key are told
 * in the short form only (reference/transactions-batch-partiql.md, section 5).
 */
import { countWrite } from '../insight/accesses.ts';
import { mapKey } from '../../base/bytes.ts';
import { DynamoError, isThrottle, validation } from '../../base/errors.ts';
import { batchWriteRequestsMax } from '../../base/limits.ts';
import { ConsumedTables } from '../../capacity/consumed.ts';
import {
  attributeMap,
  list,
  map,
  returnConsumedCapacity,
  returnItemCollectionMetrics,
  struct,
} from '../../shape/constructors.ts';
import { CollectionLedger } from '../../table/collections.ts';
import { durabilityOf } from '../../table/durability.ts';
import { checkIndexKeys } from '../../table/index-checks.ts';
import { isWritten, putItem, removeItem } from '../../table/items.ts';
import { keyItem as keysOf, primaryKey } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
import { setOwn } from '../../value/own.ts';
import type { Item } from '../../value/value.ts';
import { type CommitDraft, type Operation, operation, type RequestContext } from '../operation.ts';
import { collectionTables } from './collection-metrics.ts';
import { requestItemsKey } from './fields.ts';
import { type ItemWrite, performWrite } from './item-write.ts';
import { checkLocalEntries, itemBytes } from './put-item.ts';

export const BatchWriteItem: Operation = operation({
  name: 'BatchWriteItem',
  kind: 'write',
  touchesMany: true,
  input: struct({
    RequestItems: map(
      list(
        struct(
          {
            PutRequest: struct({ Item: attributeMap.required }, 'PutRequest'),
            DeleteRequest: struct({ Key: attributeMap.required }, 'DeleteRequest'),
          },
          'WriteRequest',
        ),
        { min: 1, max: batchWriteRequestsMax },
      ),
      {
        javaValue: 'java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>',
        keys: requestItemsKey,
      },
    ).required,
    ReturnConsumedCapacity: returnConsumedCapacity,
    ReturnItemCollectionMetrics: returnItemCollectionMetrics,
  }),
  check(input, context) {
    const names = Object.keys(input.RequestItems);
    if (names.length === 0) {
      throw validation('The requestItems parameter is required for BatchWriteItem');
    }
    // No table has an empty list, so that the count ends before there are many tables.
    let count = 0;
    const tables = names.map((name) => {
      const requests = input.RequestItems[name] ?? [];
      count += requests.length;
      if (count > batchWriteRequestsMax) {
        throw validation('Too many items requested for the BatchWriteItem call');
      }
      return { name, requests };
    });
    const parts = tables.map(({ name, requests }) => ({
      name,
      requests: requests.map((request) => checkRequest(request, context)),
    }));
    return { input, parts };
  },
  plan({ input, parts }, { catalog }) {
    const tables = parts.map(({ name }) => catalog.table(name));
    // Of all parts together: a name and an ARN may be one table.
    const seen = new Set<string>();
    const writes = parts.flatMap(({ name, requests }, at) =>
      planTable(tables[at] as TableState, requests, seen).map((write) => ({ name, write })),
    );
    return { input, writes };
  },
  decide({ input, writes }, context) {
    const { reader, collectionBytesMax } = context;
    const consumed = new ConsumedTables();
    const ledger = new CollectionLedger(reader, collectionBytesMax);
    const commits: CommitDraft[] = [];
    const left = new Unprocessed();
    for (const { name, write } of writes) {
      const result = left.unless(name, write, () => performWrite(reader, write, context));
      if (result === undefined) continue;
      const { change, before, after } = result;
      countWrite(context, write.table, write.keyItem, result);
      const draft = ledger.add({ ...write, before, after }, change.draft);
      if (isWritten(draft)) commits.push(draft);
      consumed.add(name, write.table, change.units);
    }
    commits.push(...ledger.beginnings());
    const metrics = collectionTables(input.ReturnItemCollectionMetrics, ledger, writes);
    return {
      output: {
        UnprocessedItems: left.items(writes.length),
        ...metrics,
        ...consumed.member(input.ReturnConsumedCapacity),
      },
      commits,
      durability: durabilityOf(writes.map(({ write }) => write.table)),
    };
  },
});

interface WriteRequest {
  readonly PutRequest?: { readonly Item: Readonly<Record<string, unknown>> } | undefined;
  readonly DeleteRequest?: { readonly Key: Readonly<Record<string, unknown>> } | undefined;
}

/** A put has the encoded item, a delete none. */
interface CheckedRequest {
  readonly item: Item;
  readonly bytes: Uint8Array | undefined;
}

interface BatchedWrite extends ItemWrite {
  readonly isPut: boolean;
}

/** The requests for which there were no units, where those are enforced. */
class Unprocessed {
  readonly #tables: Record<string, object[]> = {};
  #count = 0;
  #refusal: DynamoError | undefined;

  /** What `perform` answers, unless it is refused for want of units. */
  unless<T>(name: string, { isPut, keyItem }: BatchedWrite, perform: () => T): T | undefined {
    try {
      return perform();
    } catch (fault) {
      if (!(fault instanceof DynamoError) || !isThrottle(fault)) throw fault;
      this.#refusal ??= fault;
      this.#count += 1;
      const request = isPut
        ? { PutRequest: { Item: keyItem } }
        : { DeleteRequest: { Key: keyItem } };
      setOwn(this.#tables, name, [...(this.#tables[name] ?? []), request]);
      return undefined;
    }
  }

  /** UnprocessedItems; throws the first refusal where nothing was done of `total` requests. */
  items(total: number): object {
    if (this.#refusal !== undefined && this.#count === total) throw this.#refusal;
    return this.#tables;
  }
}

function checkRequest(request: WriteRequest, { values }: RequestContext): CheckedRequest {
  const { PutRequest: put, DeleteRequest: remove } = request;
  if ((put === undefined) === (remove === undefined)) {
    throw validation(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the ' +
        'supported datatypes',
    );
  }
  if (put === undefined) return { item: values.item(remove?.Key), bytes: undefined };
  const item = values.item(put.Item);
  return { item, bytes: itemBytes(item) };
}

function planTable(
  table: TableState,
  requests: readonly CheckedRequest[],
  seen: Set<string>,
): readonly BatchedWrite[] {
  return requests.map(({ item, bytes }) => {
    const isPut = bytes !== undefined;
    const named = isPut ? keysOf(item, table.keys) : item;
    const key = primaryKey(table, named, isPut ? 'put' : 'remove', 'BatchWriteItem');
    const name = `${table.tree} ${mapKey(key)}`;
    if (seen.has(name)) throw validation('Provided list of item keys contains duplicates');
    seen.add(name);
    if (bytes !== undefined) {
      checkIndexKeys(table, item);
      checkLocalEntries(table, item, bytes);
    }
    return {
      table,
      key,
      keyItem: item,
      isPut: bytes !== undefined,
      condition: undefined,
      tellsOld: false,
      isBlind: true,
      apply: (reader, before) =>
        bytes === undefined
          ? { change: removeItem(reader, table, key, before), after: undefined }
          : { change: putItem(reader, table, key, before, item, bytes), after: item },
    };
  });
}
