/**
 * The Store on IndexedDB: one database, three object stores, numbers as keys and bytes as values.
 *
 * A call is one transaction, and all its requests are issued before any is answered, since waiting
 * in between costs a round trip each. A lost connection is opened again once, for a call that has
 * not issued a request yet or only reads. Invariants
 * - The database's version is 1 for ever: formats are numbered in the meta record.
 * - `done` is answered from the transaction's `complete` event only.
 * - What a value's buffer holds beyond the value is never stored.
 */
import { wrap } from 'idb';
import {
  metaKey,
  type ScanRange,
  type Space,
  type Store,
  StoreFailure,
  type StoreRecord,
  type WriteBatch,
  type WriteResult,
} from '../port/store.ts';
import { readRange } from './indexeddb-read.ts';

export interface IndexedDBOptions {
  /** Instead of the global one. Its classes (IDBKeyRange and so on) must be the global ones. */
  readonly factory?: IDBFactory;
}

/** Rejects with a StoreFailure where there is no IndexedDB, or it cannot be opened. */
export async function openIndexedDB(name: string, options: IndexedDBOptions = {}): Promise<Store> {
  const factory = options.factory ?? globalThis.indexedDB;
  const connect = (): Promise<IDBDatabase> => openDatabase(factory, name);
  return new IndexedDBStore(await connect(), connect);
}

/** Resolves when the database is gone; stores that are open on it are closed. */
export async function deleteIndexedDB(name: string, options: IndexedDBOptions = {}): Promise<void> {
  const factory = options.factory ?? globalThis.indexedDB;
  await wrap(factory.deleteDatabase(name));
}

const databaseVersion = 1;
const spaces: readonly Space[] = ['log', 'page', 'meta'];

async function openDatabase(factory: IDBFactory | undefined, name: string): Promise<IDBDatabase> {
  if (factory === undefined) throw new StoreFailure('denied', 'there is no IndexedDB here');
  try {
    const request = factory.open(name, databaseVersion);
    request.onupgradeneeded = () => {
      for (const space of spaces) request.result.createObjectStore(space);
    };
    await wrap(request);
    return request.result;
  } catch (error) {
    throw openFailure(name, error);
  }
}

function openFailure(name: string, error: unknown): StoreFailure {
  const kind = nameOf(error);
  const message = `the database ${name} cannot be opened: ${String(error)}`;
  if (kind === 'QuotaExceededError') return new StoreFailure('full', message, error);
  const denied = ['SecurityError', 'InvalidStateError', 'VersionError', 'NotAllowedError'];
  return new StoreFailure(denied.includes(kind) ? 'denied' : 'lost', message, error);
}

class IndexedDBStore implements Store {
  readonly exclusive = false;
  readonly #connect: () => Promise<IDBDatabase>;
  /** Undefined while the connection is lost. */
  #db: IDBDatabase | undefined;
  #opening: Promise<IDBDatabase> | undefined;
  #closed = false;

  constructor(db: IDBDatabase, connect: () => Promise<IDBDatabase>) {
    this.#connect = connect;
    this.#adopt(db);
  }

  get(space: Space, key: number): Promise<Uint8Array | undefined> {
    return this.#read((db) => getOne(db, space, key));
  }

  scan(ranges: readonly ScanRange[]): Promise<readonly (readonly StoreRecord[])[]> {
    return this.#read((db) => scanAll(db, ranges));
  }

  /** Issued before this returns, unless the connection is lost. */
  write(batch: WriteBatch): Promise<WriteResult> {
    const db = this.#db;
    if (db !== undefined) {
      let transaction: IDBTransaction | undefined;
      try {
        transaction = beginWrite(db, batch);
      } catch {
        // The connection was dead before anything was issued, so beginning again repeats nothing.
        this.#drop(db);
      }
      if (transaction !== undefined) return this.#finish(transaction, batch);
    }
    return this.#writeReopened(batch);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#db?.close();
    this.#db = undefined;
    return Promise.resolve();
  }

  async #writeReopened(batch: WriteBatch): Promise<WriteResult> {
    let transaction: IDBTransaction;
    try {
      transaction = beginWrite(await this.#reopen(), batch);
    } catch (error) {
      if (this.#closed) return { kind: 'refused', why: 'closed', cause: error };
      return { kind: 'unknown', cause: error };
    }
    return this.#finish(transaction, batch);
  }

  async #finish(transaction: IDBTransaction, batch: WriteBatch): Promise<WriteResult> {
    const result = await carryOut(transaction, batch);
    if (result.kind === 'unknown') this.#drop(transaction.db);
    return result;
  }

  /** Reading twice harms nobody, so a lost connection is opened again once. */
  async #read<T>(act: (db: IDBDatabase) => Promise<T>): Promise<T> {
    if (this.#closed) throw closedFailure();
    const db = this.#db ?? (await this.#reopen());
    try {
      return await act(db);
    } catch {
      this.#drop(db);
    }
    try {
      return await act(await this.#reopen());
    } catch (error) {
      if (error instanceof StoreFailure) throw error;
      throw new StoreFailure('lost', `IndexedDB cannot be read: ${String(error)}`, error);
    }
  }

  #reopen(): Promise<IDBDatabase> {
    if (this.#closed) return Promise.reject(closedFailure());
    if (this.#db !== undefined) return Promise.resolve(this.#db);
    this.#opening ??= this.#connect()
      .then((db) => {
        if (this.#closed) {
          db.close();
          throw closedFailure();
        }
        this.#adopt(db);
        return db;
      })
      .finally(() => {
        this.#opening = undefined;
      });
    return this.#opening;
  }

  #adopt(db: IDBDatabase): void {
    this.#db = db;
    // Somebody deletes the database: whoever holds on would block them for ever.
    db.onversionchange = () => {
      if (this.#db === db) void this.close();
      else db.close();
    };
    db.onclose = () => this.#drop(db);
  }

  #drop(db: IDBDatabase): void {
    db.close();
    if (this.#db === db) this.#db = undefined;
  }
}

function closedFailure(): StoreFailure {
  return new StoreFailure('closed', 'the store is closed');
}

function getOne(db: IDBDatabase, space: Space, key: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(space, 'readonly');
    const request = transaction.objectStore(space).get(key);
    request.onsuccess = () => resolve(request.result);
    // An abort without a failed request (a killed backend) fires on the transaction alone.
    transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
  });
}

function scanAll(db: IDBDatabase, ranges: readonly ScanRange[]): Promise<StoreRecord[][]> {
  const wanted = ranges.filter(({ from, to, limit }) => from <= to && (limit ?? 1) > 0);
  const found = new Map<ScanRange, StoreRecord[]>();
  const answer = (): StoreRecord[][] => ranges.map((range) => found.get(range) ?? []);
  if (wanted.length === 0) return Promise.resolve(answer());
  return new Promise((resolve, reject) => {
    const scope = [...new Set(wanted.map(({ space }) => space))];
    const transaction = db.transaction(scope, 'readonly');
    transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
    let left = wanted.length;
    for (const range of wanted) {
      readRange(transaction.objectStore(range.space), range, (records) => {
        found.set(range, records);
        left -= 1;
        if (left === 0) resolve(answer());
      });
    }
  });
}

function beginWrite(db: IDBDatabase, batch: WriteBatch): IDBTransaction {
  const scope = new Set<Space>();
  for (const { space, from, to } of batch.remove ?? []) if (from <= to) scope.add(space);
  for (const { space } of batch.add ?? []) scope.add(space);
  for (const { space } of batch.put ?? []) scope.add(space);
  const asksMeta = batch.expectMeta !== undefined || batch.readMeta === true;
  if (asksMeta || scope.size === 0) scope.add('meta');
  const durability = batch.strict === true ? 'strict' : 'relaxed';
  return db.transaction([...scope], 'readwrite', { durability });
}

/**
 * Issues every request and answers from the transaction's end.
 *
 * `commit()` saves a round trip, but in Firefox 153 and WebKitGTK 2.50 a request that fails after
 * it no longer aborts the transaction, and nothing can abort one that is committing. So it is
 * called at once only where one request is all that is written, and nothing is expected of meta:
 * such a batch cannot be half written. Every other waits for its last request.
 */
function carryOut(transaction: IDBTransaction, batch: WriteBatch): Promise<WriteResult> {
  return new Promise((resolve, reject) => {
    let refused = false;
    let taken = false;
    let meta: Uint8Array | undefined;
    let mistake: { readonly error: unknown } | undefined;
    const abort = (error: unknown): void => {
      mistake = { error };
      transaction.abort();
    };
    transaction.oncomplete = () => {
      const durable = batch.strict === true;
      if (taken) resolve({ kind: 'refused', why: 'taken' });
      else
        resolve(
          batch.readMeta === true ? { kind: 'done', durable, meta } : { kind: 'done', durable },
        );
    };
    transaction.onabort = () => {
      if (mistake !== undefined) reject(mistake.error);
      else if (refused) resolve({ kind: 'refused', why: 'meta' });
      // The transaction's own error need not say it, when it was committing.
      else if (taken) resolve({ kind: 'refused', why: 'taken' });
      else resolve(whyAborted(transaction.error));
    };
    try {
      askMeta(transaction, batch, abort, (stored, ok) => {
        meta = stored;
        refused = !ok;
      });
      const last = issue(transaction, batch);
      if (isSingle(batch)) {
        last?.addEventListener('error', () => {
          taken = nameOf(last.error) === 'ConstraintError';
        });
        transaction.commit?.();
      } else {
        last?.addEventListener('success', () => transaction.commit?.());
      }
    } catch (error) {
      abort(error);
    }
  });
}

/** One record is all that is written, on no condition that could be found wanting later. */
function isSingle({ expectMeta, add = [], put = [], remove = [] }: WriteBatch): boolean {
  return expectMeta === undefined && add.length + put.length === 1 && remove.length === 0;
}

/** Reads meta if the batch asks for it, judges what is expected, and aborts where it is not so. */
function askMeta(
  transaction: IDBTransaction,
  { expectMeta, readMeta }: WriteBatch,
  abort: (error: unknown) => void,
  seen: (meta: Uint8Array | undefined, expected: boolean) => void,
): void {
  if (expectMeta === undefined && readMeta !== true) return;
  const request = transaction.objectStore('meta').get(metaKey);
  request.onsuccess = () => {
    try {
      const expected = expectMeta?.(request.result) ?? true;
      seen(request.result, expected);
      if (!expected) transaction.abort();
    } catch (error) {
      abort(error);
    }
  };
}

/** The last request, whose success says that all before it succeeded; undefined if none is. */
function issue(transaction: IDBTransaction, batch: WriteBatch): IDBRequest | undefined {
  const { remove = [], add = [], put = [] } = batch;
  let last: IDBRequest | undefined;
  for (const { space, from, to } of remove) {
    if (from > to) continue;
    last = transaction.objectStore(space).delete(IDBKeyRange.bound(from, to));
  }
  for (const { space, key, value } of add) {
    last = transaction.objectStore(space).add(exact(value), key);
  }
  for (const { space, key, value } of put) {
    last = transaction.objectStore(space).put(exact(value), key);
  }
  if (batch.strict === true && last === undefined) touch(transaction);
  return last;
}

/** A strict batch of nothing is a barrier; only a transaction that writes is flushed. */
function touch(transaction: IDBTransaction): void {
  const meta = transaction.objectStore('meta');
  const request = meta.get(metaKey);
  request.onsuccess = () => {
    if (request.result !== undefined) meta.put(request.result, metaKey);
  };
}

/** A view of a larger buffer would be stored with all of that buffer. */
function exact(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : value.slice();
}

function whyAborted(error: DOMException | null): WriteResult {
  const name = nameOf(error);
  if (name === 'ConstraintError') return { kind: 'refused', why: 'taken', cause: error };
  if (name === 'QuotaExceededError') return { kind: 'refused', why: 'full', cause: error };
  return { kind: 'unknown', cause: error };
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : '';
}
