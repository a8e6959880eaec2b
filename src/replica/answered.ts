/**
 * What a device remembers of its own entries that were not plainly taken: so that whoever asks
 * later what became of a write is told. Of all others, that they are in the outbox no more says it.
 * Layout in docs/formats/replica.md.
 */
import { concatBytes } from '../base/bytes.ts';
import { answeredEntriesMax } from '../base/replica-limits.ts';
import type { Mutation } from '../log/commit.ts';
import { treeKey } from '../table/system.ts';
import type { TreeReader } from '../tree/reader.ts';
import { put, remove, seqOf } from './book.ts';
import type { OutcomeKind } from './mark.ts';
import { findEntry } from './outbox.ts';

export type Fate = 'pending' | OutcomeKind;

const answeredKind = 0x18;
const kinds: readonly OutcomeKind[] = ['applied', 'superseded', 'refused'];
/** What is remembered of an entry that was refused. */
export const refusedFate: Uint8Array = Uint8Array.of(kinds.indexOf('refused'));
/** Each that is added takes so many of those that are too old away. */
const forgetAtOnce = 4;

export function answeredKey(seq: number): Uint8Array {
  return concatBytes(Uint8Array.of(answeredKind), treeKey(seq));
}

/** Of an entry that was not plainly taken. */
export function remember(
  reader: TreeReader,
  book: number,
  seq: number,
  kind: OutcomeKind,
): readonly Mutation[] {
  const key = answeredKey(seq);
  const mutations = [put(book, key, reader.get(book, key), Uint8Array.of(kinds.indexOf(kind)))];
  const to = answeredKey(Math.max(0, seq - answeredEntriesMax));
  const old = reader.range(book, { from: answeredKey(0), to });
  for (let count = 0; count < forgetAtOnce && old.next(); count += 1) {
    mutations.push(remove(book, old.key.slice(), old.value));
  }
  return mutations;
}

/** The greatest entry of which anything is remembered; 0 where there is none. Throws PageFault. */
export function lastAnswered(reader: TreeReader, book: number): number {
  const range = { from: answeredKey(0), to: answeredKey(Number.MAX_SAFE_INTEGER) };
  const cursor = reader.range(book, range, true);
  return cursor.next() ? seqOf(cursor.key) : 0;
}

/** `applied` also of one that is forgotten. Throws PageFault. */
export function fateOf(reader: TreeReader, book: number, seq: number): Fate {
  const bytes = reader.get(book, answeredKey(seq));
  if (bytes !== undefined) return kinds[bytes[0] ?? 0] ?? 'applied';
  return findEntry(reader, book, seq) === undefined ? 'applied' : 'pending';
}
