import { describe, expect, test } from 'vitest';
import { FollowedIterator } from '../../src/client/live-iterator.ts';
import type { LiveSnapshot } from '../../src/client/live-types.ts';

class FakeQuery {
  snapshot: LiveSnapshot<string> = { status: 'loading' };
  readonly listeners: Set<() => void> = new Set();

  getSnapshot = (): LiveSnapshot<string> => this.snapshot;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  become(snapshot: LiveSnapshot<string>): void {
    this.snapshot = snapshot;
    for (const listener of [...this.listeners]) listener();
  }

  tell(result: string): void {
    this.become({ status: 'ready', result });
  }
}

function iterate(query: FakeQuery, signal?: AbortSignal): FollowedIterator<string> {
  return new FollowedIterator(query, signal, (by) => new Error(`aborted: ${String(by.reason)}`));
}

describe('an iterator over a live query', () => {
  test('subscribes with its first call, and gives each result once', async () => {
    const query = new FakeQuery();
    const iterator = iterate(query);
    expect(query.listeners.size).toBe(0);
    const first = iterator.next();
    const second = iterator.next();
    query.tell('a');
    expect(await first).toEqual({ done: false, value: 'a' });
    query.tell('b');
    expect(await second).toEqual({ done: false, value: 'b' });
    expect(query.listeners.size).toBe(1);
  });

  test('gives the newest of the results that came while nobody asked', async () => {
    const query = new FakeQuery();
    const iterator = iterate(query);
    const first = iterator.next();
    query.tell('a');
    await first;
    for (const result of ['b', 'c', 'd']) query.tell(result);
    expect(await iterator.next()).toEqual({ done: false, value: 'd' });
  });

  test.each([
    ['return', (_query: FakeQuery, iterator: FollowedIterator<string>) => void iterator.return()],
    ['the end of the query', (query: FakeQuery) => query.become({ status: 'ended' })],
  ])('ends with %s, and leaves', async (_name, end) => {
    const query = new FakeQuery();
    const iterator = iterate(query);
    const waiting = [iterator.next(), iterator.next()];
    end(query, iterator);
    for (const each of waiting) expect(await each).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(query.listeners.size).toBe(0);
  });

  test('rejects once with the error of the query, and is over', async () => {
    const query = new FakeQuery();
    const iterator = iterate(query);
    const waiting = iterator.next();
    query.become({ status: 'error', error: new Error('gone') });
    await expect(waiting).rejects.toThrow('gone');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(query.listeners.size).toBe(0);
  });

  test('rejects when its signal is aborted, before and while it waits', async () => {
    const query = new FakeQuery();
    await expect(iterate(query, AbortSignal.abort('early')).next()).rejects.toThrow('early');
    const abort = new AbortController();
    const iterator = iterate(query, abort.signal);
    const waiting = iterator.next();
    abort.abort('late');
    await expect(waiting).rejects.toThrow('aborted: late');
    expect(query.listeners.size).toBe(0);
  });

  test('is ended by a loop that is left', async () => {
    const query = new FakeQuery();
    query.tell('a');
    for await (const result of iterate(query)) {
      expect(result).toBe('a');
      break;
    }
    expect(query.listeners.size).toBe(0);
  });
});
