/**
 * The epochs of a hub: a random id made at every start, and how far the feed was then.
 *
 * A device's cursor is good only in an epoch that the list has, and only within it; another shows
 * that the hub is not the one it was. Layout in docs/formats/replica.md.
 */
import { ByteReader, ByteWriter, equalBytes } from '../base/bytes.ts';
import { hubEpochsMax } from '../base/replica-limits.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { feedKey, placeOf, put } from './book.ts';
import { readRetention } from './retention.ts';

export interface Epoch {
  /** 16 bytes. */
  readonly id: Uint8Array;
  /** The greatest place of the feed when it began. */
  readonly after: number;
}

const epochsKey = Uint8Array.of(10);

export function readEpochs(reader: TreeReader, book: number): readonly Epoch[] {
  const bytes = reader.get(book, epochsKey);
  if (bytes === undefined) return [];
  const from = new ByteReader(bytes);
  const epochs: Epoch[] = [];
  while (!from.done) epochs.push({ id: from.raw(16), after: from.varint() });
  return epochs;
}

export function beginEpoch(reader: TreeReader, book: number, id: Uint8Array): Mutation {
  const before = reader.get(book, epochsKey);
  const kept = readEpochs(reader, book).slice(1 - hubEpochsMax);
  const writer = new ByteWriter(64);
  for (const epoch of [...kept, { id, after: lastPlace(reader, book) }]) {
    writer.raw(epoch.id);
    writer.varint(epoch.after);
  }
  return put(book, epochsKey, before, writer.take());
}

/**
 * Whether what a device took in that epoch up to `reach` is what this hub has. `below`: it is, but
 * deletions that the device may not have heard of, since it knows those up to `known` alone, are
 * forgotten. `lost`: the hub was set back, or it is another one.
 */
export function holdOf(
  reader: TreeReader,
  book: number,
  epoch: Uint8Array,
  reach: number,
  known: number,
): 'held' | 'below' | 'lost' {
  const epochs = readEpochs(reader, book);
  const at = epochs.findIndex(({ id }) => equalBytes(id, epoch));
  if (at < 0) return 'lost';
  if (reach > (epochs[at + 1]?.after ?? lastPlace(reader, book))) return 'lost';
  // Who has nothing yet has nothing that was deleted before.
  const isBelow = known > 0 && known < readRetention(reader, book).floor;
  return isBelow ? 'below' : 'held';
}

/** Who is below the floor reads on: what was deleted is compared with it at its greeting. */
export function isHeld(
  reader: TreeReader,
  book: number,
  epoch: Uint8Array,
  reach: number,
): boolean {
  return holdOf(reader, book, epoch, reach, reach) !== 'lost';
}

/** 0 of a feed that is empty; places of forgotten deletions count. */
export function lastPlace(reader: TreeReader, book: number): number {
  const range = { from: feedKey(0), to: feedKey(Number.MAX_SAFE_INTEGER) };
  const cursor = reader.range(book, range, true);
  const { floor } = readRetention(reader, book);
  return cursor.next() ? Math.max(placeOf(cursor.key), floor) : floor;
}
