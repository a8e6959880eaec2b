import { expect, test } from 'vitest';
import { operation } from '../../src/operation/operation.ts';
import { string, struct } from '../../src/shape/constructors.ts';

const steps = {
  kind: 'read',
  input: struct({ Name: string().required }),
  check: (input: { readonly Name: string }) => input.Name.length,
  plan: (length: number) => length,
  decide: (length: number) => ({ output: { length } }),
} as const;

test('a row is open to callers, under an action of its own name', () => {
  expect(operation({ name: 'Measure', ...steps })).toMatchObject({
    name: 'Measure',
    action: 'dynamodb:Measure',
    internal: false,
  });
});

test('a row may say otherwise', () => {
  const row = operation({ name: 'Own', action: 'tidetable:Own', internal: true, ...steps });
  expect([row.action, row.internal]).toEqual(['tidetable:Own', true]);
});
