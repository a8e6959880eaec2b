/** A table, and policies for it. */
import { ask, openRig, type Rig } from './engine.ts';

export const notesArn = 'arn:aws:dynamodb:local:000000000000:table/Notes';

export function policyOf(Action: string): string {
  return JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action, Resource: '*' } });
}

export async function openNotes(more: object = {}): Promise<Rig> {
  const rig = await openRig();
  await ask(rig, 'CreateTable', {
    TableName: 'Notes',
    AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    ...more,
  });
  return rig;
}
