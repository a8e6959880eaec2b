import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { itemBytesMax, turnParts } from '../../src/base/limits.ts';
import { findOperation } from '../../src/operation/registry.ts';
import type { AnyShape } from '../../src/shape/constructors.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { prepared, preparedBytes, preparedItem } from '../../src/value/prepared.ts';
import { wireReader } from '../../src/value/wire.ts';
import { prepareItems } from '../../src/wire/prepare.ts';

function shapeOf(name: string): AnyShape {
  const row = findOperation(name);
  if (row === undefined) throw new Error(`no operation ${name}`);
  return row.input;
}

/** How many turns others had while the items of an input were made. */
function prepare(name: string, input: unknown): number {
  let turns = 0;
  for (const _ of prepareItems(shapeOf(name), input)) turns += 1;
  return turns;
}

function refusal(name: string, input: unknown): string {
  try {
    prepare(name, input);
  } catch (error) {
    if (error instanceof DynamoError) return `${error.name}: ${error.message}`;
    throw error;
  }
  return 'none';
}

const nulls = (count: number): object => ({
  L: Array.from({ length: count }, () => ({ NULL: true })),
});
const many = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const members = (count: number, member: unknown): object =>
  Object.fromEntries(many(count, (at) => [`a${at}`, member]));

describe('the items of a request', () => {
  const item = { p: { S: 'a' }, b: { B: 'AAE=' }, l: nulls(3) };
  const rows: [string, object, object][] = [
    ['PutItem', item, { TableName: 'T', Item: item }],
    ['GetItem', item, { Key: item }],
    ['BatchWriteItem', item, { RequestItems: { T: [{ PutRequest: { Item: item } }] } }],
    ['BatchGetItem', item, { RequestItems: { T: { Keys: [item] } } }],
    ['TransactWriteItems', item, { TransactItems: [{ Put: { Item: item } }] }],
    ['Query', item, { ExpressionAttributeValues: item }],
  ];
  test.each(rows)('of a %s are found made, with their bytes', (name, _, input) => {
    const copy = structuredClone(input);
    const own = JSON.stringify(copy);
    prepare(name, copy);
    expect(JSON.stringify(copy)).toBe(own);
    const raw = findItem(copy);
    const found = preparedItem(prepared(raw));
    const expected = wireReader.item({ ...item, b: { B: new Uint8Array([0, 1]) } });
    expect(found).toEqual(expected);
    expect(found && preparedBytes(found)).toEqual(encodeItem(expected));
  });

  test('that are wrong are left for the check, and others are made all the same', () => {
    const wrong = [
      { p: { N: 'x' } },
      { p: { S: 1 } },
      { p: 'a' },
      { p: {} },
      { p: { B: '!' } },
      { '': { S: 'a' } },
    ];
    const right = { p: { S: 'a' } };
    const Item = [...wrong, right].map((one) => ({ PutRequest: { Item: one } }));
    expect(refusal('BatchWriteItem', { RequestItems: { T: Item } })).toBe('none');
    for (const one of wrong) expect(prepared(one)).toBeUndefined();
    expect(preparedItem(prepared(right))?.get('p')).toEqual({ type: 'S', value: 'a' });
  });

  test('that are too large are made without bytes', () => {
    const raw = { p: { S: 'x'.repeat(itemBytesMax) } };
    prepare('PutItem', { Item: raw });
    const made = preparedItem(prepared(raw));
    expect(made?.size).toBe(1);
    expect(made && preparedBytes(made)).toBeUndefined();
  });

  test.each([
    ['PutItem', null],
    ['PutItem', []],
    ['PutItem', { Item: 1, ExpressionAttributeNames: [], Expected: 'x', TableName: {} }],
    ['BatchWriteItem', { RequestItems: { T: { a: 1 }, U: [null, 1, []] } }],
    ['TransactWriteItems', { TransactItems: { Put: 1 } }],
    ['ExecuteStatement', { Parameters: 'x', Statement: 1 }],
  ])('are not looked for in what is of another form: %s %j', (name, input) => {
    expect(refusal(name, input)).toBe('none');
  });
});

describe('others get their turn', () => {
  test.each([
    ['PutItem', { Item: { p: { S: 'a' }, l: nulls(200_000) } }, 200_000],
    [
      'BatchWriteItem',
      { RequestItems: { T: many(25, () => ({ PutRequest: { Item: { l: nulls(20_000) } } })) } },
      1_000_000,
    ],
    ['TransactWriteItems', { TransactItems: many(90_000, () => ({})) }, 90_000],
    ['PutItem', { Item: { l: { SS: many(100_000, String) } } }, 100_000],
  ])('at least once for so many parts of a %s %#', (name, input, parts) => {
    expect(prepare(name, input)).toBeGreaterThanOrEqual(Math.floor(parts / turnParts) - 1);
  });

  test('and not for every small item', () => {
    const requests = many(2000, (at) => ({ PutRequest: { Item: { p: { S: String(at) } } } }));
    expect(prepare('BatchWriteItem', { RequestItems: { T: requests } })).toBeLessThan(5);
  });
});

describe('what no request can be is refused before its values are read', () => {
  const tooLarge = 'ValidationException: Item size has exceeded the maximum allowed size';
  const vast =
    'ValidationException: The request has more members than any request that can be carried out';
  const x = 'x'.repeat(650_000);
  const rows: [string, object, string][] = [
    ['PutItem', { Item: { l: nulls(411_000) } }, tooLarge],
    ['PutItem', { Item: { a: { M: members(137_000, { M: members(2, {}) }) } } }, 'none'],
    ['PutItem', { Item: members(3, { M: members(139_000, { S: '' }) }) }, tooLarge],
    ['PutItem', { Item: members(5, { S: x }) }, tooLarge],
    ['PutItem', { Item: members(4, { S: x }) }, 'none'],
    ['PutItem', { Item: { a: { B: x.slice(0, 546_136) } } }, 'none'],
    ['BatchWriteItem', { RequestItems: members(100_001, []) }, vast],
    [
      'BatchWriteItem',
      {
        RequestItems: members(
          10,
          many(10_001, () => ({})),
        ),
      },
      vast,
    ],
    ['BatchGetItem', { RequestItems: { T: { Keys: many(100_001, () => ({})) } } }, vast],
    ['TransactGetItems', { TransactItems: many(100_001, () => ({})) }, vast],
    ['PutItem', { Expected: members(100_001, {}) }, vast],
    ['Scan', { ScanFilter: { a: { AttributeValueList: many(100_000, () => ({})) } } }, vast],
    ['ExecuteStatement', { Statement: x }, vast],
    ['ExecuteStatement', { Parameters: many(100_001, () => ({})) }, vast],
    ['GetItem', { AttributesToGet: many(100_001, String) }, vast],
  ];
  test.each(rows.map(([name, input, told], at) => [at, name, told, input] as const))(
    '%i: %s, %s',
    (_at, name, told, input) => {
      expect(refusal(name, input)).toBe(told);
    },
  );
});

/** The object with a key `p`, wherever it is. */
function findItem(inside: unknown): object {
  if (typeof inside !== 'object' || inside === null) throw new Error('no item');
  if (Object.hasOwn(inside, 'p')) return inside;
  const [found] = Object.values(inside).filter((one) => typeof one === 'object');
  return findItem(found);
}
