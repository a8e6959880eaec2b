import { afterEach, describe, expect, test } from 'vitest';
import { sync } from '../../src/client/sync.ts';
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
