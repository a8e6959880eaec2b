/**
 * What stored bytes can turn out to be: damaged, or written by a version newer than this one.
 *
 * Both come from the world (a disk, another tab), not from a caller and not from a mistake of ours.
 * Damaged bytes are never taken for data and never written over: what they held is out of reach
 * until it is repaired, and everything else goes on. A newer store is never written to by us.
 */

/** Stored bytes are not what was written: a bad checksum, a gap, a record in the wrong place. */
export class Corruption extends Error {
  override readonly name = 'Corruption';
}

/** A page whose records are damaged or missing. */
export class DamagedPage extends Corruption {
  readonly page: number;

  constructor(page: number, why: string) {
    super(why);
    this.page = page;
  }
}

/** Log records from a position on that are damaged, missing, or not what should follow. */
export class DamagedLog extends Corruption {
  readonly position: number;

  constructor(position: number, why: string) {
    super(why);
    this.position = position;
  }
}

/** What a call is told that touches damaged data: where it is, and what can be done. */
export class DamagedData extends Error {
  override readonly name = 'DamagedData';
  /** Undefined when the data is the database's own. */
  readonly table: string | undefined;
  readonly index: string | undefined;

  constructor(message: string, table?: string, index?: string) {
    super(message);
    this.table = table;
    this.index = index;
  }
}

/** The store has a format that only a newer version understands. */
export class UpdateNeeded extends Error {
  override readonly name = 'UpdateNeeded';
}
