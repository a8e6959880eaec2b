/**
 * What a change of an item takes along for its table's stream: the shard that records it, the
 * images that the view keeps, and the old value where one of them is the old.
 *
 * A shard has a range of the hashes that keys begin with, as a partition has.
 */
import { keepsAfter, keepsBefore } from '../log/change.ts';
import type { Mutation } from '../log/commit.ts';
import { hashOfKey } from '../value/key-decode.ts';
import type { LiveShard, StreamView, TableState } from './state.ts';

const imagesOf: Readonly<Record<StreamView, number>> = {
  KEYS_ONLY: 0,
  NEW_IMAGE: keepsAfter,
  OLD_IMAGE: keepsBefore,
  NEW_AND_OLD_IMAGES: keepsAfter + keepsBefore,
};

/** Members of the mutation of the item under `key`; nothing of a table without a stream. */
export function recordOf(
  { stream }: TableState,
  key: Uint8Array,
  before: Uint8Array | undefined,
): Pick<Mutation, 'before' | 'recorded'> {
  if (stream === undefined) return {};
  const images = imagesOf[stream.keepsAll === true ? 'NEW_AND_OLD_IMAGES' : stream.view];
  return {
    before: (images & keepsBefore) === 0 ? undefined : before,
    recorded: { tree: shardOf(stream.shards, hashOfKey(key)).tree, images },
  };
}

/** The shard whose range has `hash`. */
export function shardOf(shards: readonly LiveShard[], hash: number): LiveShard {
  let low = 0;
  let high = shards.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((shards[middle] as LiveShard).from <= hash) low = middle;
    else high = middle;
  }
  return shards[low] as LiveShard;
}
