/** What the operations of triggers have in common: shapes, refusals, and what they answer. */
import { resourceNotFound, validation } from '../../base/errors.ts';
import { triggerLanesMax, triggerNameMax } from '../../base/trigger-limits.ts';
import type { DynamoError } from '../../base/errors.ts';
import type { ChangePlace } from '../../log/change.ts';
import { integer, oneOf, type Shape, string } from '../../shape/constructors.ts';
import { placeOfNumber } from '../../stream/sequence.ts';
import { type TriggerPlace, triggerPlaces } from '../../stream/trigger-rules.ts';
import { findTrigger, type Trigger } from '../../stream/trigger-state.ts';
import type { TreeReader } from '../../tree/reader.ts';

export const triggerName: Shape<string> = string({ min: 1, max: triggerNameMax });
export const lanesShape: Shape<number> = integer({ min: 1, max: triggerLanesMax });
/** Whose changes it runs for; every one's unless given. */
export const onShape: Shape<TriggerPlace> = oneOf(...triggerPlaces);

/**
 * A name is the middle of keys: what would end it cannot be in it. Those of destinations begin with
 * a character of their own (stream/destination.ts).
 */
export function checkName(name: string): void {
  if (!name.includes('\0') && !name.startsWith('\u0001')) return;
  throw validation('The name of a trigger has no zero characters, and none of control before it');
}

export function knownTrigger(reader: TreeReader, name: string): Trigger {
  const trigger = findTrigger(reader, name);
  if (trigger === undefined) throw resourceNotFound(`There is no trigger ${name}`);
  return trigger;
}

/** The place that a sequence number names. */
export function placeIn(text: string): ChangePlace {
  const place = placeOfNumber(text);
  if (place === undefined) throw validation(`Invalid SequenceNumber: ${text}`);
  return place;
}

export function noStream(table: string): DynamoError {
  return validation(
    `The table ${table} has no stream, which a trigger reads. Turn it on: updateTable({ ` +
      `TableName: '${table}', StreamSpecification: { StreamEnabled: true, StreamViewType: ` +
      `'NEW_AND_OLD_IMAGES' } })`,
  );
}
