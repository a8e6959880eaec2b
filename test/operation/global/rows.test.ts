import { expect, test } from 'vitest';
import { globalOperations } from '../../../src/operation/global/rows.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { replicaOperations } from '../../../src/operation/replica/rows.ts';

test('each name is there once, and takes the place only of rows that let it', () => {
  const names = [...replicaOperations, ...globalOperations].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const replaced = names.filter((name) => findOperation(name) !== undefined);
  expect(replaced.toSorted()).toEqual(['DescribeTable', 'UpdateTable']);
  for (const name of replaced) expect(findOperation(name)?.mayBeOther).toBe(true);
  expect(globalOperations.some(({ internal }) => internal)).toBe(false);
});

test('those that take a place ask for the same permission', () => {
  for (const row of globalOperations) {
    const usual = findOperation(row.name);
    if (usual !== undefined) expect(row.action).toBe(usual.action);
  }
});
