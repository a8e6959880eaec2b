/**
 * What an engine may hold in memory and in its log, bytes: options of whoever opens it.
 *
 * An engine has at most `cacheBytes` of pages and two tails of `tailBytes` each. What the tails
 * have beyond 2 MB, the cache goes without, down to a quarter of its own bound. With the defaults
 * all of it is at most `cacheBytes` and 4 MB; of what a worker may have, 28 MB are left for
 * everything else.
 */
import {
  cacheBytesDefault,
  checkpointLogBytes,
  logRefusedFactor,
  logWaitFactor,
  tailRefusedFactor,
} from '../base/limits.ts';
import { tailCacheEighths, tailLeastBytes } from '../base/memory-limits.ts';

export interface BoundOptions {
  /** Of pages in memory, in bytes; 64 MiB unless given. */
  readonly cacheBytes?: number | undefined;
  /**
   * What was written since the last checkpoint is kept in memory. When it has so many bytes, it is
   * set aside for the next checkpoint, and writes go on; when it has them again before that one is
   * made, writes wait for it. Unless given, 2 MiB and three eighths of `cacheBytes`, by default
   * 26 MiB: a smaller one makes bulk loads slower.
   */
  readonly tailBytes?: number | undefined;
  /**
   * Bytes of log at which a checkpoint starts; a tail at its bound starts one too. Writes wait for
   * it where there are three times as many, and are refused where there are six times as many and
   * none can be made. An open reads what log there is, so this bounds the time that one takes.
   * 4 MiB unless given.
   */
  readonly checkpointBytes?: number | undefined;
}

export interface Bounds {
  readonly cacheBytes: number;
  readonly checkpointBytes: number;
  readonly tailBytes: number;
  /** A tail that checkpoints could not shorten takes no writes beyond this. */
  readonly tailRefusedBytes: number;
  /** Of log: writes wait for checkpoints beyond the one, and are refused beyond the other. */
  readonly logBytes: number;
  readonly logRefusedBytes: number;
}

/** Throws RangeError for what is no whole number of bytes. */
export function boundsOf(options: BoundOptions): Bounds {
  const cacheBytes = bytesOf('cacheBytes', options.cacheBytes, cacheBytesDefault);
  const ofCache = Math.floor((cacheBytes * tailCacheEighths) / 8);
  const tailBytes = bytesOf('tailBytes', options.tailBytes, tailLeastBytes + ofCache);
  const checkpointBytes = bytesOf('checkpointBytes', options.checkpointBytes, checkpointLogBytes);
  return {
    cacheBytes,
    checkpointBytes,
    tailBytes,
    tailRefusedBytes: tailBytes * tailRefusedFactor,
    logBytes: checkpointBytes * logWaitFactor,
    logRefusedBytes: checkpointBytes * logRefusedFactor,
  };
}

function bytesOf(name: string, given: number | undefined, byDefault: number): number {
  const bytes = given ?? byDefault;
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new RangeError(`${name} must be a whole number of bytes above 0, not ${String(given)}`);
}
