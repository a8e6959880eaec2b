/**
 * The bodies of requests as they come in, within bounds: of one, and of all that are there at once.
 */
import type { IncomingMessage } from 'node:http';
import { DynamoError } from '../base/errors.ts';
import { bodiesBytesMax, refusedBodyBytes } from '../base/access-limits.ts';
import { requestBytesMax } from '../base/limits.ts';

export interface Body {
  /** Undefined when it is longer than a request may be. */
  readonly bytes: Uint8Array | undefined;
  /** To be called once: its bytes count no longer. */
  release(): void;
}

export class Bodies {
  readonly #max: number;
  #held = 0;

  constructor(max: number = bodiesBytesMax) {
    this.#max = max;
  }

  /**
   * Reads a body. One that is too long is read to its end and dropped, within a bound, for a client
   * that is still sending would not see an answer. Rejects with ServiceUnavailable where all bodies
   * together are too long.
   */
  async read(request: IncomingMessage): Promise<Body> {
    const drainedMax = 2 * requestBytesMax;
    let held = 0;
    const release = (): void => {
      this.#held -= held;
      held = 0;
    };
    if (announced(request) > drainedMax) return { bytes: undefined, release };
    let parts: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const part of partsOf(request)) {
        length += part.length;
        if (length > drainedMax) return { bytes: undefined, release };
        if (length > requestBytesMax) {
          parts = [];
          release();
          continue;
        }
        if (this.#held + part.length > this.#max) throw crowded();
        this.#held += part.length;
        held += part.length;
        parts.push(part);
      }
    } catch (error) {
      release();
      throw error;
    }
    return { bytes: length > requestBytesMax ? undefined : Buffer.concat(parts), release };
  }

  /** Reads a short body and drops it; false when it is longer, or was given up before. */
  async drop(request: IncomingMessage): Promise<boolean> {
    if (request.complete) return true;
    if (request.destroyed || announced(request) > refusedBodyBytes) return false;
    let length = 0;
    for await (const part of partsOf(request)) {
      length += part.length;
      if (length > refusedBodyBytes) return false;
    }
    return true;
  }
}

/** What is left of a body; the connection stays for the answer when not all of it is read. */
function partsOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
}

function announced(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

function crowded(): DynamoError {
  return new DynamoError('ServiceUnavailable', 'Too many bytes of requests are under way');
}
