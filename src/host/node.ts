/**
 * The engine in Node: over memory, or over one SQLite file in a folder.
 *
 * A Node that has no SQLite runs the engine over memory all the same; `storage/sqlite.ts` asks for
 * it only when a file is to be opened.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BoundOptions } from '../engine/bounds.ts';
import { readTableDurability } from '../engine/durability.ts';
import { openEngine } from '../engine/engine.ts';
import type { Engine, ScrubTimes } from '../engine/engine-types.ts';
import { enforceCapacity } from '../operation/capacity/enforced.ts';
import { globalOperations } from '../operation/global/rows.ts';
import { replicaOperations } from '../operation/replica/rows.ts';
import type { Durability } from '../operation/request.ts';
import type { Store } from '../port/store.ts';
import { createMemory, openMemory } from '../storage/memory.ts';
import { openSqlite } from '../storage/sqlite.ts';
import type { Fetch } from '../sync/http-link.ts';
import { Hub, type HubOptions as HubSettings } from '../sync/hub.ts';
import type { PeerOptions } from '../sync/peer.ts';
import { isInMemory, noteStorage } from './node-storage.ts';
import { systemClock, systemRandom, systemScheduler } from './ports.ts';

export interface NodeDatabaseOptions extends BoundOptions {
  /** Nothing is kept. Either this or `data`. */
  readonly memory?: boolean | undefined;
  /** The folder to keep everything in; made when missing. */
  readonly data?: string | undefined;
  /** What ARNs say; default `local` and `000000000000`. */
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  /** Host and port that DescribeEndpoints names. */
  readonly endpoint?: string | undefined;
  /** Of writes that do not say: whether power loss may undo them. */
  readonly durability?: Durability | undefined;
  /** Of tables by name, where it is to be another; kept with the table. */
  readonly tableDurability?: Readonly<Record<string, Durability>> | undefined;
  /** As EngineOptions has them. */
  readonly collectionBytesMax?: number | undefined;
  readonly damagedLog?: 'cut' | 'refuse' | undefined;
  readonly scrub?: ScrubTimes | false | undefined;
  /** A partition that is larger splits, and with it its stream's shard; 10 GB unless given. */
  readonly partitionBytes?: number | undefined;
  /** `enforced`: calls are throttled by the capacity of tables and indexes (docs/choices.md). */
  readonly capacity?: 'enforced' | undefined;
  /** How long after a relaxed write a barrier makes it durable; 1000 unless given. */
  readonly barrierMs?: number | undefined;
}

export interface HubOptions extends HubSettings {
  /** Other hubs whose tables this one keeps too: it pulls their feeds, and pushes nothing. */
  readonly peers?: readonly PeerOptions[] | undefined;
}

/**
 * The engine as a hub of devices, for `serve`. Rejects where the database is a device itself. One
 * that has peers is closed before its engine.
 */
export async function openHub(engine: Engine, options: HubOptions = {}): Promise<Hub> {
  const { peers: _, ...settings } = options;
  const safety = isInMemory(engine) ? 'memory' : 'durable';
  const hub = new Hub(engine, systemScheduler, { safety, ...settings });
  await hub.open();
  const fetched: Fetch = (url, init) => fetch(url, init);
  const ports = { clock: systemClock, random: systemRandom, scheduler: systemScheduler };
  for (const peer of options.peers ?? []) await hub.follow(peer, { ...ports, fetch: fetched });
  return hub;
}

const fileName = 'tidetable.sqlite';

/**
 * Opens the database of this process. Closing the engine closes the store. Rejects with
 * StoreFailure, `denied` when another process has the folder, and with an Error where Node has no
 * SQLite.
 */
export async function openNodeDatabase(options: NodeDatabaseOptions): Promise<Engine> {
  const { memory, data, tableDurability, capacity, ...settings } = options;
  if ((memory === true) === (data !== undefined)) {
    throw new TypeError('openNodeDatabase needs one of { memory: true } and { data: FOLDER }');
  }
  const store = data === undefined ? memoryStore() : await folderStore(data);
  try {
    const engine = await openEngine({
      store,
      clock: systemClock,
      random: systemRandom,
      scheduler: systemScheduler,
      operations: [...replicaOperations, ...globalOperations],
      tableDurability: readTableDurability(tableDurability),
      capacity: capacity === 'enforced' ? enforceCapacity() : undefined,
      ...settings,
    });
    noteStorage(engine, data === undefined ? undefined : join(data, fileName));
    return engine;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function memoryStore(): Store {
  return openMemory(createMemory(), { exclusive: true });
}

async function folderStore(folder: string): Promise<Store> {
  await makeFolder(resolve(folder));
  return openSqlite(join(folder, fileName));
}

/**
 * Makes a folder and those above it, one after the other: Node's own `recursive` never ends where a
 * parent refuses with ENOENT, as in /proc.
 */
async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  if (parent === folder) return;
  await makeFolder(parent);
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
