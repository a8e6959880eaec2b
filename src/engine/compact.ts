/**
 * Compaction: leaves with deltas, and leaves less than half full, become full images.
 *
 * It is checkpoints like any other, which are led to such leaves: bounded slices that let calls
 * pass, a sweep after each, a crash at any point. Cost: a walk over all leaves, and two writes for
 * each that is rewritten.
 */
import {
  compactLeavesMax,
  compactRoundsMax,
  compactStallsMax,
  pageBytesSparse,
  walkTriesMax,
} from '../base/limits.ts';
import { walkRoots } from './damage.ts';
import type { CompactReport, Progress, WorkOptions } from './engine-types.ts';
import type { Sparse } from './leads.ts';
import { walkTree, WalkMoved } from './page-walk.ts';
import type { EngineState } from './state.ts';

interface Survey {
  readonly records: number;
  readonly bytes: number;
  /** At most compactLeavesMax. */
  readonly sparse: Sparse;
  /** How many there are in all. */
  readonly leaves: number;
}

/** `make`: a checkpoint that rewrites these leaves. */
export async function compact(
  state: EngineState,
  make: (sparse: Sparse) => Promise<void>,
  options: WorkOptions = {},
): Promise<CompactReport> {
  await make(new Map());
  const before = await survey(state, options.signal);
  let now = before;
  let stalls = 0;
  for (let round = 0; round < compactRoundsMax && now.leaves > 0; round += 1) {
    options.onProgress?.(progressOf(before, now));
    await make(now.sparse);
    const next = await survey(state, options.signal);
    // A leaf without a neighbour to be joined with stays as it is; or a checkpoint was under way.
    stalls = next.leaves < now.leaves ? 0 : stalls + 1;
    now = next;
    if (stalls === compactStallsMax) break;
  }
  options.onProgress?.({ done: before.leaves, total: before.leaves });
  return {
    recordsBefore: before.records,
    bytesBefore: before.bytes,
    recordsAfter: now.records,
    bytesAfter: now.bytes,
  };
}

function progressOf(before: Survey, now: Survey): Progress {
  return { done: Math.max(0, before.leaves - now.leaves), total: before.leaves };
}

async function survey(state: EngineState, signal: AbortSignal | undefined): Promise<Survey> {
  for (let tries = 0; tries < walkTriesMax; tries += 1) {
    try {
      return await lookOnce(state, signal);
    } catch (error) {
      if (!(error instanceof WalkMoved)) throw error;
    }
  }
  throw new Error('Checkpoints follow one another too fast for a compaction; try again later');
}

async function lookOnce(state: EngineState, signal: AbortSignal | undefined): Promise<Survey> {
  const { meta } = state;
  const sparse = new Map<number, Uint8Array[]>();
  const sum = { records: 0, bytes: 0, leaves: 0 };
  for await (const { tree, root } of walkRoots(state, meta)) {
    for await (const visit of walkTree(state, meta, root, { least: 0, signal })) {
      const { page, height, records, bytes, from } = visit;
      sum.records += records;
      sum.bytes += bytes;
      if (page === undefined || height !== 1) continue;
      const isOnly = root.height === 1;
      const isSparse = page.bytes.length < pageBytesSparse && !isOnly;
      if (page.deltas === 0 && !isSparse) continue;
      sum.leaves += 1;
      if (sum.leaves > compactLeavesMax) continue;
      const keys = sparse.get(tree);
      if (keys === undefined) sparse.set(tree, [from.slice()]);
      else keys.push(from.slice());
    }
  }
  return { ...sum, sparse };
}
