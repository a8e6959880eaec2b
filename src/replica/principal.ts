/**
 * Whose a replica is: the principal who came with it first. Nobody else speaks for it, although
 * its id is no secret: it is in the stamps of what it wrote (shared/SYNC-scenarios.md, K4).
 */
import { concatBytes, textOf, utf8 } from '../base/bytes.ts';
import { DynamoError } from '../base/errors.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { put } from './book.ts';

const principalKind = 12;

export function principalKey(replica: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(principalKind), replica);
}

/**
 * What is to be written so that the replica is the caller's; nothing where it is already, or nobody
 * knows who the caller is. Throws AccessDeniedException where it is another's.
 */
export function claimReplica(
  reader: TreeReader,
  book: number,
  replica: Uint8Array,
  principal: string | undefined,
): readonly Mutation[] {
  if (principal === undefined) return [];
  const key = principalKey(replica);
  const bytes = reader.get(book, key);
  if (bytes === undefined) return [put(book, key, undefined, utf8(principal))];
  if (textOf(bytes) === principal) return [];
  throw new DynamoError('AccessDeniedException', 'The replica is of another principal');
}
