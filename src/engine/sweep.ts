/**
 * After a checkpoint: the page versions it replaced go, by its list, and the log below it.
 *
 * A sweep may be done by any engine and done twice: it removes only what can never be read again.
 * Cost: one range removal for each page of the list that existed before, 256 in a transaction; dead
 * numbers that wrote nothing are forgotten 256 at a time.
 */
import { buildPagesFrom, listPages, listsKept, sweepRangesMax } from '../base/limits.ts';
import type { ListEntry } from '../pager/list.ts';
import { decodeMeta, type Meta } from '../pager/meta.ts';
import { pageKey } from '../pager/versions.ts';
import { metaKey, type SpaceKeys } from '../port/store.ts';
import type { Made } from './checkpoint.ts';
import { readList } from './follow.ts';
import { updateMeta, writeOurs } from './meta-update.ts';
import { ourMeta } from './identity.ts';
import type { EngineState } from './state.ts';

/**
 * Sweeps every checkpoint that is not swept and every dead number, then trims the log below the
 * checkpoint. `made`: a checkpoint whose new pages, which have no older version, need no request.
 */
export async function sweep(state: EngineState, made?: Made): Promise<void> {
  const meta = await currentMeta(state);
  for (const number of meta.unswept) {
    const entries = (await readList(state, number)) ?? [];
    const bound = number === made?.number ? made.firstNewPage : undefined;
    await removeAll(
      state,
      entries.flatMap((entry) => replaced(entry, number, bound)),
    );
    await updateMeta(
      state,
      (now) => ({ ...now, unswept: now.unswept.filter((other) => other !== number) }),
      { remove: await listKeys(state, number - listsKept) },
    );
  }
  const listed = await listedOf(state, meta.dead);
  for (const number of meta.dead) {
    if (!listed.has(number)) continue;
    const entries = (await readList(state, number)) ?? [];
    await removeAll(
      state,
      entries.map(({ page }) => versions(page, number, number)),
    );
    await forgetDead(state, [number], await listKeys(state, number));
  }
  // A number that was given out and wrote nothing: dozens, where the meta record was damaged.
  const empty = meta.dead.filter((number) => !listed.has(number));
  for (let at = 0; at < empty.length; at += sweepRangesMax) {
    await forgetDead(state, empty.slice(at, at + sweepRangesMax), []);
  }
  await trim(state);
}

/** Every number takes along the list that is too old to be kept, or it would stay for ever. */
async function forgetDead(
  state: EngineState,
  numbers: readonly number[],
  lists: readonly SpaceKeys[],
): Promise<void> {
  const old = await listedOf(
    state,
    numbers.map((number) => number - listsKept),
  );
  const remove = [...lists];
  for (const number of old) remove.push(...(await listKeys(state, number)));
  const gone = new Set(numbers);
  const change = (now: Meta): Meta => {
    return { ...now, dead: now.dead.filter((number) => !gone.has(number)) };
  };
  await updateMeta(state, change, { remove });
}

/** Those of these checkpoints that have a list; one request, however many they are. */
async function listedOf(
  { options }: EngineState,
  numbers: readonly number[],
): Promise<ReadonlySet<number>> {
  const asked = new Set(numbers.filter((number) => number > 0));
  if (asked.size === 0) return asked;
  const [from, to] = [Math.min(...asked), Math.max(...asked)];
  const [parts = []] = await options.store.scan([
    { space: 'page', from: pageKey(0, from), to: pageKey(0, to) },
  ]);
  const listed = parts.map(({ key }) => key - pageKey(0, 0));
  return new Set(listed.filter((number) => asked.has(number)));
}

/** Versions that the list's checkpoint replaced. */
function replaced(
  { page, kind }: ListEntry,
  number: number,
  firstNewPage: number | undefined,
): SpaceKeys[] {
  if (kind === 'freed') return [versions(page, 0, number)];
  // A delta stands on the versions below it; a new page has none.
  const isNew = firstNewPage !== undefined && page >= firstNewPage && page < buildPagesFrom;
  if (kind === 'delta' || isNew) return [];
  return [versions(page, 0, number - 1)];
}

function versions(page: number, from: number, to: number): SpaceKeys {
  return { space: 'page', from: pageKey(page, from), to: pageKey(page, to) };
}

/** The parts of a checkpoint's list that are there. */
async function listKeys(state: EngineState, number: number): Promise<SpaceKeys[]> {
  const keys: SpaceKeys[] = [];
  if (number <= 0) return keys;
  for (let part = 0; part < listPages; part += 1) {
    const bytes = await state.options.store.get('page', pageKey(part, number));
    if (bytes === undefined) break;
    keys.push(versions(part, number, number));
  }
  return keys;
}

/** Throws StoreFailure where it cannot be told that they are gone. */
export async function removeAll(state: EngineState, ranges: readonly SpaceKeys[]): Promise<void> {
  for (let at = 0; at < ranges.length; at += sweepRangesMax) {
    const remove = ranges.slice(at, at + sweepRangesMax);
    await writeOurs(state, { remove }, 'a sweep was cut off');
    await state.options.scheduler.breathe();
  }
}

/** Removes the log that the checkpoint holds. */
async function trim(state: EngineState): Promise<void> {
  const meta = await currentMeta(state);
  if (meta.trimmed >= meta.position) return;
  await updateMeta(
    state,
    (now) => (now.trimmed >= meta.position ? undefined : { ...now, trimmed: meta.position }),
    // From the first: a stale engine may have left a record where it was trimmed before.
    { remove: [{ space: 'log', from: 1, to: meta.position }] },
  );
}

async function currentMeta(state: EngineState): Promise<Meta> {
  return decodeMeta(ourMeta(state, await state.options.store.get('meta', metaKey)));
}
