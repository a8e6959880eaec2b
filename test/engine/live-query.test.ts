import { describe, expect, test } from 'vitest';
import { LiveQuery, Reader } from '../../src/engine/live-query.ts';
import type { LiveChange } from '../../src/engine/live-types.ts';
import type { LivePart, LiveRead } from '../../src/live/live-read.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { MapReader } from '../support/map-reader.ts';
import { tableState } from '../support/table-states.ts';

function readOf(tree = 100, isCount = false): LiveRead {
  const part: LivePart = {
    table: tableState({ tree }),
    index: undefined,
    range: {},
    isReverse: false,
    filter: undefined,
    projection: undefined,
    isCount,
    reachBack: { forFilter: false, forResult: false },
    isRestartable: true,
  };
  return { parts: [part], limit: undefined, isCount };
}

function item(text: string): Uint8Array {
  return encodeItem(new Map([['pk', { type: 'S', value: text }]])).slice();
}

/** A query that holds what a tree of no entries has. */
function queryOf(read: LiveRead): LiveQuery {
  const query = new LiveQuery('query', () => read);
  settle(query, read);
  return query;
}

function settle(query: LiveQuery, read: LiveRead): void {
  query.needsPlan = false;
  query.take(read);
  while (query.window?.isWanting === true) query.window.readOn(new MapReader());
}

function readerOf(query: LiveQuery, ready: Promise<void> = Promise.resolve()): Reader {
  const reader = new Reader(query, ready, (left) => query.readers.delete(left));
  query.readers.add(reader);
  return reader;
}

const key = (at: number): Uint8Array => Uint8Array.of(at);

/** Whether a promise is still open after all that is due. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  for (let round = 0; round < 10; round += 1) await Promise.resolve();
  return (await Promise.race([promise, Promise.resolve(open)])) === open;
}

describe('a reader of a live query', () => {
  test('is told once it is ready, and then only what differs', async () => {
    let isReady = (): void => undefined;
    const query = queryOf(readOf());
    const ready = new Promise<void>((resolve) => {
      isReady = resolve;
    });
    const reader = readerOf(query, ready);
    const first = reader.next();
    expect(await isOpen(first)).toBe(true);
    isReady();
    expect(await first).toMatchObject({ splices: [], items: [], count: 0 });
    const second = reader.next();
    query.tell();
    expect(await isOpen(second)).toBe(true);
    query.window?.apply(0, key(1), item('a'));
    query.tell();
    expect(await second).toMatchObject({ splices: [0, 0, 1], count: 1 });
  });

  test('that did not ask is told the newest when it does', async () => {
    const query = queryOf(readOf());
    const reader = readerOf(query);
    await reader.next();
    for (const [at, text] of ['a', 'b', 'c'].entries()) {
      query.window?.apply(0, key(at), item(text));
      query.tell();
    }
    query.window?.apply(0, key(0), undefined);
    expect(await reader.next()).toMatchObject({ splices: [0, 0, 2], count: 2 });
  });

  test('is told a whole list when the trees are others', async () => {
    const query = queryOf(readOf(100));
    const reader = readerOf(query);
    query.window?.apply(0, key(1), item('a'));
    await reader.next();
    settle(query, readOf(200));
    query.window?.apply(0, key(1), item('b'));
    expect(await reader.next()).toMatchObject({ splices: [0, 1, 1], count: 1 });
  });

  test('keeps what it was told when the same is read anew', async () => {
    const query = queryOf(readOf());
    const reader = readerOf(query);
    query.window?.apply(0, key(1), item('a'));
    await reader.next();
    query.isLost = true;
    settle(query, readOf());
    query.window?.apply(0, key(1), item('a'));
    query.window?.apply(0, key(2), item('b'));
    expect(await reader.next()).toMatchObject({ splices: [1, 0, 1], count: 2 });
  });

  test('is told of counts without items', async () => {
    const query = queryOf(readOf(100, true));
    const reader = readerOf(query);
    query.window?.apply(0, key(1), item('a'));
    expect(await reader.next()).toEqual({
      splices: [],
      items: [],
      count: 1,
      last: undefined,
      isCount: true,
    } satisfies LiveChange);
    const next = reader.next();
    query.window?.apply(0, key(1), item('b'));
    query.tell();
    expect(await isOpen(next)).toBe(true);
    query.window?.apply(0, key(2), item('b'));
    query.tell();
    expect(await next).toMatchObject({ count: 2 });
  });

  test.each([
    ['closed', (reader: Reader) => reader.close(), undefined],
    ['of a query that ended', (_reader: Reader, query: LiveQuery) => query.end(), undefined],
  ])('that is %s is told the end', async (_name, end, expected) => {
    const query = queryOf(readOf());
    const reader = readerOf(query);
    await reader.next();
    const waiting = reader.next();
    end(reader, query);
    expect(await waiting).toBe(expected);
    expect(await reader.next()).toBe(expected);
  });

  test('is told the error that the query ends in, or what made it not ready', async () => {
    const query = queryOf(readOf());
    const unready = readerOf(query, Promise.reject(new Error('not ready')));
    await expect(unready.next()).rejects.toThrow('not ready');
    const reader = readerOf(query);
    await reader.next();
    const waiting = reader.next();
    query.end(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(reader.next()).rejects.toThrow('gone');
  });

  test('that is closed twice, of a query that ends twice, is told of an end once', async () => {
    const query = queryOf(readOf());
    const reader = readerOf(query);
    const other = readerOf(query);
    await reader.next();
    const waiting = reader.next();
    reader.close();
    reader.close();
    expect(await waiting).toBeUndefined();
    expect(query.readers.size).toBe(1);
    query.end(new Error('first'));
    query.end(new Error('second'));
    await expect(other.next()).rejects.toThrow('first');
  });

  test('hides nothing where nobody asked for that, and never will', () => {
    const query = queryOf(readOf());
    expect([query.hides, query.hidesInMs]).toEqual([false, Number.POSITIVE_INFINITY]);
    const planned = new LiveQuery(
      'query',
      () => readOf(),
      () => 1000,
    );
    expect([planned.hides, planned.hidesInMs]).toEqual([true, Number.POSITIVE_INFINITY]);
  });
});
