/**
 * Streams of a simulated database, read to their ends and compared with the commits of the ledger:
 * each change once, in order per key, without a gap, and nothing else.
 *
 * What is a day old may be gone, and where clocks leap any time may have been a day. Then a key's
 * changes may lack a beginning, and never a middle or an end.
 */
import { streamRetentionMs } from '../../src/base/limits.ts';
import { placeOfNumber } from '../../src/stream/sequence.ts';
import { equalItems } from '../../src/value/compare.ts';
import type { Item } from '../../src/value/value.ts';
import { keyOf } from '../model/state.ts';
import { type AskStream, type RecordInfo, recordsOf, shardsOf } from '../support/streams.ts';
import { itemOf } from './judge.ts';
import type { Ledger, RecordedChange } from './ledger.ts';

interface Listed {
  readonly StreamArn: string;
  readonly TableName: string;
  readonly StreamLabel: string;
}

const pagesMax = 1000;

/** `leaps`: a clock may have moved, so anything may have been trimmed. */
export async function compareStreams(
  ledger: Ledger,
  ask: AskStream,
  nowMs: number,
  leaps: boolean,
): Promise<void> {
  const listed = await listAll(ask);
  for (const { table, label } of ledger.streamsOn()) {
    const isThere = listed.some(({ TableName, StreamLabel }) => {
      return TableName === table && StreamLabel === label;
    });
    if (!isThere) ledger.violate(`the stream ${label} of ${table} is not listed`);
  }
  for (const { StreamArn, TableName, StreamLabel } of listed) {
    const name = `the stream ${StreamLabel} of ${TableName}`;
    const found = await readAll(ledger, ask, StreamArn, name);
    const wanted = ledger.recordsOf(TableName, StreamLabel);
    const bySequence = new Map(wanted.map((change) => [change.sequence, change]));
    const seen = new Set<number>();
    for (const record of found) {
      const { sequence = -1, ms = -1 } = placeOfNumber(record.dynamodb.SequenceNumber) ?? {};
      const change = bySequence.get(sequence);
      if (seen.has(sequence)) ledger.violate(`${name} has ${sequence} twice`);
      seen.add(sequence);
      if (change === undefined) ledger.violate(`${name} has ${sequence}, which nobody made`);
      else if (change.stampMs !== ms || !tellsOf(record, change)) {
        ledger.violate(`${name} tells another story of ${sequence}`);
      }
    }
    checkMissing(ledger, name, wanted, seen, (change) => {
      return leaps || change.stampMs + streamRetentionMs <= nowMs;
    });
  }
}

async function listAll(ask: AskStream): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  let start = {};
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = await ask('ListStreams', { Limit: 3, ...start });
    listed.push(...(answer['Streams'] as readonly Listed[]));
    const last = answer['LastEvaluatedStreamArn'];
    if (last === undefined) return listed;
    start = { ExclusiveStartStreamArn: last };
  }
  throw new Error('streams without end');
}

/** Parents first, as a consumer reads: then each key's changes come in order. */
async function readAll(
  ledger: Ledger,
  ask: AskStream,
  arn: string,
  name: string,
): Promise<readonly RecordInfo[]> {
  const all: RecordInfo[] = [];
  const lastOf = new Map<string, bigint>();
  for (const { ShardId, SequenceNumberRange } of await shardsOf(ask, arn, 5)) {
    const { StartingSequenceNumber, EndingSequenceNumber } = SequenceNumberRange;
    const { records, isClosed } = await recordsOf(ask, arn, ShardId, 7);
    if (isClosed !== (EndingSequenceNumber !== undefined)) {
      ledger.violate(`${name}: ${ShardId} does not end as it says`);
    }
    let last = BigInt(StartingSequenceNumber) - 1n;
    for (const record of records) {
      const number = BigInt(record.dynamodb.SequenceNumber);
      if (number <= last) ledger.violate(`${name}: ${number} is out of order in ${ShardId}`);
      last = number;
      const key = keyOf(itemOf(record.dynamodb.Keys));
      if (number <= (lastOf.get(key) ?? 0n)) ledger.violate(`${name}: ${key} is out of order`);
      lastOf.set(key, number);
    }
    if (EndingSequenceNumber !== undefined && last > BigInt(EndingSequenceNumber)) {
      ledger.violate(`${name}: ${ShardId} goes on beyond its end`);
    }
    all.push(...records);
  }
  return all;
}

/** Of each key only the first changes may be missing, and only where that is excused. */
function checkMissing(
  ledger: Ledger,
  name: string,
  wanted: readonly RecordedChange[],
  seen: ReadonlySet<number>,
  mayBeGone: (change: RecordedChange) => boolean,
): void {
  const begun = new Set<string>();
  for (const change of wanted) {
    if (seen.has(change.sequence)) begun.add(change.key);
    else if (begun.has(change.key)) ledger.violate(`${name} has a gap at ${change.sequence}`);
    else if (!mayBeGone(change)) ledger.violate(`${name} lacks ${change.sequence}`);
  }
}

function tellsOf(
  { eventName, dynamodb, userIdentity }: RecordInfo,
  change: RecordedChange,
): boolean {
  const { before, after, view, key } = change;
  const keepsNew = view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES';
  const keepsOld = view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES';
  const kind = before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY';
  return (
    eventName === kind &&
    (userIdentity !== undefined) === change.expired &&
    keyOf(itemOf(dynamodb.Keys)) === key &&
    isSame(dynamodb.NewImage, keepsNew ? after : undefined) &&
    isSame(dynamodb.OldImage, keepsOld ? before : undefined)
  );
}

function isSame(image: unknown, item: Item | undefined): boolean {
  if (image === undefined || item === undefined) return image === item;
  return equalItems(itemOf(image), item);
}
