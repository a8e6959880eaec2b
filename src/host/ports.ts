/**
 * Time, chance and turns of a machine that runs JavaScript: the ports a host gives its engine.
 *
 * The same three work in a page, a worker and Node, because they ask for the feature and not for
 * the platform. Tests give their own.
 */
import type { Clock } from '../port/clock.ts';
import type { Random } from '../port/random.ts';
import type { Scheduler } from '../port/scheduler.ts';

interface NodeTimer {
  unref(): void;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
};

export const systemRandom: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

export const systemScheduler: Scheduler = {
  delay: (delayMs, signal, idle) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const end = (): void => {
        clearTimeout(timer as number);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer: unknown = setTimeout(end, delayMs);
      // A number in browsers, an object in Node.
      if (idle === true && typeof timer === 'object') (timer as NodeTimer).unref();
      signal?.addEventListener('abort', end);
    }),
  every: (everyMs, act) => {
    const timer = setInterval(act, everyMs);
    return () => clearInterval(timer);
  },
  breathe: () => (typeof setImmediate === 'function' ? breatheByImmediate() : breatheByMessage()),
};

function breatheByImmediate(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Resolvers of those who breathe, in order; one message is under way for each. */
const breathing: (() => void)[] = [];
let channel: MessageChannel | undefined;

/**
 * A message is a task of its own like a timer, without the 4 ms that nested timers are held back.
 */
function breatheByMessage(): Promise<void> {
  if (channel === undefined) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => breathing.shift()?.();
  }
  const { port2 } = channel;
  return new Promise((resolve) => {
    breathing.push(resolve);
    port2.postMessage(0);
  });
}
