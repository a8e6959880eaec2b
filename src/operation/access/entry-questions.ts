/**
 * What an entry of a replica asks of policies: what the same writes would ask over DynamoDB's own
 * protocol, one question for each item.
 */
import type { Question } from '../../access/evaluate.ts';
import { decodeEntry, type EntryMutation } from '../../replica/entry.ts';
import { openImage, readKey } from '../../replica/image.ts';
import { byGlobal, type ReplicatedTable } from '../../replica/tables.ts';
import type { Item } from '../../value/value.ts';
import type { PlanContext } from '../operation.ts';
import { allKeys, attributesFact, keyFacts, question, targetOf } from './facts.ts';

/** A table that is not there asks nothing: its entry is refused for that. */
export function entryQuestions(
  { Entry }: { readonly Entry: Uint8Array },
  context: PlanContext,
): readonly Question[] {
  const tables = byGlobal(context.catalog);
  return decodeEntry(Entry).mutations.flatMap((mutation): readonly Question[] => {
    const table = tables.get(mutation.table);
    return table === undefined ? [] : [mutationQuestion(table, mutation, context)];
  });
}

function mutationQuestion(
  table: ReplicatedTable,
  mutation: EntryMutation,
  context: PlanContext,
): Question {
  const { arn } = targetOf(table.name, context);
  const item = itemOf(table, mutation);
  // Of a key that cannot be told any may be meant.
  const named = item ?? readKey(table, mutation.key);
  const keys = named === undefined ? allKeys(table.keys) : keyFacts(table.keys, named);
  const attributes = attributesFact(item?.keys() ?? [], item === undefined);
  return question(mutation.isDeleted ? 'DeleteItem' : 'PutItem', arn, [
    ...keys,
    attributes,
    ['dynamodb:returnvalues', ['NONE']],
    ['dynamodb:returnconsumedcapacity', ['NONE']],
  ]);
}

/** What it writes; of a deletion, the key. What is neither is refused later, as malformed. */
function itemOf(
  table: ReplicatedTable,
  { key, image, isDeleted }: EntryMutation,
): Item | undefined {
  return isDeleted || image === undefined ? readKey(table, key) : openImage(image)?.item();
}
