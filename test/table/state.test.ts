import { expect, test } from 'vitest';
import { isHome, type TableReplica } from '../../src/table/state.ts';

const hub: TableReplica = { role: 'hub', versions: 1, global: 'id' };

// What is done once for all replicas is done by the hub that gave the table its name.
test.each([
  ['of a database that does not replicate', undefined, true],
  ['that this hub has made', hub, true],
  ['that another hub has made', { ...hub, global: 'of-another' }, false],
  ['that every hub has by itself', { ...hub, global: 'Notes' }, true],
  ['of a device', { ...hub, role: 'device' as const }, false],
])('a table %s is at home: %j %s', (_, replica, expected) => {
  expect(isHome({ id: 'id', name: 'Notes', replica })).toBe(expected);
});
