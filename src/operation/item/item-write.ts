/**
 * One write of one item: what Put, Update, Delete and ConditionCheck have in common, alone or as an
 * action of a transaction.
 *
 * A request is checked to a CheckedWrite, which knows no table; with the table it becomes an
 * ItemWrite, which knows its key; performed on what is stored, a WriteResult. Nothing is changed by
 * that: the result holds the draft of a commit.
 */
import { type CapacityDetail, consumedMember } from '../../capacity/consumed.ts';
import { DynamoError } from '../../base/errors.ts';
import type { Condition } from '../../expression/condition.ts';
import { CollectionLedger } from '../../table/collections.ts';
import { isAbsenceKnown } from '../../replica/absence.ts';
import { findSelf } from '../../replica/self.ts';
import { findItem, isWritten, type ItemChange } from '../../table/items.ts';
import type { TableState } from '../../table/state.ts';
import { writeUnits } from '../../table/write-units.ts';
import type { TreeReader } from '../../tree/reader.ts';
import type { StoredItem } from '../../value/codec.ts';
import type { Item } from '../../value/value.ts';
import type { DecideContext, Effect } from '../operation.ts';
import { admit, admitEntries } from '../capacity/admission.ts';
import { type AccessSink, countItem, countWrite } from '../insight/accesses.ts';
import { collectionMember } from './collection-metrics.ts';

export interface CheckedWrite {
  readonly tableName: string;
  /** The item of a Put, the Key of another action: what it shows of the key before the plan. */
  readonly item?: Item;
  /** Finds the key, and tests it and what the indexes say. Throws ValidationException. */
  plan(table: TableState): ItemWrite;
}

export interface ItemWrite {
  readonly table: TableState;
  /** Encoded. */
  readonly key: Uint8Array;
  /** The key attributes, perhaps among others. */
  readonly keyItem: Item;
  readonly condition: Condition | undefined;
  /** Whether a refusal by the condition shows the item that was there. */
  readonly tellsOld: boolean;
  /** Without its condition it does not look at the stored item. */
  readonly isBlind?: boolean;
  /** Throws what only the stored item can reveal. */
  apply(reader: TreeReader, before: StoredItem | undefined): Applied;
}

export interface Applied {
  readonly change: ItemChange;
  /** Undefined when there is no item afterwards. */
  readonly after: Item | undefined;
}

export interface WriteResult extends Applied {
  readonly before: StoredItem | undefined;
}

/**
 * Reads, tests and applies. Throws ConditionalCheckFailedException, what `apply` throws, and where
 * capacity is enforced that there are no units. `sink` is told what a refusal consumes.
 */
export function performWrite(
  reader: TreeReader,
  write: ItemWrite,
  sink: AccessSink = {},
): WriteResult {
  admit(sink, write.table, 'Write', write.keyItem);
  const before = findItem(reader, write.table, write.key);
  if (write.condition !== undefined && !write.condition.holds(before?.item())) {
    countItem(sink, write.table, write.keyItem, writeUnits(before?.size ?? 0), 'Write');
    throw conditionFailed(write, before);
  }
  const applied = write.apply(reader, before);
  admitEntries(sink, write, applied.change.units, applied.after, before);
  const change = told(reader, write, before, applied);
  const isBlind = write.isBlind === true && write.condition === undefined;
  return { before, ...applied, change: isBlind ? blind(change) : change };
}

/** A deletion of what a device does not know to be absent is told to the hub, which may have it. */
function told(
  reader: TreeReader,
  { table: { tree, replica }, key }: ItemWrite,
  before: StoredItem | undefined,
  { change, after }: Applied,
): ItemChange {
  if (replica?.role !== 'device' || before !== undefined || after !== undefined) return change;
  const self = findSelf(reader);
  if (self === undefined || isAbsenceKnown(reader, self.book, { tree, key })) return change;
  const replicated = { tree, replica, key, before: undefined, after: undefined };
  return { ...change, draft: { ...change.draft, replicated } };
}

/** Tells replicas that this change depends on nothing that was there. */
function blind(change: ItemChange): ItemChange {
  const { replicated } = change.draft;
  if (replicated === undefined) return change;
  return { ...change, draft: { ...change.draft, replicated: { ...replicated, isBlind: true } } };
}

/** The members that every single write takes about its own answer. */
export interface WriteInput {
  readonly TableName: string;
  readonly ReturnConsumedCapacity?: CapacityDetail;
  readonly ReturnItemCollectionMetrics?: 'SIZE' | 'NONE' | undefined;
}

/** The effect of a request that is one write. `attributes` are what its ReturnValues asked for. */
export function writeEffect(
  input: WriteInput,
  write: ItemWrite,
  { change, before, after }: WriteResult,
  attributes: Item | StoredItem | undefined,
  context: DecideContext,
): Effect {
  const { reader, collectionBytesMax } = context;
  const { table, key, keyItem } = write;
  countWrite(context, table, keyItem, { before, after, change });
  const ledger = new CollectionLedger(reader, collectionBytesMax);
  const draft = ledger.add({ table, key, keyItem, before, after }, change.draft);
  const output = {
    ...(attributes === undefined ? {} : { Attributes: attributes }),
    ...consumedMember(input.ReturnConsumedCapacity, input.TableName, table, change.units),
    ...collectionMember(input.ReturnItemCollectionMetrics, ledger, table, keyItem),
  };
  const { durability } = table;
  if (!isWritten(draft)) return { output, durability };
  return { output, durability, commits: [draft, ...ledger.beginnings()] };
}

function conditionFailed(write: ItemWrite, before: StoredItem | undefined): DynamoError {
  const members = write.tellsOld && before !== undefined ? { Item: before } : {};
  return new DynamoError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    members,
    before?.size ?? 0,
  );
}
