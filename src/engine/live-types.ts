/**
 * A live query as its reader sees it: results one after the other, each as what changed.
 *
 * A result is pulled, so a slow reader is told the newest when it asks, and nothing waits for it.
 */
import type { StoredItem } from '../value/codec.ts';
import type { Item } from '../value/value.ts';

export interface LiveChange {
  /**
   * Triples that make the new list of items from the one before: a place in the new list, how many
   * of the old are left out there, how many of `items` come in their place.
   */
  readonly splices: readonly number[];
  readonly items: readonly StoredItem[];
  readonly count: number;
  /** LastEvaluatedKey: the limit was reached. */
  readonly last: Item | undefined;
  /** Select is COUNT: items are counted and not told. */
  readonly isCount: boolean;
}

export interface LiveReader {
  /**
   * The first result, then each that differs from the one before; undefined when the database or
   * this reader was closed. To be called again after it has answered. Rejects with the error the
   * query ends in.
   */
  next(): Promise<LiveChange | undefined>;
  close(): void;
}
