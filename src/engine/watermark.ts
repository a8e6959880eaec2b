/**
 * The sequence number up to which power loss can undo nothing, and those who wait for it.
 *
 * What leaves the device (a push, a backup, a trigger) waits here first. It only rises: what was
 * durable once stays so for as long as the store lives.
 */
export class Watermark {
  #value = 0;
  /** Ends the wait for the next rise. */
  #moved: (() => void) | undefined;
  #moving: Promise<void> | undefined;
  #ended: Error | undefined;

  get value(): number {
    return this.#value;
  }

  /** Everything up to `sequence` is durable; a lower one than before says nothing new. */
  raise(sequence: number): void {
    if (sequence <= this.#value) return;
    this.#value = sequence;
    this.#wake();
  }

  /** Resolves once the mark is at `sequence` or above. Rejects when it ends below. */
  async reached(sequence: number): Promise<void> {
    while (this.#value < sequence) {
      if (this.#ended !== undefined) throw this.#ended;
      this.#moving ??= new Promise((resolve) => {
        this.#moved = resolve;
      });
      await this.#moving;
    }
  }

  /** It will not rise any more: who still waits is told why. */
  end(reason: Error): void {
    this.#ended ??= reason;
    this.#wake();
  }

  #wake(): void {
    this.#moving = undefined;
    this.#moved?.();
    this.#moved = undefined;
  }
}
