import { expect, test } from 'vitest';
import { operations } from '../../src/client/operation-names.ts';
import { operations as rows } from '../../src/operation/registry.ts';

test('every operation that users may call has a method, and no other', () => {
  const wanted = rows.filter(({ internal }) => !internal).map(({ name }) => name);
  for (const name of wanted) expect(operations).toContain(name);
  expect(new Set(operations).size).toBe(operations.length);
});
