/**
 * A database in memory and in this thread, for users' own tests: no worker, no IndexedDB.
 *
 * It has the engine, the channel and the client of a real one; only the port and the store differ.
 * What survives is its disk: open another database over it to see what a restart leaves.
 */
import { livePaceMs } from '../base/limits.ts';
import { prng } from '../base/prng.ts';
import type { BoundOptions } from '../engine/bounds.ts';
import { readTableDurability } from '../engine/durability.ts';
import { openEngine } from '../engine/engine.ts';
import type { ContributorsOptions, Engine } from '../engine/engine-types.ts';
import { enforceCapacity } from '../operation/capacity/enforced.ts';
import { globalOperations } from '../operation/global/rows.ts';
import { replicaOperations } from '../operation/replica/rows.ts';
import type { Durability } from '../operation/request.ts';
import type { Notify } from '../port/notice.ts';
import type { Random } from '../port/random.ts';
import { createMemory, type MemoryDisk, openMemory } from '../storage/memory.ts';
import type { Destinations } from '../engine/destinations.ts';
import { ProcessLocks } from '../engine/process-lock.ts';
import type { Fetch } from '../sync/http-link.ts';
import { withSyncServer } from '../sync/with-sync-server.ts';
import { withImports } from '../wire/import.ts';
import { withLive } from '../wire/live.ts';
import { ensureTables } from '../wire/ensure-tables.ts';
import { loopback } from '../wire/loopback.ts';
import { serveChannel } from '../wire/serve.ts';
import { withTriggers } from '../wire/triggers.ts';
import { beside } from './beside.ts';
import { Connection } from './connection.ts';
import { createDatabase, type Database, type MaintenanceOptions } from './database.ts';
import { DatabaseError } from './errors.ts';
import type { CreateTableInput } from './table-types.ts';
import { TestClock } from './test-clock.ts';
import { TestFaults } from './test-faults.ts';
import { within } from './within.ts';

export interface InMemoryOptions extends BoundOptions {
  /** Made when missing. */
  readonly tables?: readonly CreateTableInput[] | undefined;
  readonly durability?: Durability | undefined;
  readonly tableDurability?: Readonly<Record<string, Durability>> | undefined;
  readonly barrierMs?: number | undefined;
  readonly region?: string | undefined;
  /** A partition that is larger splits, and with it its stream's shard; 10 GB unless given. */
  readonly partitionBytes?: number | undefined;
  /** `enforced`: calls are throttled by the capacity of tables and indexes (docs/choices.md). */
  readonly capacity?: 'enforced' | undefined;
  /** What stands for Kinesis data streams, by their ARNs. */
  readonly destinations?: Destinations | undefined;
  /** The disk of another database, which it shares as two tabs share theirs. */
  readonly disk?: MemoryDisk | undefined;
  /** The clock of another database. */
  readonly clock?: TestClock | undefined;
  /** How `sync` reaches its hub; over the network when absent. */
  readonly fetch?: Fetch | undefined;
  /** Ids and tokens that the database makes follow from it; random when absent. */
  readonly seed?: number | undefined;
}

export interface TestDatabase extends Database {
  readonly clock: TestClock;
  readonly faults: TestFaults;
  /** Survives `close`; its `powerLoss` undoes writes that were not strict. */
  readonly disk: MemoryDisk;
  /** Resolves when backfills and deletions of tables are done. */
  idle(): Promise<void>;
}

export async function openInMemory(options: InMemoryOptions = {}): Promise<TestDatabase> {
  const { tables = [], durability, barrierMs, region, seed } = options;
  const { cacheBytes, tailBytes, checkpointBytes, replayMs, partitionBytes } = options;
  const disk = options.disk ?? createMemory({ undo: true });
  const clock = options.clock ?? new TestClock();
  const faults = new TestFaults();
  let tell: Notify | undefined;
  const engine = await openEngine({
    notify: (notice) => tell?.(notice),
    store: openMemory(disk, { fault: faults.plan }),
    clock,
    scheduler: clock,
    random: randomOf(seed),
    durability,
    tableDurability: readTableDurability(options.tableDurability),
    barrierMs,
    region,
    cacheBytes,
    tailBytes,
    checkpointBytes,
    replayMs,
    partitionBytes,
    capacity: options.capacity === 'enforced' ? enforceCapacity() : undefined,
    scrub: false,
    operations: [...replicaOperations, ...globalOperations],
  });
  await ensureTables(engine, tables, clock);
  const [ours, theirs] = loopback();
  const imports = withImports({ engine, clock, scheduler: clock });
  const triggers = withTriggers({ engine, scheduler: clock }, imports);
  const lock = locksOf(disk).lock('sync');
  const random = randomOf(seed);
  const hub = options.fetch ?? ((url, init) => fetch(url, init));
  const storage = { mode: 'memory' } as const;
  const kept = async (): Promise<typeof storage> => storage;
  const synced = { engine, fetch: hub, clock, scheduler: clock, random, lock, storage: kept };
  const calls = withSyncServer(synced, triggers);
  const known = withLive(engine, calls);
  tell = serveChannel({ engine: withRefusals(known, faults), clock }, theirs);
  const connection = new Connection(ours);
  const pace = (): Promise<void> => clock.delay(livePaceMs, undefined, true);
  const ports = { clock, lock: (name: string) => locksOf(disk).lock(name) };
  const database = createDatabase('memory', region ?? 'local', connection, {
    beside: beside('memory', connection, pace, ports, options.destinations),
    within,
    closed: () => new DatabaseError('closed', 'The database memory is closed'),
    status: async () => ({ ...engine.status(), connection: 'open', reconnects: 0, storage }),
    checkpoint: () => engine.checkpoint(),
    maintain: (name, options) => engine[name](options as MaintenanceOptions & ContributorsOptions),
    close: async () => {
      await calls.end();
      await engine.close();
    },
  });
  return Object.assign(database, { clock, faults, disk, idle: () => engine.idle() });
}

/** Locks that all databases over a disk share, as tabs do. */
const locks: WeakMap<MemoryDisk, ProcessLocks> = new WeakMap();

function locksOf(disk: MemoryDisk): ProcessLocks {
  const known = locks.get(disk) ?? new ProcessLocks();
  locks.set(disk, known);
  return known;
}

function withRefusals(engine: Pick<Engine, 'submit'>, faults: TestFaults): Pick<Engine, 'submit'> {
  return {
    submit(request, done) {
      const error = faults.takeRefusal(request.operation);
      if (error === undefined) engine.submit(request, done);
      else done({ error });
    },
  };
}

function randomOf(seed: number | undefined): Random {
  if (seed === undefined) {
    return { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
  }
  const source = prng(seed);
  return { bytes: (length) => Uint8Array.from({ length }, () => source.u32() & 0xff) };
}
