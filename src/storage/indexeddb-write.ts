/**
 * A write batch as one IndexedDB transaction: all requests issued at once, judged by its end.
 *
 * Invariants
 * - `done` is answered from the transaction's `complete` event only: a disk that is full shows at
 *   the commit, when every request has succeeded.
 * - What a value's buffer holds beyond the value is never stored.
 */
import { metaKey, type Space, type WriteBatch, type WriteResult } from '../port/store.ts';
import { isQuota, nameOf } from './indexeddb-open.ts';

export function beginWrite(db: IDBDatabase, batch: WriteBatch): IDBTransaction {
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
export function carryOut(transaction: IDBTransaction, batch: WriteBatch): Promise<WriteResult> {
  return new Promise((resolve, reject) => {
    let refused = false;
    let taken = false;
    let meta: Uint8Array | undefined;
    let mistake: { readonly error: unknown } | undefined;
    let failure: unknown;
    // In some browsers only the request says why: the transaction has no error, or another.
    transaction.onerror = ({ target }) => {
      failure ??= (target as IDBRequest | null)?.error;
    };
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
      else resolve(whyAborted(transaction.error, failure));
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

function whyAborted(error: DOMException | null, failure: unknown): WriteResult {
  const cause = error ?? failure;
  if (nameOf(error) === 'ConstraintError') return { kind: 'refused', why: 'taken', cause };
  if (isQuota(error) || isQuota(failure)) return { kind: 'refused', why: 'full', cause };
  return { kind: 'unknown', cause };
}
