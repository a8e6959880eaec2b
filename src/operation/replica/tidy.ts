/**
 * TidyReplica: the next slice of forgetting what nobody needs any more (src/replica/retention.ts);
 * asked again until it answers Done.
 *
 * A hub forgets deletions below its floor, and marks of replicas that are retired. A device forgets
 * its own deletions some days after they were made, once nothing waits for an answer: the feed has
 * passed them by then.
 */
import { fromHex, hexOf, mapKey } from '../../base/bytes.ts';
import {
  awayMsMax,
  mendSliceEntries,
  replicaKeptMs,
  tombstoneKeptMs,
  unsafeKeptMs,
} from '../../base/replica-limits.ts';
import { readState } from '../../replica/book.ts';
import { lastPlace } from '../../replica/epochs.ts';
import { readLink } from '../../replica/link.ts';
import { decodeMark, markRange, replicaOfMark } from '../../replica/mark.ts';
import { sliceOf } from '../../replica/mend.ts';
import { entriesFrom } from '../../replica/outbox.ts';
import { principalKey } from '../../replica/principal.ts';
import {
  encodeRetention,
  passTime,
  readRetention,
  retentionKey,
  sweepBelow,
} from '../../replica/retention.ts';
import { Scratch } from '../../replica/scratch.ts';
import { findSelf, type ReplicaSelf } from '../../replica/self.ts';
import { readSurvey } from '../../replica/survey.ts';
import { byTree, replicatedTables } from '../../replica/tables.ts';
import { decodeVersion } from '../../replica/version.ts';
import { long, string, struct } from '../../shape/constructors.ts';
import { type DecideContext, type Effect, type Operation, operation } from '../operation.ts';

export interface TidyOutput {
  readonly Done: boolean;
  /** For the next slice. */
  readonly After?: string;
}

export const TidyReplica: Operation = operation({
  name: 'TidyReplica',
  kind: 'write',
  internal: true,
  input: struct({
    /** Of a hub: how long a device may be away, milliseconds; 90 days unless given. */
    AwayMs: long({ min: 1 }),
    /** Of a device: how old its deletions become; 7 days unless given. */
    KeptMs: long({ min: 0 }),
    /** As the last slice has answered it. */
    After: string(),
  }),
  check: (input) => input,
  plan: (input) => input,
  decide({ AwayMs, KeptMs, After = '' }, context): Effect {
    const self = findSelf(context.reader);
    if (self === undefined || self.isMending === true) return { output: { Done: true } };
    return self.role === 'hub'
      ? tidyHub(context, self, AwayMs ?? awayMsMax, After)
      : tidyDevice(context, self, KeptMs, After);
  },
});

function tidyHub(
  { reader, catalog, nowMs }: DecideContext,
  { book }: ReplicaSelf,
  keptMs: number,
  after: string,
): Effect {
  const scratch = new Scratch(reader);
  const retention = readRetention(reader, book);
  const passed = passTime(retention, { nowMs, keptMs, place: lastPlace(reader, book) });
  const told = (Done: boolean, more: object = {}): Effect => {
    const mutations = scratch.mutations();
    const commits = mutations.length === 0 ? [] : [{ table: 0, mutations, units: 0 }];
    return { output: { Done, ...more }, commits };
  };
  // The floor is there before anything below it goes.
  if (mapKey(encodeRetention(passed)) !== mapKey(encodeRetention(retention))) {
    scratch.set(book, retentionKey, encodeRetention(passed));
    return told(false, { After: after });
  }
  if (retention.swept < retention.floor) {
    const swept = sweepBelow(scratch, book, byTree(catalog), retention);
    scratch.set(book, retentionKey, encodeRetention(swept));
    return told(false, { After: after });
  }
  const { from, to } = markRange;
  const slice = sliceOf(reader, book, from, to, after === '' ? undefined : fromHex(after));
  let { marks } = retention;
  for (const [key, value] of slice.entries) {
    if (decodeMark(value).ms > nowMs - replicaKeptMs) continue;
    marks -= 1;
    scratch.set(book, key, undefined);
    scratch.set(book, principalKey(replicaOfMark(key)), undefined);
  }
  if (marks < retention.marks) {
    scratch.set(book, retentionKey, encodeRetention({ ...retention, marks: Math.max(0, marks) }));
  }
  return slice.last === undefined ? told(true) : told(false, { After: hexOf(slice.last) });
}

/** Only while nothing waits: then the feed has passed what was answered before. */
function tidyDevice(
  { reader, catalog, nowMs }: DecideContext,
  { book, offsetMs = 0 }: ReplicaSelf,
  given: number | undefined,
  after: string,
): Effect {
  const { link } = readLink(reader, book);
  const [waiting] = entriesFrom(reader, book, 0);
  const isIdle = waiting === undefined && readSurvey(reader, book) === undefined;
  if (!isIdle || link.cursor === 0) return { output: { Done: true } };
  // What a hub may lose is held longer.
  const isSafe = link.safe >= readState(reader, book).next - 1;
  const keptMs = given ?? (isSafe ? tombstoneKeptMs : unsafeKeptMs);
  const untilMs = Math.min(nowMs + offsetMs, link.syncedMs) - keptMs;
  const [name = '', key = ''] = after.split(' ');
  const scratch = new Scratch(reader);
  let seen = 0;
  const tables = replicatedTables(catalog).toSorted((a, b) =>
    a.replica.global < b.replica.global ? -1 : 1,
  );
  for (const { replica } of tables) {
    if (replica.global < name) continue;
    const start = replica.global === name && key !== '' ? fromHex(key) : undefined;
    const range = start === undefined ? {} : { from: start, fromOpen: true };
    const cursor = reader.range(replica.versions, range);
    while (cursor.next()) {
      const { isDeleted, pending, stamp } = decodeVersion(cursor.value);
      const at = cursor.key.slice();
      if (isDeleted && pending === undefined && stamp.ms <= untilMs) {
        scratch.set(replica.versions, at, undefined);
      }
      seen += 1;
      if (seen < mendSliceEntries) continue;
      return sliced(scratch, { Done: false, After: `${replica.global} ${hexOf(at)}` });
    }
  }
  return sliced(scratch, { Done: true });
}

function sliced(scratch: Scratch, output: TidyOutput): Effect {
  const mutations = scratch.mutations();
  return mutations.length === 0
    ? { output }
    : { output, commits: [{ table: 0, mutations, units: 0 }] };
}
