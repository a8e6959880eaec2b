import { describe, expect, test } from 'vitest';
import { scopePiecesMax } from '../../src/base/access-limits.ts';
import { readPieces, unreplicated, writePieces } from '../../src/access/compile.ts';
import { type Policy, readPolicy } from '../../src/access/policy.ts';

const arn = 'arn:aws:dynamodb:local:000000000000:table/Notes';
const variables = new Map([
  ['jwt:sub', ['ada']],
  ['jwt:teams', ['red', 'blue']],
  ['jwt:star', ['*']],
  ['jwt:role', ['reader']],
]);

type Row = Readonly<Record<string, unknown>>;

function policyOf(statements: readonly Row[]): Policy {
  const full = statements.map((one) => ({ Effect: 'Allow', Action: '*', Resource: '*', ...one }));
  return readPolicy({ Version: '2012-10-17', Statement: full }, 'p');
}

const leadingOf = (values: unknown): Row => ({ 'dynamodb:LeadingKeys': values });

function leading(values: unknown, operator = 'ForAllValues:StringEquals'): Row {
  return { Condition: { [operator]: leadingOf(values) } };
}

function sorted(values: unknown, prefix: unknown): Row {
  return {
    Condition: {
      'ForAllValues:StringEquals': leadingOf(values),
      StringLike: { 'tidetable:SortKey': prefix },
    },
  };
}

/** `ALL`, or `key`, or `key/prefix`; then what cannot be said so. */
function told({ pieces, gaps }: ReturnType<typeof readPieces>): string {
  const texts = pieces.map(({ leading: key = 'ALL', prefix }) =>
    prefix === undefined ? key : `${key}/${prefix}`,
  );
  return [...texts, ...gaps.map((gap) => `- ${gap}`)].join(' ');
}

const attributes = { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['id', 'name'] } };
const oneByOne = '- partition keys that it does not name one by one';

describe('policies as ranges of a table', () => {
  const rows: readonly (readonly [string, readonly Row[], string])[] = [
    ['nothing', [{ Action: 'dynamodb:GetItem' }], ''],
    ['all', [{}], 'ALL'],
    ['another table', [{ Resource: `${arn}2` }], ''],
    ['K5: an index alone', [{ Resource: `${arn}/index/*` }], ''],
    ['the keys of a list', [leading(['a', 'b'])], 'a b'],
    ['a key of the token', [leading('${jwt:sub}')], 'ada'],
    ['a text around it', [leading('user#${jwt:sub}')], 'user#ada'],
    ['a claim that is a list', [leading('${jwt:teams}')], 'red blue'],
    ['a star in a token, which is none', [leading('${jwt:star}', 'ForAllValues:StringLike')], '*'],
    ['a claim that is not there', [leading('${jwt:absent}')], ''],
    ['a claim with a default', [leading("${jwt:absent, 'x'}")], 'x'],
    ['StringLike without a wildcard', [leading('a', 'ForAllValues:StringLike')], 'a'],
    ['any of several values', [leading('a', 'ForAnyValue:StringEquals')], 'a'],
    ['K6: a wildcard', [leading('a*', 'ForAllValues:StringLike')], oneByOne],
    ['K6: a wildcard of one letter', [leading('a?', 'ForAllValues:StringLike')], oneByOne],
    ['every key by StringLike', [leading('*', 'ForAllValues:StringLike')], 'ALL'],
    ['all keys but one', [leading('a', 'ForAllValues:StringNotEquals')], oneByOne],
    ['letters of any size', [leading('a', 'ForAllValues:StringEqualsIgnoreCase')], oneByOne],
    ['L13: attributes', [{ Condition: attributes }], '- a condition on dynamodb:attributes'],
    [
      'L13: attributes of one key',
      [{ Condition: { ...attributes, 'ForAnyValue:StringEquals': leadingOf('a') } }],
      '- a condition on dynamodb:attributes',
    ],
    ['sort keys that begin so', [sorted('${jwt:sub}', 'note#*')], 'ada/note#'],
    [
      'sort keys of the token',
      [sorted(['a', 'b'], ['x*', '${jwt:sub}#*'])],
      'a/x a/ada# b/x b/ada#',
    ],
    [
      'sort keys of all partitions',
      [{ Condition: { StringLike: { 'tidetable:SortKey': 'n*' } } }],
      '- sort keys without their partition key',
    ],
    ['what two statements allow', [leading('a'), leading(['b', 'a'])], 'a b'],
    ['a key and all of it', [leading('a'), {}], 'ALL'],
    ['what is denied', [{}, { Effect: 'Deny', Action: 'dynamodb:Query' }], 'ALL'],
    ['all, denied', [{}, { Effect: 'Deny' }], '- all but what is denied, or all by Query alone'],
    [
      'all but a key',
      [{}, { Effect: 'Deny', ...leading('b') }],
      '- all but what is denied, or all by Query alone',
    ],
    ['a key, and another one denied', [leading('a'), { Effect: 'Deny', ...leading('b') }], 'a'],
    ['a key that is denied', [leading(['a', 'b']), { Effect: 'Deny', ...leading('b') }], 'a'],
    ['a part of it denied', [leading('a'), { Effect: 'Deny', ...sorted('a', 'x*') }], ''],
    ['another part denied', [sorted('a', 'n*'), { Effect: 'Deny', ...sorted('a', 'x*') }], 'a/n'],
    ['a part within denied', [sorted('a', 'n*'), { Effect: 'Deny', ...sorted('a', 'note*') }], ''],
    ['Scan alone', [{ Action: 'dynamodb:Scan' }], 'ALL'],
    [
      'Query alone',
      [{ Action: 'dynamodb:Query' }],
      '- all but what is denied, or all by Query alone',
    ],
    ['a role', [{ Condition: { StringEquals: { 'jwt:role': 'reader' } } }], 'ALL'],
    ['another role', [{ Condition: { StringEquals: { 'jwt:role': 'admin' } } }], ''],
  ];
  test.each(rows)('%s', (_, statements, pieces) => {
    expect(told(readPieces([policyOf(statements)], variables, arn))).toBe(pieces);
  });

  test('are more than a replica has at most', () => {
    const keys = Array.from({ length: 600 }, (_, at) => `k${at}`);
    const more = Array.from({ length: 600 }, (_, at) => `m${at}`);
    const { pieces, gaps } = readPieces([policyOf([leading(keys), leading(more)])], variables, arn);
    expect(pieces).toHaveLength(scopePiecesMax);
    expect(gaps).toEqual([`more than ${scopePiecesMax} partition keys`]);
  });

  test('writes are what PutItem and DeleteItem may do, each for itself', () => {
    const policies = [
      policyOf([{ Action: 'dynamodb:PutItem', ...leading('${jwt:sub}') }]),
      policyOf([{ Action: 'dynamodb:DeleteItem' }]),
    ];
    expect(told(writePieces(policies, variables, arn, 'PutItem'))).toBe('ada');
    expect(told(writePieces(policies, variables, arn, 'DeleteItem'))).toBe('ALL');
    const inbox = [policyOf([leading('inbox#*', 'ForAllValues:StringLike')])];
    expect(told(writePieces(inbox, variables, arn, 'PutItem'))).toBe(oneByOne);
  });
});

describe('of a policy that is stored, what no replica is given', () => {
  const rows: readonly (readonly [string, Row, readonly string[]])[] = [
    ['all of it is', {}, []],
    ['exact keys are', leading('${jwt:sub}'), []],
    ['sort keys are', sorted('a', 'n*'), []],
    [
      'writes say nothing',
      { Action: 'dynamodb:PutItem', ...leading('a*', 'ForAllValues:StringLike') },
      [],
    ],
    ['wildcards', leading('a*', 'ForAllValues:StringLike'), [oneByOne.slice(2)]],
    ['attributes', { Condition: attributes }, ['a condition on dynamodb:attributes']],
    ['indexes', { Action: 'dynamodb:Query', Resource: [arn, `${arn}/index/*`] }, ['indexes']],
    ['a Deny', { Effect: 'Deny', ...leading('a') }, ['tables of which it denies a part']],
    [
      'all but some actions',
      {
        Action: undefined,
        NotAction: 'dynamodb:Scan',
        ...leading('a?', 'ForAllValues:StringLike'),
      },
      [oneByOne.slice(2)],
    ],
  ];
  test.each(rows)('%s', (_, row, gaps) => {
    const { Action, ...rest } = { Action: '*' as unknown, ...row };
    const Statement = {
      Effect: 'Allow',
      Resource: '*',
      Sid: 'One',
      ...rest,
      ...(Action === undefined ? {} : { Action }),
    };
    const policy = readPolicy({ Version: '2012-10-17', Statement }, 'p');
    const named = gaps.map((gap) => `p.Statement[0] (One): not replicated to devices: ${gap}`);
    expect(unreplicated(policy)).toEqual(named);
  });
});
