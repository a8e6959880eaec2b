import { expect, test } from 'vitest';
import { owner, type Request } from '../../src/operation/request.ts';
import { World } from '../support/run.ts';

test('the owner of the database is a user without a name', () => {
  expect(owner).toEqual({ kind: 'user', principal: '' });
});

// The same attribute value, as each of the three forms writes it.
const forms: readonly (readonly [Request['form'], unknown])[] = [
  ['json', { B: 'AAE=' }],
  ['wire', { B: Uint8Array.of(0, 1) }],
  ['plain', Uint8Array.of(0, 1)],
];
test.each(forms)('a request in form %s means the same as in the others', (form, key) => {
  const world = new World();
  world.run('CreateTable', {
    TableName: 'Tab',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'B' }],
    KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
  });
  world.run('PutItem', { TableName: 'Tab', Item: { p: key } }, form);
  const { Item } = world.run('GetItem', { TableName: 'Tab', Key: { p: { B: 'AAE=' } } });
  expect(Item).toBeDefined();
});
