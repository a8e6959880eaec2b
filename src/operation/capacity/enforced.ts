/**
 * DynamoDB's throttling, for an engine that is told to enforce capacity: a bucket for the reads and
 * one for the writes of each table, each global index and each partition key, how a table on demand
 * grows, and how often a stream's shard may be read
 * (reference/streams-ttl-backup-globaltables.md, section 9; types-and-limits.md, section 10).
 *
 * Provisioned units are as configured. On demand the configured maximum holds, and without one what
 * an account may use of one table. Buckets are one engine's own and in memory; a table is taken to
 * have lain unused before it is first seen.
 */
import { mapKey } from '../../base/bytes.ts';
import { type DynamoError, limitExceeded } from '../../base/errors.ts';
import { bucketsMax, partitionReadUnits, partitionWriteUnits } from '../../base/capacity-limits.ts';
import { shardReadsMax } from '../../base/limits.ts';
import { Bucket } from '../../capacity/bucket.ts';
import { Growth } from '../../capacity/growth.ts';
import type { Catalog } from '../../table/catalog.ts';
import type { IndexState, TableState } from '../../table/state.ts';
import { hashPrefix } from '../../value/key.ts';
import { indexWarmThroughputOf, warmThroughputOf } from '../table/table-description.ts';
import { type ChangeTimes, checkControlCall, checkTableChange } from './control.ts';
import type { EnforcedCapacity, Meter, Place, UnitKind } from './meter.ts';
import { limitOf, throttled } from './refusals.ts';

/** What one engine remembers. */
interface Memory {
  /** By the tree of a table or index, and the kind. */
  readonly units: Map<string, Units>;
  /** By the same and the partition key's bytes, the least recently made first. */
  readonly partitions: Map<string, Bucket>;
  /** When each shard was read last, by its tree: epoch milliseconds, as often as it may be. */
  readonly reads: Map<number, readonly number[]>;
  readonly changes: ChangeTimes;
  readonly control: Map<string, Bucket>;
}

/** Of a table or a global index, of one kind. */
interface Units {
  readonly bucket: Bucket;
  /** While it is on demand; the most that was provisioned before is what it starts with. */
  growth: Growth | undefined;
  provisioned: number;
}

/** What can be taken from: it gives back what is taken away from it. */
type Source = Pick<Bucket, 'take'>;

export function enforceCapacity(): EnforcedCapacity {
  const memory: Memory = {
    units: new Map(),
    partitions: new Map(),
    reads: new Map(),
    changes: new Map(),
    control: new Map(),
  };
  return {
    begin: (nowMs, operation) => {
      checkControlCall(memory.control, operation, nowMs);
      return new CallMeter(memory, nowMs);
    },
  };
}

class CallMeter implements Meter {
  readonly #memory: Memory;
  readonly #nowMs: number;
  #taken: { readonly source: Source; readonly units: number }[] = [];
  /** Puts back what the call has told of shards and of tables. */
  #undone: (() => void)[] = [];

  constructor(memory: Memory, nowMs: number) {
    this.#memory = memory;
    this.#nowMs = nowMs;
  }

  refusal(
    table: TableState,
    index: IndexState | undefined,
    kind: UnitKind,
    place: Place,
  ): DynamoError | undefined {
    const { perSecond, why } = limitOf(table, index, kind);
    const units = this.#unitsOf(table, index, kind);
    if (!units.bucket.hasUnits(perSecond, this.#nowMs)) {
      return throttled(table, index, kind, why);
    }
    if (table.billing === 'PROVISIONED') {
      units.provisioned = Math.max(units.provisioned, perSecond);
    }
    const isCold = units.growth?.hasUnits(warmthOf(table, index, kind), this.#nowMs) === false;
    const partition = this.#partition(table, index, kind, place);
    const isHot = partition?.hasUnits(partitionUnits(kind), this.#nowMs) === false;
    if (!isCold && !isHot) return undefined;
    return throttled(table, index, kind, 'KeyRangeThroughputExceeded');
  }

  spend(
    table: TableState,
    index: IndexState | undefined,
    kind: UnitKind,
    units: number,
    place: Place,
  ): void {
    const { bucket, growth } = this.#unitsOf(table, index, kind);
    for (const source of [bucket, growth, this.#partition(table, index, kind, place)]) {
      if (source === undefined) continue;
      source.take(units);
      this.#taken.push({ source, units });
    }
  }

  undo(): void {
    for (const { source, units } of this.#taken) source.take(-units);
    for (const undo of this.#undone) undo();
    this.#taken = [];
    this.#undone = [];
  }

  /** A clock that was set back counts nobody's reads for longer than a second. */
  readShard(tree: number, shardId: string): void {
    const { reads } = this.#memory;
    const before = reads.get(tree) ?? [];
    const recent = before.filter((ms) => Math.abs(this.#nowMs - ms) < 1000);
    if (recent.length >= shardReadsMax) {
      throw limitExceeded(`Rate exceeded for shard ${shardId}: ${shardReadsMax} reads a second`);
    }
    if (reads.size >= bucketsMax) reads.clear();
    reads.set(tree, [...recent, this.#nowMs]);
    this.#undone.push(() => reads.set(tree, before));
  }

  checkChange(catalog: Catalog, table: TableState | undefined, next: TableState | undefined): void {
    const undo = checkTableChange(this.#memory.changes, { catalog, table, next }, this.#nowMs);
    this.#undone.push(undo);
  }

  #unitsOf(table: TableState, index: IndexState | undefined, kind: UnitKind): Units {
    const { units } = this.#memory;
    const name = `${(index ?? table).tree} ${kind}`;
    const known = units.get(name);
    const made = known ?? this.#newUnits(table, index, kind);
    if (known === undefined) {
      if (units.size >= bucketsMax) units.clear();
      units.set(name, made);
    }
    if (table.billing === 'PROVISIONED') made.growth = undefined;
    else made.growth ??= this.#newGrowth(table, index, kind, made.provisioned);
    return made;
  }

  #newUnits(table: TableState, index: IndexState | undefined, kind: UnitKind): Units {
    const { perSecond } = limitOf(table, index, kind);
    const idleSeconds = this.#nowMs / 1000 - table.createdAt;
    const bucket = new Bucket(perSecond, idleSeconds, this.#nowMs);
    return { bucket, growth: undefined, provisioned: 0 };
  }

  #newGrowth(
    table: TableState,
    index: IndexState | undefined,
    kind: UnitKind,
    provisioned: number,
  ): Growth {
    return new Growth(Math.max(provisioned, warmthOf(table, index, kind)), this.#nowMs);
  }

  /** None of a place without a partition key. One that was not used for a second is as new. */
  #partition(
    table: TableState,
    index: IndexState | undefined,
    kind: UnitKind,
    place: Place,
  ): Bucket | undefined {
    const { tree, keys } = index ?? table;
    const prefix = prefixOf(keys.hash, place);
    if (prefix === undefined) return undefined;
    const { partitions } = this.#memory;
    const name = `${tree} ${kind} ${mapKey(prefix)}`;
    const known = partitions.get(name);
    if (known !== undefined) return known;
    const bucket = new Bucket(partitionUnits(kind), 1, this.#nowMs, 1);
    const [oldest] = partitions.size >= bucketsMax ? partitions.keys() : [];
    if (oldest !== undefined) partitions.delete(oldest);
    partitions.set(name, bucket);
    return bucket;
  }
}

function prefixOf(hash: TableState['keys']['hash'], place: Place): Uint8Array | undefined {
  if (place === undefined || place instanceof Uint8Array) return place;
  const values = hash.flatMap(({ name }) => {
    const value = place.get(name);
    return value?.type === 'S' || value?.type === 'N' || value?.type === 'B' ? [value] : [];
  });
  // An item that leaves an index has no key there any more.
  return values.length < hash.length ? undefined : hashPrefix(values);
}

function partitionUnits(kind: UnitKind): number {
  return kind === 'Read' ? partitionReadUnits : partitionWriteUnits;
}

/** What a table or index on demand takes at once, whatever it had before. */
function warmthOf(table: TableState, index: IndexState | undefined, kind: UnitKind): number {
  const warm = index === undefined ? warmThroughputOf(table) : indexWarmThroughputOf(table, index);
  return kind === 'Read' ? warm.ReadUnitsPerSecond : warm.WriteUnitsPerSecond;
}
