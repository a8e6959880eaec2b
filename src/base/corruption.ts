/**
 * What stored bytes can turn out to be: damaged, or written by a version newer than this one.
 *
 * Both come from the world (a disk, another tab), not from a caller and not from a mistake of ours.
 * The engine stops on either: a damaged store is never written to again, a newer one never by us.
 */

/** Stored bytes are not what was written: a bad checksum, a gap, a record in the wrong place. */
export class Corruption extends Error {
  override readonly name = 'Corruption';
}

/** The store has a format that only a newer version understands. */
export class UpdateNeeded extends Error {
  override readonly name = 'UpdateNeeded';
}
