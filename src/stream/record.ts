/**
 * A change as a stream's record: the members of reference/streams-ttl-backup-globaltables.md,
 * section 1. Images travel as the encoded items they are stored as.
 */
import { hexOf, utf8 } from '../base/bytes.ts';
import { hash32 } from '../base/hash.ts';
import type { Stamp } from '../base/hlc.ts';
import type { Change } from '../log/change.ts';
import { parseArn } from '../table/arn.ts';
import type { KeySchema, StreamView } from '../table/state.ts';
import { StoredItem } from '../value/codec.ts';
import { decodeKey } from '../value/key-decode.ts';
import { itemSize } from '../value/size.ts';
import type { Item } from '../value/value.ts';
import { sequenceNumber } from './sequence.ts';
import type { Stream } from './streams.ts';

export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: string;
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: StoredItem;
    readonly OldImage?: StoredItem;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamView;
  };
  readonly userIdentity?: { readonly PrincipalId: string; readonly Type: string };
  /** In our own API alone, of a replicated table: whether the change was made at this replica. */
  readonly origin?: 'here' | 'elsewhere';
  /** With it: of the version that the change left; absent where it left none. */
  readonly stamp?: RecordStamp;
}

/** When a version was written, by the hub's clock, and by which replica. */
export interface RecordStamp {
  /** Epoch milliseconds. */
  readonly ms: number;
  /** Tells versions of one millisecond apart. */
  readonly counter: number;
  /** Its id, 32 hexadecimal digits. */
  readonly replica: string;
}

const eventNames = { insert: 'INSERT', modify: 'MODIFY', remove: 'REMOVE' } as const;
const showsNew: ReadonlySet<StreamView> = new Set(['NEW_IMAGE', 'NEW_AND_OLD_IMAGES']);
const showsOld: ReadonlySet<StreamView> = new Set(['OLD_IMAGE', 'NEW_AND_OLD_IMAGES']);
/** What DynamoDB's own deletion of expired items is told by. */
const expiryIdentity = { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' };

/**
 * With the images of the stream's view, or of the one that is given. `isPlain`: with what DynamoDB
 * does not tell.
 */
export function recordOfChange(
  { arn, view, keys }: Pick<Stream, 'arn' | 'view' | 'keys'>,
  { place, caller, key, kind, before, after, stamp }: Change,
  shown: StreamView = view,
  isPlain = false,
): StreamRecord {
  const Keys = keysOf(keys, key);
  const newImage = showsNew.has(shown) && after ? new StoredItem(after) : undefined;
  const oldImage = showsOld.has(shown) && before ? new StoredItem(before) : undefined;
  const number = sequenceNumber(place);
  return {
    eventID: eventId(arn, number),
    eventName: eventNames[kind],
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: parseArn(arn)?.region ?? '',
    dynamodb: {
      ApproximateCreationDateTime: Math.round(place.ms / 1000),
      Keys,
      ...(newImage && { NewImage: newImage }),
      ...(oldImage && { OldImage: oldImage }),
      SequenceNumber: number,
      SizeBytes: itemSize(Keys) + (newImage?.size ?? 0) + (oldImage?.size ?? 0),
      StreamViewType: view,
    },
    ...(caller === 'ttl' && { userIdentity: expiryIdentity }),
    ...(isPlain && stamp && marksOf(caller, stamp)),
  };
}

function marksOf(
  caller: Change['caller'],
  { ms, counter, replica }: Stamp,
): Pick<StreamRecord, 'origin' | 'stamp'> {
  const origin = caller === 'sync' ? 'elsewhere' : 'here';
  return { origin, ...(ms > 0 && { stamp: { ms, counter, replica: hexOf(replica) } }) };
}

function keysOf({ hash, range }: KeySchema, key: Uint8Array): Item {
  const parts = [...hash, ...range];
  const values = decodeKey(
    key,
    parts.map(({ type }) => type),
  );
  return new Map(
    values.map((value, at) => [(parts[at] as (typeof parts)[number]).name, value] as const),
  );
}

/** The same for a record whoever reads it, and of no other: 32 hexadecimal digits. */
function eventId(arn: string, number: string): string {
  const bytes = utf8(`${arn} ${number}`);
  let id = '';
  for (let seed = 0; seed < 4; seed += 1) {
    id += hash32(bytes, seed).toString(16).padStart(8, '0');
  }
  return id;
}
