/**
 * Entries of trees as a step changes them, read again as changed: the mutations of one commit, each
 * key at most once.
 */
import { mapKey } from '../base/bytes.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { put, remove } from './book.ts';

interface Written {
  readonly tree: number;
  readonly key: Uint8Array;
  readonly before: Uint8Array | undefined;
  value: Uint8Array | undefined;
}

export class Scratch {
  readonly reader: TreeReader;
  readonly #written = new Map<string, Written>();

  constructor(reader: TreeReader) {
    this.reader = reader;
  }

  /** Throws PageFault. */
  get(tree: number, key: Uint8Array): Uint8Array | undefined {
    const written = this.#written.get(nameOf(tree, key));
    return written === undefined ? this.reader.get(tree, key) : written.value;
  }

  /** `value` undefined removes. */
  set(tree: number, key: Uint8Array, value: Uint8Array | undefined): void {
    const name = nameOf(tree, key);
    const written = this.#written.get(name);
    if (written !== undefined) written.value = value;
    else this.#written.set(name, { tree, key, before: this.reader.get(tree, key), value });
  }

  mutations(): readonly Mutation[] {
    return [...this.#written.values()].flatMap(({ tree, key, before, value }): Mutation[] => {
      if (value !== undefined) return [put(tree, key, before, value)];
      return before === undefined ? [] : [remove(tree, key, before)];
    });
  }
}

function nameOf(tree: number, key: Uint8Array): string {
  return `${tree} ${mapKey(key)}`;
}
