/**
 * A pair of ports inside one thread: what is posted to one arrives at the other, cloned, a
 * microtask later. It carries the channel where there is no worker.
 *
 * A MessageChannel would do the same, but would keep a Node process alive, or let it end while
 * calls are under way.
 */
import type { ChannelPort } from './channel.ts';

type Listener = (event: MessageEvent) => void;

class LoopbackPort implements ChannelPort {
  other: LoopbackPort | undefined;
  readonly #listeners: Listener[] = [];

  postMessage(message: unknown, transfer: ArrayBuffer[]): void {
    const data: unknown = structuredClone(message, { transfer });
    queueMicrotask(() => this.other?.hear(data));
  }

  addEventListener(_type: 'message', listener: Listener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    // Messages are delivered from the beginning: both ends listen before either can post.
  }

  close(): void {
    if (this.other !== undefined) this.other.other = undefined;
    this.other = undefined;
  }

  hear(data: unknown): void {
    for (const listener of this.#listeners) listener({ data } as MessageEvent);
  }
}

export function loopback(): readonly [Required<ChannelPort>, Required<ChannelPort>] {
  const one = new LoopbackPort();
  const two = new LoopbackPort();
  one.other = two;
  two.other = one;
  return [one, two];
}
