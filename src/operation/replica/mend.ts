/**
 * MendReplica: the next slice of making anew what a replica has lost of its book or of versions, or
 * of giving versions to the items of a table that was not empty (src/replica/mend.ts). Answered
 * with Done when there is nothing left to do.
 *
 * Damaged pages are cut out of their trees by a checkpoint before this is asked.
 */
import { must } from '../../base/assert.ts';
import { compareBytes } from '../../base/bytes.ts';
import { DamagedData } from '../../base/corruption.ts';
import type { Mutation } from '../../log/commit.ts';
import {
  beginMend,
  decodeMend,
  encodeMend,
  endMend,
  type Mend,
  type MendContext,
  mendKey,
  readMend,
  versionsKind,
} from '../../replica/mend.ts';
import { mendDevice } from '../../replica/mend-device.ts';
import { mendHub } from '../../replica/mend-hub.ts';
import { put } from '../../replica/book.ts';
import { Scratch } from '../../replica/scratch.ts';
import { findSelf, putSelf, type ReplicaSelf } from '../../replica/self.ts';
import { replicatedTables } from '../../replica/tables.ts';
import { struct } from '../../shape/constructors.ts';
import { damageKey, type DamageRecord, readDamage } from '../../table/damage.ts';
import { damageTree } from '../../table/system.ts';
import { removeSystemItem } from '../../table/system-items.ts';
import type { TreeReader } from '../../tree/reader.ts';
import {
  type CommitDraft,
  type DecideContext,
  type Effect,
  type Operation,
  operation,
} from '../operation.ts';
import { systemCommit } from '../table/stored.ts';

export interface MendOutput {
  readonly Done: boolean;
  /** At the end of a walk: what was lost, in words. */
  readonly Report?: string;
}

export const MendReplica: Operation = operation({
  name: 'MendReplica',
  kind: 'write',
  internal: true,
  input: struct({}),
  check: (input) => input,
  plan: (input) => input,
  decide(_, context): Effect {
    const { reader } = context;
    const self = findSelf(reader);
    if (self === undefined) return { output: { Done: true } };
    const lost = readDamage(reader).filter(({ isReplica }) => isReplica);
    if (lost.length > 0) return begin(reader, self, lost);
    const mend = readMend(reader, self.book);
    return mend === undefined ? { output: { Done: true } } : advance(context, self, mend);
  },
});

/** The damage is on record no longer: what was there is lost. */
function begin(reader: TreeReader, self: ReplicaSelf, lost: readonly DamageRecord[]): Effect {
  const before = walkBefore(reader, self.book);
  // What was lost before that, and is not made anew yet, is lost still.
  const known = before === undefined ? [] : decodeMend(before).kinds;
  const kinds = [...new Set([...known, ...lost.flatMap((one) => kindsOf(one, self.book))])];
  const mutations: Mutation[] = lost.flatMap(({ tree, page, height, from: key }) => [
    ...removeSystemItem(reader, damageTree, damageKey(tree, page)),
    // Of one large value: its entry goes, whose size nobody knows, unless it was written since.
    ...(height === 0 && reader.hasPiece(tree, key, page)
      ? [{ tree, key, value: undefined, sizeBefore: 0, sizeAfter: undefined }]
      : []),
  ]);
  const mend = beginMend(self.role === 'hub' ? 'versions' : 'entries', kinds);
  mutations.push(put(self.book, mendKey, before, encodeMend(mend)));
  return { output: { Done: false }, commits: [systemCommit(mutations)] };
}

/** Of a walk that was under way; nothing where that is lost too. */
function walkBefore(reader: TreeReader, book: number): Uint8Array | undefined {
  try {
    return reader.get(book, mendKey);
  } catch (error) {
    if (error instanceof DamagedData) return undefined;
    throw error;
  }
}

/** What may have been on the page. */
function kindsOf(record: DamageRecord, book: number): readonly number[] {
  if (record.tree !== book) return [versionsKind];
  // Of a whole book: it may be that nobody knows what else was lost (internal/restore.ts).
  const { from, to, height } = record;
  const isAll = from.length === 0 && to === undefined && height > 0;
  const kinds = Array.from({ length: versionsKind }, (_, kind) => kind);
  return isAll ? [...kinds, versionsKind] : kinds.filter((kind) => meets(record, kind));
}

function meets({ from, to, height }: DamageRecord, kind: number): boolean {
  if (height === 0) return from[0] === kind;
  const first = Uint8Array.of(kind);
  const behind = Uint8Array.of(kind + 1);
  return compareBytes(from, behind) < 0 && (to === undefined || compareBytes(to, first) > 0);
}

function advance(
  { reader, catalog, nowMs, random }: DecideContext,
  self: ReplicaSelf,
  mend: Mend,
): Effect {
  const source = random();
  const scratch = new Scratch(reader);
  const tables = replicatedTables(catalog).toSorted((a, b) =>
    a.replica.global < b.replica.global ? -1 : 1,
  );
  const context: MendContext = {
    self,
    tables,
    scratch,
    nowMs,
    bytes: (count) => source.bytes(count),
  };
  const step = self.role === 'hub' ? mendHub(context, mend) : mendDevice(context, mend);
  const bytes = must(reader.get(self.book, mendKey), 'a walk that nobody has begun');
  const { next } = step;
  const isOver = next === undefined || step.isMended === true;
  const walk =
    next === undefined
      ? endMend(self.book, bytes)
      : put(self.book, mendKey, bytes, encodeMend(next));
  const moved = [walk, ...(isOver ? resume(reader, self) : [])];
  const touched = step.touched.map((replicated): CommitDraft => {
    return { table: 0, mutations: [], units: 0, replicated };
  });
  const commits = [...touched, systemCommit([...scratch.mutations(), ...moved])];
  const Report = isOver && self.isMending === true ? { Report: report(mend) } : {};
  return { output: { Done: false, ...Report }, commits };
}

function resume(reader: TreeReader, self: ReplicaSelf): readonly Mutation[] {
  return self.isMending === true ? [putSelf(reader, { ...self, isMending: undefined })] : [];
}

const kindNames = new Map([
  [2, 'waiting edits of items that were written again'],
  [7, 'marks of replicas'],
  [8, 'refused edits that were kept'],
]);

function report({ tally: { rebuilt, emptied, unknown }, kinds }: Mend): string {
  const lost = kinds.flatMap((kind) => kindNames.get(kind) ?? []);
  return (
    'What was kept for replication was damaged, and is made anew. ' +
    `Waiting edits made anew: ${rebuilt}; lost: ${emptied}. Items of unknown version: ${unknown}. ` +
    `Perhaps lost: ${lost.join(', ') || 'nothing else'}.`
  );
}
