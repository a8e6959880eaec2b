/**
 * A stream's record as a Lambda function is given it: the API's, in JSON.
 *
 * It differs from the API's in three things: binary is base64 text, `userIdentity` has its letters
 * small, and the stream is named by `eventSourceARN`. Also runs on the page.
 */
import { encodeBase64 } from '../base/base64.ts';

/** A record whose items are objects in DynamoDB's form of values, binary as Uint8Array. */
export interface WireRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: string;
  readonly awsRegion: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: object;
    readonly NewImage?: object;
    readonly OldImage?: object;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  readonly userIdentity?: { readonly PrincipalId: string; readonly Type: string };
}

/** `form` makes an item what the event has in its place. */
export function lambdaRecord(
  record: WireRecord,
  arn: string,
  form: (item: object) => object = jsonItem,
): object {
  const { userIdentity, dynamodb, ...rest } = record;
  const { Keys, NewImage, OldImage, ...told } = dynamodb;
  return {
    ...rest,
    dynamodb: {
      ...told,
      Keys: form(Keys),
      ...(NewImage && { NewImage: form(NewImage) }),
      ...(OldImage && { OldImage: form(OldImage) }),
    },
    eventSourceARN: arn,
    ...(userIdentity && {
      userIdentity: { principalId: userIdentity.PrincipalId, type: userIdentity.Type },
    }),
  };
}

/** Attribute values with their binary as base64 text. */
export function jsonItem(item: object): object {
  return copy(item) as object;
}

function copy(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  const made: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const own = { value: copy(member), enumerable: true, configurable: true, writable: true };
    if (name === '__proto__') Object.defineProperty(made, name, own);
    else made[name] = own.value;
  }
  return made;
}
