import { expect, test } from 'vitest';
import { openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { conflictsTable } from '../../src/replica/conflict.ts';
import { openConflicts } from '../../src/sync/conflicts.ts';
import { replicated, syncCaller } from '../../src/sync/tables.ts';

test('a hub has its log of conflicts, made once, whose items expire', async () => {
  const engine = await openNodeDatabase({ memory: true });
  const input = { Role: 'hub' };
  await engine.call({ operation: 'OpenReplica', input, form: 'plain', caller: syncCaller });
  await openConflicts(engine);
  await openConflicts(engine);
  expect(await replicated(engine)).toEqual(new Map([[conflictsTable, conflictsTable]]));
  const asked = { TableName: conflictsTable };
  const told = await engine.call({
    operation: 'DescribeTimeToLive',
    input: asked,
    form: 'plain',
    caller: owner,
  });
  expect(told).toMatchObject({ TimeToLiveDescription: { AttributeName: 'expires' } });
  await engine.close();
});
