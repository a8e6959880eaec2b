import { afterEach, describe, expect, test, vi } from 'vitest';
import { type CreateTableInput, type Database, type LiveItems, open } from '../../src/index.ts';
import { deleteIndexedDB } from '../../src/storage/indexeddb.ts';

const TableName = 'Scores';
const scores: CreateTableInput = {
  TableName,
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

const topThree = {
  TableName,
  IndexName: 'byScore',
  KeyConditionExpression: 'game = :g',
  ExpressionAttributeValues: { ':g': 'chess' },
  ScanIndexForward: false,
  Limit: 3,
};

const opened: { readonly db: Database; readonly name: string }[] = [];

/** A database with a worker of its own, as each tab has one. */
async function openTab(name: string): Promise<Database> {
  const db = await open(name, { tables: [scores] });
  opened.push({ db, name });
  return db;
}

afterEach(async () => {
  const names = new Set(opened.map(({ name }) => name));
  for (const { db } of opened.splice(0)) await db.close();
  for (const name of names) await deleteIndexedDB(name);
});

let lastName = 0;
function newName(): string {
  lastName += 1;
  return `live-test-${Date.now()}-${lastName}`;
}

function put(db: Database, player: string, score: number): Promise<object> {
  return db.putItem({ TableName, Item: { game: 'chess', player, score } });
}

function playersOf({ Items }: LiveItems): string {
  return Items.map(({ ['player']: player }) => player).join();
}

describe('a live query between tabs', () => {
  test('tells each of what the other writes, and both show the same', async () => {
    const name = newName();
    const tabs = [await openTab(name), await openTab(name)];
    const shown: LiveItems[] = [];
    const leave = tabs.map((db, at) => {
      const query = db.live(topThree);
      return query.subscribe(() => {
        shown[at] = query.getSnapshot().result as LiveItems;
      });
    });
    await vi.waitFor(() => expect(shown.map(playersOf)).toEqual(['', '']));
    for (let score = 0; score < 20; score += 1) {
      await put(tabs[score % 2] as Database, `p${score}`, score);
    }
    const wanted = 'p19,p18,p17';
    await vi.waitFor(() => expect(shown.map(playersOf)).toEqual([wanted, wanted]), 5000);
    // One that did not change is the same object.
    const [, second] = shown[0]?.Items ?? [];
    await put(tabs[1] as Database, 'p19', 30);
    await vi.waitFor(() => expect(shown[0]?.Items[0]).toMatchObject({ score: 30 }), 5000);
    expect(shown[0]?.Items[1]).toBe(second);
    for (const each of leave) each();
  });

  test('goes on past a checkpoint of the other, and ends with the table', async () => {
    const name = newName();
    const [one, two] = [await openTab(name), await openTab(name)];
    const results = two.live(topThree)[Symbol.asyncIterator]();
    await results.next();
    await put(one, 'ann', 1);
    expect(playersOf((await results.next()).value as LiveItems)).toBe('ann');
    await one.checkpoint();
    await put(one, 'bob', 2);
    expect(playersOf((await results.next()).value as LiveItems)).toBe('bob,ann');
    const waiting = results.next();
    await one.deleteTable({ TableName });
    await expect(waiting).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('live queries of a page', () => {
  test('a thousand of them are told of what concerns them', async () => {
    const db = await openTab(newName());
    let told = 0;
    const queries = Array.from({ length: 1000 }, (_, at) => {
      return db.live({ TableName, Key: { game: 'chess', player: `p${at}` } });
    });
    const leave = queries.map((query) => {
      return query.subscribe(() => {
        told += 1;
      });
    });
    await vi.waitFor(() => expect(told).toBe(1000), 10_000);
    expect((await db.status()).liveQueries).toBe(1000);
    await put(db, 'p7', 1);
    await vi.waitFor(() => expect(told).toBe(1001));
    expect(queries[7]?.getSnapshot().result?.Item).toMatchObject({ score: 1 });
    for (const each of leave) each();
    await vi.waitFor(async () => expect((await db.status()).liveQueries).toBe(0), 5000);
  });

  test('are told at most once a frame', async () => {
    const db = await openTab(newName());
    const query = db.live(topThree);
    let told = 0;
    const leave = query.subscribe(() => {
      told += 1;
    });
    await vi.waitFor(() => expect(told).toBe(1));
    const begunMs = performance.now();
    for (let score = 0; score < 300; score += 1) await put(db, 'ann', score);
    await vi.waitFor(() => {
      expect(query.getSnapshot().result?.Items[0]).toMatchObject({ score: 299 });
    });
    // Frames of a fast screen are 4 ms apart.
    expect(told).toBeLessThan((performance.now() - begunMs) / 4 + 3);
    expect(told).toBeGreaterThan(1);
    leave();
  });

  test('end with their worker, with an error that says so', async () => {
    // In one expression, so that it is bundled as a worker is.
    const worker = new Worker(new URL('../../worker/web-worker.ts', import.meta.url), {
      type: 'module',
    });
    const name = newName();
    const db = await open(name, { tables: [scores], worker });
    const results = db.live(topThree)[Symbol.asyncIterator]();
    await results.next();
    const waiting = results.next();
    worker.dispatchEvent(new ErrorEvent('error', { message: 'it died' }));
    await expect(waiting).rejects.toMatchObject({ name: 'DatabaseError', why: 'worker' });
    worker.terminate();
    const again = await openTab(name);
    const result = await again.live(topThree)[Symbol.asyncIterator]().next();
    expect(result.done).toBe(false);
  });
});
