/**
 * The scrub: reads all that is stored, and compares what must agree.
 *
 * Pages are read past the cache, so that their checksums are tried; entries and bytes of each tree
 * are counted on the way and compared with its counters, and each record of a stream's shard is
 * tried to be read; then items and index entries are compared with each other at the log's head.
 * What differs is mended by logged commits. Slices are bounded, and other work passes between them.
 */
import { must } from '../base/assert.ts';
import { equalBytes, hexOf } from '../base/bytes.ts';
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
import { readDamage } from '../table/damage.ts';
import { readRepairMark } from '../table/restore.ts';
import type { TableState } from '../table/state.ts';
import { readOverflow } from '../tree/search.ts';
import { recordSize } from '../stream/restore.ts';
import { shardTrees } from '../stream/streams.ts';
import { StoredItem } from '../value/codec.ts';
import { walkRoots } from './damage.ts';
import { noteDoubt, readDoubt, settleDoubt } from './doubt.ts';
import type { ScrubReport, WorkOptions } from './engine-types.ts';
import { catchUp } from './follow.ts';
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
  options: WorkOptions = {},
): Promise<ScrubReport> {
  const steps = scrubSteps(state, loader, ask, options);
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
  options: WorkOptions = {},
): AsyncGenerator<void, ScrubReport, void> {
  const doubt = await readDoubt(state);
  if (doubt !== undefined) await catchUp(state);
  const mark = await loader.run(() => readRepairMark(state.published));
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
  let done = 0;
  const total = trees.size * 2 + shards.size + kept.size;
  for (const tree of [...trees, ...shards, ...kept]) {
    const plain = kept.has(tree) ? lengthOf : itemSize;
    const sizeOf = shards.has(tree) ? recordSize : plain;
    const found = yield* countTree(state, loader, { tree, sizeOf }, options);
    sum.pages += found.tally.pages;
    sum.damagedPages += found.tally.damaged;
    if (await correct(ask, tree, found.root, found.tally)) sum.counters += 1;
    done += 1;
    options.onProgress?.({ done, total });
    yield;
  }
  for (const table of tables) {
    for (const Index of [undefined, ...table.indexes.map(({ name }) => name)]) {
      const { checked, mended } = yield* compare(ask, table, Index, options);
      if (Index === undefined) sum.items += checked;
      else sum.entries += checked;
      sum.mended += mended;
      done += 1;
      options.onProgress?.({ done, total });
      yield;
    }
  }
  if (doubt !== undefined) await settle(state, loader, doubt, mark);
  return sum;
}

async function settle(
  state: EngineState,
  loader: PageLoader,
  doubt: Uint8Array,
  mark: Uint8Array | undefined,
): Promise<void> {
  // What was damaged when the note was written is on record at the head, if nobody gave it up.
  await catchUp(state);
  const now = await loader.run(() => readRepairMark(state.published));
  // A repair that was begun before has gone on meanwhile: another scrub is to follow.
  if (!areEqual(mark, now)) return noteDoubt(state);
  const damage = await loader.run(() => readDamage(state.published));
  await settleDoubt(state, doubt, new Set(damage.map(({ page }) => page)));
}

function areEqual(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

async function* compare(
  ask: Ask,
  { name: Table }: TableState,
  Index: string | undefined,
  { signal }: WorkOptions,
): AsyncGenerator<void, { readonly checked: number; readonly mended: number }, void> {
  let checked = 0;
  let mended = 0;
  let After: string | undefined;
  for (let slice = 0; slice < scrubSlicesMax; slice += 1) {
    signal?.throwIfAborted();
    const input = { Table, ...(Index && { Index }), ...(After && { After }) };
    const output = await askPastDamage(ask, input);
    checked += output.Checked;
    mended += output.Mended;
    After = output.Next;
    if (After === undefined) break;
    yield;
  }
  return { checked, mended };
}

/** What is behind damage that no checkpoint has cut out yet is compared another time. */
async function askPastDamage(ask: Ask, input: object): Promise<ScrubOutput> {
  try {
    return (await ask('Scrub', input)) as ScrubOutput;
  } catch (error) {
    if (!(error instanceof DamagedData)) throw error;
    return { Checked: 0, Mended: 0 };
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

/** Moves counters by as much as they are off; damage is no reason to: its items are unknown. */
async function correct(
  ask: Ask,
  Tree: number,
  root: TreeRoot | undefined,
  tally: Tally,
): Promise<boolean> {
  let entries = tally.entries - (root?.entries ?? 0);
  const bytes = tally.bytes - (root?.bytes ?? 0);
  if (tally.damaged > 0 || tally.isUnknown || (entries === 0 && bytes === 0)) return false;
  const Root = root === undefined ? {} : { Root: hexOf(encodeRoot(root)) };
  let more = {};
  while (Math.abs(entries) > counterStepMax) {
    const step = Math.sign(entries) * counterStepMax;
    const input = { Tree, Entries: step, Bytes: 0, ...Root, ...more };
    if (!(await move(ask, input))) return false;
    entries -= step;
    more = { IsMore: true };
  }
  return move(ask, { Tree, Entries: entries, Bytes: bytes, ...Root, ...more });
}
