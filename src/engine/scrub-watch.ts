/**
 * The scrub that begins by itself: once a day, and where a repair has left counters in doubt; while
 * nobody writes, a slice at a time.
 *
 * It is a piece of background work like others, under the lock, which it gives back at least every
 * second; its place is the generator it is made of, in memory. A call that comes between two slices
 * makes it wait. When it was last done is stored with the next checkpoint and never by itself, so
 * that an idle database writes nothing.
 */
import { ByteReader, ByteWriter, equalBytes } from '../base/bytes.ts';
import {
  scrubDayMs,
  scrubHoldMs,
  scrubIdleMs,
  scrubLookMs,
  scrubPaceMs,
  scrubYieldMs,
} from '../base/limits.ts';
import type { SpaceRecord } from '../port/store.ts';
import { readDoubt } from './doubt.ts';
import type { ScrubReport, ScrubStatus } from './engine-types.ts';
import type { PageLoader } from './load.ts';
import { type Ask, scrubSteps } from './scrub.ts';
import type { EngineState } from './state.ts';

/** Where in space meta it is written when the last scrub ended (docs/formats/meta.md). */
export const scrubKey = 4;
/** Hints in the place of a position: an engine is at it, or is done. */
export const scrubGoesOn: number = -2;
export const scrubDone: number = -3;

export class ScrubWatch {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  readonly #ask: Ask;
  readonly #checkpoint: () => Promise<void>;
  readonly #idleMs: number;
  readonly #everyMs: number;
  #steps: AsyncGenerator<void, ScrubReport, void> | undefined;
  /** Monotonic times: of the last write seen, and before which nothing is done. */
  #writtenMs: number;
  #notBeforeMs = 0;
  #head = 0;
  #stepping = false;
  /** Calls of its own, among those that the state counts. */
  #own = 0;
  /** The mark in doubt when the last one began, if it did not break off: it is tried once. */
  #doubt: Uint8Array | undefined;
  /** The store has been asked when the last one ended. */
  #asked = false;
  #report: ScrubReport | undefined;
  #error: string | undefined;

  constructor(state: EngineState, loader: PageLoader, ask: Ask, checkpoint: () => Promise<void>) {
    const { scrub, clock } = state.options;
    this.#state = state;
    this.#loader = loader;
    this.#ask = (operation, input) => {
      this.#own += 1;
      return ask(operation, input);
    };
    this.#checkpoint = checkpoint;
    this.#idleMs = (scrub === false ? undefined : scrub?.idleMs) ?? scrubIdleMs;
    this.#everyMs = (scrub === false ? undefined : scrub?.everyMs) ?? scrubDayMs;
    this.#writtenMs = clock.monoMs();
    this.#head = state.head;
  }

  get status(): ScrubStatus {
    return {
      running: this.#steps !== undefined,
      endedMs: this.#state.scrubbedMs,
      report: this.#report,
      error: this.#error,
    };
  }

  get isOn(): boolean {
    const { scrub, background } = this.#state.options;
    return scrub !== false && background !== false;
  }

  noteWritten(): void {
    if (!this.#stepping) this.#writtenMs = this.#state.options.clock.monoMs();
  }

  /** Another engine over this store has said something. */
  heard(hint: number): void {
    const nowMs = this.#state.options.clock.monoMs();
    if (hint === scrubGoesOn) this.#notBeforeMs = nowMs + this.#idleMs;
    else if (hint === scrubDone) this.#end();
  }

  /** How long nothing is to be done yet; 0: now. */
  get waitMs(): number {
    const nowMs = this.#state.options.clock.monoMs();
    if (this.#state.head !== this.#head) {
      this.#head = this.#state.head;
      this.#writtenMs = nowMs;
    }
    return Math.max(0, this.#notBeforeMs - nowMs, this.#writtenMs + this.#idleMs - nowMs);
  }

  get isDue(): boolean {
    return this.isOn && this.waitMs === 0;
  }

  /** Slices, until a call comes, `isWanted` says that there is other work, or it is time. */
  async work(signal: AbortSignal, isWanted: () => boolean): Promise<void> {
    const { clock, scheduler } = this.#state.options;
    if (!(await this.#begin())) return;
    this.#tell(scrubGoesOn);
    const untilMs = clock.monoMs() + scrubHoldMs;
    while (!signal.aborted && (await this.#step())) {
      const calls = this.#state.calls;
      await scheduler.delay(scrubPaceMs, signal);
      if (this.#state.calls !== calls) this.#notBeforeMs = clock.monoMs() + scrubYieldMs;
      if (this.waitMs > 0 || isWanted() || clock.monoMs() >= untilMs) return;
    }
  }

  /** False when the last one was not long enough ago. */
  async #begin(): Promise<boolean> {
    if (this.#steps !== undefined) return true;
    const { store, clock } = this.#state.options;
    if (!this.#asked) {
      const endedMs = decodeEnd(await store.get('meta', scrubKey));
      this.#asked = true;
      this.#state.scrubStoredMs = endedMs;
      this.#state.scrubbedMs ??= endedMs;
    }
    const { scrubbedMs } = this.#state;
    // A clock that was turned back makes it late, not never.
    const agoMs = scrubbedMs === undefined ? this.#everyMs : clock.wallMs() - scrubbedMs;
    const isDoubted = await this.#isDoubted();
    if (agoMs < this.#everyMs && !isDoubted) {
      const leftMs = Math.min(this.#everyMs, this.#everyMs - agoMs, scrubLookMs);
      this.#notBeforeMs = clock.monoMs() + leftMs;
      return false;
    }
    this.#error = undefined;
    this.#steps = scrubSteps(this.#state, this.#loader, this.#ask, this.#checkpoint);
    return true;
  }

  /** Whether a repair has left counters in doubt, since the last one began. */
  async #isDoubted(): Promise<boolean> {
    const doubt = await readDoubt(this.#state, this.#loader);
    const known = this.#doubt;
    this.#doubt = doubt;
    return doubt !== undefined && (known === undefined || !equalBytes(known, doubt));
  }

  /** One slice; false when it was the last. */
  async #step(): Promise<boolean> {
    const state = this.#state;
    const foreign = state.calls - this.#own;
    this.#stepping = true;
    try {
      const step = await this.#steps?.next();
      if (step === undefined) return false;
      if (step.done !== true) return true;
      this.#report = step.value;
      this.#tell(scrubDone);
      this.#end();
      return false;
    } catch (error) {
      // Not tried again at once: what is in its way is likely to stay for a while.
      this.#error = error instanceof Error ? error.message : String(error);
      state.stopIfNewer(error);
      this.#end();
      this.#doubt = undefined;
      this.#notBeforeMs = state.options.clock.monoMs() + scrubLookMs;
      return false;
    } finally {
      this.#stepping = false;
      // What it mended itself is no reason to stop.
      if (state.calls - this.#own === foreign) this.#head = state.head;
    }
  }

  #end(): void {
    this.#steps = undefined;
    this.#state.scrubbedMs = this.#state.options.clock.wallMs();
    this.#notBeforeMs = this.#state.options.clock.monoMs() + this.#idleMs;
  }

  #tell(hint: number): void {
    try {
      this.#state.options.hint?.tell(hint);
    } catch {
      // A hint that could not be given is a hint that was lost.
    }
  }
}

/** What a checkpoint stores of it; nothing when the store knows. */
export function scrubRecords(state: EngineState): readonly SpaceRecord[] {
  const { scrubbedMs, scrubStoredMs } = state;
  if (scrubbedMs === undefined || scrubbedMs === scrubStoredMs) return [];
  const writer = new ByteWriter(8);
  writer.varint(scrubbedMs);
  return [{ space: 'meta', key: scrubKey, value: writer.take() }];
}

function decodeEnd(bytes: Uint8Array | undefined): number | undefined {
  try {
    return bytes === undefined ? undefined : new ByteReader(bytes).varint();
  } catch {
    return undefined;
  }
}
