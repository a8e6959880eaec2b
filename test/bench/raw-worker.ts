/**
 * The baseline: IndexedDB in a worker behind plain messages, as fast as we can make it.
 *
 * A record per item under the compound key [pk, sk], one index or two. A chunk is one transaction;
 * writes and gets that arrive while a transaction is open share the next one (group commit), and
 * writes of one key in a group are one read and one put. Ranges are getAll; a scan reads the next
 * chunk while the page takes in the last. Durability is relaxed, as the engine's is.
 */
import { type IDBPDatabase, openDB, unwrap } from 'idb';
import type { BenchItem } from './items.ts';

export interface RawCall {
  readonly id: number;
  readonly op:
    | 'open'
    | 'close'
    | 'bulk'
    | 'put'
    | 'replace'
    | 'increment'
    | 'get'
    | 'query'
    | 'index'
    | 'scan';
  readonly args: readonly unknown[];
}

export interface RawAnswer {
  readonly id: number;
  readonly result: unknown;
}

/** What a write makes of the item that is there, and what it answers. */
interface Write {
  readonly id: number;
  readonly blind: boolean;
  readonly turn: (old: BenchItem | undefined) => { item: BenchItem; answer: unknown };
}

interface Get {
  readonly id: number;
  readonly key: IDBValidKey;
}

interface Ahead {
  readonly after: string;
  readonly chunk: Promise<readonly unknown[]>;
}

const scanChunk = 2000;
let database: IDBDatabase;
let coalesce = false;
let writes = new Map<string, { key: IDBValidKey; group: Write[] }>();
let gets: Get[] = [];
let writing = false;
let getting = false;
let ahead: Ahead | undefined;

self.onmessage = ({ data }: MessageEvent<RawCall | readonly RawCall[]>): void => {
  for (const call of Array.isArray(data) ? (data as readonly RawCall[]) : [data as RawCall]) {
    take(call);
  }
  if (gets.length > 0 && !getting) flushGets();
  if (writes.size > 0 && !writing) flushWrites();
};

function take({ id, op, args }: RawCall): void {
  if (op === 'put' || op === 'replace') {
    const item = args[0] as BenchItem;
    const turn: Write['turn'] = (old) => ({ item, answer: op === 'put' ? undefined : old });
    gather([item.pk, item.sk], { id, blind: op === 'put', turn });
  } else if (op === 'increment') {
    gather(args as string[], {
      id,
      blind: false,
      turn(old) {
        const { score = 0 } = old ?? {};
        return { item: { ...(old as BenchItem), score: score + 1 }, answer: score + 1 };
      },
    });
  } else if (op === 'get') {
    gets.push({ id, key: args as string[] });
  } else {
    rows[op](id, args);
  }
}

function gather(key: readonly (string | number)[], write: Write): void {
  const name = key.join('\0');
  const entry = writes.get(name);
  if (entry === undefined) writes.set(name, { key: [...key], group: [write] });
  else entry.group.push(write);
}

const rows: Record<
  'open' | 'close' | 'bulk' | 'query' | 'index' | 'scan',
  (id: number, args: readonly unknown[]) => void
> = {
  open: (id, [name, indexes, together]) => {
    coalesce = together as boolean;
    void openDB(name as string, 1, {
      upgrade(db: IDBPDatabase) {
        const store = db.createObjectStore('items', { keyPath: ['pk', 'sk'] });
        store.createIndex('byCity', ['city', 'at']);
        if (indexes === 2) store.createIndex('byName', ['name', 'at']);
      },
    }).then((db) => {
      database = unwrap(db);
      reply([{ id, result: undefined }]);
    });
  },
  close: (id) => {
    database.close();
    reply([{ id, result: undefined }]);
  },
  bulk: (id, [items]) => {
    const { transaction, store } = begin('readwrite');
    for (const item of items as readonly unknown[]) store.put(item);
    transaction.oncomplete = (): void => reply([{ id, result: undefined }]);
    transaction.commit();
  },
  query: (id, [pk, limit]) => {
    const request = begin('readonly').store.getAll(
      IDBKeyRange.bound([pk], [pk, []]),
      limit as number,
    );
    request.onsuccess = (): void => reply([{ id, result: request.result }]);
  },
  index: (id, [city, limit]) => {
    const request = begin('readonly')
      .store.index('byCity')
      .getAll(IDBKeyRange.bound([city], [city, []]), limit as number);
    request.onsuccess = (): void => reply([{ id, result: request.result }]);
  },
  /** The chunk after the key given. */
  scan: (id, [after]) => {
    const name = JSON.stringify(after ?? null);
    const chunk = ahead?.after === name ? ahead.chunk : chunkAfter(after as IDBValidKey);
    ahead = undefined;
    void chunk.then((items) => {
      const last = items.at(-1) as BenchItem | undefined;
      if (last !== undefined) {
        const key = [last.pk, last.sk];
        ahead = { after: JSON.stringify(key), chunk: chunkAfter(key) };
      }
      reply([{ id, result: items }]);
    });
  },
};

function chunkAfter(after: IDBValidKey | undefined): Promise<readonly unknown[]> {
  const range = after === undefined ? null : IDBKeyRange.lowerBound(after, true);
  const request = begin('readonly').store.getAll(range, scanChunk);
  return new Promise((resolve) => {
    request.onsuccess = (): void => resolve(request.result);
  });
}

function begin(mode: IDBTransactionMode): { transaction: IDBTransaction; store: IDBObjectStore } {
  const transaction = database.transaction('items', mode, { durability: 'relaxed' });
  return { transaction, store: transaction.objectStore('items') };
}

function flushWrites(): void {
  const group = writes;
  writes = new Map();
  writing = true;
  const answers: RawAnswer[] = [];
  const { transaction, store } = begin('readwrite');
  let reads = 0;
  for (const { key, group: turns } of group.values()) {
    const run = (old: BenchItem | undefined): void => {
      let item = old;
      for (const { id, turn } of turns) {
        const outcome = turn(item);
        item = outcome.item;
        answers.push({ id, result: outcome.answer });
      }
      store.put(item);
    };
    if (turns.every(({ blind }) => blind)) {
      run(undefined);
      continue;
    }
    reads += 1;
    const request = store.get(key);
    request.onsuccess = (): void => {
      run(request.result as BenchItem | undefined);
      reads -= 1;
      if (reads === 0) transaction.commit();
    };
  }
  transaction.oncomplete = (): void => {
    writing = false;
    if (writes.size > 0) flushWrites();
    reply(answers);
  };
  if (reads === 0) transaction.commit();
}

function flushGets(): void {
  const group = gets;
  gets = [];
  getting = true;
  const { transaction, store } = begin('readonly');
  const answers: RawAnswer[] = [];
  for (const { id, key } of group) {
    const request = store.get(key);
    request.onsuccess = (): void => {
      const answer = { id, result: request.result };
      answers.push(answer);
      if (!coalesce) reply([answer]);
      else if (answers.length === group.length) reply(answers);
    };
  }
  transaction.oncomplete = (): void => {
    getting = false;
    if (gets.length > 0) flushGets();
  };
}

function reply(answers: readonly RawAnswer[]): void {
  if (coalesce) self.postMessage(answers);
  else for (const answer of answers) self.postMessage([answer]);
}
