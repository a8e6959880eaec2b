/** A network that can be cut: a TCP proxy on this machine, between one device and its hub. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export type Weather =
  /** All goes through. */
  | 'fair'
  /** Connections are cut, and refused. */
  | 'cut'
  /** Connections stand, and nothing comes through: half open. */
  | 'silent';

export class Cable {
  readonly #server: Server;
  readonly #pairs: Set<readonly [Socket, Socket]> = new Set();
  #weather: Weather = 'fair';
  bytes = 0;
  /** Called with what a device has sent so far, in bytes. */
  sent: ((bytes: number) => void) | undefined;

  constructor(target: () => number) {
    this.#server = createServer((near) => {
      if (this.#weather === 'cut') {
        near.destroy();
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
        if (this.#weather !== 'fair') return;
        this.bytes += part.length;
        this.sent?.(this.bytes);
        far.write(part);
      });
      far.on('data', (part) => {
        if (this.#weather === 'fair') near.write(part);
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
    if (weather !== 'silent') this.#drop();
  }

  async close(): Promise<void> {
    this.#drop();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #drop(): void {
    for (const pair of [...this.#pairs]) for (const socket of pair) socket.destroy();
  }
}
