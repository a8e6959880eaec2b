/**
 * Delivering to Kinesis destinations: what a program maps the ARN of a Kinesis stream to, a
 * function or a URL, is given the changes of every table that streams there.
 *
 * A destination is a trigger (trigger-runner.ts) that tries again until its records are a day old,
 * when DynamoDB gives them up too. Which there are is looked for when the log moves, and now and
 * then.
 */
import { destinationLookMs } from '../base/trigger-limits.ts';
import type { ListedDestination } from '../operation/kinesis/list-destinations.ts';
import { type DestinationRecord, destinationRecord } from '../stream/destination.ts';
import type { WireRecord } from '../stream/lambda-record.ts';
import type { TriggerHost } from './trigger-host.ts';
import type { Delivery, RunnerSettings } from './trigger-lane.ts';
import { TriggerRunner } from './trigger-runner.ts';
import { rulesOf } from './trigger-settings.ts';

export interface DestinationContext {
  readonly streamArn: string;
  readonly tableName: string;
  readonly signal: AbortSignal;
}

/** Resolves when it has the records; what it rejects comes again. */
export type DestinationSink = (
  records: readonly DestinationRecord[],
  context: DestinationContext,
) => unknown;

/** By the ARN of the Kinesis stream: a function, or where to POST `{ streamArn, records }`. */
export type Destinations = Readonly<Record<string, DestinationSink | string>>;

/** As PutRecords takes them. */
const batchSize = 500;

export class DestinationRunner {
  readonly #host: TriggerHost;
  readonly #sinks: ReadonlyMap<string, DestinationSink>;
  /** Makes items objects in DynamoDB's form. */
  readonly #wire: (record: object) => WireRecord;
  readonly #told: (error: Error) => void;
  readonly #stop = new AbortController();
  readonly #runners: Map<string, TriggerRunner> = new Map();
  #running: Promise<void> | undefined;

  constructor(
    host: TriggerHost,
    destinations: Destinations,
    wire: (record: object) => WireRecord,
    told: (error: Error) => void = () => undefined,
  ) {
    this.#host = host;
    this.#wire = wire;
    this.#told = told;
    this.#sinks = new Map(
      Object.entries(destinations).map(([arn, sink]) => [
        arn,
        typeof sink === 'string' ? postTo(sink) : sink,
      ]),
    );
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all([...this.#runners.values()].map((runner) => runner.close()));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const output = await this.#host.call('ListDestinations', {});
        const { Destinations: listed } = output as { Destinations: readonly ListedDestination[] };
        await this.#follow(listed);
      } catch (error) {
        this.#told(error as Error);
      }
      await this.#host.delay(destinationLookMs, signal);
    }
  }

  /** Runners for those that are on, and for no others. */
  async #follow(listed: readonly ListedDestination[]): Promise<void> {
    const wanted = new Map(
      listed
        .filter(({ StreamArn }) => this.#sinks.has(StreamArn))
        .map((one) => [`${one.Trigger} ${one.Precision}`, one]),
    );
    for (const [id, runner] of [...this.#runners]) {
      if (wanted.has(id)) continue;
      this.#runners.delete(id);
      await runner.close();
    }
    for (const [id, one] of wanted) {
      if (this.#runners.has(id) || this.#stop.signal.aborted) continue;
      const runner = this.#runnerOf(one);
      this.#runners.set(id, runner);
      runner.start();
    }
  }

  #runnerOf({ Trigger, Table, StreamArn, Precision }: ListedDestination): TriggerRunner {
    const settings: RunnerSettings = {
      name: Trigger,
      rules: rulesOf({ batchSize }),
      patterns: undefined,
      keepsDead: false,
      dropOldest: false,
    };
    const sink = this.#sinks.get(StreamArn) as DestinationSink;
    const deliver = async ({ records, signal }: Delivery): Promise<void> => {
      const told = records.map((record) => destinationRecord(this.#wire(record), Table, Precision));
      await sink(told, { streamArn: StreamArn, tableName: Table, signal });
    };
    return new TriggerRunner(this.#host, settings, deliver, (event) => {
      if (event.type === 'error' || event.type === 'failure') this.#told(event.error);
    });
  }
}

function postTo(url: string): DestinationSink {
  return async (records, { streamArn, signal }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ streamArn, records }),
      signal,
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  };
}
