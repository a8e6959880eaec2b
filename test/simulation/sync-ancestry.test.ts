/** What a write came of, as the judge of a simulated world tells it. */
import { expect, test } from 'vitest';
import type { Stamp } from '../../src/base/hlc.ts';
import type { Base, Entry } from '../../src/replica/entry.ts';
import { Ancestry, nameOf } from './sync-ancestry.ts';

const key = Uint8Array.of(1);
const at = 'things 01';
const replica = new Uint8Array(16).fill(7);
const other = new Uint8Array(16).fill(8);
const none: Base = { kind: 'none' };
const on = (seq: number): Base => ({ kind: 'on', seq, isRead: false });

/** Marks that the last of three edits explains, whose second was refused and made on nothing. */
function explained(held: Uint8Array): ReadonlySet<string> {
  const ancestry = new Ancestry();
  const note = (seq: number, base: Base, isTaken: boolean, there: Stamp | undefined): void => {
    const stamp = { ms: seq, counter: 0, replica };
    const mutation = { table: 'things', key, base, isDeleted: false };
    const entry: Entry = { seq, id: new Uint8Array(16).fill(seq), stamp, mutations: [mutation] };
    const items = [{ key: at, w: `d0-${seq}` }];
    ancestry.note(entry, stamp, isTaken, {
      items,
      held: there && new Map([[at, there]]),
      isLate: false,
    });
  };
  note(1, none, true, undefined);
  note(2, none, false, { ms: 1, counter: 0, replica: held });
  note(3, on(2), true, { ms: 1, counter: 0, replica: held });
  return ancestry.explained([nameOf(at, { ms: 3, counter: 0, replica })]);
}

test('U9: own edits follow one another, whatever became of those in between', () => {
  expect([...explained(replica)]).toEqual(['d0-3', 'd0-1']);
});

test('edits of others are not seen so', () => {
  expect([...explained(other)]).toEqual(['d0-3']);
});

test('two writes of one time are two, and a row that is offered is the one that it was', () => {
  const ancestry = new Ancestry();
  const note = (w: string, by: Uint8Array, ms: number, base: Base): void => {
    const stamp = { ms, counter: 0, replica: by };
    const mutations = [{ table: 'things', key, base, isDeleted: false }];
    const entry: Entry = { seq: ms, id: new Uint8Array(16).fill(ms), stamp, mutations };
    ancestry.note(entry, stamp, true, { items: [{ key: at, w }], held: undefined, isLate: false });
  };
  const third = new Uint8Array(16).fill(9);
  note('d0-1', replica, 1, none);
  note('d0-5', replica, 5, { kind: 'stamp', stamp: { ms: 1, counter: 0, replica } });
  note('d1-5', other, 5, none);
  note('d0-5', third, 5, none);
  const marksOf = (by: Uint8Array): readonly string[] => [
    ...ancestry.explained([nameOf(at, { ms: 5, counter: 0, replica: by })]),
  ];
  expect(marksOf(other)).toEqual(['d1-5']);
  expect(marksOf(third).toSorted()).toEqual(['d0-1', 'd0-5']);
});

test('what was taken before others, and heard of after them, is below what was executed on it', () => {
  const marksAfter = (isApplied: boolean, isRequest: boolean): readonly string[] => {
    const ancestry = new Ancestry();
    const note = (ms: number, held: number, entry: Partial<Entry>): void => {
      const stamp = { ms, counter: 0, replica };
      const mutations = [{ table: 'things', key, base: none, isDeleted: false }];
      const whole = { seq: ms, id: new Uint8Array(16).fill(ms), stamp, mutations, ...entry };
      const there = new Map([[at, { ms: held, counter: 0, replica: other }]]);
      const found = { items: [{ key: at, w: `d0-${ms}` }], held: there, isLate: false };
      ancestry.note(whole, stamp, true, { ...found, isApplied: isApplied || ms !== 3 });
    };
    const request = { operation: 'PutItem', form: 'wire', input: new Uint8Array(0) } as const;
    note(5, 2, isRequest ? { request } : {});
    note(3, 5, {});
    return [...ancestry.explained([nameOf(at, { ms: 5, counter: 0, replica })])];
  };
  expect(marksAfter(true, true)).toEqual(['d0-5', 'd0-3']);
  // What was told of as superseded was seen by nobody, and what was not executed there saw nothing.
  expect(marksAfter(false, true)).toEqual(['d0-5']);
  expect(marksAfter(true, false)).toEqual(['d0-5']);
});
