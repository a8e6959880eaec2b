/** A Query or Scan of which no page is in memory takes a handful of requests to the store. */
import { expect, test } from 'vitest';
import { ask, openRig, type Output, type Rig } from '../support/engine.ts';

const items = 1000;

/** A partition of 2 MB, and an engine that has none of it in memory. */
async function cold(): Promise<Rig> {
  const rig = await openRig();
  await ask(rig, 'CreateTable', {
    TableName: 'Rows',
    AttributeDefinitions: [
      { AttributeName: 'p', AttributeType: 'S' },
      { AttributeName: 'n', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'p', KeyType: 'HASH' },
      { AttributeName: 'n', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const filler = { S: 'x'.repeat(2000) };
  const order = Array.from({ length: items }, (_, n) => (n * 7) % items);
  await Promise.all(
    order.map((n) => {
      const Item = { p: { S: 'all' }, n: { N: String(n) }, filler };
      return ask(rig, 'PutItem', { TableName: 'Rows', Item });
    }),
  );
  await rig.engine.checkpoint();
  const { disk } = rig.store;
  await rig.engine.close();
  return openRig({ disk });
}

const query = {
  KeyConditionExpression: 'p = :p',
  ExpressionAttributeValues: { ':p': { S: 'all' } },
};

test.each([
  ['Query', query],
  ['Query', { ...query, ScanIndexForward: false }],
  ['Scan', {}],
])('%s of 1 MB: %j', async (operation, input) => {
  const rig = await cold();
  const { reads } = rig.store;
  const output: Output = await ask(rig, operation, { TableName: 'Rows', ...input });
  // 1 MB is 511 such items, on more than 60 pages.
  expect(Number(output['Count'])).toBeGreaterThan(500);
  expect(output['LastEvaluatedKey']).toBeDefined();
  expect(rig.store.reads - reads).toBeLessThanOrEqual(10);
});
