import { expect, test } from 'vitest';
import { ask } from '../../support/engine.ts';
import { notesArn as ResourceArn, openNotes, policyOf } from '../../support/policy.ts';

test('answers the revision, and writes nothing where nothing changes', async () => {
  const rig = await openNotes();
  const input = { ResourceArn, Policy: policyOf('*') };
  const first = await ask(rig, 'PutResourcePolicy', input);
  expect(Object.keys(first)).toEqual(['RevisionId']);
  const { length } = rig.store.batches;
  expect(await ask(rig, 'PutResourcePolicy', input)).toEqual(first);
  expect(rig.store.batches.length).toBe(length);
  const other = { ...input, Policy: policyOf('dynamodb:GetItem') };
  expect(await ask(rig, 'PutResourcePolicy', other)).not.toEqual(first);
  expect(rig.store.batches.length).toBeGreaterThan(length);
});

test('is judged by its document before its table', async () => {
  const rig = await openNotes();
  const missing = { ResourceArn: `${ResourceArn}2`, Policy: '{' };
  await expect(ask(rig, 'PutResourcePolicy', missing)).rejects.toThrow('Syntax errors in policy.');
  const foreign = { ResourceArn: ResourceArn.replace('local', 'mars'), Policy: policyOf('*') };
  await expect(ask(rig, 'PutResourcePolicy', foreign)).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
});
