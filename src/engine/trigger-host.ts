/**
 * What a trigger's runner needs of the world around it, and how an engine gives it.
 *
 * A runner is in the page, or where the engine is: it asks by calls that could travel.
 */
import { triggerBarrierMs } from '../base/trigger-limits.ts';
import type { Caller } from '../operation/operation.ts';
import type { Clock } from '../port/clock.ts';
import type { Lock } from '../port/lock.ts';
import type { Random } from '../port/random.ts';
import type { Scheduler } from '../port/scheduler.ts';
import type { Engine } from './engine-types.ts';

export interface TriggerHost {
  /** An operation of the folder operation/trigger. */
  call(operation: string, input: object): Promise<object>;
  /** Resolves when the log has moved, after `delayMs`, or when `signal` is aborted. */
  change(delayMs: number, signal: AbortSignal): Promise<void>;
  delay(delayMs: number, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when power loss cannot undo the commit, or all until now; rejects when that cannot be
   * had.
   */
  durable(sequence?: number): Promise<void>;
  random: Random;
  wallMs(): number;
  monoMs(): number;
  /** Of one trigger among all tabs; undefined where there are no locks. */
  lock(name: string): Lock | undefined;
}

export interface HostPorts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly lock?: ((name: string) => Lock | undefined) | undefined;
}

const engineCaller: Caller = { kind: 'engine', principal: 'trigger' };

/** `form`: as its records say it, which is seen only where our own API tells more than DynamoDB. */
export function engineHost(
  engine: Engine,
  ports: HostPorts,
  form: 'wire' | 'plain' = 'wire',
): TriggerHost {
  const { clock, scheduler, random, lock } = ports;
  return {
    call: (operation, input) => engine.call({ operation, input, form, caller: engineCaller }),
    change: (delayMs, signal) => untilChange(engine, scheduler, delayMs, signal),
    delay: (delayMs, signal) => scheduler.delay(delayMs, signal, true),
    durable: (sequence) => untilDurable(engine, scheduler, sequence),
    random,
    wallMs: () => clock.wallMs(),
    monoMs: () => clock.monoMs(),
    lock: (name) => lock?.(name),
  };
}

export async function untilChange(
  engine: Pick<Engine, 'watch'>,
  scheduler: Scheduler,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort();
  const unwatch = engine.watch(end);
  signal?.addEventListener('abort', end);
  if (signal?.aborted === true) end();
  await scheduler.delay(delayMs, over.signal, true);
  signal?.removeEventListener('abort', end);
  unwatch();
}

/**
 * Waits for the barrier that comes by itself, or asks for one: soon, so that a trigger is not late
 * by a whole `barrierMs`, and not at once, so that many batches share it.
 */
export async function untilDurable(
  engine: Pick<Engine, 'status' | 'whenDurable' | 'barrier'>,
  scheduler: Scheduler,
  sequence: number = engine.status().sequence,
): Promise<void> {
  if (engine.status().durableSeq >= sequence) return;
  const reached = new AbortController();
  const waited = engine.whenDurable(sequence).finally(() => reached.abort());
  waited.catch(() => undefined);
  await scheduler.delay(triggerBarrierMs, reached.signal);
  if (engine.status().durableSeq < sequence) await engine.barrier();
  await waited;
}
