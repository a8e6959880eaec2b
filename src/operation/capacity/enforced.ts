/**
 * DynamoDB's throttling, for an engine that is told to enforce capacity: a bucket for the reads and
 * one for the writes of each table and each global index, how often units may go down, and how
 * often a stream's shard may be read
 * (reference/streams-ttl-backup-globaltables.md, section 9; types-and-limits.md, section 10).
 *
 * Provisioned units are as configured. On demand the configured maximum holds, and without one what
 * an account may use of one table. Buckets are one engine's own and in memory; a table is taken to
 * have lain unused before it is first seen. The partitions of a table have no buckets.
 */
import { DynamoError, limitExceeded } from '../../base/errors.ts';
import { dayOf } from '../../base/iso.ts';
import {
  bucketsMax,
  decreaseEveryMs,
  decreasesFreelyMax,
  shardReadsMax,
  tableCapacityMax,
} from '../../base/limits.ts';
import { Bucket } from '../../capacity/bucket.ts';
import { wordyDate } from '../../capacity/wordy-date.ts';
import { indexArn } from '../../table/arn.ts';
import type { IndexState, TableState, Throughput } from '../../table/state.ts';
import { indexSettings, settingsOf } from '../table/settings.ts';
import { decreasesToday, isDecrease, noThroughput } from '../table/throughput.ts';
import type { EnforcedCapacity, Meter, UnitKind } from './meter.ts';

export function enforceCapacity(): EnforcedCapacity {
  const buckets = new Map<string, Bucket>();
  const reads: ShardReads = new Map();
  return { begin: (nowMs) => new CallMeter(buckets, reads, nowMs) };
}

/** When each shard was read last, by its tree: epoch milliseconds, as often as it may be. */
type ShardReads = Map<number, readonly number[]>;

class CallMeter implements Meter {
  readonly #buckets: Map<string, Bucket>;
  readonly #reads: ShardReads;
  readonly #nowMs: number;
  #taken: { readonly bucket: Bucket; readonly units: number }[] = [];
  /** The shard that was read, and its reads before. */
  #read: { readonly tree: number; readonly before: readonly number[] } | undefined;

  constructor(buckets: Map<string, Bucket>, reads: ShardReads, nowMs: number) {
    this.#buckets = buckets;
    this.#reads = reads;
    this.#nowMs = nowMs;
  }

  refusal(
    table: TableState,
    index: IndexState | undefined,
    kind: UnitKind,
  ): DynamoError | undefined {
    const { perSecond, why } = limitOf(table, index, kind);
    if (this.#bucket(table, index, kind).hasUnits(perSecond, this.#nowMs)) return undefined;
    const { error, member, text, ofIndex = text } = refusals[why];
    const reason = `${index === undefined ? 'Table' : 'Index'}${kind}${why}`;
    const resource = index === undefined ? table.arn : indexArn(table.arn, index.name);
    return new DynamoError(error, index === undefined ? text : ofIndex, {
      [member]: [{ reason, resource }],
    });
  }

  spend(table: TableState, index: IndexState | undefined, kind: UnitKind, units: number): void {
    const bucket = this.#bucket(table, index, kind);
    bucket.take(units);
    this.#taken.push({ bucket, units });
  }

  undo(): void {
    for (const { bucket, units } of this.#taken) bucket.take(-units);
    this.#taken = [];
    if (this.#read !== undefined) this.#reads.set(this.#read.tree, this.#read.before);
    this.#read = undefined;
  }

  /** A clock that was set back counts nobody's reads for longer than a second. */
  readShard(tree: number, shardId: string): void {
    const before = this.#reads.get(tree) ?? [];
    const recent = before.filter((ms) => Math.abs(this.#nowMs - ms) < 1000);
    if (recent.length >= shardReadsMax) {
      throw limitExceeded(`Rate exceeded for shard ${shardId}: ${shardReadsMax} reads a second`);
    }
    if (this.#reads.size >= bucketsMax) this.#reads.clear();
    this.#reads.set(tree, [...recent, this.#nowMs]);
    this.#read = { tree, before };
  }

  checkChange(table: TableState, next: TableState): void {
    this.#checkDecrease(table, '', table.throughput, next.throughput);
    for (const { name, throughput } of next.indexes) {
      const before = table.indexes.find((index) => index.name === name)?.throughput;
      const after = throughput ?? noThroughput;
      if (before !== undefined) this.#checkDecrease(table, name, before, after);
    }
  }

  /** A change to on demand takes all units away, and is none of those that are counted. */
  #checkDecrease(table: TableState, name: string, current: Throughput, next: Throughput): void {
    if (next.read === 0 || !isDecrease(current, next)) return;
    const count = decreasesToday(settingsOf(table).Decreases, name, this.#nowMs);
    const lastMs = (current.lastDecrease ?? 0) * 1000;
    const againMs = Math.min(lastMs + decreaseEveryMs, (dayOf(this.#nowMs) + 1) * dayMs);
    if (count < decreasesFreelyMax || this.#nowMs >= againMs) return;
    throw limitExceeded(
      'Subscriber limit exceeded: Provisioned throughput decreases are limited within a given ' +
        `UTC day. After the first ${decreasesFreelyMax} decreases, each subsequent decrease in ` +
        `the same UTC day can be performed at most once every ${decreaseEveryMs / 1000} seconds. ` +
        `Number of decreases today: ${count}. Last decrease at ${wordyDate(lastMs)}. ` +
        `Next decrease can be made at ${wordyDate(againMs)}`,
    );
  }

  #bucket(table: TableState, index: IndexState | undefined, kind: UnitKind): Bucket {
    const name = `${(index ?? table).tree} ${kind}`;
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const { perSecond } = limitOf(table, index, kind);
    const bucket = new Bucket(perSecond, this.#nowMs / 1000 - table.createdAt, this.#nowMs);
    if (this.#buckets.size >= bucketsMax) this.#buckets.clear();
    this.#buckets.set(name, bucket);
    return bucket;
  }
}

const dayMs = 24 * 60 * 60 * 1000;

type Why =
  | 'ProvisionedThroughputExceeded'
  | 'MaxOnDemandThroughputExceeded'
  | 'AccountLimitExceeded';

interface Refusal {
  readonly error: DynamoError['name'];
  /** The member with the reasons; the case of its first letter is DynamoDB's. */
  readonly member: 'ThrottlingReasons' | 'throttlingReasons';
  readonly text: string;
  readonly ofIndex?: string;
}

/** Words: reference/protocol.md, section 8. */
const refusals: Readonly<Record<Why, Refusal>> = {
  ProvisionedThroughputExceeded: {
    error: 'ProvisionedThroughputExceededException',
    member: 'ThrottlingReasons',
    text:
      'The level of configured provisioned throughput for the table was exceeded. Consider ' +
      'increasing your provisioning level with the UpdateTable API.',
    ofIndex:
      'The level of configured provisioned throughput for one or more global secondary indexes ' +
      'of the table was exceeded. Consider increasing your provisioning level for the ' +
      'under-provisioned global secondary indexes with the UpdateTable API.',
  },
  MaxOnDemandThroughputExceeded: {
    error: 'ThrottlingException',
    member: 'throttlingReasons',
    text: 'Throughput exceeds the maximum OnDemandThroughput configured on table or index',
  },
  AccountLimitExceeded: {
    error: 'RequestLimitExceeded',
    member: 'ThrottlingReasons',
    text:
      'Throughput exceeds the current throughput limit for your account. Please contact AWS ' +
      'Support at https://aws.amazon.com/support request a limit increase',
  },
};

/** What a table or a global index of it may use in a second. */
function limitOf(
  table: TableState,
  index: IndexState | undefined,
  kind: UnitKind,
): { readonly perSecond: number; readonly why: Why } {
  if (table.billing === 'PROVISIONED') {
    const { read, write } = (index ?? table).throughput ?? noThroughput;
    return { perSecond: kind === 'Read' ? read : write, why: 'ProvisionedThroughputExceeded' };
  }
  const settings = settingsOf(table);
  const { OnDemandThroughput: most } =
    index === undefined ? settings : indexSettings(settings, index.name);
  const units = most?.[`Max${kind}RequestUnits`];
  // -1 says that there is none.
  if (units === undefined || units < 0) {
    return { perSecond: tableCapacityMax, why: 'AccountLimitExceeded' };
  }
  return { perSecond: units, why: 'MaxOnDemandThroughputExceeded' };
}
