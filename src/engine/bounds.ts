/**
 * What an engine may hold in memory and in its log, bytes: options of whoever opens it.
 *
 * An engine has at most `cacheBytes` of pages and two tails of `tailBytes` each. What the tails
 * have beyond 12 MB, the cache goes without, down to a quarter of its own bound. With the defaults
 * all of it is at most `cacheBytes` and 12 MB; of what a worker may have, 20 MB are left for
 * everything else. Where checkpoints fail, tails grow up to where writes are refused: with the
 * cache's quarter that is `cacheBytes` and 30 MB.
 */
import { cacheBytesDefault, checkpointLogBytes, tailRefusedFactor } from '../base/limits.ts';
import {
  cacheLeastShare,
  tailCacheEighths,
  tailLeastBytes,
  tailRefusedBytesMax,
} from '../base/memory-limits.ts';
import { replayMsDefault } from '../base/replay-limits.ts';

export interface BoundOptions {
  /** Of pages in memory, in bytes; 64 MiB unless given. */
  readonly cacheBytes?: number | undefined;
  /**
   * What was written since the last checkpoint is kept in memory. When it has so many bytes, it is
   * set aside for the next checkpoint, and writes go on; when it has them again before that one is
   * made, writes wait for it. Unless given, 12 MiB and an eighth of `cacheBytes`: 20 MiB by
   * default. A smaller one makes bulk loads slower, and updates of data larger than the cache.
   */
  readonly tailBytes?: number | undefined;
  /**
   * Bytes of log at which a checkpoint starts; a tail at its bound starts one too. So does a third
   * of this bound, or of `replayMs`, where no tab has written for a second. Writes wait for it
   * where there are three times as many, and are refused where there are six times as many and none
   * can be made. 12 MiB unless given.
   */
  readonly checkpointBytes?: number | undefined;
  /**
   * An open reads what log there is: where that would take so many milliseconds, a checkpoint
   * starts too, however few bytes it has; writes wait, and are refused, at three and six times as
   * much. An estimate, of what was written and how long the last open took. 300 unless given.
   * What no user waits for (a load, a backfill) counts half, of bytes too.
   */
  readonly replayMs?: number | undefined;
}

export interface Bounds {
  readonly cacheBytes: number;
  readonly checkpointBytes: number;
  readonly replayMs: number;
  readonly tailBytes: number;
  /** A tail that checkpoints could not shorten takes no writes beyond this. */
  readonly tailRefusedBytes: number;
}

/** Throws RangeError for what is no whole number of bytes or of milliseconds. */
export function boundsOf(options: BoundOptions): Bounds {
  const cacheBytes = bytesOf('cacheBytes', options.cacheBytes, cacheBytesDefault);
  const ofCache = Math.floor((cacheBytes * tailCacheEighths) / 8);
  const tailBytes = bytesOf('tailBytes', options.tailBytes, tailLeastBytes + ofCache);
  const checkpointBytes = bytesOf('checkpointBytes', options.checkpointBytes, checkpointLogBytes);
  const replayMs = wholeOf('replayMs', 'milliseconds', options.replayMs, replayMsDefault);
  const least = Math.floor(cacheBytes / cacheLeastShare);
  const refused = Math.min(tailBytes * tailRefusedFactor, cacheBytes - least + tailRefusedBytesMax);
  // Two tails of a size that was asked for fit in any case.
  const tailRefusedBytes = Math.max(refused, 2 * tailBytes);
  return { cacheBytes, checkpointBytes, replayMs, tailBytes, tailRefusedBytes };
}

function bytesOf(name: string, given: number | undefined, byDefault: number): number {
  return wholeOf(name, 'bytes', given, byDefault);
}

function wholeOf(name: string, unit: string, given: number | undefined, byDefault: number): number {
  const value = given ?? byDefault;
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`${name} must be a whole number of ${unit} above 0, not ${String(given)}`);
}
