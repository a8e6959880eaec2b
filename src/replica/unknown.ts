/**
 * What a call looks for and does not find where the device does not know what the hub has: that is
 * fetched before the call is decided (shared/SYNC.md, Semantics 4).
 *
 * A reader notes it while the call is tried on what is here, so no operation has to say which items
 * it reads. An item that is here is known, as it was; so is what lies in a piece that has come.
 */
import { concatBytes } from '../base/bytes.ts';
import { soughtRangesMax } from '../base/replica-limits.ts';
import type { KeyRange as TreeRange, TreeCursor, TreeReader } from '../tree/reader.ts';
import type { TreeCounters } from '../tree/reader.ts';
import type { Holding } from './holding.ts';
import { notStale } from './load.ts';
import { joinRanges, type KeyRange, meetRanges, withoutRanges } from './range.ts';
import type { ReplicatedTable } from './tables.ts';

/** Notes the keys and ranges of replicated tables that are looked for. */
export class SeekingReader implements TreeReader {
  readonly #reader: TreeReader;
  readonly #tables: ReadonlyMap<number, ReplicatedTable>;
  readonly sought: KeyRange[] = [];

  constructor(reader: TreeReader, tables: ReadonlyMap<number, ReplicatedTable>) {
    this.#reader = reader;
    this.#tables = tables;
  }

  get(tree: number, key: Uint8Array): Uint8Array | undefined {
    const value = this.#reader.get(tree, key);
    if (value === undefined) this.#note(tree, keyAlone(key));
    return value;
  }

  /** One without an end is a scan: that reads what is here. */
  range(tree: number, range: TreeRange, reverse?: boolean): TreeCursor {
    const { from, to } = range;
    if (from !== undefined && to !== undefined && from.length > 0) {
      const first = range.fromOpen === true ? next(from) : from;
      this.#note(tree, { from: first, to: range.toClosed === true ? next(to) : to });
    }
    return this.#reader.range(tree, range, reverse);
  }

  counters(tree: number): TreeCounters {
    return this.#reader.counters(tree);
  }

  newerThanPages(tree: number, range: TreeRange): readonly Uint8Array[] {
    return this.#reader.newerThanPages(tree, range);
  }

  hasPiece(tree: number, key: Uint8Array, page: number): boolean {
    return this.#reader.hasPiece(tree, key, page);
  }

  #note(tree: number, { from, to }: Pick<KeyRange, 'from' | 'to'>): void {
    const table = this.#tables.get(tree)?.replica.global;
    if (table !== undefined) this.sought.push({ table, from, to });
  }
}

/** The range of one key. */
export function keyAlone(key: Uint8Array): Pick<KeyRange, 'from' | 'to'> {
  return { from: key, to: next(key) };
}

function next(key: Uint8Array): Uint8Array {
  return concatBytes(key, Uint8Array.of(0));
}

export interface Unknown {
  readonly range: KeyRange;
  /** What the hub lacks of it stays: another life of a hub had it. */
  readonly isKept: boolean;
}

/** What of `sought` may be read and has not come. */
export function unknownOf(
  holdings: readonly Holding[],
  wanted: readonly KeyRange[],
  sought: readonly KeyRange[],
): readonly Unknown[] {
  const missing = withoutRanges(joinRanges(sought), holdings.flatMap(notStale));
  const ranges = missing.flatMap((one) => wanted.flatMap((other) => meetRanges(one, other) ?? []));
  return ranges.slice(0, soughtRangesMax).map((range) => {
    const isKept = holdings.some((one) => {
      const isOld = one.state === 'stale' || (one.state === 'loading' && one.isKept);
      return isOld && meetRanges(one, range) !== undefined;
    });
    return { range, isKept };
  });
}
