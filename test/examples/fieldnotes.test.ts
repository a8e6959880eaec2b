import { describe, expect, test } from 'vitest';
import { fingerprintOf, type Scan } from '../../examples/fieldnotes/fingerprint.ts';
import { allNotices, newestNotes, photosOf, tables } from '../../examples/fieldnotes/tables.ts';
import {
  ageWords,
  pendingWords,
  problemOf,
  refusalWords,
  sizeWords,
  stateWords,
} from '../../examples/fieldnotes/words.ts';
import { openInMemory } from '../../src/testing.ts';
import type { SyncStatus } from '../../src/sync.ts';
import { initialStatus } from '../../src/sync/initial-status.ts';

const status: SyncStatus = { ...initialStatus, state: 'live', leads: true };

describe('the words of the field notes', () => {
  test.each([
    ['', '', 'A note has a title.'],
    ['  ', '', 'A note has a title.'],
    ['x'.repeat(81), '', 'A title has at most 80 characters.'],
    ['x', 'y'.repeat(4001), 'A note has at most 4000 characters.'],
    [` ${'x'.repeat(80)} `, 'y'.repeat(4000), ''],
  ])('of a note %#', (title, text, problem) => {
    expect(problemOf(title, text)).toBe(problem);
  });

  test.each([
    [{ ...status }, 'Up to date'],
    [{ ...status, state: 'paused' }, 'Network switched off: everything is kept here'],
    [{ ...status, state: 'blocked', message: 'no room' }, 'Stopped: no room'],
    [{ ...status, state: 'offline', message: 'fetch failed' }, /^Offline: everything is kept/],
  ] as const)('of a state %#', (given, words) => {
    expect(stateWords(given)).toMatch(words);
  });

  test.each([
    [{}, 'nothing to send'],
    [{ pending: 2 }, '2 to send'],
    [{ pending: 2, oldestPendingMs: 61_000 }, '2 to send, the oldest 1 min'],
    [
      { state: 'catching-up', progress: { done: 1200, total: 5000, bytes: 340_000 } },
      '1,200 of 5,000, 340 KB',
    ],
    [{ state: 'catching-up', progress: { done: 7, total: 0, bytes: 340_000 } }, '7 of 7, 340 KB'],
    [{ state: 'live', progress: { done: 1200, total: 1200, bytes: 340_000 } }, 'nothing to send'],
  ] as const)('of what waits %#', (more, words) => {
    expect(pendingWords({ ...status, ...more } as SyncStatus)).toBe(words);
  });

  test('of ages, sizes and refusals', () => {
    expect([0, 59_000, 61_000, 3_600_000, 200_000_000].map(ageWords)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '1 h',
      '2 days',
    ]);
    expect([999, 1000, 340_000, 1_500_000].map(sizeWords)).toEqual([
      '999 bytes',
      '1 KB',
      '340 KB',
      '1.5 MB',
    ]);
    expect(refusalWords('AccessDenied')).toBe('You may not write this');
    expect(refusalWords('Other')).toBe('Refused (Other)');
  });
});

describe('the fingerprint', () => {
  const scanOf = (items: Readonly<Record<string, readonly object[]>>): Scan =>
    async function* (table) {
      yield* (items[table] ?? []) as Readonly<Record<string, unknown>>[];
    };
  const of = (items: Readonly<Record<string, readonly object[]>>): Promise<string> =>
    fingerprintOf(['A', 'B'], scanOf(items));

  test('is the same in whatever order items and attributes come', async () => {
    const one = await of({ A: [{ a: 1, b: [new Uint8Array([1])] }, { a: 2 }], B: [{ c: 'x' }] });
    const other = await of({ A: [{ a: 2 }, { b: [new Uint8Array([1])], a: 1 }], B: [{ c: 'x' }] });
    expect(other).toBe(one);
    expect(one).toMatch(/^[0-9a-f]{12}$/);
  });

  test.each([
    [{ A: [{ a: 1 }] }, { A: [{ a: 2 }] }],
    [{ A: [{ a: 1 }] }, { A: [{ a: '1' }] }],
    [{ A: [{ a: 1 }] }, { B: [{ a: 1 }] }],
    [{ A: [{ a: 1 }] }, { A: [{ a: 1 }, { a: 1 }] }],
    [{ A: [{ a: new Uint8Array([1, 2]) }] }, { A: [{ a: new Uint8Array([1, 3]) }] }],
    [{ A: [{ a: [1, 2] }] }, { A: [{ a: [2, 1] }] }],
  ])('is another one for other items %#', async (one, other) => {
    expect(await of(other)).not.toBe(await of(one));
  });
});

test('the queries of the page are those of its tables', async () => {
  const db = await openInMemory({ tables });
  for (const input of [newestNotes, allNotices, photosOf('n')]) {
    expect((await db.query(input as never)).Items).toEqual([]);
  }
  await db.close();
});
