import { expect, test } from 'vitest';
import { withSync } from '../../src/host/late-sync.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import type { Operation } from '../../src/operation/operation.ts';
import { type Answer, owner } from '../../src/operation/request.ts';
import { openNearHub, portsOf } from '../support/hubs.ts';

test('is loaded with the first call of sync, and leaves all others alone', async () => {
  const near = await openNearHub();
  const engine = await openNodeDatabase({ memory: true });
  const operations: Operation[] = [];
  const passed: string[] = [];
  const calls = withSync(() => portsOf(engine, near.fetch), operations, {
    submit: ({ operation }, done) => {
      passed.push(operation);
      done({ output: {} });
    },
  });
  const call = (operation: string, input: object): Promise<Answer> =>
    new Promise((resolve) => {
      calls.submit({ operation, input, form: 'plain', caller: owner }, resolve);
    });
  await call('GetItem', {});
  expect([passed, operations]).toEqual([['GetItem'], []]);
  await call('SyncOpen', { Url: 'http://hub', HasToken: false });
  expect(operations.length).toBeGreaterThan(10);
  expect(passed).toEqual(['GetItem']);
  await calls.end();
  await Promise.all([engine.close(), near.engine.close()]);
});
