/**
 * Opening a store whose log is damaged: what came before is kept, the rest is set aside.
 *
 * The rule. Another engine may have in memory what the log said: it is asked to make a checkpoint,
 * and waited for. If none does, the turns before the damage become pages, the records from the
 * damage on are copied aside (docs/formats/meta.md), and the log goes on above them. A last turn is
 * lost alone, like one that never happened. Whole turns after it are set aside too, for they were
 * decided on what it said; with `damagedLog: 'refuse'` all is left in place, and the open rejects.
 *
 * Invariants
 * - Nothing is removed that was not copied before; each step may be done again after a crash.
 * - The log goes on at a place that no engine which stood above the damage can append to, with
 *   numbers and stamps that no commit has had, though nobody can tell how many are lost.
 */
import { textOf, utf8 } from '../base/bytes.ts';
import { DamagedData, DamagedLog } from '../base/corruption.ts';
import { latest, tickedBy } from '../base/hlc.ts';
import {
  asideRecordsMax,
  buildPagesEnd,
  commitsOfRecordMax,
  logDamagePatienceMs,
  logDamageTriesMax,
} from '../base/limits.ts';
import { decodeMark } from '../log/mark.ts';
import { pageKey } from '../pager/versions.ts';
import { readWholeTurns, type Turn } from '../log/record.ts';
import { markKey, type SpaceKeys, type SpaceRecord, type StoreRecord } from '../port/store.ts';
import { nextBuildPage } from '../table/import-job.ts';
import { Checkpointer } from './checkpoint.ts';
import { countedKey } from './doubt.ts';
import type { Damage } from './engine-types.ts';
import { applyRecords, catchUp, checkpointWanted } from './follow.ts';
import { PageLoader } from './load.ts';
import { updateMeta } from './meta-update.ts';
import type { EngineState } from './state.ts';
import { sweep } from './sweep.ts';

/** Where in space meta it is written down that log records were set aside. */
export const logNoteKey = 3;
/** A log record that was set aside: its position above this. */
export const asideKey: number = 2 ** 40;

/** What the log holds from a damaged turn on. */
interface Tear {
  readonly records: readonly StoreRecord[];
  /** Whole turns behind the damage. */
  readonly whole: readonly Turn[];
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

/** Brings `state` to the end of what is sound. Throws DamagedData, StoreFailure. */
export async function openPastDamage(state: EngineState): Promise<void> {
  const { scheduler, hint } = state.options;
  hint?.tell(checkpointWanted);
  await scheduler.delay(logDamagePatienceMs);
  const checkpointer = new Checkpointer(state, new PageLoader(state));
  for (let tries = 0; tries < logDamageTriesMax; tries += 1) {
    const tear = await readUpTo(state);
    if (tear === undefined) return;
    if (tear.whole.length > 0 && state.options.damagedLog === 'refuse') throw refusedTear(tear);
    // While a checkpoint is not swept, there is no other; who made it may be gone.
    await sweep(state);
    const { kind } = await checkpointer.make();
    if (kind === 'done' || kind === 'nothing') {
      if (await setAside(state, tear)) return;
    } else await scheduler.delay(logDamagePatienceMs);
  }
  const tear = await readUpTo(state);
  if (tear !== undefined) throw refusedTear(tear);
}

/** Applies the turns before the damage; undefined when there is none any more. */
async function readUpTo(state: EngineState): Promise<Tear | undefined> {
  let met: DamagedLog | undefined;
  for (let looks = 0; looks < logDamageTriesMax; looks += 1) {
    try {
      await catchUp(state);
      return undefined;
    } catch (error) {
      if (!(error instanceof DamagedLog)) throw error;
      met = error;
    }
    const tear = await readRest(state);
    if (tear !== undefined) return tear;
  }
  throw met;
}

/**
 * Undefined when nothing of it is damaged now: bytes were spoilt on the way, the last turn has
 * become whole, or a checkpoint holds what was there and the log was trimmed. That is to be seen
 * with the meta record, by who catches up.
 */
async function readRest(state: EngineState): Promise<Tear | undefined> {
  const [records = []] = await state.options.store.scan([
    { space: 'log', from: state.head + 1, to: Number.MAX_SAFE_INTEGER },
  ]);
  const isGap = records[0] !== undefined && records[0].key !== state.head + 1;
  const { turns, damage } = isGap ? { turns: [], damage: undefined } : readWholeTurns(records);
  const count = turns.reduce((sum, turn) => sum + turn.records, 0);
  applyRecords(state, records.slice(0, count));
  const rest = records.slice(count);
  const last = rest.at(-1);
  if (last === undefined) return undefined;
  const from = state.head + 1;
  return {
    records: rest,
    whole: wholeAfter(rest),
    from,
    to: last.key,
    why: damage?.message ?? (isGap ? `record ${from} is missing` : 'its last turn is not whole'),
  };
}

/** Turns that can be read behind the damage. */
function wholeAfter(records: readonly StoreRecord[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (let at = 0; at < records.length; ) {
    const found = readWholeTurns(records.slice(at)).turns;
    turns.push(...found);
    at += 1 + found.reduce((sum, turn) => sum + turn.records, 0);
  }
  return turns;
}

/** Moves the damaged part of the log out of it; false when another engine was at it. */
async function setAside(state: EngineState, tear: Tear): Promise<boolean> {
  const { store } = state.options;
  const copies = tear.records.map(({ key, value }): SpaceRecord => {
    return { space: 'meta', key: asideKey + key, value };
  });
  for (let at = 0; at < copies.length; at += asideRecordsMax) {
    const put = copies.slice(at, at + asideRecordsMax);
    const { kind } = await store.write({ put, expectMeta: (meta) => meta !== undefined });
    if (kind !== 'done') return false;
  }
  const fence = tear.to + 1;
  const note = noteOf(tear);
  // A barrier may have covered what is lost: its number is not to be given out again.
  const covered = decodeMark(state.meta.storeId, await store.get('meta', markKey));
  const known = Math.max(state.sequence, covered, ...tear.whole.map(lastSequence));
  const lost = unreadAtEnd(tear) * commitsOfRecordMax;
  const sequence = known + lost;
  const unknown = await drawnSince(state);
  const moved = await updateMeta(
    state,
    (meta) => {
      if (meta.position !== tear.from - 1) return undefined;
      const clocks = tear.whole.map(({ header }) => header.clock);
      const clock = clocks.reduce(latest, latest(meta.clock, state.clock));
      // No stamp is given out again either, where the wall clock stood still or goes on from here.
      const after = { position: fence, trimmed: fence, sequence, clock: tickedBy(clock, lost) };
      // A build may have drawn numbers of pages that are drawn again now: none writes any more.
      return { ...meta, ...after, builds: [] };
    },
    {
      remove: [
        { space: 'log', from: tear.from, to: tear.to },
        // What a scrub has corrected after a repair may be lost, and the repair's commits not.
        { space: 'meta', from: countedKey, to: countedKey },
        ...unknown,
      ],
      // Whoever stood at the old head meets this record, and starts over below `trimmed`.
      add: [{ space: 'log', key: fence, value: new Uint8Array(1) }],
      put: [{ space: 'meta', key: logNoteKey, value: utf8(JSON.stringify(note)) }],
      strict: true,
      keepCopy: true,
    },
  );
  if (moved === undefined) return false;
  state.startOver(moved.meta, moved.bytes);
  state.logDamage = note;
  return true;
}

/** Pages of builds that what is lost spoke of: nothing refers to them, and nobody knows of them. */
async function drawnSince(state: EngineState): Promise<readonly SpaceKeys[]> {
  const next = await new PageLoader(state).run(() => nextBuildPage(state.published)).catch(unread);
  if (next === undefined) return [];
  return [{ space: 'page', from: pageKey(next, 0), to: pageKey(buildPagesEnd, 0) }];
}

/** Damage is in the way: what nobody knows of stays where it is. */
function unread(error: unknown): undefined {
  if (!(error instanceof DamagedData)) throw error;
}

/** Places of the log behind the last whole turn. */
function unreadAtEnd({ whole, from, to }: Tear): number {
  const last = whole.at(-1);
  return to + 1 - (last === undefined ? from : last.header.position + last.records);
}

function lastSequence({ commits }: Turn): number {
  return commits.at(-1)?.sequence ?? 0;
}

function noteOf({ from, to, whole, why }: Tear): Omit<Damage, 'foundMs'> {
  const after =
    whole.length === 0
      ? 'It was the last turn of the log'
      : `${whole.length} turns after it, which were decided on it, are set aside with it`;
  return {
    kind: 'log',
    state: 'lost',
    what:
      `Log records ${from} to ${to} are lost: ${why}. ${after}. ` +
      'All that came before is there. db.repair({ forget: true }) removes what was set aside.',
    from,
    to,
  };
}

function refusedTear({ from, to, whole, why }: Tear): DamagedData {
  return new DamagedData(
    `The log is damaged at position ${from} (${why}), and ${whole.length} turns up to position ` +
      `${to} were written after it. Nothing was changed. Open it with damagedLog: 'cut' to go on ` +
      'with what came before; the rest will be set aside.',
  );
}

/** What is on record of an earlier opening; undefined when nobody can read it. */
export function readLogNote(bytes: Uint8Array): Omit<Damage, 'foundMs'> | undefined {
  try {
    return JSON.parse(textOf(bytes)) as Omit<Damage, 'foundMs'>;
  } catch {
    return undefined;
  }
}
