/**
 * Copies of short byte strings that live as long as one another, side by side in few buffers.
 *
 * A buffer of its own costs a short string more than its bytes; one that it shares with what is
 * soon forgotten stays in memory for its sake. Cost of a copy: its bytes, and one view.
 */
import { arenaBytesMax, arenaChunkBytes } from './memory-limits.ts';

export class Arena {
  #chunk = new ArrayBuffer(0);
  #at = 0;

  /** A copy that nobody may write to; of a long one, the bytes themselves. */
  copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length > arenaBytesMax) return bytes;
    if (this.#chunk.byteLength - this.#at < length) {
      this.#chunk = new ArrayBuffer(arenaChunkBytes);
      this.#at = 0;
    }
    const copy = new Uint8Array(this.#chunk, this.#at, length);
    copy.set(bytes);
    this.#at += length;
    return copy;
  }
}
