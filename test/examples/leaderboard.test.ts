/** The leaderboard's own rules: what a round is, and totals that count each change once. */
import { describe, expect, test } from 'vitest';
import {
  othersRounds,
  problemOf,
  secondsLeft,
  sessionSeconds,
} from '../../examples/leaderboard/rounds.ts';
import { type Score, tables, totalsOf } from '../../examples/leaderboard/tables.ts';
import { countScores } from '../../examples/leaderboard/totals.ts';
import { openInMemory, type TestDatabase } from '../../src/client/in-memory.ts';
import type { TriggerEvent } from '../../src/engine/trigger-types.ts';
import { prng } from '../../src/base/prng.ts';

type Record = TriggerEvent<Partial<Score>>['Records'][number];

const score: Score = { game: 'Kite race', id: 'x', player: 'Ada', score: 40, at: 0 };

function change(eventID: string, NewImage?: Score, OldImage?: Score): Record {
  const dynamodb = { ...(NewImage && { NewImage }), ...(OldImage && { OldImage }) };
  return { eventID, dynamodb } as unknown as Record;
}

async function totals(db: TestDatabase): Promise<readonly unknown[]> {
  const { Items } = await db.query(totalsOf('Kite race') as Parameters<typeof db.query>[0]);
  return Items ?? [];
}

describe('totals', () => {
  test('have each change once, however often it is delivered', async () => {
    const db = await openInMemory({ tables });
    const events = [change('1', score), change('2', { ...score, score: 2 })];
    for (let delivery = 0; delivery < 3; delivery += 1) await countScores(db, { Records: events });
    expect(await totals(db)).toEqual([{ game: 'Kite race', player: 'Ada', rounds: 2, points: 42 }]);
    await countScores(db, { Records: [change('3', undefined, score), change('1', score)] });
    expect(await totals(db)).toMatchObject([{ rounds: 1, points: 2 }]);
    await db.close();
  });

  test('fail with their batch when the database does', async () => {
    const db = await openInMemory({ tables });
    db.faults.refuse('TransactWriteItems', 'InternalServerError');
    const batch = { Records: [change('1', score)] };
    await expect(countScores(db, batch)).rejects.toThrow('Internal server error');
    await countScores(db, batch);
    expect(await totals(db)).toMatchObject([{ rounds: 1, points: 40 }]);
    await db.close();
  });

  test('pass over what is no score', async () => {
    const db = await openInMemory({ tables });
    await countScores(db, { Records: [{ eventID: '1', dynamodb: {} } as unknown as Record] });
    expect(await totals(db)).toEqual([]);
    await db.close();
  });
});

describe('a round', () => {
  test.each([
    ['Ada', '1', ''],
    [' Ada ', ' 1000000 ', ''],
    ['  ', '1', 'Who played?'],
    ['x'.repeat(24), '5', ''],
    ['x'.repeat(25), '5', 'at most 24 characters'],
    ['Ada', '0', 'whole number'],
    ['Ada', '1000001', 'whole number'],
    ['Ada', '1e3', 'whole number'],
    ['Ada', '-4', 'whole number'],
    ['Ada', '', 'whole number'],
  ])('of %j with %j has the problem %j', (player, given, problem) => {
    const found = problemOf(player, given);
    if (problem === '') expect(found).toBe('');
    else expect(found).toContain(problem);
  });

  test('of others is one that could be entered', () => {
    const random = prng(7);
    const rounds = othersRounds(() => random.below(1000) / 1000);
    expect(rounds).toHaveLength(10);
    for (const round of rounds) expect(problemOf(round.player, String(round.score))).toBe('');
  });
});

describe('a session', () => {
  test.each([
    ['', 60],
    ['?session=5', 5],
    ['?session=0', 60],
    ['?session=x', 60],
    ['?session=2.9', 2],
  ])('by %j takes %i seconds', (search, seconds) => {
    expect(sessionSeconds(search)).toBe(seconds);
  });

  test('has no time left when it is over', () => {
    expect(secondsLeft(10, 3500)).toBe(7);
    expect(secondsLeft(10, 12_000)).toBe(0);
  });
});
