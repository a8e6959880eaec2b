/**
 * A reader that sees what a step is about to write: several changes of the engine's own state, each
 * made on the one before, become one commit that writes each key once.
 */
import { mapKey } from '../../base/bytes.ts';
import type { Mutation } from '../../log/commit.ts';
import type { TreeReader } from '../../tree/reader.ts';

export class Ahead implements TreeReader {
  readonly #reader: TreeReader;
  readonly #written: Map<string, Mutation> = new Map();

  constructor(reader: TreeReader) {
    this.#reader = reader;
  }

  write(mutations: readonly Mutation[]): void {
    for (const mutation of mutations) {
      const name = nameOf(mutation.tree, mutation.key);
      const first = this.#written.get(name);
      const { sizeBefore } = first ?? mutation;
      this.#written.set(name, { ...mutation, sizeBefore });
    }
  }

  mutations(): readonly Mutation[] {
    return [...this.#written.values()];
  }

  get(tree: number, key: Uint8Array): Uint8Array | undefined {
    const written = this.#written.get(nameOf(tree, key));
    return written === undefined ? this.#reader.get(tree, key) : written.value;
  }

  // What is written here is read by its key alone.
  range: TreeReader['range'] = (...of) => this.#reader.range(...of);
  counters: TreeReader['counters'] = (tree) => this.#reader.counters(tree);
  newerThanPages: TreeReader['newerThanPages'] = (...of) => this.#reader.newerThanPages(...of);
  hasPiece: TreeReader['hasPiece'] = (...of) => this.#reader.hasPiece(...of);
}

function nameOf(tree: number, key: Uint8Array): string {
  return `${tree} ${mapKey(key)}`;
}
