/** How much of what it lacks a device has taken: items of chunks, and changes of pages. */
import { hexOf } from '../base/bytes.ts';
import { decodeRange } from '../replica/range.ts';
import type { SyncStatus } from './sync-types.ts';

interface ChunkAsked {
  readonly Range: Uint8Array;
  readonly Items: Uint8Array;
  readonly TotalItems: number;
  readonly TotalBytes: number;
}

export class LoadCount {
  /** Items of a range, and of the whole table that it is of. */
  readonly #ranges: Map<string, number> = new Map();
  readonly #tables: Map<string, number> = new Map();
  /** Bytes of items of each table at the hub. */
  readonly #tableBytes: Map<string, number> = new Map();
  #changes = 0;
  #changeBytes = 0;
  #bytes = 0;

  get progress(): SyncStatus['progress'] {
    const sum = (counts: Map<string, number>, more: number): number =>
      [...counts.values()].reduce((total, count) => total + count, more);
    const done = sum(this.#ranges, this.#changes);
    const bytes = this.#bytes;
    return {
      done,
      total: Math.max(done, sum(this.#tables, this.#changes)),
      bytes,
      totalBytes: Math.max(bytes, sum(this.#tableBytes, this.#changeBytes)),
    };
  }

  /** It has caught up. */
  begin(): void {
    this.#ranges.clear();
    this.#tables.clear();
    this.#tableBytes.clear();
    this.#changes = 0;
    this.#changeBytes = 0;
    this.#bytes = 0;
  }

  /** Of what the database was asked, and has answered; false when nothing has come of it. */
  taken(operation: string, input: object, output: object): boolean {
    const { IsTaken = false } = output as { readonly IsTaken?: boolean };
    if (operation === 'TakePage' && IsTaken) {
      this.#changes += (output as { readonly Count?: number }).Count ?? 0;
      const { length } = (input as { readonly Changes: Uint8Array }).Changes;
      this.#bytes += length;
      this.#changeBytes += length;
      return true;
    }
    if (operation !== 'TakeChunk' || !IsTaken) return false;
    const { Range, Items, TotalItems, TotalBytes } = input as ChunkAsked;
    const { table } = decodeRange(Range);
    this.#ranges.set(hexOf(Range), (output as { readonly Items?: number }).Items ?? 0);
    this.#tables.set(table, TotalItems);
    this.#tableBytes.set(table, TotalBytes);
    this.#bytes += Items.length;
    return true;
  }
}
