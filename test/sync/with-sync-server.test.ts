import { afterEach, describe, expect, test } from 'vitest';
import type { GetRecordsOutput } from '../../src/client/stream-types.ts';
import { sync } from '../../src/client/sync.ts';
import type { TriggerEvent } from '../../src/engine/trigger-types.ts';
import { openInMemory, type TestDatabase } from '../../src/client/in-memory.ts';
import { serve } from '../../src/host/http.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import { notes } from '../support/sync.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function hub(): Promise<string> {
  const engine = await openNodeDatabase({ memory: true });
  const server = await serve({ engine, port: 0, hub: await openHub(engine) });
  open.push(engine, server);
  return `http://127.0.0.1:${server.port}`;
}

async function database(disk?: TestDatabase['disk']): Promise<TestDatabase> {
  const db = await openInMemory({ tables: [notes as never], ...(disk && { disk }) });
  open.push(db);
  return db;
}
const TableName = 'Notes';

/** What the first shard of the table's stream has. */
async function recordsOf(
  db: TestDatabase,
  attributeValues = false,
): Promise<GetRecordsOutput<object>['Records']> {
  const { Table } = await db.describeTable({ TableName });
  const StreamArn = Table.LatestStreamArn ?? '';
  const { StreamDescription } = await db.describeStream({ StreamArn });
  const ShardId = StreamDescription.Shards[0]?.ShardId ?? '';
  const from = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  const { ShardIterator } = await db.getShardIterator(from);
  return (await db.getRecords<object>({ ShardIterator }, { attributeValues })).Records;
}

describe('a database of tests', () => {
  test('is a device of a real hub', async () => {
    const url = await hub();
    const one = await database();
    const two = await database();
    const ofOne = sync(one, { url, tables: [TableName] });
    const ofTwo = sync(two, { url, tables: [TableName] });
    await ofOne.until('live');
    await ofTwo.until('live');
    await one.putItem({ TableName, Item: { id: 'a', v: 'of one' } });
    await ofOne.drain();
    const item = async (): Promise<unknown> =>
      (await two.getItem({ TableName, Key: { id: 'a' } })).Item;
    await expect.poll(item, { timeout: 10_000 }).toEqual({ id: 'a', v: 'of one' });
  });

  test('U15: says with plain values which records it has made, and when', async () => {
    const url = await hub();
    const [one, two] = [await database(), await database()];
    const remotes = [one, two].map((db) => sync(db, { url, tables: [TableName] }));
    for (const remote of remotes) await remote.until('live');
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } as const;
    const heard: TriggerEvent[][] = [[], []];
    for (const [at, db] of [one, two].entries()) {
      const { Table } = await db.describeTable({ TableName });
      if (Table.LatestStreamArn === undefined)
        await db.updateTable({ TableName, StreamSpecification });
      for (const plain of [true, false]) {
        const options = { name: `${plain}`, plain, on: 'every' } as const;
        open.push(await db.trigger(TableName, (event) => void heard[at]?.push(event), options));
      }
    }
    await one.putItem({ TableName, Item: { id: 'a', v: 'of one' } });
    await expect.poll(() => heard.map(({ length }) => length), { timeout: 10_000 }).toEqual([2, 2]);
    const [ofOne, ofTwo] = await Promise.all([one, two].map((db) => recordsOf(db)));
    expect(ofOne?.[0]).toMatchObject({
      dynamodb: { NewImage: { id: 'a', v: 'of one' } },
      origin: 'here',
      stamp: { counter: expect.any(Number), replica: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
    expect(ofTwo).toMatchObject([{ origin: 'elsewhere', stamp: ofOne?.[0]?.stamp }]);
    const stamp = ofOne?.[0]?.stamp;
    for (const [at, origin] of ['here', 'elsewhere'].entries()) {
      const events = heard[at]?.flatMap(({ Records }) => Records) ?? [];
      const [plain] = events.filter((event) => 'stamp' in event);
      expect(plain).toMatchObject({ origin, stamp, dynamodb: { Keys: { id: 'a' } } });
      const [lambda] = events.filter((event) => !('stamp' in event));
      expect(lambda).toMatchObject({ dynamodb: { Keys: { id: { S: 'a' } } } });
      expect(lambda).not.toHaveProperty('origin');
    }
    const [shaped] = await recordsOf(two, true);
    expect(shaped).toMatchObject({ dynamodb: { Keys: { id: { S: 'a' } } } });
    expect(shaped).not.toHaveProperty('origin');
    expect(shaped).not.toHaveProperty('stamp');
  });

  test('tries its hub again as its own clock goes', async () => {
    const db = await database();
    db.clock.freeze();
    const remote = sync(db, { url: 'http://127.0.0.1:1', tables: [TableName] });
    await remote.until('offline');
    let tries = 0;
    remote.on('status', ({ status }) => {
      if (status.state === 'connecting') tries += 1;
    });
    // What it has just written as a device makes it try once more.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = tries;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(tries).toBe(before);
    db.clock.advance(60_000);
    await expect.poll(() => tries).toBeGreaterThan(before);
  });

  test('is led by one of those over a disk, and by the next when that is gone', async () => {
    const url = await hub();
    const one = await database();
    const two = await database(one.disk);
    const ofOne = sync(one, { url, tables: [TableName] });
    await ofOne.until('live');
    const ofTwo = sync(two, { url, tables: [TableName] });
    expect(ofTwo.status.leads).toBe(false);
    await ofOne.close();
    expect(await ofTwo.until('live')).toMatchObject({ leads: true });
  });
});
