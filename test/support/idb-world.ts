/**
 * A faked IndexedDB whose connections a test can catch, cut, hold up and make fail.
 */
import { IDBFactory } from 'fake-indexeddb';
import { vi } from 'vitest';
import type { Notice } from '../../src/port/notice.ts';
import type { Store } from '../../src/port/store.ts';
import { openIndexedDB } from '../../src/storage/indexeddb.ts';

export interface IdbWorld {
  readonly factory: IDBFactory;
  /** Every connection that was opened, oldest first. */
  readonly connections: IDBDatabase[];
  readonly notices: Notice[];
  store(): Promise<Store>;
  /** The newest connection. */
  db(): IDBDatabase;
}

export function idbWorld(limits: { answerMs?: number; openMs?: number } = {}): IdbWorld {
  const factory = new IDBFactory();
  const connections: IDBDatabase[] = [];
  const notices: Notice[] = [];
  const open = factory.open.bind(factory);
  vi.spyOn(factory, 'open').mockImplementation((...args) => {
    const request = open(...args);
    request.addEventListener('success', () => connections.push(request.result as IDBDatabase));
    return request;
  });
  const notify = (notice: Notice): void => void notices.push(notice);
  return {
    factory,
    connections,
    notices,
    store: () => openIndexedDB('test', { factory, notify, ...limits }),
    db: () => {
      const db = connections.at(-1);
      if (db === undefined) throw new Error('no connection was opened');
      return db;
    },
  };
}

/** What the faked transaction still has to carry out. */
interface Faked {
  readonly _requests: readonly { readonly request: IDBRequest }[];
}

/**
 * Ends the next transaction of `db` with an abort of this name, as a disk that is full at the
 * commit does: when every request has succeeded, and who asked has heard so.
 */
export function failNext(db: IDBDatabase, name: string, message = ''): void {
  const begin = db.transaction.bind(db);
  vi.spyOn(db, 'transaction').mockImplementationOnce((...args) => {
    const transaction = begin(...args);
    // One that is committing could not be aborted by a test.
    vi.spyOn(transaction, 'commit').mockImplementation(() => undefined);
    const fail = (): void => {
      const error = new DOMException(message, name);
      Object.defineProperty(transaction, 'error', { get: () => error });
      transaction.abort();
    };
    // All is asked in the turn that begins; so this listener is the last one.
    queueMicrotask(() => {
      const last = (transaction as unknown as Faked)._requests.at(-1);
      if (last === undefined) throw new Error('nothing was asked of the transaction');
      last.request.addEventListener('success', fail);
    });
    return transaction;
  });
}

/** Every open of `factory` fails by an error of this name; answers the events that say so. */
export function failOpens(factory: IDBFactory, name: string): readonly Event[] {
  const events: Event[] = [];
  vi.spyOn(factory, 'open').mockImplementation(() => {
    const request = { error: new DOMException('', name) } as IDBOpenDBRequest;
    setImmediate(() => {
      const event = new Event('error', { cancelable: true });
      events.push(event);
      request.onerror?.(event);
    });
    return request;
  });
  return events;
}

/** Cuts a connection of `factory` once, before its `nth` transaction, as a browser may. */
export function cutBefore(nth: number, factory: IDBFactory): void {
  const open = factory.open.bind(factory);
  let begun = 0;
  vi.spyOn(factory, 'open').mockImplementation((...args) => {
    const request = open(...args);
    request.addEventListener('success', () => {
      const db = request.result as IDBDatabase;
      const begin = db.transaction.bind(db);
      vi.spyOn(db, 'transaction').mockImplementation((...given) => {
        begun += 1;
        if (begun === nth) db.close();
        return begin(...given);
      });
    });
    return request;
  });
}

/** A transaction over all stores that stays open until the function it answers is called. */
export function holdOpen(db: IDBDatabase): () => void {
  const transaction = db.transaction(['log', 'page', 'meta'], 'readwrite');
  let held = true;
  const keep = (): void => {
    if (held) transaction.objectStore('log').count().onsuccess = keep;
  };
  keep();
  return () => {
    held = false;
  };
}

/** A connection of somebody else, who gives way to nobody. */
export function openRaw(factory: IDBFactory, name = 'tidetable/test'): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
