/**
 * Following the log and the checkpoints that other engines write (rules 1 to 3 of "every tab is a
 * replica of the log").
 *
 * Invariants
 * - Turns are applied whole, in order, once.
 * - A checkpoint is adopted only by an engine that has applied the log up to its position.
 */
import { assert } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { compareReadings, latest } from '../base/hlc.ts';
import { catchUpRecordsMax, catchUpRoundsMax, listPages, turnRecordsMax } from '../base/limits.ts';
import { DamagedLog } from '../base/corruption.ts';
import { nextTurnAt, readTurns } from '../log/record.ts';
import { decodeList } from '../pager/list.ts';
import { decodeMeta, type Meta } from '../pager/meta.ts';
import { pageKey } from '../pager/versions.ts';
import { metaKey, type StoreRecord } from '../port/store.ts';
import { ourMeta } from './identity.ts';
import type { EngineState } from './state.ts';

/**
 * A hint in the place of a position: the log is damaged. Who has in memory what it said should make
 * a checkpoint of it.
 */
export const checkpointWanted: number = -1;

/** A read of the log from a position on, and of meta with it. */
interface LogRead {
  readonly from: number;
  readonly limit: number;
  readonly issuedMs: number;
  readonly found: Promise<readonly (readonly StoreRecord[])[]>;
}

/**
 * Applies what the log holds above our head: one range read with `meta`, more while there is more,
 * the next one under way while what came is applied. Gives up after catchUpRoundsMax rounds that
 * brought it no further.
 */
export async function catchUp(state: EngineState): Promise<void> {
  let ahead: LogRead | undefined;
  let limit = catchUpRecordsMax;
  for (let stalled = 0; stalled < catchUpRoundsMax; ) {
    const head = state.head;
    const read = ahead?.from === head + 1 ? ahead : readLog(state, head + 1, limit);
    ahead = undefined;
    const { issuedMs } = read;
    limit = read.limit;
    const [records = [], metas = []] = await read.found;
    stalled += 1;
    state.progress.reads += 1;
    // Another catch-up or an append of ours came first: what was read may be applied already.
    if (state.head !== head) continue;
    const stored = ourMeta(state, metas[0]?.value);
    const meta = decodeMeta(stored);
    if (meta.trimmed > head) {
      state.startOver(meta, stored);
      continue;
    }
    const last = records.at(-1);
    if (last !== undefined && records.length === limit) {
      const next = nextTurnAt(last);
      if (next > head + 1) ahead = readLog(state, next, catchUpRecordsMax);
    }
    applyRecords(state, records);
    // In the same step: nothing is decided at this head on older pages.
    if (state.mayLag && state.head >= meta.position) {
      if (meta.checkpoint > state.meta.checkpoint) standOn(state, meta, stored);
      state.mayLag = false;
    }
    if (last === undefined || (records.length < limit && last.key === state.head)) {
      state.headSeenMs = issuedMs;
      await shortenTail(state, meta, stored);
      return;
    }
    if (state.head > head) stalled = 0;
    else if (records.length < limit) {
      throw new DamagedLog(head + 1, `the turn at log position ${head + 1} is not whole`);
    }
    // One turn of more records than were read at once.
    limit = state.head > head ? catchUpRecordsMax : turnRecordsMax;
  }
  throw new Error('the log grows faster than this engine can follow');
}

/**
 * A tail at its bound takes over the checkpoints that others made. Who reads no page meets them
 * nowhere else, for as long as background work waits for another tab's, or is not wanted.
 */
async function shortenTail(state: EngineState, meta: Meta, stored: Uint8Array): Promise<void> {
  const isNewer = meta.checkpoint > state.meta.checkpoint && meta.position <= state.head;
  if (!isNewer || state.tail.bytes <= state.bounds.tailBytes) return;
  // The log was followed all the same, and the next read of it tries again.
  await adopt(state, meta, stored).catch(() => undefined);
}

function readLog(state: EngineState, from: number, limit: number): LogRead {
  const { clock, store } = state.options;
  const issuedMs = clock.monoMs();
  const found = store.scan([
    { space: 'log', from, to: Number.MAX_SAFE_INTEGER, limit },
    { space: 'meta', from: metaKey, to: metaKey },
  ]);
  // Nobody may ask for one that is under way when what came before it is damaged.
  found.catch(() => undefined);
  return { from, limit, issuedMs, found };
}

/** Applies the whole turns of records that follow the head. Throws Corruption, and applied none. */
export function applyRecords(state: EngineState, records: readonly StoreRecord[]): void {
  const first = records[0]?.key ?? state.head + 1;
  if (first !== state.head + 1) {
    throw new DamagedLog(state.head + 1, `log: ${first} follows ${state.head}`);
  }
  for (const turn of readTurns(records).turns) {
    const { header } = turn;
    assert(header.position === state.head + 1, 'a gap in the log');
    state.applyCommits(turn.commits, header.position + turn.records - 1);
    state.head = header.position + turn.records - 1;
    state.log.add(turn.bytes, turn.commits);
    state.clock = latest(state.clock, header.clock);
    // One of our own is here only when its append has not been answered.
    if (equalBytes(header.engine, state.id)) state.ownTurnSeen = header.turn;
  }
}

/**
 * Stands on a checkpoint that another engine made: cached pages that it wrote go, the tail is cut
 * at its position. The turn in flight is not touched: it speaks of keys, not of pages.
 */
export async function adopt(state: EngineState, meta: Meta, stored: Uint8Array): Promise<void> {
  if (meta.checkpoint <= state.meta.checkpoint) return;
  if (state.head < meta.position) {
    await catchUp(state);
    if (meta.checkpoint <= state.meta.checkpoint || state.head < meta.position) return;
  }
  const from = state.meta.checkpoint;
  const changed = await changedPages(state, from, meta);
  if (state.meta.checkpoint !== from || state.head < meta.position) return;
  standOn(state, meta, stored, changed);
}

/** `changed`: of the cached pages those that are others now; undefined where nobody knows. */
function standOn(
  state: EngineState,
  meta: Meta,
  stored: Uint8Array,
  changed?: ReadonlySet<number>,
): void {
  state.thaw();
  if (changed === undefined) state.cache.clear();
  else for (const page of changed) state.cache.drop(page);
  state.meta = meta;
  state.metaBytes = stored;
  // A checkpoint is committed by a strict write.
  state.durable.raise(meta.sequence);
  state.clock = compareReadings(state.clock, meta.clock) >= 0 ? state.clock : meta.clock;
  state.tail.dropThrough(meta.position);
  state.log.cutTo(state.tail.bytes);
  state.forgetRoots();
}

/** Pages that checkpoints above `from` wrote or freed; undefined when a list in between is gone. */
async function changedPages(
  state: EngineState,
  from: number,
  meta: Meta,
): Promise<ReadonlySet<number> | undefined> {
  const changed = new Set<number>();
  const dead = new Set(meta.dead);
  for (let number = from + 1; number <= meta.checkpoint; number += 1) {
    // A dead number wrote nothing that counts; one that was never committed left no list either.
    if (dead.has(number)) continue;
    const pages = await readList(state, number);
    if (pages === undefined) return undefined;
    for (const { page } of pages) changed.add(page);
  }
  return changed;
}

/** The list of one checkpoint; undefined when it is gone. */
export async function readList(
  state: EngineState,
  number: number,
): Promise<ReturnType<typeof decodeList> | undefined> {
  const entries: ReturnType<typeof decodeList>[number][] = [];
  const partAt = (part: number): Promise<Uint8Array | undefined> =>
    state.options.store.get('page', pageKey(part, number));
  for (let part = 0; part < listPages; part += 1) {
    const bytes = await partAt(part);
    if (bytes === undefined) {
      // Its parts go together: where the first is there still, these were all.
      return part > 0 && (await partAt(0)) !== undefined ? entries : undefined;
    }
    entries.push(...decodeList(bytes, number, part));
  }
  return entries;
}
