/**
 * How the floors above read trees: by key and by range, over whatever layers lie beneath.
 *
 * Reading is synchronous. A page that is absent is thrown as a PageFault (pager/fault.ts); the
 * engine loads it and runs the whole operation again.
 */

/**
 * Keys from `from` (included, or excluded with `fromOpen`) to `to` (excluded unless `toClosed`).
 */
export interface KeyRange {
  readonly from?: Uint8Array | undefined;
  readonly fromOpen?: boolean;
  readonly to?: Uint8Array | undefined;
  readonly toClosed?: boolean;
}

/** Stands before the first entry; `next` moves to it and says whether there is one. */
export interface TreeCursor {
  next(): boolean;
  /**
   * Of the current entry. Both are views of memory that never changes and is never to be written
   * to: who keeps one keeps a page, so what is kept for long is to be a copy.
   */
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** How many entries a tree has, and the sum of their DynamoDB sizes. */
export interface TreeCounters {
  readonly entries: number;
  readonly bytes: number;
}

export interface TreeReader {
  /** Throws PageFault. */
  get(tree: number, key: Uint8Array): Uint8Array | undefined;
  /** Throws PageFault, here and from the cursor's `next`. */
  range(tree: number, range: KeyRange, reverse?: boolean): TreeCursor;
  counters(tree: number): TreeCounters;
  /** Keys of the range written or removed since the pages were: in no order, each once. */
  newerThanPages(tree: number, range: KeyRange): readonly Uint8Array[];
  /** Whether the newest value of `key` has `page` among pages of its own. Throws PageFault. */
  hasPiece(tree: number, key: Uint8Array, page: number): boolean;
}
