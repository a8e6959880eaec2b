/**
 * What a database takes: by table and index, items and their DynamoDB bytes, pages and their bytes.
 *
 * Items and bytes are counters that every commit keeps, so they cost nothing. Pages are not counted
 * by anyone: they are walked over, when that is asked for.
 */
import { must } from '../base/assert.ts';
import { tablesMax, walkTriesMax } from '../base/limits.ts';
import type { TreeRoot } from '../pager/meta.ts';
import type { TreeCounters } from '../tree/reader.ts';
import { walkRoots } from './damage.ts';
import type { PageSizes, SizeReport, SizesOptions, TreeSizes } from './engine-types.ts';
import type { PageLoader } from './load.ts';
import { walkTree, WalkMoved } from './page-walk.ts';
import type { EngineState } from './state.ts';

/** Throws DamagedData, StoreFailure, and what the signal says. */
export async function sizesOf(
  state: EngineState,
  loader: PageLoader,
  options: SizesOptions = {},
): Promise<SizeReport> {
  const pages = options.pages === true ? await pagesByTree(state, options) : undefined;
  const sizesOfTree = (tree: number, { entries, bytes }: TreeCounters): TreeSizes => {
    const stored = pages && (pages.get(tree) ?? { pageRecords: 0, pageBytes: 0 });
    return { items: entries, itemBytes: bytes, ...stored };
  };
  const tables = await loader.run(() => {
    const catalog = state.catalog();
    const { published } = state;
    return catalog.names(undefined, tablesMax).map((name) => {
      const table = must(catalog.find(name), `table ${name}`);
      const indexes = table.indexes.map((index) => {
        return { name: index.name, ...sizesOfTree(index.tree, published.counters(index.tree)) };
      });
      return { name, ...sizesOfTree(table.tree, published.counters(table.tree)), indexes };
    });
  });
  const all = [...(pages?.values() ?? [])];
  return {
    tables,
    logBytes: state.log.bytes,
    ...(pages && {
      pageRecords: all.reduce((sum, one) => sum + one.pageRecords, 0),
      pageBytes: all.reduce((sum, one) => sum + one.pageBytes, 0),
    }),
  };
}

async function pagesByTree(
  state: EngineState,
  { signal, onProgress }: SizesOptions,
): Promise<ReadonlyMap<number, Required<PageSizes>>> {
  for (let tries = 0; tries < walkTriesMax; tries += 1) {
    const { meta } = state;
    const sizes = new Map<number, Required<PageSizes>>();
    try {
      const roots: { readonly tree: number; readonly root: TreeRoot }[] = [];
      for await (const one of walkRoots(state, meta)) roots.push(one);
      for (const { tree, root } of roots) {
        const sum = { pageRecords: 0, pageBytes: 0 };
        sizes.set(tree, sum);
        for await (const { records, bytes } of walkTree(state, meta, root, { signal })) {
          sum.pageRecords += records;
          sum.pageBytes += bytes;
        }
        onProgress?.({ done: sizes.size, total: roots.length });
      }
      return sizes;
    } catch (error) {
      if (!(error instanceof WalkMoved)) throw error;
    }
  }
  throw new Error('Checkpoints follow one another too fast to count pages; try again later');
}
