/**
 * React hooks over live queries: what a component shows of an item or a list follows the data.
 *
 * The query is known by the content of its input, so an input may be written where it is used. It
 * is open while components that use it are mounted, once for all of them; rendered on a server it
 * is never opened, and loading. Shown are the items of the input before while those of a new one
 * are not there yet: `isPrevious` says so.
 */
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { canonicalText } from '../base/canonical.ts';
import type { Database } from './database.ts';
import type { GetItemInput } from './item-types.ts';
import type {
  LiveItem,
  LiveItems,
  LiveItemsInput,
  LiveOptions,
  LiveQuery,
  LiveSnapshot,
} from './live-types.ts';
import type { PlainItem } from './value-types.ts';

/** Of live queries; a component's end is the end of its own. */
export type UseOptions = Omit<LiveOptions, 'signal'>;

/** What both hooks answer, besides the items themselves. */
export interface Used<R> {
  /** The whole result; undefined until there is one. */
  readonly data: R | undefined;
  /** `loading` until there is a result of this input; `error` when the query has ended in one. */
  readonly status: 'loading' | 'ready' | 'error';
  readonly error: Error | undefined;
  /** What is shown is of the input before this one. */
  readonly isPrevious: boolean;
}

export interface UsedItem<I> extends Used<LiveItem<I>> {
  /** Undefined while loading, and where there is none. */
  readonly item: I | undefined;
}

export interface UsedItems<I> extends Used<LiveItems<I>> {
  /** Empty while loading. */
  readonly items: readonly I[];
}

const loading: LiveSnapshot<never> = { status: 'loading' };
const onServer = (): LiveSnapshot<never> => loading;
const noItems: readonly never[] = [];

/** Waits for a database that is still being opened. */
const nothing: LiveQuery<never> = {
  subscribe: () => () => undefined,
  getSnapshot: onServer,
  [Symbol.asyncIterator]: () => {
    throw new TypeError('there is no database yet');
  },
};

/** One item by its key. `db` is undefined while it is being opened. */
export function useItem<I = PlainItem>(
  db: Database | undefined,
  input: GetItemInput,
  options?: UseOptions,
): UsedItem<I> {
  const used = useLive(db, input, options, (open, given) => open.live<I>(input, given));
  return { ...used, item: used.data?.Item };
}

/** The items of a Query, a Scan or a SELECT. `db` is undefined while it is being opened. */
export function useQuery<I = PlainItem>(
  db: Database | undefined,
  input: LiveItemsInput,
  options?: UseOptions,
): UsedItems<I> {
  const used = useLive(db, input, options, (open, given) => open.live<I>(input, given));
  return { ...used, items: used.data?.Items ?? noItems };
}

function useLive<R>(
  db: Database | undefined,
  input: object,
  options: UseOptions | undefined,
  live: (open: Database, given: UseOptions | undefined) => LiveQuery<R>,
): Used<R> {
  const content = canonicalText([input, options]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the content stands for the inputs.
  const query = useMemo(() => (db ? live(db, options) : nothing), [db, content]);
  const snapshot = useSyncExternalStore<LiveSnapshot<R>>(
    query.subscribe,
    query.getSnapshot,
    onServer,
  );
  /** The newest result that was shown, and the database it is of. */
  const shown = useRef<{ readonly db: Database | undefined; readonly result: R } | undefined>(
    undefined,
  );
  const { status, result, error } = snapshot;
  useEffect(() => {
    if (result !== undefined) shown.current = { db, result };
  }, [db, result]);
  const before = shown.current?.db === db ? shown.current?.result : undefined;
  const data = result ?? before;
  const isOver = status === 'ended';
  return {
    data,
    status: isOver ? (data === undefined ? 'loading' : 'ready') : status,
    error,
    isPrevious: status === 'loading' && data !== undefined,
  };
}
