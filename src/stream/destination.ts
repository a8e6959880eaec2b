/**
 * Kinesis destinations: the trigger that one is, and a record as DynamoDB writes it to a Kinesis
 * data stream (reference/streams-ttl-backup-globaltables.md, section 11). Also runs on the page.
 */
import { hash32 } from '../base/hash.ts';
import { utf8 } from '../base/bytes.ts';
import { jsonItem, type WireRecord } from './lambda-record.ts';
import { placeOfNumber } from './sequence.ts';

export type Precision = 'MILLISECOND' | 'MICROSECOND';

/** What a destination is given for each change. */
export interface DestinationRecord {
  /** The same for all changes of an item, and for no other's but by chance. */
  readonly partitionKey: string;
  /** 21 to 40 digits; greater than that of every change of the item before. */
  readonly sequenceNumber: string;
  /** The record's data: JSON. */
  readonly data: object;
}

/** The name of the trigger that delivers a table's changes there: none that a program can give. */
export function destinationName(tableId: string, arn: string): string {
  return `\u0001${tableId} ${digest(arn)}`;
}

export function destinationRecord(
  record: WireRecord,
  tableName: string,
  precision: Precision,
): DestinationRecord {
  const { eventID, eventName, eventSource, awsRegion, userIdentity, dynamodb } = record;
  const { Keys, NewImage, OldImage, SequenceNumber, SizeBytes } = dynamodb;
  const ms = placeOfNumber(SequenceNumber)?.ms ?? 0;
  const keys = jsonItem(Keys);
  return {
    partitionKey: digest(JSON.stringify(keys)),
    sequenceNumber: SequenceNumber,
    data: {
      awsRegion,
      eventID: uuidOf(eventID),
      eventName,
      userIdentity: userIdentity
        ? { principalId: userIdentity.PrincipalId, type: userIdentity.Type }
        : null,
      recordFormat: 'application/json',
      tableName,
      dynamodb: {
        ApproximateCreationDateTime: precision === 'MICROSECOND' ? ms * 1000 : ms,
        Keys: keys,
        ...(NewImage && { NewImage: jsonItem(NewImage) }),
        ...(OldImage && { OldImage: jsonItem(OldImage) }),
        SizeBytes,
        ApproximateCreationDateTimePrecision: precision,
      },
      eventSource,
    },
  };
}

/** 32 hexadecimal digits of a text. */
function digest(text: string): string {
  const bytes = utf8(text);
  let digits = '';
  for (let seed = 0; seed < 4; seed += 1) {
    digits += hash32(bytes, seed).toString(16).padStart(8, '0');
  }
  return digits;
}

function uuidOf(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
