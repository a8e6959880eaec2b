/** Chromium clears the site's storage under an open database, as its user may. */
import { cdp } from 'vitest/browser';
import { expect, test } from 'vitest';
import {
  type Database,
  deleteDatabase,
  listDatabases,
  type Notice,
  open,
} from '../../../src/index.ts';

interface DevTools {
  send(method: string, params: object): Promise<unknown>;
}

const TableName = 'Things';
const table = {
  TableName,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
} as const;

test('nothing succeeds on an empty store; the page is told, and begins anew when it opens again', async () => {
  const name = `cleared-test-${Date.now()}`;
  const worker = (): Worker =>
    new Worker(new URL('../../../worker/web-worker.ts', import.meta.url), { type: 'module' });
  const openThings = (): Promise<Database> => open(name, { tables: [table], worker });
  const db = await openThings();
  await db.putItem({ TableName, Item: { id: 'a' } });
  const told = new Promise<Notice>((resolve) => {
    db.on('data-loss', resolve);
  });
  const devTools = cdp() as unknown as DevTools;
  const { origin } = location;
  await devTools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
  const put = db.putItem({ TableName, Item: { id: 'b' } });
  await expect(put).rejects.toMatchObject({ name: 'InternalServerError' });
  expect(await told).toMatchObject({ why: 'cleared' });
  const get = db.getItem({ TableName, Key: { id: 'a' } }, { consistency: 'strong' });
  await expect(get).rejects.toMatchObject({ reason: 'gone' });
  expect(await db.status()).toMatchObject({ connection: 'closed' });
  expect(await listDatabases()).not.toContain(name);
  await db.close();
  const again = await openThings();
  expect(await again.getItem({ TableName, Key: { id: 'a' } })).toEqual({});
  expect((await again.status()).dataLoss).toBeUndefined();
  await again.close();
  await deleteDatabase(name);
});
