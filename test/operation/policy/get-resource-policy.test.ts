import { expect, test } from 'vitest';
import { ask } from '../../support/engine.ts';
import { notesArn as ResourceArn, openNotes } from '../../support/policy.ts';

test('tells the text as it was written, blanks and all', async () => {
  const rig = await openNotes();
  const Policy = `{ "Statement" : [ {"Effect":"Allow", "Principal":{"AWS":"é"},
    "Action":"dynamodb:*",  "Resource":"*"} ] }`;
  await ask(rig, 'PutResourcePolicy', { ResourceArn, Policy });
  expect(await ask(rig, 'GetResourcePolicy', { ResourceArn })).toMatchObject({ Policy });
});

test('of a table without one is refused with its ARN', async () => {
  const rig = await openNotes();
  await expect(ask(rig, 'GetResourcePolicy', { ResourceArn })).rejects.toMatchObject({
    name: 'PolicyNotFoundException',
    message: `Resource-based policy not found for the provided ResourceArn: ${ResourceArn}`,
  });
});
