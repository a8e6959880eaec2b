/**
 * Triggers over the channel: the operations of triggers for a page, and two waits.
 *
 * The page runs its triggers (engine/trigger-runner.ts): its handler is there, and it is the page
 * that may be closed or frozen. TriggerChange answers when the log has moved or the time is over,
 * TriggerDelay when the time is over, TriggerDurable when a commit, or all until now, is durable.
 * Timers are the worker's, which browsers do not slow down in hidden tabs.
 */
import type { Engine } from '../engine/engine-types.ts';
import { untilChange, untilDurable } from '../engine/trigger-host.ts';
import type { Answer, Request } from '../operation/request.ts';
import type { Scheduler } from '../port/scheduler.ts';

/** Of the waits. */
export interface TriggerWait {
  readonly Ms?: number;
  readonly Sequence?: number;
}

export interface TriggersServed {
  readonly engine: Engine;
  readonly scheduler: Scheduler;
}

const operations: ReadonlySet<string> = new Set([
  'OpenTrigger',
  'ClaimTrigger',
  'RemoveTrigger',
  'PeekTrigger',
  'ReadTrigger',
  'SaveTrigger',
  'ListDestinations',
  'ListDeadLetters',
  'DiscardDeadLetters',
]);

/** What `rest` serves, and these calls. */
export function withTriggers(
  { engine, scheduler }: TriggersServed,
  rest: Pick<Engine, 'submit'>,
): Pick<Engine, 'submit'> {
  const never = new AbortController().signal;
  const wait = async ({ operation, input, signal = never }: Request): Promise<void> => {
    const { Ms = 0, Sequence } = input as TriggerWait;
    if (operation === 'TriggerChange') await untilChange(engine, scheduler, Ms, signal);
    else if (operation === 'TriggerDelay') await scheduler.delay(Ms, signal, true);
    else await untilDurable(engine, scheduler, Sequence);
  };
  return {
    submit(request, done) {
      if (operations.has(request.operation)) {
        engine.submit({ ...request, caller: { kind: 'engine', principal: 'trigger' } }, done);
      } else if (/^Trigger(Change|Delay|Durable)$/.test(request.operation)) {
        wait(request).then(
          () => done({ output: {} } satisfies Answer),
          (error: Error) => done({ error }),
        );
      } else rest.submit(request, done);
    },
  };
}
