/**
 * A chunk of a snapshot: what a hub holds of a range when it reads it, in the order of keys.
 *
 * Nothing is pinned for it, so chunks of one range are of different moments, and a transaction may
 * be torn between them: the feed from the first one on repairs that (shared/SYNC.md, Protocol).
 * Cost: no item is copied: what it has are views of pages and of the log.
 */
import { compareBytes } from '../base/bytes.ts';
import type { TreeReader } from '../tree/reader.ts';
import { lastPlace } from './epochs.ts';
import type { PageChange } from './page.ts';
import type { ReplicatedTable } from './tables.ts';
import { decodeVersion } from './version.ts';

export interface Chunk {
  /** Ascending by their keys. */
  readonly changes: readonly PageChange[];
  /** The first key that is not in it; undefined at the end of the range. */
  readonly to: Uint8Array | undefined;
  /** Where the feed was. */
  readonly sequence: number;
}

export interface ChunkWish {
  readonly after: Uint8Array;
  readonly to: Uint8Array | undefined;
  /** Deleted items too. */
  readonly withDeleted: boolean;
  readonly bytesMax: number;
  /** Keys that are looked at, at most. */
  readonly keysMax: number;
}

/** Items from `after` on, until they have `bytesMax`; at least one, if there is any. */
export function readChunk(
  reader: TreeReader,
  book: number,
  { tree, replica }: ReplicatedTable,
  { after, to, withDeleted, bytesMax, keysMax }: ChunkWish,
): Chunk {
  const sequence = lastPlace(reader, book);
  const range = { from: after, to };
  const versions = reader.range(replica.versions, range);
  const items = reader.range(tree, range);
  let hasItem = items.next();
  let bytes = 0;
  let keys = 0;
  const changes: PageChange[] = [];
  while (versions.next()) {
    if (bytes >= bytesMax || keys >= keysMax) {
      return { changes, to: versions.key.slice(), sequence };
    }
    keys += 1;
    // An item without a version gets one, and its place in the feed, when it is written anew.
    while (hasItem && compareBytes(items.key, versions.key) < 0) hasItem = items.next();
    const { stamp, isDeleted } = decodeVersion(versions.value);
    if (isDeleted && !withDeleted) continue;
    const isThere = hasItem && compareBytes(items.key, versions.key) === 0;
    const image = isThere ? items.value : undefined;
    if (image === undefined && !isDeleted) continue;
    const { key } = versions;
    changes.push({ table: replica.global, key, stamp, image });
    bytes += key.length + (image?.length ?? 0) + chunkItemBytes;
  }
  return { changes, to: undefined, sequence };
}

/** What an item takes in a chunk besides. */
const chunkItemBytes = 24;
