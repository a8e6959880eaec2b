/**
 * Brings the roots of the trees at open, so that the first calls fault on leaves alone.
 *
 * The catalog's tree and each table's begin at a page that the tree of roots names. Without this
 * the first call would find them one after another, a round trip each. Cost: two requests, the
 * first beside the log's. Nothing depends on it: what could not be brought faults later.
 */
import { warmPagesMax } from '../base/limits.ts';
import { PageFault } from '../pager/fault.ts';
import { decodeRoot } from '../pager/meta.ts';
import { rootsTree } from '../table/system.ts';
import { PageLoader } from './load.ts';
import type { EngineState } from './state.ts';

/** Never rejects. */
export async function warmRoots(state: EngineState): Promise<void> {
  const loader = new PageLoader(state);
  const pins = loader.begin();
  try {
    const pages = await loader.run(() => rootPages(state));
    if (pages.length > 0) await loader.load(new PageFault(pages), pins);
  } catch {
    // Whoever needs a page that cannot be read is told why.
  } finally {
    loader.end(pins);
  }
}

/** Root pages in the order of tree ids: the system's first, then the oldest tables'. */
function rootPages(state: EngineState): readonly number[] {
  const cursor = state.published.range(rootsTree, {});
  const pages: number[] = [];
  while (pages.length < warmPagesMax && cursor.next()) pages.push(decodeRoot(cursor.value).page);
  return pages;
}
