/**
 * Triggers in the engine's own process: Node, where nothing lies between handler and engine.
 */
import type { Engine } from '../engine/engine-types.ts';
import { ProcessLocks } from '../engine/process-lock.ts';
import { openTrigger } from '../engine/trigger-handle.ts';
import { engineHost } from '../engine/trigger-host.ts';
import type { Trigger, TriggerHandler, TriggerOptions } from '../engine/trigger-types.ts';
import { jsonItem } from '../stream/lambda-record.ts';
import { StoredItem } from '../value/codec.ts';
import { itemToPlain } from '../value/plain.ts';
import type { Item } from '../value/value.ts';
import { itemToWire } from '../value/wire.ts';
import { systemClock, systemRandom, systemScheduler } from './ports.ts';

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
  const own = locks.get(engine) ?? new ProcessLocks();
  locks.set(engine, own);
  const host = engineHost(engine, {
    clock: systemClock,
    scheduler: systemScheduler,
    random: systemRandom,
    lock: (name) => own.lock(name),
  });
  return openTrigger(host, table, handler, options, options.plain === true ? plainForm : jsonForm);
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
