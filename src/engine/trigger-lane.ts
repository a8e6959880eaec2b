/**
 * One lane of a shard in the hands of a trigger's runner: gathers batches, has them handled in
 * pieces by the rules (stream/trigger-rules.ts), and saves its place.
 */
import { triggerBatchBytesMax, triggerLookMs, triggerSkipMs } from '../base/trigger-limits.ts';
import type { LaneOutput, ReadOutput } from '../operation/trigger/read-trigger.ts';
import { timeOfNumber } from '../stream/sequence.ts';
import {
  backoffMs,
  countExpired,
  firstFailure,
  judgePiece,
  type Piece,
  type TriggerPlace,
  type TriggerRules,
} from '../stream/trigger-rules.ts';
import type { TriggerHost } from './trigger-host.ts';

export interface RunnerSettings {
  readonly name: string;
  readonly rules: TriggerRules;
  readonly patterns: readonly string[] | undefined;
  /** Every change unless given. */
  readonly on?: TriggerPlace | undefined;
  /** False: what fails for good is given up. */
  readonly keepsDead: boolean;
  readonly dropOldest: boolean;
}

/** One handing over to the handler. */
export interface Delivery {
  readonly records: readonly object[];
  readonly streamArn: string;
  readonly shard: string;
  /** 1 at first. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

export type RunnerEvent =
  | { readonly type: 'running' | 'waiting' | 'blocked' }
  | { readonly type: 'failure' | 'error'; readonly error: Error }
  | { readonly type: 'dead-letter'; readonly count: number; readonly condition: string };

export interface RunnerCounts {
  batches: number;
  records: number;
  failures: number;
  deadLetters: number;
}

/** What its lanes ask of the runner. */
export interface LaneParts {
  readonly host: TriggerHost;
  readonly settings: RunnerSettings;
  readonly counts: RunnerCounts;
  deliver(delivery: Delivery): Promise<unknown>;
  /** Counts lanes that have records in hand. */
  busy(by: number): void;
  tell(event: RunnerEvent): void;
  /** Saves for the holder, again while it is blocked; false when it is not the holder any more. */
  save(input: object, signal: AbortSignal): Promise<boolean>;
}

interface LaneRecord {
  readonly dynamodb: { readonly SequenceNumber: string; readonly SizeBytes: number };
}

interface Batch {
  readonly records: readonly LaneRecord[];
  readonly numbers: readonly string[];
  readonly timesMs: readonly number[];
  /** Sequence number of the last commit in it. */
  readonly sequence: number;
}

/** Of a handler that has failed for good reasons of its own. */
class Timeout extends Error {
  override readonly name = 'TimeoutError';
}

export class Lane {
  readonly #parts: LaneParts;
  readonly #at: LaneOutput;
  readonly #arn: string;
  readonly #over: AbortSignal;
  /** How far it has read, and how far that is saved. */
  #read: string;
  #saved: string;
  #savedMs: number;
  #failures = 0;
  #isFirst = true;
  #isBusy = false;
  /** Why the last try failed. */
  #last: Error = new Error('The records were too old before they were tried');

  constructor(parts: LaneParts, at: LaneOutput, arn: string, over: AbortSignal) {
    this.#parts = parts;
    this.#at = at;
    this.#arn = arn;
    this.#over = over;
    this.#read = at.After;
    this.#saved = at.After;
    this.#savedMs = parts.host.monoMs();
  }

  /** Resolves at the end of the shard, or when it is over. */
  async live(): Promise<void> {
    try {
      while (!this.#over.aborted && (await this.#go())) this.#setBusy(false);
    } finally {
      this.#setBusy(false);
    }
  }

  /** One batch, or one wait; false at the end. */
  async #go(): Promise<boolean> {
    const { records, isEnd, sequence } = await this.#gather();
    if (this.#over.aborted) return false;
    if (records.length > 0 && !(await this.#workOff(batchOf(records, sequence)))) return false;
    const isAhead = this.#read !== this.#saved;
    if (isAhead && (isEnd || this.#mustSave()) && !(await this.#save(this.#read))) return false;
    if (isEnd) return false;
    if (records.length > 0) return true;
    const waitMs = this.#read === this.#saved ? triggerLookMs : triggerSkipMs;
    await this.#parts.host.change(waitMs, this.#over);
    return true;
  }

  /** A holder that has records in hand says that it is alive. */
  #setBusy(isBusy: boolean): void {
    if (isBusy !== this.#isBusy) this.#parts.busy(isBusy ? 1 : -1);
    this.#isBusy = isBusy;
  }

  #mustSave(): boolean {
    return this.#parts.host.monoMs() - this.#savedMs >= triggerSkipMs;
  }

  /** A batch: as much as there is, up to its size; with a window, what comes in that time. */
  async #gather(): Promise<{ records: LaneRecord[]; isEnd: boolean; sequence: number }> {
    const { host, settings } = this.#parts;
    const { batchSize, windowMs } = settings.rules;
    const records: LaneRecord[] = [];
    let bytes = 0;
    let sequence = 0;
    let untilMs: number | undefined;
    while (!this.#over.aborted) {
      const page = await this.#next(batchSize - records.length, triggerBatchBytesMax - bytes);
      this.#read = page.After;
      sequence = Math.max(sequence, page.Sequence);
      for (const record of page.Records as readonly LaneRecord[]) {
        records.push(record);
        bytes += record.dynamodb.SizeBytes;
      }
      if (records.length > 0) this.#setBusy(true);
      const isFull = records.length >= batchSize || bytes >= triggerBatchBytesMax;
      if (isFull || page.End) return { records, isEnd: page.End, sequence };
      if (page.Part) continue;
      if (records.length === 0 || windowMs === 0) return { records, isEnd: false, sequence };
      untilMs ??= host.monoMs() + windowMs;
      const leftMs = untilMs - host.monoMs();
      if (leftMs <= 0) return { records, isEnd: false, sequence };
      await host.change(leftMs, this.#over);
    }
    return { records, isEnd: false, sequence };
  }

  #next(limit: number, bytes: number): Promise<ReadOutput> {
    const { host, settings } = this.#parts;
    const input = {
      Name: settings.name,
      Shard: this.#at.Shard,
      Lane: this.#at.Lane,
      Lanes: settings.rules.parallel,
      After: this.#read,
      Limit: limit,
      Bytes: Math.max(1, bytes),
      Patterns: settings.patterns,
      On: settings.on,
    };
    return host.call('ReadTrigger', input) as Promise<ReadOutput>;
  }

  /** Every piece of a batch; false when it is over, or the trigger was lost. */
  async #workOff(batch: Batch): Promise<boolean> {
    const { host, settings } = this.#parts;
    // Once, what it stands on too: that shards before this one are done with, or were trimmed.
    await host.durable(this.#isFirst ? undefined : batch.sequence);
    this.#isFirst = false;
    const pieces: Piece[] = [{ from: 0, to: batch.records.length, used: 0 }];
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
      if (this.#over.aborted) return false;
      const { timesMs } = batch;
      const hasFailed = this.#failures > 0;
      const old = countExpired(timesMs, piece, hasFailed, settings.rules, host.wallMs());
      if (old > 0) {
        const dead = { ...piece, to: piece.from + old };
        if (!(await this.#bury(batch, dead, 'RecordAgeExceeded', this.#last))) return false;
        if (dead.to < piece.to) pieces.unshift({ ...piece, from: dead.to });
        continue;
      }
      const failed = await this.#try(batch, piece);
      const { done, rest, dead } = judgePiece(piece, failed, settings.rules);
      if (done > piece.from && !(await this.#saveBatch(batch, done))) return false;
      if (dead !== undefined) {
        if (!(await this.#bury(batch, dead, 'RetryAttemptsExhausted', this.#last))) return false;
        this.#failures = 0;
      }
      pieces.unshift(...rest);
      if (rest.length > 0 && done === piece.from) await this.#rest();
    }
    return true;
  }

  /** The first record of the piece that failed; `piece.to` when none did. */
  async #try(batch: Batch, piece: Piece): Promise<number> {
    const { counts } = this.#parts;
    const numbers = batch.numbers.slice(piece.from, piece.to);
    let first: number;
    try {
      const answer = await this.#handle(batch.records.slice(piece.from, piece.to));
      first = firstFailure(answer, numbers);
      if (first < numbers.length) this.#last = new Error('The handler named records that failed');
    } catch (error) {
      first = 0;
      this.#last = error instanceof Error ? error : new Error(String(error));
    }
    counts.batches += 1;
    counts.records += first;
    if (first === numbers.length) {
      this.#failures = 0;
      return piece.to;
    }
    counts.failures += 1;
    this.#failures += 1;
    this.#parts.tell({ type: 'failure', error: this.#last });
    return piece.from + first;
  }

  /** What the handler answers, if it does in its time. */
  async #handle(records: readonly LaneRecord[]): Promise<unknown> {
    const { host, settings, deliver } = this.#parts;
    const { timeoutMs } = settings.rules;
    const over = new AbortController();
    const expired = new AbortController();
    const late = host.delay(timeoutMs, over.signal).then(() => {
      if (over.signal.aborted) return;
      const timeout = new Timeout(`The handler took longer than ${timeoutMs} ms`);
      expired.abort(timeout);
      throw timeout;
    });
    late.catch(() => undefined);
    const answered = deliver({
      records,
      streamArn: this.#arn,
      shard: this.#at.Shard,
      attempt: this.#failures + 1,
      signal: AbortSignal.any([this.#over, expired.signal]),
    });
    return Promise.race([answered, late.then(() => answered)]).finally(() => over.abort());
  }

  /** Waits after a failure, longer after each. */
  async #rest(): Promise<void> {
    const { host } = this.#parts;
    const [high = 0, low = 0] = host.random.bytes(2);
    const chance = (high * 256 + low) / 65_536;
    await host.delay(backoffMs(Math.max(1, this.#failures), chance), this.#over);
  }

  /** Records that are given up become dead letters, or go, and the lane goes on after them. */
  async #bury(
    batch: Batch,
    { from, to }: Piece,
    condition: string,
    error: Error,
  ): Promise<boolean> {
    const { settings, counts, tell } = this.#parts;
    const numbers = batch.numbers.slice(from, to);
    const failed = settings.keepsDead && {
      Failed: {
        Numbers: numbers,
        Condition: condition,
        Error: `${error.name}: ${error.message}`,
        Attempts: this.#failures,
        DropOldest: settings.dropOldest,
      },
    };
    if (!(await this.#save(numbers.at(-1) as string, failed || {}))) return false;
    counts.deadLetters += numbers.length;
    tell({ type: 'dead-letter', count: numbers.length, condition });
    return true;
  }

  /** Records before `done` are done with; after the last one, so is what was passed over. */
  #saveBatch(batch: Batch, done: number): Promise<boolean> {
    const isAll = done === batch.records.length;
    return this.#save(isAll ? this.#read : (batch.numbers[done - 1] as string));
  }

  async #save(after: string, more: object = {}): Promise<boolean> {
    const { host, save } = this.#parts;
    const { Shard, Lane } = this.#at;
    const held = await save({ Shard, Lane, After: after, ...more }, this.#over);
    this.#saved = after;
    this.#savedMs = host.monoMs();
    return held;
  }
}

function batchOf(records: readonly LaneRecord[], sequence: number): Batch {
  const numbers = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
  return {
    records,
    numbers,
    timesMs: numbers.map(timeOfNumber),
    sequence,
  };
}
