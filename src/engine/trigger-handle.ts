/**
 * A trigger as a program holds it: a runner, what it has told of, and its dead letters.
 *
 * The same in a page, in Node and in tests: only the host, and the form of items, differ.
 */
import { deadLettersPageMax } from '../base/trigger-limits.ts';
import type { LetterOutput } from '../operation/trigger/dead-letters.ts';
import { lambdaRecord, type WireRecord } from '../stream/lambda-record.ts';
import { firstFailure } from '../stream/trigger-rules.ts';
import { timeOfNumber } from '../stream/sequence.ts';
import { tableNameOf } from '../table/arn.ts';
import type { TriggerHost } from './trigger-host.ts';
import type { Delivery, RunnerEvent, RunnerSettings } from './trigger-lane.ts';
import { TriggerRunner } from './trigger-runner.ts';
import { placeOf, rulesOf } from './trigger-settings.ts';
import type {
  DeadLetter,
  Trigger,
  TriggerEvent,
  TriggerHandler,
  TriggerNotice,
  TriggerOptions,
  TriggerRecord,
  TriggerStatus,
} from './trigger-types.ts';

/** Makes an item, as `TriggerHost.call` gives it, what the event has. */
export type ItemForm = (item: object) => object;

type Listener = (notice: TriggerNotice) => void;

/**
 * Opens a trigger, and makes it when it is new. Rejects with a RangeError for an option out of its
 * bounds, a TypeError for one in a wrong form, a ValidationException for a filter that is none or a
 * table without a stream, a ResourceInUseException when the name is that of a trigger of another
 * table.
 */
export async function openTrigger<I>(
  host: TriggerHost,
  table: string,
  handler: TriggerHandler<I>,
  options: TriggerOptions,
  form: ItemForm,
): Promise<Trigger<I>> {
  options.signal?.throwIfAborted();
  if (typeof handler !== 'function') throw new TypeError('A trigger needs a handler');
  const ownTable = tableNameOf(table);
  const { name = ownTable, startingPosition: start = 'TRIM_HORIZON', filter } = options;
  const patterns = filter === undefined ? undefined : patternsOf(filter);
  const rules = rulesOf(options);
  const on = placeOf(options.on);
  const isText = typeof start === 'string';
  if (!isText && Number.isNaN(new Date(start).valueOf())) {
    throw new RangeError('startingPosition must be a time');
  }
  await host.call('OpenTrigger', {
    Name: name,
    Table: table,
    StartingPosition: isText ? start : 'AT_TIMESTAMP',
    ...(!isText && { TimestampMs: Math.max(0, Math.round(start.valueOf())) }),
    ...(patterns && { Patterns: patterns }),
  });
  const overflow = options.deadLetter === false ? undefined : options.deadLetter?.overflow;
  const settings = {
    name,
    rules,
    patterns,
    on,
    keepsDead: options.deadLetter !== false,
    dropOldest: overflow === 'drop',
  };
  const opened = new OpenTrigger<I>({ host, table: ownTable, handler, form, settings });
  options.signal?.addEventListener('abort', () => void opened.close(), { once: true });
  return opened;
}

/** Lambda takes patterns as texts of JSON alone. */
function patternsOf(filter: object): readonly string[] {
  const { Filters } = filter as { readonly Filters?: unknown };
  if (!Array.isArray(Filters)) {
    throw new TypeError('filter must be { Filters: [{ Pattern }] }');
  }
  return Filters.map((one: { readonly Pattern?: unknown } | undefined) => {
    if (typeof one?.Pattern === 'string') return one.Pattern;
    throw new TypeError('A Pattern must be a text of JSON: JSON.stringify makes one of an object');
  });
}

interface Parts<I> {
  readonly host: TriggerHost;
  readonly table: string;
  readonly handler: TriggerHandler<I>;
  readonly form: ItemForm;
  readonly settings: RunnerSettings;
}

class OpenTrigger<I> implements Trigger<I> {
  readonly name: string;
  readonly table: string;
  readonly #parts: Parts<I>;
  readonly #runner: TriggerRunner;
  readonly #listeners: Set<readonly [TriggerNotice['type'], Listener]> = new Set();
  readonly #closed = new AbortController();
  #lastError: string | undefined;
  #closing: Promise<void> | undefined;
  /** Calls of the handler that have not returned yet, whatever their promises do. */
  #calling = 0;

  constructor(parts: Parts<I>) {
    this.name = parts.settings.name;
    this.table = parts.table;
    this.#parts = parts;
    const deliver = (delivery: Delivery): Promise<unknown> => this.#deliver(delivery);
    const tell = (event: RunnerEvent): void => this.#tell(event);
    this.#runner = new TriggerRunner(parts.host, parts.settings, deliver, tell);
    this.#runner.start();
  }

  async status(): Promise<TriggerStatus> {
    const { counts, state } = this.#runner;
    const peek = await this.#runner.peek();
    const { OldestMs: oldestMs } = peek;
    return {
      name: this.name,
      table: this.table,
      state,
      lagMs: oldestMs === undefined ? 0 : Math.max(0, this.#parts.host.wallMs() - oldestMs),
      streamArn: peek.StreamArn,
      positions: peek.Lanes.map(({ Shard, After }) => ({ shardId: Shard, sequenceNumber: After })),
      deadLetters: peek.DeadLetters,
      droppedLetters: peek.Dropped,
      trimmedShards: peek.Trimmed,
      batches: counts.batches,
      records: counts.records,
      failures: counts.failures,
      lastError: this.#lastError,
    };
  }

  on(type: TriggerNotice['type'], listener: Listener): () => void {
    const entry = [type, listener] as const;
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  async *deadLetters(): AsyncGenerator<DeadLetter<I>, void, void> {
    let after = -1;
    for (let more = true; more; ) {
      const { Letters, More } = await this.#letters(after);
      for (const letter of Letters) {
        after = letter.id;
        yield this.#letterOf(letter);
      }
      more = More;
    }
  }

  async redrive(ids?: readonly number[]): Promise<{ redriven: number; failed: number }> {
    const wanted = ids && new Set(ids);
    const counts = { redriven: 0, failed: 0 };
    for await (const letter of this.deadLetters()) {
      if (wanted?.has(letter.id) === false) continue;
      const { shardId } = letter.DDBStreamBatchInfo;
      const numbers = letter.event.Records.map(({ dynamodb }) => dynamodb.SequenceNumber);
      const attempt = letter.requestContext.approximateInvokeCount + 1;
      try {
        const answer = await this.#handle(letter.event, shardId, attempt, this.#closed.signal);
        if (firstFailure(answer, numbers) < numbers.length) throw new Error('records failed again');
        counts.redriven += await this.discard([letter.id]);
      } catch (error) {
        counts.failed += 1;
        this.#tell({ type: 'failure', error: error as Error });
      }
    }
    return counts;
  }

  async discard(ids?: readonly number[]): Promise<number> {
    const input = { Name: this.name, ...(ids && { Ids: ids }) };
    const output = await this.#parts.host.call('DiscardDeadLetters', input);
    return (output as { readonly Discarded: number }).Discarded;
  }

  close(): Promise<void> {
    this.#closing ??= this.#runner.close().then(() => {
      this.#closed.abort();
      this.#notify({ type: 'closed' });
    });
    // A handler that waited for its own end would have its whole patience used up.
    return this.#calling > 0 ? Promise.resolve() : this.#closing;
  }

  async remove(): Promise<void> {
    await this.close();
    await this.#parts.host.call('RemoveTrigger', { Name: this.name });
  }

  async #letters(after: number): Promise<{ Letters: readonly LetterOutput[]; More: boolean }> {
    const input = { Name: this.name, Limit: deadLettersPageMax, After: after };
    return (await this.#parts.host.call('ListDeadLetters', input)) as {
      Letters: readonly LetterOutput[];
      More: boolean;
    };
  }

  #deliver({ records, streamArn, shard, attempt, signal }: Delivery): Promise<unknown> {
    return this.#handle(this.#eventOf(records, streamArn), shard, attempt, signal);
  }

  async #handle(
    event: TriggerEvent<I>,
    shardId: string,
    attempt: number,
    signal: AbortSignal,
  ): Promise<unknown> {
    const { name, table } = this;
    const close = (): void => void this.close();
    this.#calling += 1;
    try {
      // Returned, not awaited: from its first wait on, others may be calling.
      return this.#parts.handler(event, { name, table, shardId, attempt, signal, close });
    } finally {
      this.#calling -= 1;
    }
  }

  #eventOf(records: readonly object[], arn: string): TriggerEvent<I> {
    const { form } = this.#parts;
    const Records = records.map((record) => lambdaRecord(record as WireRecord, arn, form));
    return { Records: Records as TriggerRecord<I>[] };
  }

  #letterOf(letter: LetterOutput): DeadLetter<I> {
    const { id, shard, first, last, count, condition, error, attempts, failedMs, arn } = letter;
    return {
      id,
      requestContext: { condition, approximateInvokeCount: attempts },
      responseContext: { functionError: error },
      version: '1.0',
      timestamp: new Date(failedMs).toISOString(),
      DDBStreamBatchInfo: {
        shardId: shard,
        startSequenceNumber: first,
        endSequenceNumber: last,
        approximateArrivalOfFirstRecord: timeOf(first),
        approximateArrivalOfLastRecord: timeOf(last),
        batchSize: count,
        streamArn: arn,
      },
      event: this.#eventOf(letter.records, arn),
    };
  }

  #tell(event: RunnerEvent): void {
    if (event.type === 'failure' || event.type === 'error') {
      this.#lastError = `${event.error.name}: ${event.error.message}`;
    }
    this.#notify(event);
  }

  /** One that throws harms no other, and is reported as an error that nobody caught. */
  #notify(notice: TriggerNotice): void {
    for (const [type, listener] of this.#listeners) {
      if (type === notice.type) queueMicrotask(() => listener(notice));
    }
  }
}

function timeOf(number: string): string {
  return new Date(timeOfNumber(number)).toISOString();
}
