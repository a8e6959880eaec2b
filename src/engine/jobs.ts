/**
 * Background work: checkpoints, sweeping, backfills, freeing dropped trees.
 *
 * It is done by whoever holds the lock, one piece after another, and only while there is some. The
 * lock saves work; the store's expectations keep a wrong holder from doing harm. A job is a request
 * from the engine to itself, in bounded slices.
 */
import { DamagedData } from '../base/corruption.ts';
import {
  backgroundDelayMs,
  backgroundRetriesMax,
  backgroundRetryMs,
  buildPatienceMs,
  damageRoundsMax,
  jobSlicesMax,
  lockLookMs,
  reservationPatienceMs,
} from '../base/limits.ts';
import { replayQuietMs, replayQuietPart } from '../base/replay-limits.ts';
import type { Caller } from '../operation/operation.ts';
import type { Request } from '../operation/request.ts';
import { decodeMeta, type Meta } from '../pager/meta.ts';
import type { Lock } from '../port/lock.ts';
import { metaKey } from '../port/store.ts';
import { firstJob, jobProgress } from '../table/jobs.ts';
import { Checkpointer } from './checkpoint.ts';
import { ExpiryWatch } from './expiry-watch.ts';
import { catchUp } from './follow.ts';
import type { Sparse } from './leads.ts';
import type { PageLoader } from './load.ts';
import { type AskImport, BuildWatch } from './builds.ts';
import type { EngineState } from './state.ts';
import { mendReplica } from './mend.ts';
import { ScrubWatch } from './scrub-watch.ts';
import { StreamWatch } from './stream-watch.ts';
import { sweep } from './sweep.ts';

const engineCaller: Caller = { kind: 'engine', principal: 'engine' };
const expiryCaller: Caller = { kind: 'ttl', principal: 'dynamodb.amazonaws.com' };

export class Background {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  readonly #ask: (request: Request) => Promise<object>;
  readonly #checkpointer: Checkpointer;
  /** Of bulk builds; an import asks it too. */
  readonly builds: BuildWatch;
  readonly scrub: ScrubWatch;
  readonly streams: StreamWatch;
  readonly expiry: ExpiryWatch;
  #waitsForScrub = false;
  #waitsForBuilds = false;
  #waitsForQuiet = false;
  /** The log's head, and since when it stands there, as far as this engine has seen. */
  #headSeen: number;
  #quietSinceMs: number;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  /** Ends the wait that work begins with. */
  #hurry = new AbortController();
  #making: Promise<void> | undefined;
  /** Why the last background work broke off, and how often it did so since it last went well. */
  lastError: string | undefined;
  #failures = 0;
  /** Monotonic time before which it is not tried again. */
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(state: EngineState, loader: PageLoader, ask: (request: Request) => Promise<object>) {
    this.#state = state;
    this.#loader = loader;
    this.#ask = ask;
    this.#headSeen = state.head;
    this.#quietSinceMs = state.options.clock.monoMs();
    this.#checkpointer = new Checkpointer(state, loader);
    const own = (operation: string, input: object): Promise<object> =>
      this.request(operation, input);
    this.scrub = new ScrubWatch(state, loader, own, () => this.checkpointPastDamage());
    this.streams = new StreamWatch(state, loader, own);
    this.expiry = new ExpiryWatch(state, loader, (operation, input) => {
      return this.request(operation, input, expiryCaller);
    });
    this.builds = new BuildWatch(state, loader, this.askImport);
    loader.damage.found = () => this.wake();
  }

  /** A turn was published. */
  notePublished(): void {
    this.scrub.noteWritten();
    this.wake();
  }

  /** Begins background work if there is any and none is under way. */
  wake(): void {
    const { options, closing, stopped } = this.#state;
    if (options.background === false || closing || stopped !== undefined) return;
    if (this.#running !== undefined || options.clock.monoMs() < this.#notBeforeMs) return;
    if (!this.#isDue() && !this.scrub.isDue) {
      this.#wakeForScrub();
      this.#wakeForQuiet();
      this.streams.wakeWhenDue(() => this.wake(), this.#stop.signal);
      this.expiry.wakeWhenDue(() => this.wake(), this.#stop.signal);
      return;
    }
    this.#running = this.#hold().finally(() => {
      this.#running = undefined;
      // What became due while the last piece was ending.
      if (this.#failures === 0) this.wake();
      else void this.#retry();
    });
  }

  /** A checkpoint now, whoever holds the lock; sweeps after it. */
  checkpoint(sparse?: Sparse): Promise<void> {
    this.#making ??= this.#make(sparse)
      .catch((error: unknown) => {
        this.#state.stopIfNewer(error);
        throw error;
      })
      .finally(() => {
        this.#making = undefined;
      });
    return this.#making;
  }

  /** A checkpoint now, or the one under way, to its end; false when it could not be made. */
  relieved(): Promise<boolean> {
    return this.checkpoint().then(
      () => true,
      () => false,
    );
  }

  /**
   * The same for who waits for room: there is some as soon as the tail is set aside, and pages are
   * made of that while the next writes are taken. Another number than the last time: this engine or
   * another got on. Undefined: a checkpoint could not be made.
   */
  async relieve(): Promise<number | undefined> {
    const { freezing } = this.#state;
    const isRelieved = await Promise.race([this.relieved(), freezing.then(() => true)]);
    return isRelieved ? this.#state.meta.checkpoint + this.#checkpointer.moves : undefined;
  }

  /**
   * A checkpoint; damage that it meets is put on record, and then it is made around that. Not for
   * a turn that waits for it: the record is a turn of its own.
   */
  async checkpointPastDamage(sparse?: Sparse): Promise<void> {
    let met: unknown;
    for (let round = 0; round < damageRoundsMax; round += 1) {
      try {
        return await this.checkpoint(sparse);
      } catch (error) {
        if (!(error instanceof DamagedData)) throw error;
        if (!(await this.#settleDamage())) throw error;
        met = error;
      }
    }
    throw met;
  }

  /** Puts damage on record; false when there was none to put, or it could not be. */
  #settleDamage(): Promise<boolean> {
    return this.#loader.damage.settle((operation, input) => this.request(operation, input));
  }

  /** Does what there is to do, to the end; for tests and for closing. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) {
      // Not after a wait, which a clock that stands still would never end.
      this.#hurry.abort();
      await this.#running;
    }
    this.streams.lookSoon();
    this.expiry.lookSoon();
    await this.#work(this.#stop.signal);
    if (this.#making !== undefined) await this.#making;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running?.catch(() => undefined);
    await this.#making?.catch(() => undefined);
  }

  /** A job may be there, or the log is long. */
  #isDue(): boolean {
    if (this.#state.jobsNoted || this.#loader.damage.isDue) return true;
    if (this.streams.isDue || this.expiry.isDue) return true;
    return this.#isLogLong();
  }

  /**
   * Under load a checkpoint is made of as much log as an open may read: pages are written less
   * often. Where nobody has written for a while, in any tab, it is made of less, so that most opens
   * read little.
   */
  #isLogLong(): boolean {
    const { head, logShare, options } = this.#state;
    if (head !== this.#headSeen) {
      this.#headSeen = head;
      this.#quietSinceMs = options.clock.monoMs();
    }
    if (this.#isUrgent) return true;
    if (logShare * replayQuietPart < 1) return false;
    return options.clock.monoMs() - this.#quietSinceMs >= replayQuietMs;
  }

  /** The tail counts by itself: that of a tab which only follows others shortens no other way. */
  get #isUrgent(): boolean {
    const { bounds, logShare, tail } = this.#state;
    return logShare >= 1 || tail.bytes > bounds.tailBytes;
  }

  /**
   * A checkpoint of a log that is long, unless that is another's by now. What another engine is at
   * is left to it for a while where nothing is urgent.
   */
  async #shortenLog(): Promise<void> {
    const state = this.#state;
    // Another engine may have made one, or written, while this one waited for the lock.
    await catchUp(state);
    await this.#loader.adoptNewest();
    if (!this.#isLogLong()) return;
    await this.checkpointPastDamage();
    if (!this.#isUrgent) this.#quietSinceMs = state.options.clock.monoMs();
  }

  /** Roots that a bulk build has given its trees go into the tree of roots soon. */
  settleRoots(): void {
    if (this.#state.options.background === false) return;
    // If it fails, the next one does it.
    this.checkpoint().catch(() => undefined);
  }

  /** A build that another engine works on may turn out to be dead. */
  #wakeForBuilds(): void {
    if (this.#waitsForBuilds || this.#state.options.background === false) return;
    this.#waitsForBuilds = true;
    void this.#state.options.scheduler.delay(buildPatienceMs, this.#stop.signal).then(() => {
      this.#waitsForBuilds = false;
      this.#state.jobsNoted = true;
      this.wake();
    });
  }

  #wakeForQuiet(): void {
    const { options, logShare } = this.#state;
    if (this.#waitsForQuiet || logShare * replayQuietPart < 1) return;
    this.#waitsForQuiet = true;
    const leftMs = this.#quietSinceMs + replayQuietMs - options.clock.monoMs();
    void options.scheduler.delay(Math.max(leftMs, 1), this.#stop.signal, true).then(() => {
      this.#waitsForQuiet = false;
      this.wake();
    });
  }

  /** A pending wait holds up no program that would end. */
  #wakeForScrub(): void {
    if (this.#waitsForScrub || !this.scrub.isOn) return;
    this.#waitsForScrub = true;
    const { scheduler } = this.#state.options;
    void scheduler.delay(this.scrub.waitMs, this.#stop.signal, true).then(() => {
      this.#waitsForScrub = false;
      this.wake();
    });
  }

  async #hold(): Promise<void> {
    const { lock, scheduler } = this.#state.options;
    const { signal } = this.#stop;
    // What a burst of calls began should be answered before background work takes the thread.
    this.#hurry = new AbortController();
    await scheduler.delay(backgroundDelayMs, AbortSignal.any([signal, this.#hurry.signal]));
    if (signal.aborted) return;
    try {
      if (lock === undefined) await this.#work(signal);
      else await this.#holdLock(lock, signal);
      this.lastError = undefined;
      this.#failures = 0;
    } catch (error) {
      this.#state.stopIfNewer(error);
      this.lastError = error instanceof Error ? error.message : String(error);
      this.#failures += 1;
      // One for a series: it is tried again, and would fail for the same reason.
      if (this.#failures === 1) {
        this.#state.options.notify?.({ type: 'background-error', message: this.lastError });
      }
    }
  }

  /**
   * Works while holding the lock; without it once its holder has not got on for as long as a living
   * engine may take. A tab that hangs, or is frozen, holds it for ever, and it only saves work.
   */
  async #holdLock(lock: Lock, signal: AbortSignal): Promise<void> {
    const patience = new AbortController();
    const granted = new AbortController();
    const held = lock.hold(
      (inner) => {
        granted.abort();
        return this.#work(AbortSignal.any([inner, signal]));
      },
      AbortSignal.any([signal, patience.signal]),
    );
    const waited = this.#watchHolder(AbortSignal.any([signal, granted.signal])).then((hangs) => {
      if (hangs) patience.abort();
    });
    await held.finally(() => granted.abort());
    await waited;
    if (patience.signal.aborted) await this.#work(signal);
  }

  /** Resolves to true when what is to be done does not change for so long; false when `over`. */
  async #watchHolder(over: AbortSignal): Promise<boolean> {
    const { scheduler } = this.#state.options;
    // Most get the lock at once, and should not read anything for it.
    await scheduler.delay(lockLookMs, over);
    let seen: string | undefined;
    for (let look = 0; !over.aborted; look += 1) {
      const now = await this.#progress();
      if (over.aborted) break;
      if (look > 0 && now === seen) return true;
      seen = now;
      await scheduler.delay(reservationPatienceMs - lockLookMs, over);
    }
    return false;
  }

  /** Something that changes when another engine does background work; undefined: who knows. */
  async #progress(): Promise<string | undefined> {
    const state = this.#state;
    try {
      await catchUp(state);
      const stored = await state.options.store.get('meta', metaKey);
      if (stored === undefined) return undefined;
      const meta = decodeMeta(stored);
      this.#checkpointer.watch(meta);
      const job = await this.#loader.run(() => jobProgress(state.published));
      return `${checkpointProgress(meta)} ${job}`;
    } catch (error) {
      state.stopIfNewer(error);
      return undefined;
    }
  }

  /** The world may heal by itself (a full disk, a lost connection); if it does not, calls wake. */
  async #retry(): Promise<void> {
    const { clock, scheduler } = this.#state.options;
    const delayMs = backgroundRetryMs * 2 ** Math.min(this.#failures - 1, backgroundRetriesMax);
    this.#notBeforeMs = clock.monoMs() + delayMs;
    if (this.#failures > backgroundRetriesMax) return;
    await scheduler.delay(delayMs, this.#stop.signal);
    this.wake();
  }

  async #work(signal: AbortSignal): Promise<void> {
    const state = this.#state;
    for (let slice = 0; slice < jobSlicesMax && !signal.aborted; slice += 1) {
      if (this.#loader.damage.isDue) await this.#settleDamage();
      if (this.#isLogLong()) {
        await this.#shortenLog();
        continue;
      }
      if (this.streams.isDue) await this.streams.work(signal);
      if (this.expiry.isDue) await this.expiry.work(signal);
      if (!(await this.#advance())) {
        if (signal.aborted) return;
        if (await mendReplica(state, this.#loader, this)) continue;
        if (await this.builds.look()) this.#wakeForBuilds();
        if (this.scrub.isDue) await this.scrub.work(signal, () => this.#isDue());
        return;
      }
      await state.options.scheduler.breathe();
    }
  }

  /** One slice of the first job; false when there is none. */
  async #advance(): Promise<boolean> {
    const state = this.#state;
    // Before the look: what is noted after it is not forgotten.
    state.jobsNoted = false;
    try {
      const job = await this.#loader.run(() => firstJob(state.published));
      if (job === undefined) return false;
      await this.request('AdvanceJob', { Job: job });
      state.jobsNoted = true;
      return true;
    } catch (error) {
      // What damage is in the way of goes on when that is repaired, which changes a system tree.
      if (error instanceof DamagedData) {
        this.lastError = error.message;
        return false;
      }
      state.jobsNoted = true;
      throw error;
    }
  }

  /** One step of an import (operation/internal/advance-import.ts). */
  readonly askImport: AskImport = (input) => this.request('AdvanceImport', input);

  async #make(sparse?: Sparse): Promise<void> {
    const state = this.#state;
    await sweep(state);
    const outcome = await this.#checkpointer.make(sparse);
    if (outcome.kind === 'reserved' || outcome.kind === 'lost') {
      await state.options.scheduler.delay(backgroundDelayMs);
      await catchUp(state);
      await this.#loader.adoptNewest();
      return;
    }
    if (outcome.kind !== 'done') return;
    this.streams.lookSoon();
    await sweep(state, outcome.made);
    if (outcome.dropped.length === 0 || state.closing) return;
    // Not waited for: the turn it will be part of may itself wait for this checkpoint. If it fails,
    // the next checkpoint drops the trees again, which are empty then.
    this.request('ForgetDropped', { Trees: outcome.dropped }).catch(() => undefined);
  }

  request(operation: string, input: object, caller: Caller = engineCaller): Promise<object> {
    return this.#ask({ operation, input, form: 'plain', caller });
  }
}

/** Counts with every slice of a checkpoint and every step of a sweep. */
function checkpointProgress({ lastNumber, reservation, unswept, dead, trimmed }: Meta): string {
  const steps = [lastNumber, reservation?.slices, unswept.length, dead.length, trimmed];
  return steps.join(' ');
}
