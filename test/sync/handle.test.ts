import { describe, expect, test } from 'vitest';
import {
  discardConflicts,
  type KeptCalls,
  listConflicts,
  retryQuarantined,
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
  const writes = [
    { seq: 1, items: [{ table: 'T', item: { id: 'a' }, isDeleted: false }] },
    {
      seq: 2,
      items: [
        { table: 'T', item: { id: 'b' }, isDeleted: true },
        { table: 'U', item: { id: 'c' }, isDeleted: false },
      ],
    },
    { seq: 3, items: [] },
  ];

  function calls(refuses: (input: object) => boolean): KeptCalls & { readonly made: unknown[] } {
    const made: unknown[] = [];
    return {
      made,
      ask: async (operation, input) => {
        if (operation === 'ListQuarantine') return { Writes: writes };
        made.push([operation, input]);
        return operation === 'ListConflicts' ? { Conflicts: ['one'] } : {};
      },
      write: async (operation, input) => {
        if (refuses(input)) throw new Error('refused');
        made.push([operation, input]);
        return {};
      },
    };
  }

  test('is written again as the transaction it was, and only then taken out', async () => {
    const kept = calls(() => false);
    await retryQuarantined(kept, [2, 3, 9]);
    const TransactItems = [
      { Delete: { TableName: 'T', Key: { id: 'b' } } },
      { Put: { TableName: 'U', Item: { id: 'c' } } },
    ];
    expect(kept.made).toEqual([
      ['TransactWriteItems', { TransactItems }],
      ['DiscardQuarantine', { Seqs: [2] }],
      ['DiscardQuarantine', { Seqs: [3] }],
    ]);
  });

  test('stays where the database refuses it', async () => {
    const kept = calls((input) => JSON.stringify(input).includes('Delete'));
    await expect(retryQuarantined(kept, [1, 2, 3])).rejects.toThrow('refused');
    expect(kept.made.slice(1)).toEqual([['DiscardQuarantine', { Seqs: [1] }]]);
  });

  test('of conflicts is listed, and discarded by its ids', async () => {
    const kept = calls(() => false);
    expect(await listConflicts(kept)).toEqual(['one']);
    await discardConflicts(kept, ['x', 'y']);
    expect(kept.made.at(-1)).toEqual(['DiscardConflicts', { Ids: ['x', 'y'] }]);
  });
});
