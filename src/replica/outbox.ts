/**
 * The outbox of a device, read: entries in their order, with or without their images.
 */
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { entryKey, imageKey, readState, remove } from './book.ts';
import { decodeEntry, type Entry } from './entry.ts';

export interface KeptEntry {
  readonly entry: Entry;
  /** As it is stored, without images. */
  readonly bytes: Uint8Array;
}

/** Entries from `from` on, oldest first, as far as the caller goes. Throws PageFault. */
export function* entriesFrom(
  reader: TreeReader,
  book: number,
  from: number,
): Generator<KeptEntry, void, undefined> {
  const range = { from: entryKey(from), to: entryKey(Number.MAX_SAFE_INTEGER) };
  const cursor = reader.range(book, range);
  while (cursor.next()) yield { entry: decodeEntry(cursor.value), bytes: cursor.value };
}

/**
 * The entry up to which nothing that the hub has answered is asked for any more. Throws PageFault.
 */
export function settledUpTo(reader: TreeReader, book: number): number {
  let settled = readState(reader, book).next - 1;
  for (const { entry } of entriesFrom(reader, book, 0)) {
    settled = Math.min(settled, (entry.voidedBy ?? entry.seq) - 1);
    // What it read may be lost with a page, and its answer unheard: the hub is to remember that.
    for (const { base } of entry.mutations)
      if (base.kind === 'on' && base.isRead) settled = Math.min(settled, base.seq - 1);
  }
  return settled;
}

export function findEntry(reader: TreeReader, book: number, seq: number): KeptEntry | undefined {
  const bytes = reader.get(book, entryKey(seq));
  return bytes === undefined ? undefined : { entry: decodeEntry(bytes), bytes };
}

/** The entry with the stored items that it put. */
export function withImages(reader: TreeReader, book: number, entry: Entry): Entry {
  const mutations = entry.mutations.map((mutation, index) =>
    mutation.isDeleted
      ? mutation
      : { ...mutation, image: reader.get(book, imageKey(entry.seq, index)) },
  );
  return { ...entry, mutations };
}

/** Takes an entry out, images included. */
export function removeEntry(
  reader: TreeReader,
  book: number,
  { entry, bytes }: KeptEntry,
): readonly Mutation[] {
  return [remove(book, entryKey(entry.seq), bytes), ...removeImages(reader, book, entry)];
}

export function removeImages(reader: TreeReader, book: number, entry: Entry): readonly Mutation[] {
  return entry.mutations.flatMap((_, index): readonly Mutation[] => {
    const key = imageKey(entry.seq, index);
    const image = reader.get(book, key);
    return image === undefined ? [] : [remove(book, key, image)];
  });
}
