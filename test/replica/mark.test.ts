import { expect, test } from 'vitest';
import { fromHex, hexOf } from '../../src/base/bytes.ts';
import {
  decodeMark,
  encodeMark,
  forgetSettled,
  isPlain,
  markKey,
  type Mark,
} from '../../src/replica/mark.ts';

const replica = new Uint8Array(16).fill(0xab);
const stamp = { ms: 5, counter: 1, replica };

test('a mark has the bytes of docs/formats/replica.md', () => {
  const outcome = { seq: 2, kind: 'refused', stamp, code: 'No' } as const;
  const mark: Mark = { seq: 3, id: new Uint8Array(16).fill(0xcd), ms: 300, outcomes: [outcome] };
  const golden = `03${'cd'.repeat(16)}ac0202020000000000050001${'ab'.repeat(16)}024e6f`;
  expect(hexOf(encodeMark(mark))).toBe(golden);
  expect(decodeMark(fromHex(golden))).toEqual(mark);
  expect(hexOf(markKey(replica))).toBe(`07${'ab'.repeat(16)}`);
});

test('a mark knows up to where it has forgotten an outcome', () => {
  const of = (seq: number) => ({ seq, kind: 'refused', stamp, code: '' }) as const;
  const mark: Mark = { seq: 9, id: new Uint8Array(16), ms: 1, outcomes: [2, 4, 7].map(of) };
  expect(forgetSettled(mark, 1)).toBe(mark);
  const less = forgetSettled(mark, 5);
  expect(less).toEqual({ ...mark, outcomes: [of(7)], forgotten: 4 });
  expect(hexOf(encodeMark(less)).endsWith('0403')).toBe(true);
  expect(decodeMark(encodeMark(less))).toEqual(less);
  // A hello that is late brings nothing back.
  expect(forgetSettled(less, 3)).toBe(less);
  expect(forgetSettled(less, 9)).toEqual({ ...mark, outcomes: [], forgotten: 7 });
});

test.each([
  ['applied', 5, 1, true],
  ['applied', 5, 2, false],
  ['superseded', 5, 1, false],
  ['refused', 5, 1, false],
] as const)('%s at %i, %i is plain: %s', (kind, ms, counter, expected) => {
  const outcome = { seq: 1, kind, stamp: { ms, counter, replica }, code: '' };
  expect(isPlain(outcome, stamp)).toBe(expected);
});
