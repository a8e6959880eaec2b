/**
 * Bulk builds that nobody works on any more: fenced off, given up, and their pages freed.
 *
 * A build counts in meta while it is alive. One whose count has not moved for buildPatienceMs is
 * dead; a store that has one owner needs no patience. What can be resumed is kept for a while.
 */
import { emptyBytes } from '../base/bytes.ts';
import { DamagedData } from '../base/corruption.ts';
import {
  buildFreePages,
  buildMarkedPages,
  buildPatienceMs,
  checkpointSpan,
  importResumeMs,
} from '../base/limits.ts';
import { decodeMeta, type Meta } from '../pager/meta.ts';
import { buildOverflow } from '../pager/node.ts';
import { pageKey } from '../pager/versions.ts';
import { metaKey, type SpaceRecord, StoreFailure } from '../port/store.ts';
import { type ImportJob, importJobs, type PageRange } from '../table/import-job.ts';
import { buildsOf, removeBuild } from './build-writer.ts';
import type { PageLoader } from './load.ts';
import { writeOurs } from './meta-update.ts';
import type { EngineState } from './state.ts';

interface Seen {
  readonly slices: number;
  readonly sinceMs: number;
}

export interface AdvanceImportOutput {
  readonly Job?: ImportJob | undefined;
  readonly Done?: boolean;
}

export type AskImport = (input: object) => Promise<AdvanceImportOutput>;

export class BuildWatch {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  readonly #ask: AskImport;
  readonly #seen = new Map<number, Seen>();

  constructor(state: EngineState, loader: PageLoader, ask: AskImport) {
    this.#state = state;
    this.#loader = loader;
    this.#ask = ask;
  }

  /** Ends what is dead. True when there is a build that may yet turn out to be. */
  async look(): Promise<boolean> {
    const state = this.#state;
    const jobs = await this.#loader.run(() => importJobs(state.published)).catch(noneWhereDamaged);
    if (jobs.length === 0) return false;
    const stored = await state.options.store.get('meta', metaKey);
    if (stored === undefined) throw new StoreFailure('closed', 'the store is gone');
    const meta = decodeMeta(stored);
    let waits = false;
    for (const job of jobs) {
      if (state.ownBuilds.has(job.number)) continue;
      if (job.freeing) await this.#free(job).catch(noneWhereDamaged);
      else if (!this.isDead(meta, job.number)) waits = true;
      else await this.#end(job).catch(noneWhereDamaged);
    }
    return waits;
  }

  /** Whether meta does not name the build any more, or its count was seen to stand still. */
  isDead(meta: Meta, number: number): boolean {
    const { deadBuilds, options } = this.#state;
    const { clock, store } = options;
    const build = buildsOf(meta).find((one) => one.number === number);
    if (build === undefined || store.exclusive || deadBuilds.has(number)) return true;
    const nowMs = clock.monoMs();
    const seen = this.#seen.get(number);
    if (seen?.slices === build.slices) return nowMs - seen.sinceMs >= buildPatienceMs;
    this.#seen.set(number, { slices: build.slices, sinceMs: nowMs });
    return false;
  }

  async #end(job: ImportJob): Promise<void> {
    this.#seen.delete(job.number);
    await removeBuild(this.#state, job.number);
    // A clock that was turned back must not keep the table from everybody until it is there again.
    const ageMs = Math.abs(this.#state.options.clock.wallMs() - job.atMs);
    if (job.importId !== '' && ageMs < importResumeMs) return;
    const { Job: rest } = await this.#ask({ Step: 'abandon', Number: job.number });
    if (rest !== undefined) await this.#free(rest);
  }

  async #free(job: ImportJob): Promise<void> {
    await freePages(this.#state, job.ranges);
    await this.#ask({ Step: 'free', Number: job.number });
  }
}

/** What damage is in the way of goes on when that is repaired, which changes a system tree. */
function noneWhereDamaged(error: unknown): readonly never[] {
  if (error instanceof DamagedData) return [];
  throw error;
}

/**
 * Deletes every record of these pages. No build may be able to write to them any more.
 *
 * Where they are many, a mark stays in front of each range. Whoever reads the page before looks
 * whether there is another record of it, and a browser's store passes over all that was deleted
 * until it finds one: behind an import of a million items an open took 0.3 s longer (LevelDB).
 */
export async function freePages(state: EngineState, ranges: readonly PageRange[]): Promise<void> {
  const isMarked = ranges.reduce((sum, { pages }) => sum + pages, 0) >= buildMarkedPages;
  for (const { first, pages } of joined(ranges)) {
    for (let at = first; at < first + pages; at += buildFreePages) {
      const last = Math.min(at + buildFreePages, first + pages) - 1;
      const to = pageKey(last, checkpointSpan - 1);
      const remove = [{ space: 'page' as const, from: pageKey(at, 0), to }];
      const put = isMarked && at === first ? [markOf(first)] : [];
      await writeOurs(state, { remove, put }, 'freeing was cut off');
      await state.options.scheduler.breathe();
    }
  }
}

/** The same pages in ascending ranges that do not touch. */
function joined(ranges: readonly PageRange[]): readonly PageRange[] {
  const whole: PageRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const last = whole.at(-1);
    if (last === undefined || last.first + last.pages < range.first) whole.push(range);
    else {
      const end = Math.max(last.first + last.pages, range.first + range.pages);
      whole[whole.length - 1] = { first: last.first, pages: end - last.first };
    }
  }
  return whole;
}

function markOf(page: number): SpaceRecord {
  return { space: 'page', key: pageKey(page, 0), value: buildOverflow(page, 0, emptyBytes) };
}
