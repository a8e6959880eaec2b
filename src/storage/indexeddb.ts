/**
 * The Store on IndexedDB: one database, three object stores, numbers as keys and bytes as values.
 *
 * A call is one transaction, and all its requests are issued before any is answered, since waiting
 * in between costs a round trip each. Invariants
 * - Every call is answered within a limit (supervisor.ts): a read on a connection that is lost is
 *   made again on a new one; a write that was issued there is `unknown`.
 * - A connection that was opened anew is used only if the store is the one that was there.
 */
import {
  metaKey,
  type ScanRange,
  type Space,
  type Store,
  type StoreRecord,
  type WriteBatch,
  type WriteResult,
} from '../port/store.ts';
import { type IndexedDBOptions, nameOf } from './indexeddb-open.ts';
import { getOne, scanAll } from './indexeddb-read.ts';
import { beginWrite, carryOut } from './indexeddb-write.ts';
import { Supervisor, type SupervisorOptions } from './supervisor.ts';

export { deleteIndexedDB, type IndexedDBOptions } from './indexeddb-open.ts';

/** Rejects with a StoreFailure where there is no IndexedDB, or it cannot be opened. */
export async function openIndexedDB(
  name: string,
  options: IndexedDBOptions & SupervisorOptions = {},
): Promise<Store> {
  return new IndexedDBStore(await Supervisor.open(name, options));
}

class IndexedDBStore implements Store {
  readonly exclusive = false;
  readonly #supervisor: Supervisor;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  async get(space: Space, key: number): Promise<Uint8Array | undefined> {
    const value = await this.#supervisor.read((db) => getOne(db, space, key));
    if (space === 'meta' && key === metaKey) this.#supervisor.noteMeta(value);
    return value;
  }

  scan(ranges: readonly ScanRange[]): Promise<readonly (readonly StoreRecord[])[]> {
    return this.#supervisor.read((db) => scanAll(db, ranges));
  }

  /** Issued before this returns, unless the connection is lost. */
  write(batch: WriteBatch): Promise<WriteResult> {
    const { db } = this.#supervisor;
    if (db !== undefined) {
      let transaction: IDBTransaction | undefined;
      try {
        transaction = beginWrite(db, batch);
      } catch (error) {
        // The connection was dead before anything was issued, so beginning again repeats nothing.
        this.#supervisor.drop(db, nameOf(error));
      }
      if (transaction !== undefined) return this.#finish(transaction, batch);
    }
    return this.#writeReopened(batch);
  }

  close(): Promise<void> {
    this.#supervisor.close();
    return Promise.resolve();
  }

  async #writeReopened(batch: WriteBatch): Promise<WriteResult> {
    let transaction: IDBTransaction;
    try {
      transaction = beginWrite(await this.#supervisor.reopen(), batch);
    } catch (cause) {
      const why = this.#supervisor.ended?.why;
      if (why === 'closed' || why === 'gone') return { kind: 'refused', why, cause };
      return { kind: 'unknown', cause };
    }
    return this.#finish(transaction, batch);
  }

  async #finish(transaction: IDBTransaction, batch: WriteBatch): Promise<WriteResult> {
    const supervisor = this.#supervisor;
    const { db } = transaction;
    let hangs: Error | undefined;
    const late = (): Error => {
      hangs = supervisor.hangs(db);
      return hangs;
    };
    const result = await supervisor.watchdog
      .race(carryOut(transaction, batch), late)
      .catch((error: unknown): WriteResult => {
        if (error !== hangs) throw error;
        endQuietly(transaction);
        return { kind: 'unknown', cause: error };
      });
    if (result.kind === 'unknown') supervisor.drop(db, nameOf(result.cause));
    else if (result.kind === 'done') this.#noteMeta(batch);
    return result;
  }

  #noteMeta({ put = [] }: WriteBatch): void {
    for (const { space, key, value } of put) {
      if (space === 'meta' && key === metaKey) this.#supervisor.noteMeta(value);
    }
  }
}

/** So that it does not take effect long after it was given up, as far as that can be helped. */
function endQuietly(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It is being committed, or has ended: nobody can tell.
  }
}
