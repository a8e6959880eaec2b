/**
 * Changing the meta record: compare and swap, in the transaction that does what the change is for.
 *
 * Appends read meta and never write it, so this meets only checkpoints and turnstiles of others.
 */
import { equalBytes } from '../base/bytes.ts';
import { appendRetriesMax } from '../base/limits.ts';
import { decodeMeta, encodeMeta, type Meta } from '../pager/meta.ts';
import { metaKey, type SpaceRecord, StoreFailure, type WriteBatch } from '../port/store.ts';
import { ourMeta } from './identity.ts';
import type { EngineState } from './state.ts';

/** Where a copy of the meta record is, as it was when the last checkpoint was made. */
export const metaCopyKey = 2;

export interface MetaBatch extends Omit<WriteBatch, 'expectMeta'> {
  /** The copy is renewed too: it must never be older than the checkpoint. */
  readonly keepCopy?: boolean;
}

/** The meta record, and its copy, as they are put. */
export function metaRecords(value: Uint8Array, withCopy: boolean): readonly SpaceRecord[] {
  const record: SpaceRecord = { space: 'meta', key: metaKey, value };
  return withCopy ? [record, { ...record, key: metaCopyKey }] : [record];
}

/**
 * Writes what is the same done twice and done once: an unknown outcome is simply tried again. In
 * another store, or one of a newer format, nothing is written. Throws StoreFailure with `failed`.
 */
export async function writeOurs(
  state: EngineState,
  batch: WriteBatch,
  failed: string,
): Promise<void> {
  const { store } = state.options;
  const whole = {
    ...batch,
    expectMeta: (stored?: Uint8Array) => ourMeta(state, stored).length > 0,
  };
  let result = await store.write(whole);
  if (result.kind === 'unknown') result = await store.write(whole);
  if (result.kind !== 'done') throw new StoreFailure('lost', failed, result);
}

/**
 * Writes what `change` makes of the stored meta, with `batch` in the same transaction. `change`
 * answers undefined to give up. Answers the meta written, or undefined when it was given up, or a
 * key that the batch adds was taken.
 * Throws StoreFailure when the disk is full or the store is lost.
 */
export async function updateMeta(
  state: EngineState,
  change: (meta: Meta) => Meta | undefined,
  { keepCopy = false, ...batch }: MetaBatch = {},
): Promise<{ readonly meta: Meta; readonly bytes: Uint8Array } | undefined> {
  const { store, scheduler } = state.options;
  for (let attempt = 0; attempt < appendRetriesMax; attempt += 1) {
    const stored = ourMeta(state, await store.get('meta', metaKey));
    const meta = change(decodeMeta(stored));
    if (meta === undefined) return undefined;
    const bytes = encodeMeta(meta);
    const result = await store.write({
      ...batch,
      expectMeta: (now) => now !== undefined && equalBytes(now, stored),
      put: [...(batch.put ?? []), ...metaRecords(bytes, keepCopy)],
    });
    if (result.kind !== 'unknown') state.progress.writes += 1;
    if (result.kind === 'done') return { meta, bytes };
    if (result.kind === 'refused' && result.why !== 'meta' && result.why !== 'taken') {
      throw new StoreFailure(result.why, 'the meta record could not be written', result.cause);
    }
    if (result.kind === 'refused' && result.why === 'taken') return undefined;
    if (result.kind === 'unknown') {
      const now = await store.get('meta', metaKey);
      if (now !== undefined && equalBytes(now, bytes)) return { meta, bytes };
      await scheduler.delay(1);
    }
  }
  throw new StoreFailure('lost', 'the meta record could not be written');
}
