/** What the rows excuse, and that they excuse nothing besides. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Json } from './chance.ts';
import { behaviours, explanationOf } from './explained.ts';
import type { Asked } from './requests.ts';
import { words } from './wordings.ts';

const asked = (operation: string, input: Json = {}, twice = false): Asked => {
  return { operation, input, follow: false, unordered: false, ...(twice && { twice }) };
};
const P = 'One or more parameter values were invalid: ';
const no = '400 ValidationException: ';
const cancelled = (codes: string, ...reasons: readonly Json[]): string => {
  const list = JSON.stringify({ CancellationReasons: reasons });
  return (
    '400 TransactionCanceledException: Transaction cancelled, please refer cancellation reasons ' +
    `for specific reasons [${codes}] ${list}`
  );
};

describe('the rows', () => {
  const rows = [...words, ...behaviours];
  const told = readFileSync(new URL('../../docs/differential.md', import.meta.url), 'utf8');
  const listed = [...told.matchAll(/^\| (.+) \| ((?:[a-z-]+\.md \d[\d, -]*(?:; )?)+) \|$/gm)];
  test('are those of docs/differential.md, each with its lines of the reference', () => {
    expect(listed.map(([, why]) => why)).toEqual(rows.map(({ why }) => why));
  });
  test('are at most 40', () => expect(rows.length).toBeLessThanOrEqual(40));
  test.each(rows.map((row) => [row.why, row.reference]))('%s: %s', (_why, reference) => {
    expect(reference).toMatch(/^[a-z-]+\.md §\d+.*".+"|^query-scan-indexes\.md §\d+: ".+/);
  });
});

describe('the same in other words', () => {
  test.each<[string, string, string]>([
    [
      'GetItem',
      `${no}The provided key element does not match the schema`,
      `${no}The number of conditions on the keys is invalid`,
    ],
    [
      'PutItem',
      `${no}${P}Type mismatch for key p expected: S actual: M`,
      `${no}Invalid attribute value type`,
    ],
    [
      'GetItem',
      '400 ResourceNotFoundException: Requested resource not found',
      '400 ResourceNotFoundException: Cannot do operations on a non-existent table',
    ],
    [
      'UpdateItem',
      `${no}Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING`,
      `${no}Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND`,
    ],
    [
      'Scan',
      `${no}${P}Global secondary index g does not project [b, a]`,
      `${no}${P}Global secondary index g does not project [a, b]`,
    ],
    [
      'TransactWriteItems',
      cancelled(
        'None, ConditionalCheckFailed',
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
      ),
      cancelled(
        'None, ConditionalCheckFailed',
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed.' },
      ),
    ],
    [
      'ExecuteTransaction',
      cancelled('DuplicateItem', {
        Code: 'DuplicateItem',
        Message: 'Duplicate primary key exists in table',
      }),
      cancelled('ValidationError', {
        Code: 'ValidationError',
        Message: 'Duplicate primary key exists in table',
      }),
    ],
    [
      'GetItem',
      `${no}Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]`,
      `${no}Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]`,
    ],
    [
      'TransactWriteItems',
      '200 {"ConsumedCapacity":[{"CapacityUnits":3,"GlobalSecondaryIndexes":{"g":{"CapacityUnits":1,"WriteCapacityUnits":1}},"Table":{"CapacityUnits":2,"WriteCapacityUnits":2},"TableName":"t","WriteCapacityUnits":3}]}',
      '200 {"ConsumedCapacity":[{"CapacityUnits":4,"GlobalSecondaryIndexes":{"g":{"CapacityUnits":2}},"Table":{"CapacityUnits":2},"TableName":"t"}]}',
    ],
    [
      'BatchExecuteStatement',
      '200 {"Responses":[{"Error":{"Code":"ValidationError","Message":"m"},"TableName":"t"}]}',
      '200 {"Responses":[{"Error":{"Code":"ValidationError","Message":"m"}}]}',
    ],
  ])('%s: %s', (operation, ours, theirs) => {
    expect(explanationOf(asked(operation), ours, theirs)).toMatchObject({ same: true });
  });
});

describe('something else', () => {
  const overlap = (one: string, two: string): string =>
    `${no}Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [${one}], path two: [${two}]`;
  test.each<[string, string, string]>([
    ['GetItem', '200 {"Item":{"p":{"S":"a"}}}', '200 {}'],
    ['PutItem', '200 {}', `${no}The number of conditions on the keys is invalid`],
    ['PutItem', `${no}${P}Missing the key p in the item`, '200 {}'],
    ['GetItem', overlap('a', 'b'), overlap('a', 'a')],
    [
      'UpdateItem',
      '400 ConditionalCheckFailedException: m',
      `${no}Can not use both expression and non-expression`,
    ],
    [
      'Query',
      '200 {"Count":1,"Items":[1],"ScannedCount":1}',
      '200 {"Count":0,"Items":[],"ScannedCount":0}',
    ],
    ['UpdateItem', '200 {}', '200 {"Attributes":{"a":{"N":"1"},"p":{"S":"a"}}}'],
    [
      'TransactWriteItems',
      cancelled('None, ConditionalCheckFailed'),
      cancelled('ConditionalCheckFailed, None'),
    ],
    ['ExecuteStatement', '200 {"Items":[]}', '400 ConditionalCheckFailedException: m'],
  ])('%s: %s is not excused', (operation, ours, theirs) => {
    const input = { Key: { p: { S: 'a' } }, UpdateExpression: 'REMOVE a' };
    expect(explanationOf(asked(operation, input), ours, theirs)).toBeUndefined();
  });

  test('what is asked twice is excused only if both answers are', () => {
    const ours = '200 {} | 200 {}';
    const theirs = '200 {"Responses":[]} | 400 ConditionalCheckFailedException: m';
    const twice = asked('ExecuteTransaction', {}, true);
    expect(explanationOf(twice, ours, theirs)).toBeUndefined();
    const same = '200 {"Responses":[]} | 200 {"Responses":[]}';
    expect(explanationOf(twice, ours, same)).toMatchObject({ same: true });
  });
});

describe('of what has no size', () => {
  const found = (FilterExpression: string, theirs: string): boolean => {
    const ours = '200 {"Count":0,"Items":[],"ScannedCount":2}';
    return explanationOf(asked('Scan', { FilterExpression }), ours, theirs) !== undefined;
  };
  const more = '200 {"Count":1,"Items":[1],"ScannedCount":2}';
  test('Local may find it unlike a number', () => {
    expect(found('size(a.b) <> :v', more)).toBe(true);
    expect(found(':v <> size ( a )', more)).toBe(true);
  });
  test('a write that it lets through may be refused for its update', () => {
    const unmet = '400 ConditionalCheckFailedException: m';
    const write = asked('UpdateItem', { ConditionExpression: 'size(a) <> :v' });
    expect(explanationOf(write, unmet, `${no}The document path m`)).toBeDefined();
    expect(explanationOf(asked('UpdateItem'), unmet, `${no}The document path m`)).toBeUndefined();
  });
  test('and nothing else may differ', () => {
    expect(found('size(a) = :v', more)).toBe(false);
    expect(found('a <> :v', more)).toBe(false);
    expect(found('size(a) <> :v', more.replace('2}', '3}'))).toBe(false);
    expect(found('size(a) <> :v', '400 ValidationException: m')).toBe(false);
  });
});

describe('of two tables of a batch of writes', () => {
  const duplicates = `${no}Provided list of item keys contains duplicates`;
  const long = `${no}${P}Size limit exceeded`;
  const mismatch = `${no}${P}Type mismatch for Index Key g Expected: N Actual: M IndexName: i`;
  const absent = `${no}One of the required keys was not given a value`;
  const put = (Item: Json): Json => ({ PutRequest: { Item } });
  const remove = (Key: Json): Json => ({ DeleteRequest: { Key } });
  const a = { p: { S: 'a' } };
  const twins = [put({ ...a, b: { N: '1' } }), remove(a)];
  const strangers = [put({ p: { S: 'b' }, b: { N: '1' } }), remove(a)];
  const oversize = [put({ p: { S: 'a' }, g: { S: 'k'.repeat(1025) } })];
  const mapped = [put({ p: { S: 'a' }, g: { M: {} } })];
  const sound = [put(a)];

  test.each<[string, boolean, string, string, Json]>([
    ['each has its fault', true, duplicates, long, { t: twins, u: oversize }],
    ['each has its fault, a type', true, mismatch, long, { t: mapped, u: oversize }],
    ['the other may miss a key', true, duplicates, absent, { t: twins, u: sound }],
    ['the second of an item has it', true, duplicates, long, { t: [...sound, ...oversize] }],
    ['the first of an item has it', false, duplicates, long, { t: [...oversize, ...sound] }],
    ['there is one table', false, duplicates, long, { t: [...twins, ...oversize] }],
    ['both faults are in one', false, duplicates, long, { t: [...twins, ...oversize], u: sound }],
    ['nothing is twice', false, duplicates, long, { t: strangers, u: oversize }],
    ['nothing is long', false, duplicates, long, { t: twins, u: sound }],
    ['no type is wrong', false, mismatch, long, { t: sound, u: oversize }],
    ['the fault is none of keys', false, duplicates, `${no}m`, { t: twins, u: sound }],
    ['nothing is refused', false, '200 {}', long, { t: twins, u: oversize }],
  ])('Local may tell another fault or not: %s', (_name, excused, ours, theirs, RequestItems) => {
    const found = explanationOf(asked('BatchWriteItem', { RequestItems }), ours, theirs);
    expect(found !== undefined).toBe(excused);
  });
});

describe('of two faults', () => {
  test('a number of a start key comes before one of an expression', () => {
    const number = 'The parameter cannot be converted to a numeric value: 1x';
    const ours = `${no}${number}`;
    const theirs = `${no}ExpressionAttributeValues contains invalid value: ${number} for key :a`;
    const ExclusiveStartKey = { p: { N: '1x' } };
    expect(explanationOf(asked('Query', { ExclusiveStartKey }), ours, theirs)).toBeDefined();
    expect(explanationOf(asked('Query', { ExclusiveStartKey }), theirs, ours)).toBeUndefined();
    expect(explanationOf(asked('Query'), ours, theirs)).toBeUndefined();
    const other = `${no}Supplied AttributeValue is empty`;
    expect(explanationOf(asked('Query', { ExclusiveStartKey }), ours, other)).toBeUndefined();
    const old = { ExclusiveStartKey, KeyConditions: {} };
    expect(explanationOf(asked('Query', old), ours, theirs)).toBeUndefined();
  });
  const syntax = `${no}Invalid ConditionExpression: Syntax error; token: "a", near: "a"`;
  const missing = '400 ResourceNotFoundException: Requested resource not found';
  test('ours must be the one that comes first', () => {
    expect(explanationOf(asked('PutItem'), syntax, missing)).toBeDefined();
    expect(explanationOf(asked('PutItem'), missing, syntax)).toBeUndefined();
  });
});
