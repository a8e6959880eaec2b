import { expect, test } from 'vitest';
import { findConditionKey, partKeys } from '../../src/access/condition-keys.ts';

test.each([
  ['dynamodb:LeadingKeys', { name: 'dynamodb:leadingkeys', isList: true }],
  ['DynamoDB:leadingkeys', { name: 'dynamodb:leadingkeys', isList: true }],
  ['dynamodb:Select', { name: 'dynamodb:select', isList: false }],
  ['aws:PrincipalArn', { name: 'aws:principalarn', isList: false }],
  ['jwt:Team', { name: 'jwt:Team', isList: false }],
  ['jwt:', undefined],
  ['dynamodb:LeadingKey', undefined],
  ['aws:SourceIp', undefined],
  ['__proto__', undefined],
])('%s', (written, key) => {
  expect(findConditionKey(written)).toEqual(key);
});

test('the parts of a partition key are condition keys', () => {
  for (const name of partKeys) expect(findConditionKey(name)).toEqual({ name, isList: true });
});
