/**
 * What of a replicated table a device's principal may read and write, as spans of stored keys: the
 * part of its scope that is of this table (src/replica/scope.ts).
 *
 * A call that names an item outside is refused here, before the edit, as the hub would refuse it
 * later. Scan and Query read what the replica holds.
 */
import { compareBytes } from '../base/bytes.ts';
import { DynamoError } from '../base/errors.ts';

/** Half open; `to` undefined: to the end. */
export interface KeySpan {
  readonly from: Uint8Array;
  readonly to: Uint8Array | undefined;
}

export type Touch = 'read' | 'put' | 'remove';

export interface TableScope {
  /** ARN of the principal. */
  readonly user: string;
  /** A kind without spans is judged by the hub alone. */
  readonly spans: Readonly<Record<Touch, readonly KeySpan[] | undefined>>;
}

/** A table, as far as it is asked about. */
interface Scoped {
  readonly arn: string;
  readonly replica?: { readonly scope?: TableScope | undefined } | undefined;
}

/** Throws AccessDeniedException, with IAM's text, where the key is outside. */
export function checkScope(
  { arn, replica }: Scoped,
  key: Uint8Array,
  touch: Touch,
  action: string,
): void {
  const scope = replica?.scope;
  const spans = scope?.spans[touch];
  if (scope === undefined || spans === undefined || isInSpans(spans, key)) return;
  throw new DynamoError('AccessDeniedException', notAllowed(scope.user, action, arn));
}

export function isInSpans(spans: readonly KeySpan[], key: Uint8Array): boolean {
  return spans.some(
    ({ from, to }) =>
      compareBytes(key, from) >= 0 && (to === undefined || compareBytes(key, to) < 0),
  );
}

/** The refusal of what nothing allows (reference/protocol.md, section 7). */
export function notAllowed(user: string, action: string, resource: string): string {
  return (
    `User: ${user} is not authorized to perform: dynamodb:${action} on resource: ${resource} ` +
    `because no identity-based policy allows the dynamodb:${action} action`
  );
}
