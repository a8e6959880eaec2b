import { expect, test } from 'vitest';
import { openNodeDatabase } from '../../src/host/node.ts';
import { describeDevice } from '../../src/sync/look.ts';
import { syncCaller } from '../../src/sync/tables.ts';

test('only a device says how far it is', async () => {
  const engine = await openNodeDatabase({ memory: true });
  await expect(describeDevice(engine)).rejects.toThrow('no device');
  const input = { Role: 'device' };
  await engine.call({ operation: 'OpenReplica', input, form: 'plain', caller: syncCaller });
  expect(await describeDevice(engine)).toMatchObject({ Pending: 0, Principal: '', Cursor: 0 });
  await engine.close();
});
