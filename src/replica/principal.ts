/**
 * Whose a replica is: the principal who came with it first. Nobody else speaks for it, although
 * its id is no secret: it is in the stamps of what it wrote (shared/SYNC-scenarios.md, K4). Layout
 * in docs/formats/replica.md.
 */
import { ByteWriter, concatBytes, emptyBytes, equalBytes, textOf, utf8 } from '../base/bytes.ts';
import { DynamoError } from '../base/errors.ts';
import { othersToldMax } from '../base/replica-limits.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { put } from './book.ts';

const principalKind = 12;
const ownedKind = 0x24;
const replicaBytes = 16;

export function principalKey(replica: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(principalKind), replica);
}

/** Of a principal's list of replicas. */
export function ownedKey(principal: string, replica: Uint8Array): Uint8Array {
  const writer = new ByteWriter(64);
  writer.byte(ownedKind);
  writer.block(utf8(principal));
  writer.raw(replica);
  return writer.take();
}

/**
 * How many other replicas of the principal have ever come here, at most othersToldMax. To who comes
 * for the first time it tells that there may have been a database in its place, which the browser
 * has cleared with all that would say so.
 */
export function othersOf(
  reader: TreeReader,
  book: number,
  replica: Uint8Array,
  principal: string,
): number {
  const own = ownedKey(principal, replica);
  const from = ownedKey(principal, new Uint8Array(replicaBytes));
  const to = ownedKey(principal, new Uint8Array(replicaBytes).fill(0xff));
  const cursor = reader.range(book, { from, to, toClosed: true });
  let others = 0;
  while (others < othersToldMax && cursor.next()) if (!equalBytes(cursor.key, own)) others += 1;
  return others;
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
  if (bytes === undefined) {
    const owned = ownedKey(principal, replica);
    const listed = reader.get(book, owned);
    return [put(book, key, undefined, utf8(principal)), put(book, owned, listed, emptyBytes)];
  }
  if (textOf(bytes) === principal) return [];
  throw new DynamoError('AccessDeniedException', 'The replica is of another principal');
}
