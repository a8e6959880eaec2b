/** A network that can be bad: a TCP proxy on this machine, between one device and its hub. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Prng, prng } from '../../src/base/prng.ts';

export type Weather =
  /** All goes through. */
  | 'fair'
  /** Connections are cut, and refused. */
  | 'cut'
  /** Connections stand, and nothing comes through: half open. */
  | 'silent'
  /** What the device says does not come through; what it is told does. */
  | 'mute'
  /** What the device is told does not come through; what it says does. */
  | 'deaf'
  /** All goes through, some bytes at a time, each `slowMs` later. */
  | 'slow'
  /** All goes through, until a connection breaks: after `lossyBytes` on average, in any message. */
  | 'lossy';

const slowMs = 15;
const slowBytes = 4096;
const lossyBytes = 60_000;
const firstLossBytes = 3000;

export class Cable {
  readonly #server: Server;
  readonly #pairs: Set<readonly [Socket, Socket]> = new Set();
  readonly #chance: Prng;
  #weather: Weather = 'fair';
  bytes = 0;
  /** Connections that broke in lossy weather. */
  broken = 0;
  /** Called with what a device has sent so far, in bytes. */
  sent: ((bytes: number) => void) | undefined;
  /** Called when a device tries to connect, and cannot. */
  refused: (() => void) | undefined;

  constructor(target: () => number, seed = 1) {
    this.#chance = prng(seed);
    this.#server = createServer((near) => {
      if (this.#weather === 'cut') {
        near.destroy();
        this.refused?.();
        return;
      }
      const far = connect(target(), '127.0.0.1');
      const pair = [near, far] as const;
      this.#pairs.add(pair);
      const end = (): void => {
        near.destroy();
        far.destroy();
        this.#pairs.delete(pair);
      };
      for (const socket of pair) {
        socket.on('error', end);
        socket.on('close', end);
      }
      near.on('data', (part) => {
        if (this.#weather === 'silent' || this.#weather === 'mute') return;
        this.bytes += part.length;
        this.sent?.(this.bytes);
        this.#pass(near, far, part, end);
      });
      far.on('data', (part) => {
        if (this.#weather !== 'silent' && this.#weather !== 'deaf')
          this.#pass(far, near, part, end);
      });
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  set weather(weather: Weather) {
    this.#weather = weather;
    // What was silent does not begin to speak in the middle: it is over.
    if (weather === 'fair' || weather === 'cut') this.#drop();
  }

  async close(): Promise<void> {
    this.#drop();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #pass(from: Socket, to: Socket, part: Buffer, end: () => void): void {
    if (this.#weather === 'slow') {
      from.pause();
      this.#drip(to, part, () => from.resume());
      return;
    }
    const reaches = this.#weather === 'lossy' ? this.#reach() : part.length;
    if (reaches >= part.length) {
      to.write(part);
      return;
    }
    this.broken += 1;
    to.write(part.subarray(0, reaches), end);
  }

  #drip(to: Socket, part: Buffer, done: () => void): void {
    if (to.destroyed || part.length === 0) {
      done();
      return;
    }
    to.write(part.subarray(0, slowBytes));
    setTimeout(() => this.#drip(to, part.subarray(slowBytes), done), slowMs);
  }

  /** How many of the next bytes come through; the first loss comes soon. */
  #reach(): number {
    const mean = this.broken === 0 ? firstLossBytes : lossyBytes;
    return Math.floor(-Math.log(1 - this.#chance.u32() / 2 ** 32) * mean);
  }

  #drop(): void {
    for (const pair of [...this.#pairs]) for (const socket of pair) socket.destroy();
  }
}
