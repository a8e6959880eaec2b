/** What a device asks of its ranges: what to load next, and what a greeting makes of them. */
import type { Mutation } from '../../log/commit.ts';
import { readHoldings, writeHoldings } from '../../replica/holding.ts';
import { holdAnew, holdGranted, planLoad } from '../../replica/load.ts';
import { encodeRange, type KeyRange } from '../../replica/range.ts';
import { rangesOfScope, readScope } from '../../replica/scope.ts';
import type { ReplicaSelf } from '../../replica/self.ts';
import { byGlobal, byTree } from '../../replica/tables.ts';
import type { Catalog } from '../../table/catalog.ts';
import type { TreeReader } from '../../tree/reader.ts';
import type { DecideContext } from '../operation.ts';

/** What is to be loaded next, as a session sends for it. */
export function workFor(
  reader: TreeReader,
  book: number,
  catalog: Catalog,
  first: readonly KeyRange[],
): object {
  const trees = byTree(catalog);
  const { work, isFollowed: IsFollowed } = planLoad(
    readHoldings(reader, book, trees),
    rangesOfScope(
      readScope(reader, book).scope,
      [...trees.values()].map(({ replica }) => replica.global),
    ),
    first,
  );
  if (work === undefined) return { IsFollowed };
  const Range = encodeRange(work.range);
  if (work.kind === 'close') return { IsFollowed, Close: { Range, Cursor: work.at } };
  return { IsFollowed, Load: { Range, After: work.after, WithDeleted: work.isKept } };
}

/** A hub that is not the one it was: all that is here is as another life of it had it. */
export function greetHoldings(
  { reader, catalog }: DecideContext,
  { book }: ReplicaSelf,
  isHeld: boolean,
): readonly Mutation[] {
  const holdings = readHoldings(reader, book, byTree(catalog));
  const now = isHeld ? holdGranted(holdings) : holdAnew(holdings);
  return writeHoldings(reader, book, byGlobal(catalog), holdings, now);
}
