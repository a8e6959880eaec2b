/**
 * Reading IndexedDB: one record, or ranges of one snapshot, with as few requests as can be.
 *
 * `getAllRecords` answers keys and values in one request, from either end (Chromium and Firefox;
 * storage measurements: it beats getAll with getAllKeys). Elsewhere `getAll` and `getAllKeys` go
 * out together, and the end of a range is walked by a cursor. All belong to one transaction.
 *
 * It is committed as soon as all is asked: else it ends only when this thread has taken its answer,
 * and a tab that is frozen or hung just then would keep every writer of every tab waiting.
 */
import type { ScanRange, Space, StoreRecord } from '../port/store.ts';

/** What lib.dom does not know yet (W3C Indexed Database API 3.0, IDBObjectStore). */
interface RecordReader {
  getAllRecords(options: {
    query: IDBKeyRange;
    count?: number;
    direction: 'next' | 'prev';
  }): IDBRequest<readonly { readonly key: IDBValidKey; readonly value: unknown }[]>;
}

export function getOne(
  db: IDBDatabase,
  space: Space,
  key: number,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(space, 'readonly');
    const request = transaction.objectStore(space).get(key);
    request.onsuccess = () => resolve(request.result);
    rejectOnFailure(transaction, reject);
    transaction.commit?.();
  });
}

export function scanAll(db: IDBDatabase, ranges: readonly ScanRange[]): Promise<StoreRecord[][]> {
  const wanted = ranges.filter(({ from, to, limit }) => from <= to && (limit ?? 1) > 0);
  const found = new Map<ScanRange, StoreRecord[]>();
  const answer = (): StoreRecord[][] => ranges.map((range) => found.get(range) ?? []);
  if (wanted.length === 0) return Promise.resolve(answer());
  return new Promise((resolve, reject) => {
    const scope = [...new Set(wanted.map(({ space }) => space))];
    const transaction = db.transaction(scope, 'readonly');
    rejectOnFailure(transaction, reject);
    let left = wanted.length;
    let asksAgain = false;
    for (const range of wanted) {
      const asked = readRange(transaction.objectStore(range.space), range, (records) => {
        found.set(range, records);
        left -= 1;
        if (left === 0) resolve(answer());
      });
      asksAgain ||= asked === 'more';
    }
    if (!asksAgain) transaction.commit?.();
  });
}

/**
 * An abort without a failed request (a killed backend) fires on the transaction alone; a request
 * that fails while its transaction commits need not abort it.
 */
function rejectOnFailure(transaction: IDBTransaction, reject: (error: unknown) => void): void {
  transaction.onerror = ({ target }) => reject((target as IDBRequest).error);
  transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
}

/**
 * Calls `done` with the records, ascending; a failure shows on the transaction. Answers `more` if
 * requests will follow the first answer, so that the transaction must stay open.
 */
export function readRange(
  store: IDBObjectStore,
  range: ScanRange,
  done: (records: StoreRecord[]) => void,
): 'all' | 'more' {
  const fromEnd = range.last === true && range.limit !== undefined;
  if (range.from === range.to) readOne(store, range.from, done);
  else if ('getAllRecords' in store) {
    readRecords(store as unknown as RecordReader, range, fromEnd, done);
  } else if (fromEnd) {
    readByCursor(store, range, done);
    return 'more';
  } else readKeysAndValues(store, range, done);
  return 'all';
}

function readOne(store: IDBObjectStore, key: number, done: (records: StoreRecord[]) => void): void {
  const request = store.get(key);
  request.onsuccess = () => {
    const value: Uint8Array | undefined = request.result;
    done(value === undefined ? [] : [{ key, value }]);
  };
}

function readRecords(
  store: RecordReader,
  { from, to, limit }: ScanRange,
  fromEnd: boolean,
  done: (records: StoreRecord[]) => void,
): void {
  const request = store.getAllRecords({
    query: IDBKeyRange.bound(from, to),
    ...(limit === undefined ? {} : { count: limit }),
    direction: fromEnd ? 'prev' : 'next',
  });
  request.onsuccess = () => {
    const records = request.result.map(({ key, value }) => ({
      key: key as number,
      value: value as Uint8Array,
    }));
    done(fromEnd ? records.reverse() : records);
  };
}

function readByCursor(
  store: IDBObjectStore,
  { from, to, limit = 1 }: ScanRange,
  done: (records: StoreRecord[]) => void,
): void {
  const request = store.openCursor(IDBKeyRange.bound(from, to), 'prev');
  const records: StoreRecord[] = [];
  request.onsuccess = () => {
    const cursor = request.result;
    if (cursor !== null) records.push({ key: cursor.key as number, value: cursor.value });
    if (cursor === null || records.length >= limit) done(records.reverse());
    else cursor.continue();
  };
}

function readKeysAndValues(
  store: IDBObjectStore,
  { from, to, limit }: ScanRange,
  done: (records: StoreRecord[]) => void,
): void {
  const query = IDBKeyRange.bound(from, to);
  const keys = store.getAllKeys(query, limit);
  const values = store.getAll(query, limit);
  // Requests of one transaction are answered in the order they were made.
  values.onsuccess = () => {
    done(keys.result.map((key, at) => ({ key: key as number, value: values.result[at] })));
  };
}
