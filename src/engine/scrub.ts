/**
 * The scrub: reads all that is stored, and compares what must agree.
 *
 * Pages are read past the cache, so that their checksums are tried; entries and bytes of each tree
 * are counted on the way and compared with its counters, and each record of a stream's shard is
 * tried to be read; then items and index entries are compared with each other at the log's head.
 * What differs is mended by logged commits. Slices are bounded, and other work passes between them.
 */
import { must } from '../base/assert.ts';
import { hexOf } from '../base/bytes.ts';
import { DamagedData, DamagedPage } from '../base/corruption.ts';
import {
  counterStepMax,
  scrubSlicesMax,
  tablesMax,
  walkPagesAtOnce,
  walkTriesMax,
} from '../base/limits.ts';
import type { ScrubOutput } from '../operation/internal/scrub.ts';
import { encodeRoot, type TreeRoot } from '../pager/meta.ts';
import { findSelf } from '../replica/self.ts';
import type { TableState } from '../table/state.ts';
import { readOverflow } from '../tree/search.ts';
import { recordSize } from '../stream/restore.ts';
import { shardTrees } from '../stream/streams.ts';
import { StoredItem } from '../value/codec.ts';
import { walkRoots } from './damage.ts';
import { beginDoubt, settleDoubt } from './doubt.ts';
import type { ScrubReport, WorkOptions } from './engine-types.ts';
import type { PageLoader } from './load.ts';
import { type Visit, walkTree, WalkMoved } from './page-walk.ts';
import type { EngineState } from './state.ts';

export type Ask = (operation: string, input: object) => Promise<object>;

interface Tally {
  entries: number;
  bytes: number;
  pages: number;
  damaged: number;
  /** A value was spoilt on the way: nothing is to be corrected by these bytes. */
  isUnknown: boolean;
}

export async function scrub(
  state: EngineState,
  loader: PageLoader,
  ask: Ask,
  checkpoint: () => Promise<void>,
  options: WorkOptions = {},
): Promise<ScrubReport> {
  const steps = scrubSteps(state, loader, ask, checkpoint, options);
  let step = await steps.next();
  while (step.done !== true) {
    await state.options.scheduler.breathe();
    step = await steps.next();
  }
  state.scrubbedMs = state.options.clock.wallMs();
  return step.value;
}

/** The same in slices: whoever runs it lets others pass between them. */
export async function* scrubSteps(
  state: EngineState,
  loader: PageLoader,
  ask: Ask,
  checkpoint: () => Promise<void>,
  options: WorkOptions = {},
): AsyncGenerator<void, ScrubReport, void> {
  const doubt = await beginDoubt(state, loader, checkpoint);
  const tables = await loader.run(() => {
    const catalog = state.catalog();
    return catalog.names(undefined, tablesMax).map((name) => {
      return must(catalog.find(name), `table ${name}`);
    });
  });
  const shards = new Set(await loader.run(() => shardTrees(state.published)));
  const trees = new Set(
    tables.flatMap(({ tree, indexes, collections }) => [
      tree,
      ...indexes.map((i) => i.tree),
      ...(collections === undefined ? [] : [collections.tree]),
    ]),
  );
  // The book of a replica, and its versions: never shown, but damage is looked for.
  const kept = await loader.run(() => {
    const self = findSelf(state.published);
    if (self === undefined) return new Set<number>();
    return new Set([self.book, ...tables.flatMap(({ replica }) => replica?.versions ?? [])]);
  });
  const sum = { pages: 0, damagedPages: 0, items: 0, entries: 0, mended: 0, counters: 0 };
  let isSure = true;
  let done = 0;
  const total = trees.size * 2 + shards.size + kept.size;
  for (const tree of [...trees, ...shards, ...kept]) {
    const plain = kept.has(tree) ? lengthOf : itemSize;
    const sizeOf = shards.has(tree) ? recordSize : plain;
    const found = yield* countTree(state, loader, { tree, sizeOf }, options);
    sum.pages += found.tally.pages;
    sum.damagedPages += found.tally.damaged;
    const corrected = await correct(ask, tree, found.root, found.tally);
    if (corrected === true) sum.counters += 1;
    else if (corrected === undefined) isSure = false;
    done += 1;
    options.onProgress?.({ done, total });
    yield;
  }
  for (const table of tables) {
    for (const Index of [undefined, ...table.indexes.map(({ name }) => name)]) {
      const { checked, mended, isWhole } = yield* compare(ask, table, Index, options);
      isSure &&= isWhole;
      if (Index === undefined) sum.items += checked;
      else sum.entries += checked;
      sum.mended += mended;
      done += 1;
      options.onProgress?.({ done, total });
      yield;
    }
  }
  if (doubt !== undefined) await settleDoubt(state, loader, doubt, isSure);
  return sum;
}

interface Compared {
  readonly checked: number;
  readonly mended: number;
  /** No damage was in the way. */
  readonly isWhole: boolean;
}

async function* compare(
  ask: Ask,
  { name: Table }: TableState,
  Index: string | undefined,
  { signal }: WorkOptions,
): AsyncGenerator<void, Compared, void> {
  let checked = 0;
  let mended = 0;
  let isWhole = true;
  let After: string | undefined;
  for (let slice = 0; slice < scrubSlicesMax; slice += 1) {
    signal?.throwIfAborted();
    const input = { Table, ...(Index && { Index }), ...(After && { After }) };
    const output = await askPastDamage(ask, input);
    if (output === undefined) isWhole = false;
    checked += output?.Checked ?? 0;
    mended += output?.Mended ?? 0;
    After = output?.Next;
    if (After === undefined) break;
    yield;
  }
  return { checked, mended, isWhole };
}

/** Undefined: what is behind damage that no checkpoint has cut out yet is compared another time. */
async function askPastDamage(ask: Ask, input: object): Promise<ScrubOutput | undefined> {
  try {
    return (await ask('Scrub', input)) as ScrubOutput;
  } catch (error) {
    if (!(error instanceof DamagedData)) throw error;
    return undefined;
  }
}

/** Undefined of bytes that are nothing that the tree may hold. */
type SizeOf = (key: Uint8Array, value: Uint8Array) => number | undefined;

interface Countable {
  readonly tree: number;
  readonly sizeOf: SizeOf;
}

function lengthOf(_: Uint8Array, value: Uint8Array): number {
  return value.length;
}

function itemSize(_: Uint8Array, value: Uint8Array): number {
  return new StoredItem(value).size;
}

interface Counted {
  readonly root: TreeRoot | undefined;
  readonly tally: Tally;
}

/** Reads a whole tree under one checkpoint, as the store has it. */
async function* countTree(
  state: EngineState,
  loader: PageLoader,
  { tree, sizeOf }: Countable,
  { signal }: WorkOptions,
): AsyncGenerator<void, Counted, void> {
  for (let tries = 0; tries < walkTriesMax; tries += 1) {
    const tally: Tally = { entries: 0, bytes: 0, pages: 0, damaged: 0, isUnknown: false };
    const { meta } = state;
    let found: TreeRoot | undefined;
    try {
      for await (const { tree: id, root } of walkRoots(state, meta)) {
        if (id !== tree) continue;
        found = root;
        for await (const visit of walkTree(state, meta, root, { signal })) {
          await count(loader, visit, tally, sizeOf);
          if (tally.pages % walkPagesAtOnce === 0) yield;
        }
      }
      return { root: found, tally };
    } catch (error) {
      if (!(error instanceof WalkMoved)) throw error;
    }
  }
  throw new Error('Checkpoints follow one another too fast for a scrub; try again later');
}

async function count(
  loader: PageLoader,
  visit: Visit,
  tally: Tally,
  sizeOf: SizeOf,
): Promise<void> {
  const { page, damage, id, height } = visit;
  tally.pages += 1;
  if (damage !== undefined) {
    tally.damaged += 1;
    await loader.damage.explain(new DamagedPage(id, damage.message), (read) =>
      loader.run(read, true),
    );
    return;
  }
  if (page === undefined || height !== 1) return;
  for (let index = 0; index < page.count; index += 1) {
    tally.entries += 1;
    const size = await sizeAt(loader, page, index, sizeOf, tally);
    if (size === undefined) tally.damaged += 1;
    else tally.bytes += size;
  }
}

/** DynamoDB's size of what a cell holds; 0 when its page is damaged, which was counted. */
async function sizeAt(
  loader: PageLoader,
  page: NonNullable<Visit['page']>,
  index: number,
  sizeOf: SizeOf,
  tally: Tally,
): Promise<number | undefined> {
  if (!page.isOverflow(index)) return sizeOf(page.key(index), page.value(index));
  const ref = page.overflow(index);
  try {
    const value = await loader.run(() => readOverflow(loader.pages, ref), true);
    return sizeOf(page.key(index), value);
  } catch (error) {
    if (!(error instanceof DamagedPage)) throw error;
    tally.isUnknown = true;
    return 0;
  }
}

/** False when another scrub of the same pages was first, or a checkpoint came in between. */
async function move(ask: Ask, input: object): Promise<boolean> {
  return ((await ask('CorrectCounters', input)) as { readonly IsCorrected: boolean }).IsCorrected;
}

/**
 * Moves counters by as much as they are off; false: they were not. Undefined of those that are
 * left as they are: damage is no reason to move them, as its items are unknown, and what others
 * have done meanwhile was not counted.
 */
async function correct(
  ask: Ask,
  Tree: number,
  root: TreeRoot | undefined,
  tally: Tally,
): Promise<boolean | undefined> {
  let entries = tally.entries - (root?.entries ?? 0);
  const bytes = tally.bytes - (root?.bytes ?? 0);
  if (tally.damaged > 0 || tally.isUnknown) return undefined;
  if (entries === 0 && bytes === 0) return false;
  const Root = root === undefined ? {} : { Root: hexOf(encodeRoot(root)) };
  let more = {};
  while (Math.abs(entries) > counterStepMax) {
    const step = Math.sign(entries) * counterStepMax;
    const input = { Tree, Entries: step, Bytes: 0, ...Root, ...more };
    if (!(await move(ask, input))) return undefined;
    entries -= step;
    more = { IsMore: true };
  }
  return (await move(ask, { Tree, Entries: entries, Bytes: bytes, ...Root, ...more })) || undefined;
}
