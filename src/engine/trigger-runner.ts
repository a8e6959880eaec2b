/**
 * The runner of a trigger: waits for its turn among the tabs, reads what is new, hands it to the
 * handler, and saves how far it is.
 *
 * One runner of all holds a trigger: the lock says who may, the header of its cursor who does. Each
 * lane of each shard is worked off by itself, shards after their parents. A place is saved when the
 * handler has answered for all before it, so a crash in between delivers again and nothing is
 * missed. Who has lost the trigger learns it when it saves, and begins to wait again.
 * Invariants
 * - No record reaches the handler before it is durable.
 * - A lane has one batch with the handler at a time, and the next only when the last is saved.
 */
import { hexOf } from '../base/bytes.ts';
import {
  triggerBeatMs,
  triggerCloseMs,
  triggerLookMs,
  triggerPatienceMs,
} from '../base/trigger-limits.ts';
import type { PeekOutput } from '../operation/trigger/read-trigger.ts';
import type { SaveOutput } from '../operation/trigger/save-trigger.ts';
import type { Lock } from '../port/lock.ts';
import type { TriggerHost } from './trigger-host.ts';
import {
  type Delivery,
  Lane,
  type LaneParts,
  type RunnerCounts,
  type RunnerEvent,
  type RunnerSettings,
} from './trigger-lane.ts';

export class TriggerRunner {
  readonly counts: RunnerCounts = { batches: 0, records: 0, failures: 0, deadLetters: 0 };
  state: 'waiting' | 'running' | 'closed' = 'waiting';
  readonly #host: TriggerHost;
  readonly #settings: RunnerSettings;
  readonly #deliver: (delivery: Delivery) => Promise<unknown>;
  readonly #tell: (event: RunnerEvent) => void;
  readonly #stop = new AbortController();
  #owner = '';
  #savedMs = Number.NEGATIVE_INFINITY;
  #busy = 0;
  /** Aborted when a lane has ended. */
  #ended = new AbortController();
  #running: Promise<void> | undefined;

  constructor(
    host: TriggerHost,
    settings: RunnerSettings,
    deliver: (delivery: Delivery) => Promise<unknown>,
    tell: (event: RunnerEvent) => void,
  ) {
    this.#host = host;
    this.#settings = settings;
    this.#deliver = deliver;
    this.#tell = tell;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Ends after the batches that the handler has, for at most triggerCloseMs; then the trigger is
   * free for others.
   */
  async close(): Promise<void> {
    const ended = new AbortController();
    const late = this.#host.delay(triggerCloseMs, ended.signal);
    this.#stop.abort();
    await Promise.race([this.#running, late]);
    ended.abort();
    this.state = 'closed';
  }

  peek(): Promise<PeekOutput> {
    const { name, rules, on } = this.#settings;
    const input = { Name: name, Lanes: rules.parallel, On: on };
    return this.#host.call('PeekTrigger', input) as Promise<PeekOutput>;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const lock = this.#host.lock(this.#settings.name);
    while (!signal.aborted) {
      try {
        if (lock === undefined) await this.#takeTurn(false, signal);
        else await this.#holdLock(lock, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#tell({ type: 'error', error: error as Error });
        await this.#host.delay(triggerLookMs, signal);
      }
    }
  }

  /** Waits for the lock; goes on without it when its holder hangs. */
  async #holdLock(lock: Lock, signal: AbortSignal): Promise<void> {
    const patience = new AbortController();
    const granted = new AbortController();
    const watched = this.#watch(AbortSignal.any([signal, granted.signal])).then((hangs) => {
      if (hangs !== undefined) patience.abort();
      return hangs;
    });
    const held = lock.hold(
      async () => {
        granted.abort();
        await this.#takeTurn(true, signal);
      },
      AbortSignal.any([signal, patience.signal]),
    );
    await held.finally(() => granted.abort());
    const hangs = await watched;
    if (hangs !== undefined && !signal.aborted) await this.#claim(hangs, false, signal);
  }

  /**
   * Becomes the holder if nobody is; after a holder whose lock is ours now, at once; else when the
   * one there is does not get on.
   */
  async #takeTurn(locked: boolean, signal: AbortSignal): Promise<void> {
    const { Owner, Locked } = await this.peek();
    if (Owner === '' || (locked && Locked)) return this.#claim(Owner, locked, signal);
    const hangs = await this.#watch(signal, true);
    if (hangs !== undefined) await this.#claim(hangs, locked, signal);
  }

  /**
   * The owner that has not got on for long though there were records, or, if `free` will do, that
   * there is none; undefined when `over`.
   */
  async #watch(over: AbortSignal, free = false): Promise<string | undefined> {
    let seen = '';
    let sinceMs = this.#host.monoMs();
    while (!over.aborted) {
      await this.#host.delay(triggerLookMs, over);
      if (over.aborted) break;
      const peek = await this.#peekQuietly();
      if (over.aborted) break;
      if (peek === undefined) continue;
      const { Owner, Beat, OldestMs, Advance } = peek;
      if (free && Owner === '') return Owner;
      const now = OldestMs === undefined && !Advance ? '' : `${Owner} ${Beat}`;
      if (now === '' || now !== seen) sinceMs = this.#host.monoMs();
      else if (this.#host.monoMs() - sinceMs >= triggerPatienceMs) return Owner;
      seen = now;
    }
    return undefined;
  }

  /** Who only waits looks again later, whatever fails. */
  #peekQuietly(): Promise<PeekOutput | undefined> {
    return this.peek().catch(() => undefined);
  }

  async #claim(expected: string, locked: boolean, signal: AbortSignal): Promise<void> {
    const { name } = this.#settings;
    const owner = hexOf(this.#host.random.bytes(16));
    const input = { Name: name, Owner: owner, Expect: expected, Locked: locked };
    const { Claimed } = (await this.#host.call('ClaimTrigger', input)) as { Claimed: boolean };
    if (!Claimed) return;
    this.#owner = owner;
    this.#savedMs = this.#host.monoMs();
    this.state = 'running';
    this.#tell({ type: 'running' });
    const lost = new AbortController();
    const over = AbortSignal.any([signal, lost.signal]);
    try {
      await Promise.all([this.#workOff(over, lost), this.#beat(over, lost)]);
    } finally {
      if (this.state === 'running') this.state = 'waiting';
      lost.abort();
      this.#owner = '';
      if (!signal.aborted) this.#tell({ type: 'waiting' });
      const release = { Name: name, Owner: owner, Lanes: 1, Release: true };
      await this.#host.call('SaveTrigger', release).catch(() => undefined);
    }
  }

  /** Starts a lane for whatever can be read, until `over`. */
  async #workOff(over: AbortSignal, lost: AbortController): Promise<void> {
    const living = new Map<string, LivingLane>();
    let failed: Error | undefined;
    const parts = this.#parts(lost);
    try {
      while (!over.aborted) {
        // The end of a lane may let others begin.
        const ended = new AbortController();
        const { Lanes, StreamArn, Advance } = await this.peek();
        if (Advance && !(await parts.save({ Advance: true }, over))) break;
        await endTrimmed(living, new Set(Lanes.map(idOf)));
        for (const at of Lanes) {
          const id = idOf(at);
          if (living.has(id) || over.aborted) continue;
          const trimmed = new AbortController();
          const signal = AbortSignal.any([over, trimmed.signal]);
          const lane = new Lane(parts, at, StreamArn, signal).live().catch((error: Error) => {
            failed ??= error;
            lost.abort();
          });
          const ends = lane.finally(() => {
            living.delete(id);
            this.#ended.abort();
          });
          living.set(id, { ends, trimmed });
        }
        this.#ended = ended;
        if (!Advance) {
          await this.#host.delay(triggerLookMs, AbortSignal.any([over, ended.signal]));
        }
      }
    } finally {
      lost.abort();
      await Promise.all([...living.values()].map(({ ends }) => ends));
    }
    if (failed !== undefined) throw failed;
  }

  #parts(lost: AbortController): LaneParts {
    return {
      host: this.#host,
      settings: this.#settings,
      counts: this.counts,
      deliver: async (delivery) => this.#deliver(delivery),
      busy: (by) => {
        this.#busy += by;
      },
      tell: this.#tell,
      save: (input, signal) => this.#save(input, lost, signal),
    };
  }

  async #save(input: object, lost: AbortController, signal: AbortSignal): Promise<boolean> {
    const { name, rules } = this.#settings;
    for (let round = 0; round === 0 || !signal.aborted; round += 1) {
      const whole = { Name: name, Owner: this.#owner, Lanes: rules.parallel, ...input };
      const { Held, Blocked } = (await this.#host.call('SaveTrigger', whole)) as SaveOutput;
      this.#savedMs = this.#host.monoMs();
      if (!Held) lost.abort();
      if (!Held || !Blocked) return Held;
      if (round === 0) this.#tell({ type: 'blocked' });
      await this.#host.delay(triggerLookMs, signal);
    }
    return false;
  }

  /** Says that a holder whose handler takes its time is alive. */
  async #beat(over: AbortSignal, lost: AbortController): Promise<void> {
    while (!over.aborted) {
      await this.#host.delay(triggerBeatMs, over);
      const sinceMs = this.#host.monoMs() - this.#savedMs;
      if (over.aborted || this.#busy === 0 || sinceMs < triggerBeatMs) continue;
      await this.#save({}, lost, over).catch(() => undefined);
    }
  }
}

interface LivingLane {
  readonly ends: Promise<void>;
  readonly trimmed: AbortController;
}

function idOf({ Shard, Lane: lane }: PeekOutput['Lanes'][number]): string {
  return `${Shard} ${lane}`;
}

/**
 * Ends lanes whose shard is not there any more, while their batch waits to be tried again: its
 * records are over, and what comes after them must not be taken first.
 */
async function endTrimmed(
  living: ReadonlyMap<string, LivingLane>,
  listed: ReadonlySet<string>,
): Promise<void> {
  const gone = [...living].filter(([id]) => !listed.has(id));
  for (const [, { trimmed }] of gone) trimmed.abort();
  await Promise.all(gone.map(([, { ends }]) => ends));
}
