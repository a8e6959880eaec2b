/**
 * Whether the store is still the one this engine was opened on.
 *
 * A browser may clear a site's storage under an open database, and another tab may have made a new
 * store in its place by the time it is looked at. Nothing may then succeed: what was acknowledged
 * is gone, and an append would land in a log that is not ours. Cost: a comparison of bytes, while
 * meta is what it was.
 */
import { equalBytes } from '../base/bytes.ts';
import { decodeMeta } from '../pager/meta.ts';
import { StoreFailure } from '../port/store.ts';
import type { EngineState } from './state.ts';

/**
 * The meta record that was read. Throws StoreFailure `gone`, and tells so once, unless it is of our
 * store; throws UpdateNeeded when a newer version has taken the store over.
 */
export function ourMeta(state: EngineState, stored: Uint8Array | undefined): Uint8Array {
  if (stored !== undefined && isOurs(state, stored)) return stored;
  const message =
    'The data is gone: the store was cleared under this engine. Open the database again';
  if (!state.toldGone) state.options.notify?.({ type: 'data-loss', message, why: 'cleared' });
  state.toldGone = true;
  throw new StoreFailure('gone', message);
}

function isOurs({ meta, metaBytes }: EngineState, stored: Uint8Array): boolean {
  return equalBytes(stored, metaBytes) || equalBytes(decodeMeta(stored).storeId, meta.storeId);
}
