import { describe, expect, test } from 'vitest';
import { PolicyFault } from '../../src/access/policy-members.ts';
import { readPolicy } from '../../src/access/policy.ts';

const statement = {
  Effect: 'Allow',
  Action: 'dynamodb:GetItem',
  Resource: 'arn:aws:dynamodb:*:*:table/Notes',
};

function faultOf(changes: object, more: object = {}): string {
  try {
    const first = { ...statement };
    const second = { ...statement, ...changes };
    readPolicy({ Version: '2012-10-17', Statement: [first, second], ...more }, 'p');
  } catch (error) {
    if (error instanceof PolicyFault) return error.message;
    throw error;
  }
  return 'none';
}

describe('a policy', () => {
  test('may have one statement without a list, and members once or several times', () => {
    const { statements } = readPolicy({ Version: '2012-10-17', Statement: statement }, 'p');
    expect(statements).toMatchObject([{ effect: 'Allow', isNotAction: false, conditions: [] }]);
    const list = { ...statement, Action: ['dynamodb:Get*', '*'], Resource: ['*'] };
    const read = readPolicy({ Version: '2008-10-17', Statement: [list] }, 'p');
    expect(read.statements[0]?.actions.map(({ source }) => source)).toEqual(['dynamodb:Get*', '*']);
  });

  test('knows NotAction and NotResource', () => {
    const negated = { Effect: 'Deny', NotAction: 'dynamodb:GetItem', NotResource: '*' };
    const { statements } = readPolicy({ Version: '2012-10-17', Statement: negated }, 'p');
    expect(statements).toMatchObject([{ isNotAction: true, isNotResource: true }]);
  });

  const at = 'p.Statement[1]';
  test.each([
    [{ Effect: 'allow' }, `${at}.Effect must be "Allow" or "Deny"`],
    [{ Action: undefined }, `${at}.Action must be texts`],
    [{ Action: 'GetItem' }, `${at}.Action "GetItem" is no action of DynamoDB`],
    [{ Action: 's3:GetObject' }, `${at}.Action "s3:GetObject" is no action of DynamoDB`],
    [{ Action: [] }, `${at}.Action must not be empty`],
    [{ NotAction: '*' }, `${at} must have one of Action and NotAction`],
    [{ NotResource: '*' }, `${at} must have one of Resource and NotResource`],
    [{ Resource: 'Notes' }, `${at}.Resource "Notes" is no ARN of DynamoDB`],
    [{ Resource: 'arn:aws:s3:::x' }, `${at}.Resource "arn:aws:s3:::x" is no ARN of DynamoDB`],
    [{ Resource: 'arn:aws:dynamodb:*:*:table/${sub}' }, `${at}.Resource has the variable`],
    [{ Principal: '*' }, `${at}.Principal is of resource policies`],
    [{ Condtion: {} }, `${at}.Condtion is not known`],
    [{ Sid: 'Mine', Effect: 1 }, `${at} (Mine).Effect must be "Allow" or "Deny"`],
    [{ Condition: [] }, `${at}.Condition must be an object`],
    [{ Condition: { StringIs: {} } }, `${at}.Condition.StringIs is no operator known here`],
    [{ Condition: { NullIfExists: {} } }, `${at}.Condition.NullIfExists is no operator`],
    [
      { Condition: { StringEquals: { 'dynamodb:Leading': 'a' } } },
      `${at}.Condition.StringEquals.dynamodb:Leading is no condition key known here`,
    ],
    [
      { Condition: { StringEquals: { 'dynamodb:LeadingKeys': 'a' } } },
      `${at}.Condition.StringEquals.dynamodb:LeadingKeys has several values`,
    ],
    [
      { Condition: { Bool: { 'dynamodb:FullTableScan': 'no' } } },
      `${at}.Condition.Bool.dynamodb:FullTableScan must be "true" or "false"`,
    ],
    [
      { Condition: { NumericLessThan: { 'jwt:level': 'high' } } },
      `${at}.Condition.NumericLessThan.jwt:level must be numbers, not "high"`,
    ],
    [
      { Condition: { StringEquals: { 'jwt:sub': [{}] } } },
      `${at}.Condition.StringEquals.jwt:sub must be texts`,
    ],
  ])('%j is refused by statement and member', (changes, start) => {
    expect(faultOf(changes)).toContain(start);
  });

  test.each([
    [{ Version: '2020-01-01' }, 'p.Version must be "2012-10-17"'],
    [{ Statement: [] }, 'p.Statement must have at least one statement'],
    [
      { Statement: Array(201).fill(statement) },
      'p.Statement has 201 statements, more than 200 (policyStatementsMax)',
    ],
    [{ Statment: [] }, 'p.Statment is not known; there are Version, Id, Statement'],
  ])('is refused as a whole (%#)', (more, message) => {
    expect(faultOf({}, more)).toBe(message);
  });

  test.each([[null], [[]], ['text'], [1]])('cannot be %j', (json) => {
    expect(() => readPolicy(json, 'p')).toThrow('p must be an object');
  });
});
