/**
 * What a release knows of making records of one format into those of the next (convert.ts).
 */
import type { SpaceKeys, SpaceRecord, Store } from '../port/store.ts';

export interface Converter {
  readonly from: number;
  readonly to: number;
  /** The meta record of `to` for one of `from`, both with their checksums. Pure. */
  meta(old: Uint8Array): Uint8Array;
  /**
   * The next bounded piece: what is put and removed in one transaction. It must leave the meta
   * record, its copy, and log positions above `head` alone. What it cannot read it leaves as it is.
   */
  slice(input: SliceInput): Promise<ConvertedSlice>;
}

export interface SliceInput {
  readonly store: Pick<Store, 'get' | 'scan'>;
  /** What the last slice answered as `next`; empty at first. */
  readonly cursor: Uint8Array;
  /** The last log position. */
  readonly head: number;
}

export interface ConvertedSlice {
  readonly put?: readonly SpaceRecord[];
  readonly remove?: readonly SpaceKeys[];
  /** Records that it dealt with. */
  readonly records: number;
  /** Undefined when this was the last. */
  readonly next: Uint8Array | undefined;
}
