/**
 * Counters in doubt: a repair has put items back, or given some up, and no whole scrub that began
 * later has ended.
 *
 * Each commit of a repair leaves a mark, another each time (table/restore.ts), and the store keeps
 * the one that the pages had when the last whole scrub began (docs/formats/meta.md). Where the
 * head has another, the next engine that looks scrubs as soon as nobody writes: so whatever a
 * repair and a scrub of two tabs do at once, a commit is counted by a scrub that began later.
 * A page that is about to be given up is noted besides, in a record of its own: nothing else names
 * it when the repair ends before it has removed the page.
 */
import { equalBytes } from '../base/bytes.ts';
import { checkpointSpan } from '../base/limits.ts';
import { pageRange } from '../pager/versions.ts';
import type { SpaceKeys } from '../port/store.ts';
import { readDamage } from '../table/damage.ts';
import { readPagesMark, readRepairMark } from '../table/restore.ts';
import { catchUp } from './follow.ts';
import type { PageLoader } from './load.ts';
import { writeOurs } from './meta-update.ts';
import type { EngineState } from './state.ts';

/** Where in space meta the mark is that was counted, */
export const countedKey = 6;
/** and where pages are noted: so far above this as they are numbered. */
export const givenKey: number = 2 ** 32;

const counted: SpaceKeys = { space: 'meta', from: countedKey, to: countedKey };
const given: SpaceKeys = { space: 'meta', from: givenKey, to: 2 * givenKey - 1 };

const unwritten = 'a note was not written';

/** What a scrub is to settle when it has ended. */
export interface Doubt {
  /** The mark that it counts; undefined where the pages do not have the head's. */
  readonly mark: Uint8Array | undefined;
  /** Pages that a repair was about to give up. */
  readonly pages: readonly number[];
}

/** The head's mark, if no whole scrub has counted it. */
export async function readDoubt(
  state: EngineState,
  loader: PageLoader,
): Promise<Uint8Array | undefined> {
  await catchUp(state);
  const known = await state.options.store.get('meta', countedKey);
  const mark = await loader.run(() => readRepairMark(state.published));
  return isCounted(mark, known) ? undefined : mark;
}

/**
 * A scrub begins; undefined: there is nothing to settle. It counts pages, so what is in doubt goes
 * into pages first.
 */
export async function beginDoubt(
  state: EngineState,
  loader: PageLoader,
  checkpoint: () => Promise<void>,
): Promise<Doubt | undefined> {
  const [known = [], notes = []] = await state.options.store.scan([counted, given]);
  const mark = await loader.run(() => readRepairMark(state.published));
  if (notes.length === 0 && isCounted(mark, known[0]?.value)) return undefined;
  await catchUp(state);
  await checkpoint();
  return {
    mark: await loader.run(() => readPagesMark(state.published)),
    pages: notes.map(({ key }) => key - givenKey),
  };
}

/** A whole scrub has ended that began with `doubt`; `isSure`: and no counter was left as it was. */
export async function settleDoubt(
  state: EngineState,
  loader: PageLoader,
  { mark, pages }: Doubt,
  isSure: boolean,
): Promise<void> {
  // What was damaged when a page was noted is on record at the head, if nobody gave it up.
  await catchUp(state);
  const damage = await loader.run(() => readDamage(state.published));
  const damaged = new Set(damage.map(({ page }) => page));
  const gone = pages.filter((page) => !damaged.has(page));
  const put = isSure && mark ? [{ space: 'meta' as const, key: countedKey, value: mark }] : [];
  await writeOurs(state, { remove: gone.flatMap(recordsOfGiven), put }, unwritten);
}

/** Before a page is given up. */
export async function noteGiven(state: EngineState, page: number): Promise<void> {
  const value = new Uint8Array(1);
  await writeOurs(state, { put: [{ space: 'meta', key: givenKey + page, value }] }, unwritten);
}

/** All versions of a page that was given up, and the note of it. */
export function recordsOfGiven(page: number): readonly SpaceKeys[] {
  return [recordsOf(page), { space: 'meta', from: givenKey + page, to: givenKey + page }];
}

/** All versions of a page, and of so many that follow it. */
export function recordsOf(page: number, pages = 1): SpaceKeys {
  const { from } = pageRange(page, 0);
  const { to } = pageRange(page + pages - 1, checkpointSpan - 1);
  return { space: 'page', from, to };
}

function isCounted(mark: Uint8Array | undefined, known: Uint8Array | undefined): boolean {
  return mark === undefined || (known !== undefined && equalBytes(mark, known));
}
