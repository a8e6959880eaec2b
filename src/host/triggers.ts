/**
 * Triggers in the engine's own process: Node, where nothing lies between handler and engine.
 */
import { DestinationRunner, type Destinations } from '../engine/destinations.ts';
import type { Engine } from '../engine/engine-types.ts';
import { ProcessLocks } from '../engine/process-lock.ts';
import { openTrigger } from '../engine/trigger-handle.ts';
import { engineHost, type TriggerHost } from '../engine/trigger-host.ts';
import type { Trigger, TriggerHandler, TriggerOptions } from '../engine/trigger-types.ts';
import { jsonItem } from '../stream/lambda-record.ts';
import type { StreamRecord } from '../stream/record.ts';
import { wireRecord } from '../stream/trigger-read.ts';
import { StoredItem } from '../value/codec.ts';
import { itemToPlain } from '../value/plain.ts';
import type { Item } from '../value/value.ts';
import { itemToWire } from '../value/wire.ts';
import { systemClock, systemRandom, systemScheduler } from './ports.ts';

/**
 * Delivers to Kinesis destinations by the ARN of the stream that each stands for: a function, or a
 * URL to POST to. Answers what ends it, to be called before the engine is closed.
 */
export function deliver(engine: Engine, destinations: Destinations): () => Promise<void> {
  const runner = new DestinationRunner(hostOf(engine, 'wire'), destinations, (record) =>
    wireRecord(record as StreamRecord),
  );
  runner.start();
  return () => runner.close();
}

const locks: WeakMap<Engine, ProcessLocks> = new WeakMap();

/**
 * Calls `handler` with what changes in a table, as `db.trigger` of a page does. Waiting for changes
 * does not keep a process from ending. To be closed before the engine.
 */
export function trigger<I = Readonly<Record<string, unknown>>>(
  engine: Engine,
  table: string,
  handler: TriggerHandler<I>,
  options: TriggerOptions = {},
): Promise<Trigger<I>> {
  const isPlain = options.plain === true;
  const host = hostOf(engine, isPlain ? 'plain' : 'wire');
  return openTrigger(host, table, handler, options, isPlain ? plainForm : jsonForm);
}

function hostOf(engine: Engine, form: 'wire' | 'plain'): TriggerHost {
  const own = locks.get(engine) ?? new ProcessLocks();
  locks.set(engine, own);
  const ports = {
    clock: systemClock,
    scheduler: systemScheduler,
    random: systemRandom,
    lock: (name: string) => own.lock(name),
  };
  return engineHost(engine, ports, form);
}

function jsonForm(item: object): object {
  return jsonItem(itemToWire(itemOf(item)));
}

function plainForm(item: object): object {
  return itemToPlain(itemOf(item));
}

function itemOf(item: object): Item {
  return item instanceof StoredItem ? item.item() : (item as Item);
}
