/**
 * A TreeReader over sorted arrays, for testing operations without an engine: commits are applied at
 * once, and nothing ever faults.
 */
import { compareBytes } from '../../src/base/bytes.ts';
import type { Mutation } from '../../src/log/commit.ts';
import type { KeyRange, TreeCounters, TreeCursor, TreeReader } from '../../src/tree/reader.ts';

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly size: number;
}

export class MapReader implements TreeReader {
  readonly #trees = new Map<number, Entry[]>();

  apply(mutations: readonly Mutation[]): void {
    for (const { tree, key, value, sizeAfter } of mutations) {
      const entries = this.#entries(tree);
      const at = entries.findIndex((entry) => compareBytes(entry.key, key) >= 0);
      const found = at >= 0 && compareBytes((entries[at] as Entry).key, key) === 0;
      const place = at < 0 ? entries.length : at;
      if (value === undefined) {
        if (found) entries.splice(place, 1);
      } else {
        entries.splice(place, found ? 1 : 0, { key, value, size: sizeAfter ?? 0 });
      }
    }
  }

  get(tree: number, key: Uint8Array): Uint8Array | undefined {
    return this.#entries(tree).find((entry) => compareBytes(entry.key, key) === 0)?.value;
  }

  range(tree: number, range: KeyRange, reverse = false): TreeCursor {
    const inside = this.#entries(tree).filter(({ key }) => isInside(range, key));
    if (reverse) inside.reverse();
    let at = -1;
    const current = (): Entry => inside[at] as Entry;
    return {
      next: () => {
        at += 1;
        return at < inside.length;
      },
      get key() {
        return current().key;
      },
      get value() {
        return current().value;
      },
    };
  }

  counters(tree: number): TreeCounters {
    const entries = this.#entries(tree);
    return { entries: entries.length, bytes: entries.reduce((sum, entry) => sum + entry.size, 0) };
  }

  /** There are no pages. */
  newerThanPages(): readonly Uint8Array[] {
    return [];
  }

  /** For tests to say otherwise. */
  hasPiece: TreeReader['hasPiece'] = () => false;

  /** Trees that hold anything. */
  trees(): readonly number[] {
    return [...this.#trees.keys()];
  }

  #entries(tree: number): Entry[] {
    let entries = this.#trees.get(tree);
    if (entries === undefined) {
      entries = [];
      this.#trees.set(tree, entries);
    }
    return entries;
  }
}

function isInside({ from, fromOpen, to, toClosed }: KeyRange, key: Uint8Array): boolean {
  if (from !== undefined) {
    const order = compareBytes(key, from);
    if (order < 0 || (order === 0 && fromOpen === true)) return false;
  }
  if (to !== undefined) {
    const order = compareBytes(key, to);
    if (order > 0 || (order === 0 && toClosed !== true)) return false;
  }
  return true;
}
