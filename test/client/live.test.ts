import { setImmediate as task } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { livePaceMs } from '../../src/base/limits.ts';
import { prng } from '../../src/base/prng.ts';
import {
  openInMemory,
  type InMemoryOptions,
  type TestDatabase,
} from '../../src/client/in-memory.ts';
import { spliced } from '../../src/client/live.ts';
import type { LiveItems, LiveQuery } from '../../src/client/live-types.ts';
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

/** Lets everything that is due happen; a clock that stands still stays there. */
async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await task();
}

/** The results that a subscriber hears of. */
function heardOf<R>(query: LiveQuery<R>): { readonly results: R[]; leave(): void } {
  const results: R[] = [];
  const leave = query.subscribe(() => {
    const { result } = query.getSnapshot();
    if (result !== undefined) results.push(result);
  });
  return { results, leave };
}

const ofChess = {
  TableName: 'Scores',
  KeyConditionExpression: 'game = :g',
  ExpressionAttributeValues: { ':g': 'chess' },
};

describe('the pace of a live query', () => {
  test('the first change after a quiet frame is told at once, others once a frame', async () => {
    const db = await openScores();
    db.clock.freeze();
    const { results } = heardOf(db.live(ofChess));
    await settle();
    expect(results).toHaveLength(1);
    db.clock.advance(livePaceMs);
    await settle();
    await put(db, 'ann', 1);
    await settle();
    expect(results).toHaveLength(2);
    for (let score = 2; score < 20; score += 1) {
      await put(db, 'ann', score);
      await settle();
    }
    expect(results).toHaveLength(2);
    db.clock.advance(livePaceMs - 1);
    await settle();
    expect(results).toHaveLength(2);
    db.clock.advance(1);
    await settle();
    expect(results).toHaveLength(3);
    expect(results[2]?.Items[0]?.['score']).toBe(19);
    // Nothing has happened since: the next change does not wait.
    db.clock.advance(livePaceMs);
    await settle();
    await put(db, 'bob', 1);
    await settle();
    expect(results).toHaveLength(4);
  });

  test('a result that did not change is not told, whatever else does', async () => {
    const db = await openScores();
    const { results } = heardOf(db.live({ ...ofChess, ProjectionExpression: 'player' }));
    await put(db, 'ann', 1);
    await vi.waitFor(() => expect(results.at(-1)?.Count).toBe(1));
    const told = results.length;
    db.clock.freeze();
    for (let score = 2; score < 6; score += 1) {
      await put(db, 'ann', score);
      await put(db, 'ann', score, 'go');
      db.clock.advance(livePaceMs);
      await settle();
    }
    expect(results).toHaveLength(told);
  });
});

describe('identical live queries', () => {
  test('are one in the worker, and end there with the last who follows it', async () => {
    const db = await openScores();
    const { TableName, KeyConditionExpression, ExpressionAttributeValues } = ofChess;
    const inputs = [ofChess, { ExpressionAttributeValues, KeyConditionExpression, TableName }];
    const heard = inputs.map((input) => heardOf(db.live(input)));
    await vi.waitFor(() => expect(heard.every(({ results }) => results.length > 0)).toBe(true));
    expect(heard[0]?.results[0]).toBe(heard[1]?.results[0]);
    expect((await db.status()).liveQueries).toBe(1);
    heard[0]?.leave();
    await put(db, 'ann', 1);
    await vi.waitFor(() => expect(heard[1]?.results.at(-1)?.Count).toBe(1));
    expect(heard[0]?.results.at(-1)?.Count).toBe(0);
    heard[1]?.leave();
    await vi.waitFor(async () => expect((await db.status()).liveQueries).toBe(0));
  });

  test('who comes back within a frame finds it open', async () => {
    const db = await openScores();
    const query = db.live(ofChess);
    const first = heardOf(query);
    await vi.waitFor(() => expect(first.results).toHaveLength(1));
    first.leave();
    expect(query.getSnapshot().status).toBe('ready');
    const second = heardOf(query);
    await put(db, 'ann', 1);
    await vi.waitFor(() => expect(second.results.at(-1)?.Count).toBe(1));
    expect((await db.status()).liveQueries).toBe(1);
  });

  test('of other forms are others', async () => {
    const db = await openScores();
    await put(db, 'ann', 1);
    const values = { ':g': { S: 'chess' } };
    const input = { ...ofChess, ExpressionAttributeValues: values };
    const [plain, wire] = [
      heardOf(db.live(ofChess)),
      heardOf(db.live(input, { attributeValues: true })),
    ];
    await vi.waitFor(() => expect(plain.results.length + wire.results.length).toBe(2));
    expect(plain.results[0]?.Items[0]).toEqual({ game: 'chess', player: 'ann', score: 1 });
    expect(wire.results[0]?.Items[0]).toEqual({
      game: { S: 'chess' },
      player: { S: 'ann' },
      score: { N: '1' },
    });
  });
});

describe('what a live query follows', () => {
  test.each([
    ['a key', { TableName: 'Scores', Key: { game: 'chess', player: 'ann' } }, 1],
    ['a statement', { Statement: `SELECT * FROM Scores WHERE game = 'chess'` }, 2],
    ['a key condition', ofChess, 2],
    ['neither', { TableName: 'Scores' }, 3],
    [
      'an old key condition',
      {
        TableName: 'Scores',
        KeyConditions: {
          game: { ComparisonOperator: 'EQ', AttributeValueList: ['chess'] },
        },
      },
      2,
    ],
  ])('is told by its input: %s', async (_name, input, count) => {
    const db = await openScores();
    await Promise.all([put(db, 'ann', 1), put(db, 'bob', 2), put(db, 'cid', 3, 'go')]);
    const query = db.live(input as typeof ofChess) as LiveQuery<object>;
    const result = await resultOf(query[Symbol.asyncIterator]().next());
    const { Item, Items } = result as { Item?: object; Items?: readonly object[] };
    expect(Items?.length ?? (Item === undefined ? 0 : 1)).toBe(count);
    expect((result as LiveItems).pending.size).toBe(0);
  });

  test('an item comes, changes and goes', async () => {
    const db = await openScores();
    const Key = { game: 'chess', player: 'ann' };
    const results = db
      .live<{ score: number }>({ TableName: 'Scores', Key })
      [Symbol.asyncIterator]();
    expect((await resultOf(results.next())).Item).toBeUndefined();
    await put(db, 'ann', 1);
    expect((await resultOf(results.next())).Item?.score).toBe(1);
    await put(db, 'ann', 2);
    expect((await resultOf(results.next())).Item?.score).toBe(2);
    await db.deleteItem({ TableName: 'Scores', Key });
    expect((await resultOf(results.next())).Item).toBeUndefined();
  });

  test('a count counts', async () => {
    const db = await openScores();
    const { results } = heardOf(db.live({ ...ofChess, Select: 'COUNT' }));
    await put(db, 'ann', 1);
    await put(db, 'bob', 1);
    await vi.waitFor(() => expect(results.at(-1)).toMatchObject({ Items: [], Count: 2 }));
  });

  test('a limit has the key that the next page begins after', async () => {
    const db = await openScores();
    for (const [at, player] of ['ann', 'bob', 'cid'].entries()) await put(db, player, at);
    const results = db.live(topTwo)[Symbol.asyncIterator]();
    const { LastEvaluatedKey } = await resultOf(results.next());
    expect(LastEvaluatedKey).toEqual({ game: 'chess', player: 'bob', score: 1 });
    const next = { ...topTwo, ExclusiveStartKey: LastEvaluatedKey };
    const second = await resultOf(db.live(next)[Symbol.asyncIterator]().next());
    expect(playersOf(second)).toEqual(['ann']);
    expect(second.LastEvaluatedKey).toBeUndefined();
  });

  test('another tab over the same disk', async () => {
    const db = await openScores();
    const other = await openScores({ disk: db.disk, clock: db.clock });
    const { results } = heardOf(other.live(ofChess));
    await vi.waitFor(() => expect(results).toHaveLength(1));
    await put(db, 'ann', 1);
    // In memory there are no hints: the engine asks for the head by itself.
    await vi.waitFor(() => expect(results.at(-1)?.Count).toBe(1), { timeout: 5000 });
  });
});

describe('the end of a live query', () => {
  test('is that of its signal: iterators reject, subscribers hear no more', async () => {
    const db = await openScores();
    const abort = new AbortController();
    const query = db.live(ofChess, { signal: abort.signal });
    const results = query[Symbol.asyncIterator]();
    const heard = heardOf(query);
    await results.next();
    const waiting = results.next();
    abort.abort('enough');
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' });
    await put(db, 'ann', 1);
    await vi.waitFor(async () => expect((await db.status()).liveQueries).toBe(0));
    expect(heard.results.at(-1)?.Count).toBe(0);
    await expect(query[Symbol.asyncIterator]().next()).rejects.toThrow('aborted');
  });

  test('is that of the database', async () => {
    const db = await openScores();
    const query = db.live(ofChess);
    const results = query[Symbol.asyncIterator]();
    await results.next();
    const waiting = results.next();
    await db.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(query.getSnapshot().status).toBe('ended');
    expect(await db.live(topTwo)[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  });

  test('is that of its table', async () => {
    const db = await openScores();
    const query = db.live(ofChess);
    const results = query[Symbol.asyncIterator]();
    const heard = heardOf(query);
    await results.next();
    const waiting = results.next();
    await db.deleteTable({ TableName: 'Scores' });
    await expect(waiting).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(query.getSnapshot()).toMatchObject({ status: 'error', result: { Count: 0 } });
    heard.leave();
    await db.createTable(scores);
    // Once nobody shows the error any more, it is followed anew.
    await vi.waitFor(() => expect(query.getSnapshot().status).toBe('loading'));
    expect((await resultOf(query[Symbol.asyncIterator]().next())).Count).toBe(0);
  });

  test('of one that is refused says why', async () => {
    const db = await openScores();
    const wrong = db.live({ TableName: 'Scores', FilterExpression: 'score >' });
    await expect(wrong[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Invalid FilterExpression'),
    });
  });

  test('leaves the others of the same input alone', async () => {
    const db = await openScores();
    const [one, two] = [db.live(ofChess), db.live(ofChess)];
    const [first, second] = [one[Symbol.asyncIterator](), two[Symbol.asyncIterator]()];
    await Promise.all([first.next(), second.next()]);
    await first.return?.();
    await put(db, 'ann', 1);
    expect((await resultOf(second.next())).Count).toBe(1);
  });
});

test('a live query over the channel shows what asking again shows, and the same objects', async () => {
  const db = await openScores();
  const random = prng(5);
  const inputs = [
    ofChess,
    topTwo,
    {
      ...topTwo,
      Limit: 5,
      FilterExpression: 'bonus > :b',
      ExpressionAttributeValues: { ':g': 'chess', ':b': 4 },
    },
  ];
  const heard = inputs.map((input) => heardOf(db.live(input)));
  for (let round = 0; round < 60; round += 1) {
    const player = `p${random.u32() % 12}`;
    if (random.u32() % 3 === 0) {
      await db.deleteItem({ TableName: 'Scores', Key: { game: 'chess', player } });
    } else {
      const [score, bonus] = [random.u32() % 50, random.u32() % 10];
      await db.putItem({ TableName: 'Scores', Item: { game: 'chess', player, score, bonus } });
    }
    if (round % 10 !== 9) continue;
    for (const [at, input] of inputs.entries()) {
      const { Items, Count } = await db.query(input);
      await vi.waitFor(() => expect(heard[at]?.results.at(-1)).toMatchObject({ Items, Count }));
    }
  }
  for (const { results } of heard) {
    for (const [at, { Items }] of results.slice(1).entries()) {
      const before = new Map(results[at]?.Items.map((item) => [JSON.stringify(item), item]));
      for (const item of Items) {
        const same = before.get(JSON.stringify(item));
        if (same !== undefined) expect(item).toBe(same);
      }
    }
  }
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
