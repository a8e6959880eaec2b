import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { prng } from '../../src/base/prng.ts';
import type { ExpressionHost, ExpressionInput } from '../../src/expression/request.ts';
import { parse, placeholders, refusalOf, worked, workedKey } from './fixture.ts';

const eq = { ComparisonOperator: 'EQ', AttributeValueList: ['x'] } as const;
const mixed = (legacy: string, expressions: string): string =>
  'Can not use both expression and non-expression parameters in the same request: ' +
  `Non-expression parameters: {${legacy}} Expression parameters: {${expressions}}`;

type Row = [ExpressionHost, ExpressionInput, string];

function message(host: ExpressionHost, input: ExpressionInput): string {
  return refusalOf(() => parse(host, input));
}

describe('mixing', () => {
  test.each<Row>([
    [
      'PutItem',
      { ConditionExpression: 'a = :v', Expected: {}, ConditionalOperator: 'OR' },
      mixed('Expected, ConditionalOperator', 'ConditionExpression'),
    ],
    [
      'DeleteItem',
      { ConditionExpression: '', Expected: {} },
      mixed('Expected', 'ConditionExpression'),
    ],
    [
      'UpdateItem',
      { UpdateExpression: 'x', ConditionExpression: 'y', Expected: {}, AttributeUpdates: {} },
      mixed('AttributeUpdates, Expected', 'UpdateExpression, ConditionExpression'),
    ],
    [
      'GetItem',
      { ProjectionExpression: 'a', AttributesToGet: ['a'] },
      mixed('AttributesToGet', 'ProjectionExpression'),
    ],
    [
      'Query',
      {
        KeyConditions: {},
        QueryFilter: {},
        AttributesToGet: ['a'],
        ConditionalOperator: 'AND',
        KeyConditionExpression: 'a',
        FilterExpression: 'b',
        ProjectionExpression: 'c',
      },
      mixed(
        'AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions',
        'ProjectionExpression, FilterExpression, KeyConditionExpression',
      ),
    ],
    [
      'Query',
      { KeyConditions: { p: eq }, KeyConditionExpression: 'a' },
      mixed('KeyConditions', 'KeyConditionExpression'),
    ],
    [
      'Query',
      { KeyConditions: { p: eq }, QueryFilter: {}, FilterExpression: 'a' },
      mixed('QueryFilter', 'FilterExpression'),
    ],
    ['Query', { KeyConditions: { p: eq }, FilterExpression: 'attribute_exists(a)' }, 'no refusal'],
    ['Query', { KeyConditions: { p: eq }, ProjectionExpression: 'a' }, 'no refusal'],
    [
      'Scan',
      { ScanFilter: {}, AttributesToGet: ['a'], ConditionalOperator: 'OR', FilterExpression: 'a' },
      mixed('AttributesToGet, ScanFilter, ConditionalOperator', 'FilterExpression'),
    ],
  ])('%s of %j: %s', (host, input, expected) => {
    expect(message(host, input)).toBe(expected);
  });

  test('null is absence', () => {
    const input = { ConditionExpression: 'attribute_exists(a)', Expected: null };
    expect(message('PutItem', input as unknown as ExpressionInput)).toBe('no refusal');
  });
});

describe('placeholders without an expression', () => {
  const names = 'ExpressionAttributeNames can only be specified when using expressions';
  const values = 'ExpressionAttributeValues can only be specified when using expressions: ';
  const v = { ExpressionAttributeValues: { ':v': 1 } };
  test.each<Row>([
    ['PutItem', { ExpressionAttributeNames: { '#a': 'a' }, ...v }, names],
    ['GetItem', { ExpressionAttributeNames: { '#a': 'a' } }, names],
    ['Query', { KeyConditions: { p: eq }, ExpressionAttributeNames: {} }, names],
    ['PutItem', v, `${values}ConditionExpression is null`],
    ['Delete', v, `${values}ConditionExpression is null`],
    ['UpdateItem', v, `${values}UpdateExpression and ConditionExpression are null`],
    [
      'Query',
      { KeyConditions: { p: eq }, ProjectionExpression: 'a', ...v },
      `${values}FilterExpression and KeyConditionExpression are null`,
    ],
    ['Scan', { ProjectionExpression: 'a', ...v }, `${values}FilterExpression is null`],
  ])('%s of %j: %s', (host, input, expected) => {
    expect(message(host, input)).toBe(expected);
  });
});

describe('the order of judgement', () => {
  const order = (host: ExpressionHost, input: ExpressionInput): string =>
    refusalOf(() =>
      parse(host, input, () => {
        throw new Stop();
      }),
    );
  class Stop extends Error {}
  const reaches = (host: ExpressionHost, input: ExpressionInput): boolean => {
    try {
      order(host, input);
    } catch (error) {
      if (error instanceof Stop) return true;
      throw error;
    }
    return false;
  };

  test.each<[ExpressionHost, ExpressionInput, boolean]>([
    ['PutItem', { ConditionExpression: 'a', Expected: {} }, false],
    ['PutItem', { ExpressionAttributeNames: { '#a': 'a' } }, false],
    ['PutItem', { ConditionExpression: '!!', ExpressionAttributeNames: {} }, true],
    ['PutItem', { Expected: { a: {} } }, true],
    ['UpdateItem', { AttributeUpdates: { a: {} } }, true],
    ['GetItem', { AttributesToGet: ['a', 'a'] }, true],
    ['Scan', { ScanFilter: { a: { ComparisonOperator: 'EQ' } } }, false],
    ['Query', { AttributesToGet: ['a', 'a'] }, false],
    ['Query', {}, true],
    ['Query', { KeyConditions: { a: { ComparisonOperator: 'EQ' } } }, true],
  ])('%s of %j: the own checks are reached: %s', (host, input, reached) => {
    expect(reaches(host, input)).toBe(reached);
  });

  const v = { ExpressionAttributeValues: { ':v': 1 } };
  test.each<Row>([
    [
      'PutItem',
      { ConditionExpression: '!!', ExpressionAttributeNames: {} },
      'ExpressionAttributeNames must not be empty',
    ],
    [
      'UpdateItem',
      { UpdateExpression: 'SET', ConditionExpression: '!!', ...v },
      'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "SET"',
    ],
    [
      'UpdateItem',
      { UpdateExpression: 'REMOVE a', ConditionExpression: '!!', ...v },
      'Invalid ConditionExpression: Syntax error; token: "!", near: "!!"',
    ],
    [
      'Query',
      { KeyConditionExpression: 'a <> :v', FilterExpression: '!!', ...v },
      'Invalid FilterExpression: Syntax error; token: "!", near: "!!"',
    ],
    [
      'Query',
      { KeyConditionExpression: 'a <> :v', ProjectionExpression: '!!', ...v },
      'Invalid ProjectionExpression: Syntax error; token: "!", near: "!!"',
    ],
    [
      'Query',
      { KeyConditionExpression: 'a = b', ExpressionAttributeNames: { '#a': 'a' } },
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}',
    ],
    [
      'Query',
      { KeyConditionExpression: 'a <> b', ...v },
      'Invalid operator used in KeyConditionExpression: <>',
    ],
    [
      'Query',
      { KeyConditionExpression: 'a = :v', ExpressionAttributeNames: { '#a': 'a' }, ...v },
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}',
    ],
    [
      'Scan',
      {
        FilterExpression: 'a = :v',
        ExpressionAttributeNames: { '#a': 'a' },
        ExpressionAttributeValues: { ':v': 1, ':w': 1 },
      },
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}',
    ],
    [
      'Query',
      {},
      'Either the KeyConditions or KeyConditionExpression parameter ' +
        'must be specified in the request.',
    ],
  ])('%s of %j: %s', (host, input, expected) => {
    expect(message(host, input)).toBe(expected);
  });
});

test('a Scan looks at AttributesToGet before its filter, a Query after it', () => {
  const twice = ['a', 'a'];
  const bad = { a: { ComparisonOperator: 'EQ' } } as const;
  const scan: ExpressionInput = { AttributesToGet: twice, ScanFilter: bad };
  expect(message('Scan', scan)).toContain('Duplicate value in attribute name: a');
  const query: ExpressionInput = { AttributesToGet: twice, QueryFilter: bad, KeyConditions: {} };
  expect(message('Query', query)).toContain('Invalid number of argument(s) for the EQ');
});

test('placeholders are shared by the expressions of a request', () => {
  const { update, condition } = parse('UpdateItem', {
    UpdateExpression: 'SET #a = :v',
    ConditionExpression: '#b = :w OR :v = #b',
    ExpressionAttributeNames: { '#a': 'n', '#b': 't' },
    ExpressionAttributeValues: { ':v': 1, ':w': 'dog' },
  });
  expect(condition?.holds(worked)).toBe(true);
  expect([...(update?.roots ?? [])]).toEqual(['n']);
});

test('a Query has all its parts', () => {
  const parsed = parse('Query', {
    KeyConditionExpression: 'p = :p',
    FilterExpression: 'n > :n',
    ProjectionExpression: 't',
    ExpressionAttributeValues: { ':p': 'k', ':n': 1 },
  });
  expect(Object.keys(parsed).sort()).toEqual(['filter', 'keyCondition', 'projection']);
});

test('members that a host does not have are not looked at', () => {
  const input = { ProjectionExpression: 'a', ConditionExpression: '!!', FilterExpression: '!!' };
  expect(Object.keys(parse('Get', input))).toEqual(['projection']);
  expect(parse('PutItem', { TableName: 'x' })).toEqual({});
});

test('any well-formed request is answered or refused, on any item', () => {
  const random = prng(5);
  const one = (from: readonly string[]): string => from[random.below(from.length)] as string;
  const values = { v: 1, s: 'dog', l: [1], m: { x: 1 }, ss: new Set(['u']), b: new Uint8Array(2) };
  const literals = Object.keys(values).map((name) => `:${name}`);
  const paths = ['n', 'a', 'a[0]', 'a[9]', 'm', 'm.x', 'm.y.z', 's', 't', 't.x', 'q', 'q[1]', 'p'];
  const operand = (): string => one([one(paths), one(literals), `size(${one(paths)})`]);
  const source = (depth: number): string =>
    depth === 0
      ? one([...paths, ...literals])
      : one([
          source(0),
          `if_not_exists(${one(paths)}, ${source(depth - 1)})`,
          `list_append(${source(depth - 1)}, ${source(depth - 1)})`,
        ]);
  const test = (): string =>
    one([
      `${operand()} ${one(['=', '<>', '<', '<=', '>', '>='])} ${operand()}`,
      `${operand()} BETWEEN ${operand()} AND ${operand()}`,
      `${operand()} IN (${operand()}, ${operand()})`,
      `${one(['contains', 'begins_with'])}(${operand()}, ${operand()})`,
      `NOT ${one(['attribute_exists', 'attribute_not_exists'])}(${one(paths)})`,
    ]);
  const change = (): string =>
    one([
      `SET ${one(paths)} = ${source(2)} ${one(['', `+ ${source(1)}`, `- ${source(1)}`])}`,
      `REMOVE ${one(paths)}, ${one(paths)}`,
      `ADD ${one(paths)} ${one(literals)}`,
      `DELETE ${one(paths)} ${one(literals)}`,
    ]);
  let answered = 0;
  for (let round = 0; round < 6000; round += 1) {
    const text = random.chance(0.5) ? change() : `${change()} ${change()}`;
    const input = random.chance(0.7)
      ? { UpdateExpression: text, ...placeholders(text, values) }
      : conditionInput(`${test()} ${one(['AND', 'OR'])} ${test()}`);
    try {
      const { update, condition } = parse('UpdateItem', input);
      for (const before of [worked, undefined]) {
        if (condition !== undefined) expect(typeof condition.holds(before)).toBe('boolean');
        const after = update?.apply(before, workedKey);
        update?.fragments(before, 'old');
        update?.fragments(after, 'new');
        answered += 1;
      }
    } catch (error) {
      if (!(error instanceof DynamoError)) throw error;
    }
  }
  expect(answered).toBeGreaterThan(500);

  function conditionInput(text: string): ExpressionInput {
    return { ConditionExpression: text, ...placeholders(text, values) };
  }
});
