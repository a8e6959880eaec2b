import { expect, test } from 'vitest';
import { ask } from '../../support/engine.ts';
import { notesArn as ResourceArn, openNotes, policyOf } from '../../support/policy.ts';

test('takes the policy away once; then there is none, which is no fault', async () => {
  const rig = await openNotes({ ResourcePolicy: policyOf('*') });
  const { RevisionId } = await ask(rig, 'GetResourcePolicy', { ResourceArn });
  expect(await ask(rig, 'DeleteResourcePolicy', { ResourceArn })).toEqual({ RevisionId });
  expect(await ask(rig, 'DeleteResourcePolicy', { ResourceArn })).toEqual({});
  const expecting = { ResourceArn, ExpectedRevisionId: RevisionId };
  await expect(ask(rig, 'DeleteResourcePolicy', expecting)).rejects.toMatchObject({
    name: 'PolicyNotFoundException',
  });
});
