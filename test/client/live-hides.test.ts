/** Live queries that hide what is over, from the second that it is, though no commit says so. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { expiryChangeMs } from '../../src/base/limits.ts';
import { openInMemory, type TestDatabase } from '../../src/client/in-memory.ts';
import type { LiveItems, LiveQuery } from '../../src/client/live-types.ts';

const opened: TestDatabase[] = [];
const TableName = 'Sessions';
const keysOnly = { ProjectionType: 'KEYS_ONLY' } as const;
const byRoom = [
  { AttributeName: 'room', KeyType: 'HASH' },
  { AttributeName: 'seat', KeyType: 'RANGE' },
] as const;

afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

/** Three sessions: `a` ends in 5 seconds, `b` in 100, `c` never. The clock stands still. */
async function openSessions(): Promise<TestDatabase> {
  const db = await openInMemory({
    tables: [
      {
        TableName,
        AttributeDefinitions: ['room', 'id', 'seat'].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S' as const,
        })),
        KeySchema: [
          { AttributeName: 'room', KeyType: 'HASH' },
          { AttributeName: 'id', KeyType: 'RANGE' },
        ],
        LocalSecondaryIndexes: [{ IndexName: 'bySeat', KeySchema: byRoom, Projection: keysOnly }],
        GlobalSecondaryIndexes: [
          { IndexName: 'everySeat', KeySchema: byRoom, Projection: keysOnly },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      },
    ],
  });
  opened.push(db);
  await setTimes(db, true);
  await db.idle();
  db.clock.freeze();
  await put(db, 'a', 5);
  await put(db, 'b', 100);
  await put(db, 'c');
  return db;
}

function setTimes(db: TestDatabase, Enabled: boolean): Promise<object> {
  const TimeToLiveSpecification = { Enabled, AttributeName: 'until' };
  return db.updateTimeToLive({ TableName, TimeToLiveSpecification });
}

async function put(db: TestDatabase, id: string, inSeconds?: number): Promise<void> {
  const until = inSeconds && { until: Math.floor(db.clock.wallMs() / 1000) + inSeconds };
  await db.putItem({ TableName, Item: { room: 'r', id, seat: id, ...until } });
}

/** What a query shows, as it becomes. */
function follow(query: LiveQuery<LiveItems>): () => string {
  let shown = '';
  query.subscribe(() => {
    const { result } = query.getSnapshot();
    shown = (result?.Items ?? []).map(({ ['id']: id }) => String(id)).join('');
  });
  return () => shown;
}

/** Lets frames pass until a query shows that. */
async function becomes(db: TestDatabase, shown: () => string, wanted: string): Promise<void> {
  await vi.waitFor(() => {
    db.clock.advance(20);
    expect(shown()).toBe(wanted);
  });
}

const inRoom = {
  TableName,
  KeyConditionExpression: 'room = :r',
  ExpressionAttributeValues: { ':r': 'r' },
};
const hideExpired = true;

describe('a live query that hides what is over', () => {
  const inputs = [
    ['a Query', inRoom],
    ['a Scan', { TableName }],
    ['a Query with a Limit', { ...inRoom, Limit: 3 }],
    ['a SELECT', { Statement: `SELECT * FROM ${TableName} WHERE room = 'r'` }],
    [
      'a Query of a local index that is asked for more',
      { ...inRoom, IndexName: 'bySeat', Select: 'ALL_ATTRIBUTES' },
    ],
  ] as const;
  test.each(inputs)('%s: when it is, and when its time is moved', async (_, input) => {
    const db = await openSessions();
    const hiding = follow(db.live(input as typeof inRoom, { hideExpired }));
    const showing = follow(db.live(input as typeof inRoom));
    await vi.waitFor(() => expect([hiding(), showing()]).toEqual(['abc', 'abc']));
    // Work begins after a wait, so nothing is deleted while the clock stands still again.
    db.clock.advance(7000);
    await vi.waitFor(() => expect(hiding()).toBe('bc'));
    expect(showing()).toBe('abc');
    expect((await db.scan({ TableName })).Count).toBe(3);
    await put(db, 'a', 50);
    await becomes(db, hiding, 'abc');
    await put(db, 'b', -10);
    await becomes(db, hiding, 'ac');
  });

  test('shows all again when nothing expires any more', async () => {
    const db = await openSessions();
    const hiding = follow(db.live(inRoom, { hideExpired }));
    await vi.waitFor(() => expect(hiding()).toBe('abc'));
    db.clock.set(db.clock.wallMs() + expiryChangeMs);
    await vi.waitFor(() => expect(hiding()).toBe('c'));
    await setTimes(db, false);
    await becomes(db, hiding, 'abc');
  });

  test('of one item has none when it is over', async () => {
    const db = await openSessions();
    const query = db.live({ TableName, Key: { room: 'r', id: 'a' } }, { hideExpired });
    query.subscribe(() => undefined);
    const shown = (): unknown => query.getSnapshot().result?.Item?.['id'];
    await vi.waitFor(() => expect(shown()).toBe('a'));
    db.clock.advance(7000);
    await vi.waitFor(() => expect(shown()).toBeUndefined());
  });

  test('is refused where its index does not have the attribute', async () => {
    const db = await openSessions();
    const query = db.live({ ...inRoom, IndexName: 'everySeat' }, { hideExpired });
    const first = query[Symbol.asyncIterator]().next();
    await expect(first).rejects.toThrow(
      'A live query hides what is over only in an index that has the attribute until: everySeat',
    );
  });
});
