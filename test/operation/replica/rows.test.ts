import { expect, test } from 'vitest';
import { findOperation } from '../../../src/operation/registry.ts';
import { replicaOperations } from '../../../src/operation/replica/rows.ts';
import { ask, openRig } from '../../support/engine.ts';
import { engineCaller } from '../../support/replica.ts';

test('all are internal, and none has the name of another operation', () => {
  const names = replicaOperations.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => findOperation(name) !== undefined)).toEqual([]);
  expect(replicaOperations.every(({ internal }) => internal)).toBe(true);
});

test('an engine that was not given them does not know them', async () => {
  const rig = await openRig({ operations: [] });
  const call = ask(rig, 'OpenReplica', { Role: 'hub' }, { caller: engineCaller });
  await expect(call).rejects.toMatchObject({ name: 'UnknownOperationException' });
});
