/**
 * A live query as programs see it: results that follow the data, to be iterated or subscribed to.
 */
import type { Consistency } from '../operation/request.ts';
import type { GetItemInput, QueryInput, ScanInput } from './item-types.ts';
import type { ExecuteStatementInput } from './statement-types.ts';
import type { PlainItem } from './value-types.ts';

/** What is not yet known of elsewhere. */
interface Pending<I> {
  /**
   * Items of this result with edits that have not reached the hub of a synchronized database; the
   * very objects of the result. Always empty where nothing is synchronized.
   */
  readonly pending: ReadonlySet<I>;
}

/** Of a GetItem. */
export interface LiveItem<I = PlainItem> extends Pending<I> {
  /** Absent while there is none. */
  readonly Item?: I;
}

/**
 * Of a Query, Scan or SELECT: the whole of what it asks for, or with a Limit one page of it. An
 * item that did not change is the same object as in the result before.
 */
export interface LiveItems<I = PlainItem> extends Pending<I> {
  /** Empty with `Select: 'COUNT'`. */
  readonly Items: readonly I[];
  readonly Count: number;
  /** Where the next page begins; only with a Limit that was reached. */
  readonly LastEvaluatedKey?: I;
}

export interface LiveOptions {
  /** Aborting ends the query: iterators reject with an AbortError, subscribers hear no more. */
  readonly signal?: AbortSignal | undefined;
  /** `strong`: the first result has all that other tabs wrote before. */
  readonly consistency?: Consistency | undefined;
  /** As of calls: attribute values are written as DynamoDB does. */
  readonly attributeValues?: boolean | undefined;
  /** Items whose time is over are not shown, from the second that they are. */
  readonly hideExpired?: boolean | undefined;
}

/** What a query has come to. The same object until there is another. */
export type LiveSnapshot<R> =
  | { readonly status: 'loading'; readonly result?: undefined; readonly error?: undefined }
  | { readonly status: 'ready'; readonly result: R; readonly error?: undefined }
  /** It has ended; `result` is the last there was. */
  | { readonly status: 'error'; readonly result?: R | undefined; readonly error: Error }
  /** The database was closed. */
  | { readonly status: 'ended'; readonly result?: R | undefined; readonly error?: undefined };

/**
 * A live query. It costs nothing until it is iterated or subscribed to, and nothing after the last
 * of those has left; identical queries share one.
 *
 * Iterators give the newest result, then each newer one; of those that came while nobody asked,
 * only the newest. They end when the database is closed, and reject with the error that ends the
 * query: ResourceNotFoundException when the table is gone, LimitExceededException when it holds
 * more than it may.
 */
export interface LiveQuery<R> extends AsyncIterable<R> {
  [Symbol.asyncIterator](): AsyncIterableIterator<R>;
  /** What is known now; `loading` while nobody follows the query. */
  getSnapshot(): LiveSnapshot<R>;
  /** Calls `listener` after each change of the snapshot. Answers a function that ends it. */
  subscribe(listener: () => void): () => void;
}

/** Inputs whose results are lists. */
export type LiveItemsInput = QueryInput | ScanInput | ExecuteStatementInput;

/** `db.live`. `I` says what an item is, as with calls. */
export interface Live {
  <I = PlainItem>(input: GetItemInput, options?: LiveOptions): LiveQuery<LiveItem<I>>;
  <I = PlainItem>(input: LiveItemsInput, options?: LiveOptions): LiveQuery<LiveItems<I>>;
}
