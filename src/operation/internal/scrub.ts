/**
 * Scrub: compares a slice of a table with its indexes, or of an index with its table, and mends
 * what differs; of a table also what waits for a job that is lost. CorrectCounters: moves the
 * counters of a tree by what a count found them off.
 */
import { fromHex, hexOf } from '../../base/bytes.ts';
import { counterStepMax } from '../../base/limits.ts';
import { boolean, long, string, struct } from '../../shape/constructors.ts';
import { uncount } from '../../table/collections.ts';
import { wrongCounters } from '../../table/count-collections.ts';
import { replaceJobs } from '../../table/lost-jobs.ts';
import { counterMutations, isCorrected, scrubEntries, scrubItems } from '../../table/scrub.ts';
import { rootsTree, treeKey } from '../../table/system.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type Operation, operation } from '../operation.ts';

export interface ScrubOutput {
  readonly Checked: number;
  readonly Mended: number;
  /** Undefined at the end. */
  readonly Next?: string;
}

export const Scrub: Operation = operation({
  name: 'Scrub',
  kind: 'write',
  internal: true,
  input: struct({ Table: string().required, Index: string(), After: string() }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Table, Index, After }, { reader, catalog }) {
    const table = catalog.find(Table);
    const index = table?.indexes.find(({ name }) => name === Index);
    const gone = table === undefined || (Index !== undefined && index === undefined);
    if (gone || index?.status === 'DELETING') return { output: { Checked: 0, Mended: 0 } };
    const after = After === undefined ? undefined : fromHex(After);
    const { mutations, checked, last } =
      index === undefined
        ? scrubItems(reader, table, after)
        : scrubEntries(reader, table, index, after);
    const wrong = index === undefined ? wrongCounters(reader, table, after) : 0;
    if (wrong > 0) mutations.push(...uncount(reader, table));
    if (Index === undefined && After === undefined) mutations.push(...replaceJobs(reader, table));
    const output: ScrubOutput = {
      Checked: checked,
      Mended: mutations.length,
      ...(last === undefined ? {} : { Next: hexOf(last) }),
    };
    return { output, commits: mutations.length === 0 ? [] : [{ table: 0, mutations, units: 0 }] };
  },
});

export const CorrectCounters: Operation = operation({
  name: 'CorrectCounters',
  kind: 'write',
  internal: true,
  input: struct({
    Tree: long({ min: 0 }).required,
    Entries: long({ min: -counterStepMax, max: counterStepMax }).required,
    Bytes: long().required,
    /** The root whose entries were counted, as it is stored; none: the tree had no pages. */
    Root: string(),
    /** Goes on with a correction that was too large for one commit. */
    IsMore: boolean,
  }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Tree, Entries, Bytes, Root, IsMore }, { reader }) {
    if (IsMore !== true && !isUncorrected(reader, Tree, Root)) {
      return { output: { IsCorrected: false } };
    }
    const mutations = counterMutations(Tree, Entries, Bytes);
    return {
      output: { IsCorrected: true },
      commits: mutations.length === 0 ? [] : [{ table: 0, mutations, units: 0 }],
    };
  },
});

/**
 * Whether the tree stands on the pages that were counted, and nobody has moved its counters since:
 * two scrubs of the same pages find them off by the same, and one of them moves them.
 */
function isUncorrected(reader: TreeReader, tree: number, root: string | undefined): boolean {
  const now = reader.get(rootsTree, treeKey(tree));
  const isSame = now === undefined ? root === undefined : hexOf(now) === root;
  return isSame && !isCorrected(reader, tree);
}
