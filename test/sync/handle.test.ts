import { describe, expect, test } from 'vitest';
import {
  discardConflicts,
  discardQuarantined,
  type KeptCalls,
  listConflicts,
  listQuarantine,
  type StatusSource,
  untilStatus,
} from '../../src/sync/handle.ts';
import { initialStatus } from '../../src/sync/initial-status.ts';
import type { SyncState } from '../../src/sync/sync-types.ts';

/** A status that the test moves; counts who watches. */
function source(): StatusSource & {
  move(state: SyncState, message?: string): void;
  size(): number;
} {
  const looks = new Set<() => void>();
  let status = initialStatus;
  return {
    status: () => status,
    watch: (look) => {
      looks.add(look);
      return () => void looks.delete(look);
    },
    move: (state, message) => {
      status = { ...status, state, message };
      for (const look of looks) look();
    },
    size: () => looks.size,
  };
}

describe('waiting for a status', () => {
  const isLive = ({ state }: { readonly state: SyncState }): boolean => state === 'live';

  test('ends with the first that is so, and nobody watches any more', async () => {
    const of = source();
    const waiting = untilStatus(of, isLive, undefined);
    of.move('catching-up');
    expect(of.size()).toBe(1);
    of.move('live');
    of.move('offline');
    expect((await waiting).state).toBe('live');
    expect(of.size()).toBe(0);
  });

  test('rejects with why it was closed', async () => {
    const of = source();
    const waiting = untilStatus(of, isLive, undefined);
    of.move('closed', 'the hub is gone for good');
    await expect(waiting).rejects.toThrow('the hub is gone for good');
    await expect(untilStatus(of, isLive, undefined)).rejects.toThrow('the hub is gone for good');
    of.move('closed');
    await expect(untilStatus(of, isLive, undefined)).rejects.toThrow('Sync is closed');
    expect((await untilStatus(of, ({ state }) => state === 'closed', undefined)).state).toBe(
      'closed',
    );
    expect(of.size()).toBe(0);
  });

  test('rejects with the reason of its signal, before and while it waits', async () => {
    const of = source();
    const reason = new Error('enough');
    await expect(untilStatus(of, isLive, AbortSignal.abort(reason))).rejects.toBe(reason);
    const over = new AbortController();
    const waiting = untilStatus(of, isLive, over.signal);
    over.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(of.size()).toBe(0);
  });
});

describe('what is kept', () => {
  test('of what was refused is listed, and discarded by its numbers', async () => {
    const made: unknown[] = [];
    const ask: KeptCalls['ask'] = async (operation, input) => {
      made.push([operation, input]);
      return { Writes: ['one'] };
    };
    expect(await listQuarantine({ ask })).toEqual(['one']);
    await discardQuarantined({ ask }, [3]);
    expect(made.at(-1)).toEqual(['DiscardQuarantine', { Seqs: [3] }]);
  });

  test('of conflicts is listed, and discarded by its ids', async () => {
    const made: unknown[] = [];
    const ask: KeptCalls['ask'] = async (operation, input) => {
      made.push([operation, input]);
      return { Conflicts: ['one'] };
    };
    expect(await listConflicts({ ask })).toEqual(['one']);
    await discardConflicts({ ask }, ['x', 'y']);
    expect(made.at(-1)).toEqual(['DiscardConflicts', { Ids: ['x', 'y'] }]);
  });
});
