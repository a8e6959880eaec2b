/**
 * Makes Chromium begin a new LevelDB log before this engine's first write.
 *
 * Chromium's LevelDB writes a log record in two system calls. A browser killed between them leaves
 * half a record at the log's end; the next browser reads all before it, goes on writing behind it,
 * and the browser after that finds the log damaged and deletes everything that the origin stored
 * (docs/adr/0008). A log that is no longer written to is safe. Deleting a database that holds a
 * record compacts its keys, and that begins with a new log: about 20 ms, once a browser start.
 */
import { rotationLimitMs, rotationRestMs } from '../base/limits.ts';
import type { Scheduler } from '../port/scheduler.ts';
import type { ScanRange, Space, Store, WriteBatch } from '../port/store.ts';

/** What the short-lived database is called. */
export const rotationDatabase = 'tidetable:rotation';

/** True where IndexedDB is kept in LevelDB logs that are written to again after a crash. */
export function reusesLogs(userAgent: string): boolean {
  return /Chrom(?:e|ium)\//.test(userAgent);
}

/**
 * `store`, with `rotate` begun at the first write, or rotationRestMs from now if none comes, since
 * others of this origin write to the same log: not at once, for it would take 3 ms of those until
 * the first answer. Writes wait for it, at most rotationLimitMs; reads do not. A rotation that
 * fails is not tried again: the log is then as safe as without one.
 */
export function rotateFirst(
  store: Store,
  rotate: () => Promise<void>,
  scheduler: Scheduler,
): Store {
  let done = false;
  let isClosed = false;
  let rotated: Promise<void> | undefined;
  const end = new AbortController();
  const begin = (): Promise<void> => {
    rotated ??= Promise.race([rotate(), scheduler.delay(rotationLimitMs, end.signal)])
      .catch(() => undefined)
      .then(() => {
        done = true;
        end.abort();
      });
    return rotated;
  };
  scheduler.delay(rotationRestMs, end.signal, true).then(() => {
    if (!isClosed) void begin();
  });
  return {
    exclusive: store.exclusive,
    get: (space: Space, key: number) => store.get(space, key),
    scan: (ranges: readonly ScanRange[]) => store.scan(ranges),
    write: (batch: WriteBatch) => {
      const isRefused = isClosed && rotated === undefined;
      return done || isRefused ? store.write(batch) : begin().then(() => store.write(batch));
    },
    close: async () => {
      isClosed = true;
      await rotated;
      await store.close();
    },
  };
}

/**
 * Creates and deletes a database of one record. With Web Locks only the first engine of a browser
 * does so: it holds the lock for as long as it lives.
 */
export async function rotateLog(factory: IDBFactory, locks?: LockManager): Promise<void> {
  if (locks === undefined) {
    await createAndDelete(factory);
    return;
  }
  await new Promise<void>((resolve, reject) => {
    locks
      .request(rotationDatabase, { ifAvailable: true }, async (lock) => {
        if (lock !== null) await createAndDelete(factory);
        resolve();
        if (lock !== null) await new Promise(() => {});
      })
      .catch(reject);
  });
}

async function createAndDelete(factory: IDBFactory): Promise<void> {
  const opened = factory.open(rotationDatabase);
  opened.onupgradeneeded = () => {
    opened.result.createObjectStore('log').put(0, 0);
  };
  const db = await ended(opened);
  db.close();
  await ended(factory.deleteDatabase(rotationDatabase));
}

function ended<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
