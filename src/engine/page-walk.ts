/**
 * A walk over the pages of a tree as the store has them: past the cache, under one checkpoint.
 *
 * Whoever must see the stored bytes walks: to find whose a damaged page is, to count, to measure.
 * Damage ends no walk, it is what a walk reports; what lies below a damaged inner page cannot be
 * reached. Cost: one request for walkPagesAtOnce pages, and time for others after each.
 */
import { emptyBytes, equalBytes, successor } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { walkPagesAtOnce } from '../base/limits.ts';
import { decodeMeta, type Meta, type TreeRoot } from '../pager/meta.ts';
import type { Page } from '../pager/page.ts';
import { assemble, pageRange } from '../pager/versions.ts';
import { metaKey, type ScanRange, type StoreRecord } from '../port/store.ts';
import { adopt } from './follow.ts';
import { ourMeta } from './identity.ts';
import type { EngineState } from './state.ts';

/** A checkpoint was made meanwhile: what was seen does not fit together. */
export class WalkMoved extends Error {
  override readonly name = 'WalkMoved';
}

/** One page of a tree: 1 is a leaf, 0 a page of a large value. */
export interface Visit {
  readonly id: number;
  readonly height: number;
  /** The keys it holds, or may hold: from `from` to before `to`. */
  readonly from: Uint8Array;
  readonly to: Uint8Array | undefined;
  /** Undefined when it is damaged, or the walk does not read this height. */
  readonly page: Page | undefined;
  readonly damage: Corruption | undefined;
  /** Records it is made of, and their bytes; 0 when it was not read. */
  readonly records: number;
  readonly bytes: number;
}

export interface WalkOptions {
  /** The least height that is read: 2 reads inner pages only, and names the leaves. Default 0. */
  readonly least?: 0 | 1 | 2;
  readonly signal?: AbortSignal | undefined;
  /**
   * Below an inner page that is damaged in the store, and sound in this engine's cache, the walk
   * goes on by that: so did whoever met a page there.
   */
  readonly byCache?: boolean;
}

type Place = Pick<Visit, 'id' | 'height' | 'from' | 'to'>;

/** Throws WalkMoved, StoreFailure, and what the signal says. */
export async function* walkTree(
  state: EngineState,
  meta: Meta,
  root: TreeRoot | undefined,
  options: WalkOptions = {},
): AsyncGenerator<Visit, void, void> {
  if (root === undefined) return;
  const top = { id: root.page, height: root.height, from: emptyBytes, to: undefined };
  yield* visitAll(state, meta, [top], options);
}

async function* visitAll(
  state: EngineState,
  meta: Meta,
  places: readonly Place[],
  options: WalkOptions,
): AsyncGenerator<Visit, void, void> {
  const least = options.least ?? 0;
  for (let at = 0; at < places.length; at += walkPagesAtOnce) {
    const some = places.slice(at, at + walkPagesAtOnce);
    options.signal?.throwIfAborted();
    if ((some[0] as Place).height < least) {
      for (const place of some) yield { ...place, ...unread };
      continue;
    }
    for (const visit of await read(state, meta, some)) {
      yield visit;
      const page = visit.page ?? kept(state, meta, visit, options);
      if (page !== undefined) yield* visitAll(state, meta, below({ ...visit, page }), options);
    }
    await state.options.scheduler.breathe();
  }
}

function kept(
  state: EngineState,
  meta: Meta,
  { id, height }: Visit,
  { byCache }: WalkOptions,
): Page | undefined {
  // Under another checkpoint it may be another page.
  if (byCache !== true || height < 2 || state.meta.checkpoint !== meta.checkpoint) return undefined;
  const page = state.cache.get(id);
  return page?.kind === 'inner' ? page : undefined;
}

const unread = { page: undefined, damage: undefined, records: 0, bytes: 0 };

/** Where the pages below a page are. */
function below({ page, height, to, from }: Visit): readonly Place[] {
  if (page === undefined || height === 0) return [];
  const places: Place[] = [];
  for (let index = 0; index < page.count; index += 1) {
    if (height > 1) {
      places.push({
        id: page.child(index),
        height: height - 1,
        from: index === 0 ? from : page.key(index),
        to: index + 1 < page.count ? page.key(index + 1) : to,
      });
    } else if (page.isOverflow(index)) {
      const key = page.key(index);
      const { firstPage, pages } = page.overflow(index);
      for (let id = firstPage; id < firstPage + pages; id += 1) {
        places.push({ id, height: 0, from: key, to: successor(key) });
      }
    }
  }
  return places;
}

async function read(
  state: EngineState,
  meta: Meta,
  places: readonly Place[],
): Promise<readonly Visit[]> {
  const ranges: ScanRange[] = places.map(({ id }) => {
    return { space: 'page', ...pageRange(id, meta.checkpoint) };
  });
  ranges.push({ space: 'meta', from: metaKey, to: metaKey });
  const results = await state.options.store.scan(ranges);
  state.progress.reads += 1;
  const stored = ourMeta(state, results[places.length]?.[0]?.value);
  const now = equalBytes(stored, state.metaBytes) ? state.meta : decodeMeta(stored);
  if (now.checkpoint !== meta.checkpoint) {
    // Whoever walks again is to stand on it, or would be thrown off by it for ever.
    await adopt(state, now, stored);
    throw new WalkMoved('a checkpoint came between');
  }
  const dead = new Set(now.dead);
  return places.map((place, index) => {
    return visitOf(place, results[index] as readonly StoreRecord[], meta.checkpoint, dead);
  });
}

function visitOf(
  place: Place,
  records: readonly StoreRecord[],
  checkpoint: number,
  dead: ReadonlySet<number>,
): Visit {
  const size = records.reduce((sum, { value }) => sum + value.length, 0);
  const seen = { ...place, records: records.length, bytes: size };
  try {
    const page = assemble(place.id, records, checkpoint, dead);
    if (page === undefined) throw new Corruption(`page ${place.id} is missing`);
    const wanted = place.height > 1 ? 'inner' : place.height === 1 ? 'leaf' : 'overflow';
    if (page.kind !== wanted) throw new Corruption(`page ${page.id}: ${page.kind}, not ${wanted}`);
    return { ...seen, page, damage: undefined };
  } catch (error) {
    if (!(error instanceof Corruption)) throw error;
    return { ...seen, page: undefined, damage: error };
  }
}
