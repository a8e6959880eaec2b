import { afterEach, describe, expect, test } from 'vitest';
import {
  openInMemory,
  type InMemoryOptions,
  type TestDatabase,
} from '../../src/client/in-memory.ts';
import { spliced } from '../../src/client/live.ts';
import type { LiveItems } from '../../src/client/live-types.ts';
import type { CreateTableInput } from '../../src/client/table-types.ts';

const scores: CreateTableInput = {
  TableName: 'Scores',
  AttributeDefinitions: [
    { AttributeName: 'game', AttributeType: 'S' },
    { AttributeName: 'player', AttributeType: 'S' },
    { AttributeName: 'score', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'game', KeyType: 'HASH' },
    { AttributeName: 'player', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byScore',
      KeySchema: [
        { AttributeName: 'game', KeyType: 'HASH' },
        { AttributeName: 'score', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

const opened: TestDatabase[] = [];
async function openScores(options: InMemoryOptions = {}): Promise<TestDatabase> {
  const db = await openInMemory({ tables: [scores], ...options });
  opened.push(db);
  return db;
}
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

const topTwo = {
  TableName: 'Scores',
  IndexName: 'byScore',
  KeyConditionExpression: 'game = :g',
  ExpressionAttributeValues: { ':g': 'chess' },
  ScanIndexForward: false,
  Limit: 2,
};

function put(db: TestDatabase, player: string, score: number, game = 'chess'): Promise<object> {
  return db.putItem({ TableName: 'Scores', Item: { game, player, score } });
}

async function resultOf<R>(next: Promise<IteratorResult<R>>): Promise<R> {
  const { done, value } = await next;
  if (done === true) throw new Error('the iterator has ended');
  return value;
}

function playersOf({ Items }: LiveItems): unknown[] {
  return Items.map(({ ['player']: player }) => player);
}

describe('a live query', () => {
  test('tells its result, and then what becomes of it', async () => {
    const db = await openScores();
    await put(db, 'ann', 5);
    await put(db, 'bob', 7);
    const results = db.live(topTwo)[Symbol.asyncIterator]();
    const first = await resultOf(results.next());
    expect(playersOf(first)).toEqual(['bob', 'ann']);
    expect(first.Count).toBe(2);
    await put(db, 'cid', 9);
    const second = await resultOf(results.next());
    expect(playersOf(second)).toEqual(['cid', 'bob']);
    expect(second.Items[1]).toBe(first.Items[0]);
    await results.return?.();
  });
});

describe('splices', () => {
  test.each([
    ['nothing', [], [], 'abc'],
    ['a first list', [0, 3, 2], 'xy', 'xy'],
    ['one in the middle', [1, 1, 1], 'x', 'axc'],
    ['both ends', [0, 1, 0, 2, 0, 1], 'x', 'bcx'],
  ])('make %s', (_name, splices, items, after) => {
    const [a, b, c] = [{ v: 'a' }, { v: 'b' }, { v: 'c' }];
    const made = spliced(
      [a, b, c],
      splices,
      [...items].map((v) => ({ v })),
    );
    expect(made.map((item) => (item as { v: string }).v).join('')).toBe(after);
  });
});
