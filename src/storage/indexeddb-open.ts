/**
 * Databases of IndexedDB by our names: opening, deleting, listing, each within a time limit.
 *
 * Ours are told from the origin's others by a prefix (docs/adr/0009). Invariants
 * - The version is 1 for ever: formats are numbered in the meta record.
 * - An open that was given up closes what it opens later, and makes nothing.
 */
import { wrap } from 'idb';
import { storeOpenMs } from '../base/limits.ts';
import { decodeMeta } from '../pager/meta.ts';
import { metaKey, type Space, StoreFailure } from '../port/store.ts';
import { databaseNameOf, databasePrefix } from './names.ts';

export interface IndexedDBOptions {
  /** Instead of the global one. Its classes (IDBKeyRange and so on) must be the global ones. */
  readonly factory?: IDBFactory | undefined;
  /** Limit of an open, a deletion or a list. */
  readonly openMs?: number | undefined;
}

const databaseVersion = 1;
const spaces: readonly Space[] = ['log', 'page', 'meta'];

/**
 * A connection to the database. With `create` false one that is not there is not made: StoreFailure
 * `gone`. Rejects with StoreFailure within the limit in any case.
 */
export function openDatabase(
  name: string,
  create: boolean,
  options: IndexedDBOptions,
): Promise<IDBDatabase> {
  const { openMs = storeOpenMs } = options;
  const what = `the database ${name}`;
  return new Promise((resolve, reject) => {
    const request = requestOf(options, what, 'opened', (factory) => {
      return factory.open(databaseNameOf(name), databaseVersion);
    });
    let isGone = false;
    let isOver = false;
    const fail = (failure: StoreFailure): void => {
      isOver = true;
      clearTimeout(timer);
      reject(failure);
    };
    const timer = setTimeout(() => fail(late(what, 'opened', openMs)), openMs);
    request.onupgradeneeded = () => {
      isGone = !create;
      if (isOver || isGone) request.transaction?.abort();
      else for (const space of spaces) request.result.createObjectStore(space);
    };
    request.onsuccess = () => {
      const db = request.result;
      clearTimeout(timer);
      if (isOver || !spaces.every((space) => db.objectStoreNames.contains(space))) {
        db.close();
        fail(new StoreFailure('denied', `${what} is not one of Tidetable's`));
      } else resolve(db);
    };
    request.onerror = (event) => {
      // An error that nobody prevents is reported as one that nobody caught.
      event.preventDefault();
      fail(isGone ? goneFailure(name) : openFailure(what, 'opened', request.error));
    };
  });
}

/**
 * Resolves when the database is gone; stores that are open on it give way. Rejects with
 * StoreFailure when one of them does not within the limit; the deletion then happens once it does.
 */
export async function deleteIndexedDB(name: string, options: IndexedDBOptions = {}): Promise<void> {
  await within(options, `the database ${name}`, 'deleted', (factory) => {
    return wrap(factory.deleteDatabase(databaseNameOf(name)));
  });
}

/** The last position that its log ever had; 0 of none. Rejects with StoreFailure. */
export async function headOfLog(name: string, options: IndexedDBOptions = {}): Promise<number> {
  const db = await openDatabase(name, false, options);
  try {
    return await headIn(db.transaction(['log', 'meta']));
  } finally {
    db.close();
  }
}

/**
 * Deletes it where its log still ends at `head`, which is looked at when nobody has it open any
 * more: a change of its version makes all that are open give way, and is undone. Rejects with
 * StoreFailure otherwise.
 */
export function deleteIndexedDBAt(
  name: string,
  head: number,
  options: IndexedDBOptions = {},
): Promise<void> {
  const { openMs = storeOpenMs } = options;
  const what = `the database ${name}`;
  return new Promise((resolve, reject) => {
    let failure: StoreFailure | undefined;
    let deleted: Promise<void> | undefined;
    const request = requestOf(options, what, 'deleted', (factory) => {
      return factory.open(databaseNameOf(name), databaseVersion + 1);
    });
    const timer = setTimeout(() => {
      failure = late(what, 'deleted', openMs);
      reject(failure);
    }, openMs);
    request.onupgradeneeded = () => {
      const { transaction } = request;
      const compare = async (): Promise<void> => {
        if (transaction === null || failure !== undefined) return;
        const now = await headIn(transaction);
        // It is the next in line, before anybody that opens it anew.
        if (now === head) deleted = deleteIndexedDB(name, options);
        else failure = movedFailure(name);
      };
      compare()
        .catch((error: unknown) => {
          failure = openFailure(what, 'deleted', error);
        })
        .finally(() => transaction?.abort());
    };
    request.onsuccess = () => request.result.close();
    request.onerror = (event) => {
      event.preventDefault();
      clearTimeout(timer);
      if (deleted !== undefined) deleted.then(resolve, reject);
      else reject(failure ?? openFailure(what, 'deleted', request.error));
    };
  });
}

/** A checkpoint may take all that the log has: then it ends where it was trimmed. */
async function headIn(transaction: IDBTransaction): Promise<number> {
  const meta: unknown = await wrap(transaction.objectStore('meta')).get(metaKey);
  const trimmed = meta instanceof Uint8Array ? decodeMeta(meta).trimmed : 0;
  const cursor = await wrap(transaction.objectStore('log')).openKeyCursor(null, 'prev');
  return typeof cursor?.key === 'number' ? Math.max(cursor.key, trimmed) : trimmed;
}

function movedFailure(name: string): StoreFailure {
  return new StoreFailure(
    'lost',
    `another tab has written to the database ${name} meanwhile: nothing was deleted. Open it again`,
  );
}

/**
 * Names of the databases of ours that this origin has, sorted. Rejects with StoreFailure within the
 * limit in any case.
 */
export async function listIndexedDB(options: IndexedDBOptions = {}): Promise<readonly string[]> {
  const found = await within(options, 'the list of databases', 'read', (factory) => {
    return factory.databases();
  });
  const names: string[] = [];
  for (const { name = '' } of found) {
    if (name.startsWith(databasePrefix)) names.push(name.slice(databasePrefix.length));
  }
  return names.sort();
}

/** The store is not the one that was there, or there is none any more. */
export function goneFailure(name: string): StoreFailure {
  return new StoreFailure(
    'gone',
    `The data of ${name} is gone: the browser or the user has cleared this site's storage. ` +
      'Open the database again to begin with an empty one',
  );
}

/** A full disk or quota says so in many ways. */
export function isQuota(error: unknown): boolean {
  if (nameOf(error) === 'QuotaExceededError') return true;
  return /quota|no.?(device.?)?space|disk (is )?full|full disk/i.test(String(error));
}

export function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : '';
}

/** What `ask` comes to; rejects with StoreFailure when that fails, or takes too long. */
function within<T>(
  options: IndexedDBOptions,
  what: string,
  done: string,
  ask: (factory: IDBFactory) => Promise<T>,
): Promise<T> {
  const { openMs = storeOpenMs } = options;
  return new Promise((resolve, reject) => {
    const work = requestOf(options, what, done, ask);
    const timer = setTimeout(() => reject(late(what, done, openMs)), openMs);
    work
      .finally(() => clearTimeout(timer))
      .then(resolve, (error: unknown) => reject(openFailure(what, done, error)));
  });
}

/** Throws StoreFailure where there is no IndexedDB, or it may not be used. */
function requestOf<T>(
  { factory = globalThis.indexedDB }: IndexedDBOptions,
  what: string,
  done: string,
  ask: (factory: IDBFactory) => T,
): T {
  if (factory === undefined || factory === null) {
    throw new StoreFailure('denied', 'there is no IndexedDB here');
  }
  try {
    return ask(factory);
  } catch (error) {
    throw openFailure(what, done, error);
  }
}

function late(what: string, done: string, limitMs: number): StoreFailure {
  return new StoreFailure(
    'lost',
    `${what} was not ${done} within ${limitMs} ms: another tab of this site holds on to it, or ` +
      'the browser is stuck. Close the other tabs and try again',
  );
}

function openFailure(what: string, done: string, error: unknown): StoreFailure {
  const message = `${what} cannot be ${done}: ${String(error)}`;
  if (isQuota(error)) return new StoreFailure('full', message, error);
  const denied = ['SecurityError', 'InvalidStateError', 'VersionError', 'NotAllowedError'];
  return new StoreFailure(denied.includes(nameOf(error)) ? 'denied' : 'lost', message, error);
}
