/** The judge of what was fetched for a call: what may be asked for once more, and what may not. */
import { describe, expect, test } from 'vitest';
import { clockZero } from '../../src/base/hlc.ts';
import type { Confirm } from '../../src/replica/entry.ts';
import { keyAlone } from '../../src/replica/unknown.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { FetchBook, type Piece, storedKey } from './sync-fetched.ts';
import { SyncLedger } from './sync-ledger.ts';

const table = 'things';
const key = storedKey('k0');
const range = { table, ...keyAlone(key) };
const stamp = { ...clockZero, replica: new Uint8Array(16) };
const image = encodeItem(new Map([['w', { type: 'S', value: 'd0-1' } as const]]));

/** Of the item: a chunk that lacked it, or had it, after so many answers. */
function pieceOf(isThere: boolean, answers: number): Piece {
  const changes = isThere ? [{ table, key, stamp, image }] : [];
  return { range, changes, isComplete: true, answers };
}

describe('what was fetched', () => {
  const rows = [
    { name: 'is known', isThere: false, before: 0, since: 0, isFault: true },
    {
      name: 'is known, whatever was answered before',
      isThere: false,
      before: 1,
      since: 0,
      isFault: true,
    },
    { name: 'is known where the chunk had it', isThere: true, before: 0, since: 1, isFault: true },
    {
      name: 'goes where the chunk lacked it, and an answer came since',
      isThere: false,
      before: 0,
      since: 1,
      isFault: false,
    },
  ];

  test.each(rows)('$name', ({ isThere, before, since, isFault }) => {
    const ledger = new SyncLedger();
    const book = new FetchBook(ledger);
    for (let count = 0; count < before + since; count += 1) book.answered('d0');
    book.answered('d1');
    book.lookedAgain('d0', [pieceOf(isThere, before)], range);
    expect(ledger.violations).toHaveLength(isFault ? 1 : 0);
  });

  test('elsewhere is nothing that is looked for again', () => {
    const ledger = new SyncLedger();
    const other = { table, ...keyAlone(storedKey('k1')) };
    new FetchBook(ledger).lookedAgain('d0', [pieceOf(false, 0)], other);
    expect(ledger.violations).toEqual([]);
  });

  test.each([
    { name: 'is no guess', answers: 0, isFault: true },
    { name: 'is a guess where an answer had it go', answers: 1, isFault: false },
  ])('absent: a write on it $name', ({ answers, isFault }) => {
    const ledger = new SyncLedger();
    const book = new FetchBook(ledger);
    for (let count = 0; count < answers; count += 1) book.answered('d0');
    book.decided('d0-1', 'k0', [pieceOf(false, 0)]);
    const base = { kind: 'none' } as const;
    const mutations = [{ table, key, base, isDeleted: false, image }];
    const confirm: Confirm = 'free';
    book.sent({ seq: 1, id: new Uint8Array(16), stamp, confirm, mutations });
    book.judge();
    expect(ledger.violations).toHaveLength(isFault ? 1 : 0);
  });
});
