/**
 * The baseline: IndexedDB in a worker behind a plain postMessage call, as fast as we can make it.
 *
 * A record per item under the compound key [pk, sk], one index. A chunk is one transaction; puts
 * and gets that arrive while a transaction is open share the next one (group commit); ranges are
 * getAll. Durability is relaxed, as the engine's is.
 */
import { type IDBPDatabase, openDB, unwrap } from 'idb';

export interface RawCall {
  readonly id: number;
  readonly op: 'open' | 'close' | 'bulk' | 'put' | 'get' | 'query' | 'index' | 'scan';
  readonly args: readonly unknown[];
}

interface Waiting {
  readonly id: number;
  readonly value: unknown;
}

const scanChunk = 2000;
let database: IDBDatabase;
let puts: Waiting[] = [];
let gets: Waiting[] = [];
let putting = false;
let getting = false;

self.onmessage = ({ data }: MessageEvent<RawCall>): void => {
  const { id, op, args } = data;
  if (op === 'put') {
    puts.push({ id, value: args[0] });
    if (!putting) flushPuts();
  } else if (op === 'get') {
    gets.push({ id, value: args[0] });
    if (!getting) flushGets();
  } else {
    rows[op](id, args);
  }
};

const rows: Record<
  Exclude<RawCall['op'], 'put' | 'get'>,
  (id: number, args: readonly unknown[]) => void
> = {
  open: (id, [name]) => {
    void openDB(name as string, 1, {
      upgrade(db: IDBPDatabase) {
        const store = db.createObjectStore('items', { keyPath: ['pk', 'sk'] });
        store.createIndex('byCity', ['city', 'at']);
      },
    }).then((db) => {
      database = unwrap(db);
      reply(id, undefined);
    });
  },
  close: (id) => {
    database.close();
    reply(id, undefined);
  },
  bulk: (id, [items]) => {
    const { transaction, store } = begin('readwrite');
    for (const item of items as readonly unknown[]) store.put(item);
    transaction.oncomplete = (): void => reply(id, undefined);
    transaction.commit();
  },
  query: (id, [pk, limit]) => {
    const request = begin('readonly').store.getAll(
      IDBKeyRange.bound([pk], [pk, []]),
      limit as number,
    );
    request.onsuccess = (): void => reply(id, request.result);
  },
  index: (id, [city, limit]) => {
    const request = begin('readonly')
      .store.index('byCity')
      .getAll(IDBKeyRange.bound([city], [city, []]), limit as number);
    request.onsuccess = (): void => reply(id, request.result);
  },
  /** The chunk after the key given; the page asks for the next while it takes this one in. */
  scan: (id, [after]) => {
    const range = after === undefined ? null : IDBKeyRange.lowerBound(after, true);
    const request = begin('readonly').store.getAll(range, scanChunk);
    request.onsuccess = (): void => reply(id, request.result);
  },
};

function begin(mode: IDBTransactionMode): { transaction: IDBTransaction; store: IDBObjectStore } {
  const transaction = database.transaction('items', mode, { durability: 'relaxed' });
  return { transaction, store: transaction.objectStore('items') };
}

function flushPuts(): void {
  const group = puts;
  puts = [];
  putting = true;
  const { transaction, store } = begin('readwrite');
  for (const { value } of group) store.put(value);
  transaction.oncomplete = (): void => {
    putting = false;
    if (puts.length > 0) flushPuts();
    for (const { id } of group) reply(id, undefined);
  };
  transaction.commit();
}

function flushGets(): void {
  const group = gets;
  gets = [];
  getting = true;
  const { transaction, store } = begin('readonly');
  for (const { id, value } of group) {
    const request = store.get(value as IDBValidKey);
    request.onsuccess = (): void => reply(id, request.result);
  }
  transaction.oncomplete = (): void => {
    getting = false;
    if (gets.length > 0) flushGets();
  };
}

function reply(id: number, result: unknown): void {
  self.postMessage({ id, result });
}
