/**
 * Repair: brings back what can be of damaged pages, gives up the rest, and says what.
 *
 * A page that reads well again gives back all that it held, but for keys that were written or
 * removed since: of those it is not the newest. One that does not gives back nothing,
 * unless `salvage` is asked for: then the cells that still parse and bear their own key, and what
 * lies below a damaged inner page; a value that was spoilt without its form cannot be told from a
 * good one, so that of the engine's own trees it is done for tables' descriptions alone. After that
 * the range is in reach again, the page's records go, and a scrub makes indexes and counters agree
 * with what is there; where it does not come to that, another does (doubt.ts).
 */
import { compareBytes, hexOf } from '../base/bytes.ts';
import { Corruption, DamagedData } from '../base/corruption.ts';
import {
  checkpointSpan,
  damageRoundsMax,
  repairReadsMax,
  restoredEntriesMax,
  walkTriesMax,
} from '../base/limits.ts';
import { decodeMeta } from '../pager/meta.ts';
import { cellAt, childOf, keyOf } from '../pager/node.ts';
import { type OverflowRef, Page } from '../pager/page.ts';
import { assemble } from '../pager/versions.ts';
import { metaKey, type SpaceKeys, type StoreRecord } from '../port/store.ts';
import { type DamageRecord, findDamage, readDamage } from '../table/damage.ts';
import type { SavedEntry } from '../table/restore.ts';
import { catalogTree, damageTree, firstUserTree, rootsTree } from '../table/system.ts';
import { readOverflow } from '../tree/search.ts';
import { noteDamage } from './damage.ts';
import { noteGiven, recordsOf, recordsOfGiven } from './doubt.ts';
import type { RepairedRange, RepairOptions, RepairReport } from './engine-types.ts';
import { catchUp } from './follow.ts';
import { isCuttable, type Sparse, stillInTrees } from './leads.ts';
import type { PageLoader } from './load.ts';
import { asideKey, logNoteKey } from './log-damage.ts';
import { ourMeta } from './identity.ts';
import { updateMeta } from './meta-update.ts';
import { type Visit, walkTree, WalkMoved } from './page-walk.ts';
import { type Ask, scrub } from './scrub.ts';
import type { EngineState } from './state.ts';
import { removeAll } from './sweep.ts';

/** The kind of a page record in its byte 3 (docs/formats), when its checksum cannot be trusted. */
const deltaKind = 4;

export async function repair(
  state: EngineState,
  loader: PageLoader,
  ask: Ask,
  checkpoint: (sparse?: Sparse) => Promise<void>,
  options: RepairOptions = {},
): Promise<RepairReport> {
  const ranges: RepairedRange[] = [];
  let met: unknown;
  for (let round = 0; round < damageRoundsMax; round += 1) {
    try {
      await repairAll(state, loader, ask, checkpoint, options, ranges);
      return { ranges, scrub: await scrub(state, loader, ask, checkpoint, options) };
    } catch (error) {
      // The engine's own data, which nobody had met yet: that is repaired too.
      if (!(error instanceof DamagedData && loader.damage.isPending)) throw error;
      met = error;
    }
  }
  throw met;
}

async function repairAll(
  state: EngineState,
  loader: PageLoader,
  ask: Ask,
  checkpoint: (sparse?: Sparse) => Promise<void>,
  options: RepairOptions,
  ranges: RepairedRange[],
): Promise<void> {
  // Another tab may have found it.
  await catchUp(state);
  await loader.damage.settle(ask);
  await checkpoint();
  const records = await loader.run(() => readDamage(state.published));
  let done = 0;
  for (const { tree, page } of records) {
    options.signal?.throwIfAborted();
    const { record, standing } = await loader.run(() => standingOf(state, tree, page));
    // Nothing is given up of what replicas keep: background work makes it anew.
    if (record === undefined || record.isReplica === true) continue;
    if (standing && !(await isSoundAgain(state, checkpoint, record))) continue;
    const judged = await judge(state, loader, ask, record);
    if (judged === undefined) continue;
    if (isCutOut(record)) await noteGiven(state, record.page);
    const range = await repairRange(state, loader, ask, judged, options.salvage === true);
    done += 1;
    loader.damage.forget(record.page);
    if (range === undefined) continue;
    ranges.push(range);
    options.onProgress?.({ done, total: records.length, phase: 'pages' });
  }
  if (options.forget === true) {
    await forgetLog(state);
    loader.damage.drop('log');
  }
  loader.damage.drop('meta');
}

/**
 * What is on record of a page now, and whether its tree has it: both of one state, for another
 * tab's checkpoint cuts it out and says so in one. Throws PageFault.
 */
function standingOf(state: EngineState, tree: number, page: number): Standing {
  const record = findDamage(state.published, tree, page);
  return { record, standing: record !== undefined && stillInTrees(state, [record]).length > 0 };
}

interface Standing {
  /** Undefined: another tab's repair was done with it. */
  readonly record: DamageRecord | undefined;
  readonly standing: boolean;
}

/**
 * Whether a page on record that its tree still has reads well in the store, written anew if it is
 * in memory: of the tree of roots, of which no checkpoint cuts anything out.
 */
async function isSoundAgain(
  state: EngineState,
  checkpoint: (sparse: Sparse) => Promise<void>,
  { tree, page, from }: DamageRecord,
): Promise<boolean> {
  if (tree !== rootsTree) return false;
  if ((await readAgain(state, page)).sound !== undefined) return true;
  if (!state.cache.has(page)) return false;
  await checkpoint(new Map([[tree, [from]]]));
  return (await readAgain(state, page)).sound !== undefined;
}

/** Its records are its own then, and no tree's. */
function isCutOut(record: DamageRecord): boolean {
  return record.isCut === true && isCuttable(record);
}

/** With its table, if nobody could tell when it was noted; undefined: nothing is to be given up. */
async function judge(
  state: EngineState,
  loader: PageLoader,
  ask: Ask,
  record: DamageRecord,
): Promise<DamageRecord | undefined> {
  const { tree, page, table } = record;
  if (tree < firstUserTree || table !== undefined) return record;
  const noted = await noteDamage(ask, record);
  const now = noted && (await loader.run(() => findDamage(state.published, tree, page)));
  return now === undefined || now.isReplica === true ? undefined : { ...now, table: noted?.Table };
}

interface RestoreOutput {
  readonly Restored: number;
}

interface GiveUpOutput {
  readonly IsGiven: boolean;
  readonly IsLost: boolean;
}

const unread = { records: [], sound: undefined };

/** Undefined of a page that another tab's repair was done with first: that one tells of it. */
async function repairRange(
  state: EngineState,
  loader: PageLoader,
  ask: Ask,
  record: DamageRecord,
  salvage: boolean,
): Promise<RepairedRange | undefined> {
  const { tree, page, height, from, to, table } = record;
  // What records of damage said is never brought back, though their pages are not swept yet.
  const isOfRecords = tree === damageTree;
  const { records, sound } = isOfRecords ? unread : await readAgain(state, page);
  // A page that the tree has left by itself, before it was cut out of it, holds nothing any more.
  const isCut = isCutOut(record);
  const isTaken = salvage && (tree >= firstUserTree || tree === catalogTree);
  const held = sound ?? (isTaken ? roughPage(records, height) : undefined);
  const { saved, lost, below } = isCut && held ? await saveAll(state, loader, record, held) : none;
  let restored = 0;
  for (let at = 0; at < saved.length; at += restoredEntriesMax) {
    const Entries = saved.slice(at, at + restoredEntriesMax).map(({ key, value }) => {
      return { Key: hexOf(key), Value: hexOf(value) };
    });
    const where = { ...(table === undefined ? {} : { Table: table }), Tree: tree, Page: page };
    const { Restored } = (await ask('Restore', { ...where, Entries })) as RestoreOutput;
    restored += Restored;
  }
  const isGone = height > 0 && !isCut;
  const isWhole = isGone || (sound !== undefined && lost === 0);
  const Key = height === 0 && !isWhole ? { Key: hexOf(from) } : {};
  const given = { Tree: tree, Page: page, ...Key, IsLost: !isWhole };
  const { IsGiven, IsLost } = (await ask('GiveUp', given)) as GiveUpOutput;
  if (!IsGiven) return undefined;
  if (isCut) {
    // What a spoilt page says of other pages is not to be trusted.
    const remove = [...recordsOfGiven(page), ...(sound === undefined ? [] : below)];
    await removeAll(state, remove);
  }
  return { table, tree, page, from, to, restored, isWhole: !IsLost };
}

/**
 * Its records as the newest checkpoint has them: none of one that failed, or is under way. A few
 * times: what was spoilt on the way is not to be given up.
 */
async function readAgain(
  state: EngineState,
  page: number,
): Promise<{ readonly records: readonly StoreRecord[]; readonly sound: Page | undefined }> {
  let records: readonly StoreRecord[] = [];
  for (let tries = 0; tries < repairReadsMax; tries += 1) {
    const [versions = [], metas = []] = await state.options.store.scan([
      recordsOf(page),
      { space: 'meta', from: metaKey, to: metaKey },
    ]);
    const { checkpoint, dead } = decodeMeta(ourMeta(state, metas[0]?.value));
    const gone = new Set(dead);
    records = versions.filter(({ key }) => {
      const number = key % checkpointSpan;
      return number <= checkpoint && !gone.has(number);
    });
    const sound = soundPage(page, records);
    if (sound !== undefined) return { records, sound };
  }
  return { records, sound: undefined };
}

function soundPage(id: number, records: readonly StoreRecord[]): Page | undefined {
  try {
    return assemble(id, records, checkpointSpan - 1, new Set());
  } catch {
    return undefined;
  }
}

interface Saved {
  readonly saved: readonly SavedEntry[];
  /** Values in pages of their own, and pages below an inner one, that cannot be read, */
  readonly lost: number;
  /** and where such values and pages are. */
  readonly below: readonly SpaceKeys[];
}

const none: Saved = { saved: [], lost: 0, below: [] };

async function saveAll(
  state: EngineState,
  loader: PageLoader,
  { height, from, to }: DamageRecord,
  page: Page,
): Promise<Saved> {
  const saved: SavedEntry[] = [];
  const below: SpaceKeys[] = [];
  let lost = 0;
  const take = async (leaf: Page): Promise<void> => {
    for (const { key, value } of cellsOf(leaf)) {
      const isIn = compareBytes(key, from) >= 0 && (to === undefined || compareBytes(key, to) < 0);
      if (!isIn) continue;
      const whole = value instanceof Uint8Array ? value : await readLarge(state, loader, value);
      if (whole === undefined) lost += 1;
      else saved.push({ key, value: whole });
      if (!(value instanceof Uint8Array)) below.push(recordsOf(value.firstPage, value.pages));
    }
  };
  if (height === 1) await take(page);
  else {
    for (const child of childrenOf(page)) {
      for (const visit of await visitsOf(state, child, height - 1)) {
        if (visit.height === 0) continue;
        below.push(recordsOf(visit.id));
        if (visit.page === undefined) lost += 1;
        else if (visit.page.kind === 'leaf') await take(visit.page);
      }
    }
  }
  return { saved, lost, below };
}

/** A page and all below it. No tree names them, so that checkpoints in between change nothing. */
async function visitsOf(state: EngineState, page: number, height: number): Promise<Visit[]> {
  const root = { page, height, entries: 0, bytes: 0 };
  for (let tries = 0; tries < walkTriesMax; tries += 1) {
    const visits: Visit[] = [];
    try {
      for await (const visit of walkTree(state, state.meta, root)) visits.push(visit);
      return visits;
    } catch (error) {
      if (!(error instanceof WalkMoved)) throw error;
    }
  }
  throw new Error('Checkpoints follow one another too fast for a repair; try again later');
}

/** A value from pages of its own; undefined when it cannot be read. */
async function readLarge(
  state: EngineState,
  loader: PageLoader,
  ref: OverflowRef,
): Promise<Uint8Array | undefined> {
  try {
    return await loader.run(() => readOverflow(state.cache, ref), true);
  } catch (error) {
    if (error instanceof Corruption) return undefined;
    throw error;
  }
}

/** The newest image of a page whose checksum is wrong, taken as it is. */
function roughPage(records: readonly StoreRecord[], height: number): Page | undefined {
  for (const { value } of records.toReversed()) {
    try {
      const sealed = value.slice();
      const header = {
        kind: height > 1 ? ('inner' as const) : ('leaf' as const),
        id: 0,
        checkpoint: 0,
        previous: 0,
      };
      // A delta says what changed, and not what was there.
      if (value[3] === deltaKind) continue;
      return new Page(header, sealed);
    } catch {
      // Not even its frame: the version before it may do.
    }
  }
  return undefined;
}

interface Cell {
  readonly key: Uint8Array;
  readonly value: Uint8Array | OverflowRef;
}

/** In key order; what cannot be read is left out. */
function cellsOf(page: Page): Cell[] {
  const cells: Cell[] = [];
  for (let index = 0; index < page.count; index += 1) {
    try {
      const value = page.isOverflow(index) ? page.overflow(index) : page.value(index).slice();
      cells.push({ key: page.key(index).slice(), value });
    } catch {
      // Not a cell any more.
    }
  }
  return cells;
}

function childrenOf(page: Page): readonly number[] {
  const children: number[] = [];
  for (let index = 0; index < page.count; index += 1) {
    const cell = cellAt(page.bytes, index);
    if (keyOf(cell).length <= cell.end - cell.start) children.push(childOf(cell));
  }
  return children;
}

/** What was set aside of a damaged log goes; not what another engine is setting aside just now. */
async function forgetLog(state: EngineState): Promise<void> {
  const remove = [
    { space: 'meta', from: logNoteKey, to: logNoteKey },
    { space: 'meta', from: asideKey, to: asideKey + state.meta.position },
  ] as const;
  await updateMeta(state, (meta) => meta, { remove });
  state.logDamage = undefined;
}
