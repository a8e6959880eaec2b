/** What becomes of a batch: Lambda's rules for partial answers, retries, halves and old records. */
import { describe, expect, test } from 'vitest';
import {
  backoffMs,
  countExpired,
  firstFailure,
  judgePiece,
  type Piece,
  type TriggerRules,
  type Verdict,
} from '../../src/stream/trigger-rules.ts';

const rules: TriggerRules = {
  batchSize: 100,
  windowMs: 0,
  retries: 2,
  bisect: false,
  maximumAgeMs: -1,
  parallel: 1,
  timeoutMs: 1000,
};

describe('the answer of a handler', () => {
  const id = (itemIdentifier: unknown): object => ({ itemIdentifier });
  const rows: readonly [string, unknown, number][] = [
    // Complete success (Lambda's guide, "Success and failure conditions").
    ['nothing', undefined, 3],
    ['null', null, 3],
    ['an empty object', {}, 3],
    ['a null list', { batchItemFailures: null }, 3],
    ['an empty list', { batchItemFailures: [] }, 3],
    ['a text', 'done', 3],
    // Partial.
    ['one record', { batchItemFailures: [id('2')] }, 1],
    ['several: the lowest', { batchItemFailures: [id('3'), id('2')] }, 1],
    // Complete failure.
    ['the first', { batchItemFailures: [id('1')] }, 0],
    ['an empty text', { batchItemFailures: [id('')] }, 0],
    ['null for a record', { batchItemFailures: [id(null)] }, 0],
    ['a bad name', { batchItemFailures: [{ bad: '2' }] }, 0],
    ['an unknown record', { batchItemFailures: [id('2'), id('9')] }, 0],
    ['no list', { batchItemFailures: '2' }, 0],
    ['null in the list', { batchItemFailures: [null] }, 0],
  ];
  test.each(rows)('%s', (_, answer, first) => {
    expect(firstFailure(answer, ['1', '2', '3'])).toBe(first);
  });
});

describe('a piece', () => {
  const piece = (from: number, to: number, used = 0): Piece => ({ from, to, used });
  const verdict = (done: number, rest: readonly Piece[], dead?: Piece): Verdict => ({
    done,
    rest,
    dead,
  });
  const rows: readonly [string, Piece, number, Partial<TriggerRules>, Verdict][] = [
    ['that is handled is done', piece(0, 4), 4, {}, verdict(4, [])],
    ['that fails is tried again', piece(0, 4), 0, {}, verdict(0, [piece(0, 4, 1)])],
    [
      'that fails from a record on is tried from there',
      piece(0, 4),
      2,
      {},
      verdict(2, [piece(2, 4, 1)]),
    ],
    ['whose tries are used up is dead', piece(0, 4, 2), 0, {}, verdict(0, [], piece(0, 4, 3))],
    ['dead from a record on', piece(0, 4, 2), 3, {}, verdict(3, [], piece(3, 4, 3))],
    [
      'without retries is dead at once',
      piece(0, 1),
      0,
      { retries: 0 },
      verdict(0, [], piece(0, 1, 1)),
    ],
    [
      'with -1 retries never is',
      piece(0, 1, 9999),
      0,
      { retries: -1 },
      verdict(0, [piece(0, 1, 10_000)]),
    ],
    [
      'is halved at no cost',
      piece(0, 5, 1),
      0,
      { bisect: true },
      verdict(0, [piece(0, 2, 1), piece(2, 5, 1)]),
    ],
    [
      'is cut where it failed at no cost',
      piece(0, 5, 1),
      2,
      { bisect: true },
      verdict(2, [piece(2, 5, 1)]),
    ],
    [
      'of one record is not halved',
      piece(4, 5, 1),
      4,
      { bisect: true },
      verdict(4, [piece(4, 5, 2)]),
    ],
  ];
  test.each(rows)('%s', (_, given, failed, own, expected) => {
    expect(judgePiece(given, failed, { ...rules, ...own })).toEqual(expected);
  });

  test('comes to its end whatever fails', () => {
    for (const bisect of [false, true]) {
      const pieces = [piece(0, 16)];
      let tries = 0;
      for (let next = pieces.shift(); next !== undefined; next = pieces.shift()) {
        pieces.unshift(...judgePiece(next, next.from, { ...rules, bisect }).rest);
        tries += 1;
        expect(tries).toBeLessThan(200);
      }
    }
  });
});

describe('old records', () => {
  const day = 24 * 60 * 60 * 1000;
  const times = [0, 500, 1000, day];
  const rows: readonly [string, number, boolean, number, number][] = [
    ['within the age', 5000, false, 1000, 0],
    ['beyond it', 999, false, 1000, 1],
    ['several', 400, false, 1000, 2],
    ['a day old, that never failed', -1, false, 2 * day, 0],
    ['a day old, that failed', -1, true, day + 600, 2],
  ];
  test.each(rows)('%s', (_, maximumAgeMs, hasFailed, nowMs, count) => {
    const piece = { from: 0, to: 4, used: 0 };
    const own = { ...rules, maximumAgeMs };
    expect(countExpired(times, piece, hasFailed, own, nowMs)).toBe(count);
  });
});

test('pauses grow, are shaken, and have a bound', () => {
  expect(backoffMs(1, 0)).toBe(50);
  expect(backoffMs(1, 0.5)).toBe(75);
  expect(backoffMs(2, 0)).toBe(100);
  expect(backoffMs(1000, 0)).toBe(30_000);
});
