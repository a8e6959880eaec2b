/** Parameters from before expressions, over HTTP: reference/expressions.md, section 8. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  await db.call('CreateTable', tableOf('Tab', ['p:S']));
});
afterAll(() => db.close());

const N = (n: number | string): object => ({ N: String(n) });
const L = (...values: readonly (object | number)[]): object => ({
  L: values.map((value) => (typeof value === 'number' ? N(value) : value)),
});
const M = (members: Readonly<Record<string, object>>): object => ({ M: members });
const S = (text: string): object => ({ S: text });

const Key = { p: S('k') };
const item = {
  ...Key,
  a: L(2, 3, 4, 5, 6, 7),
  m: M({ x: N(1), y: M({ z: N(2) }) }),
  n: N(5),
  s: { SS: ['u', 'v'] },
  t: S('dog'),
};
beforeEach(() => db.call('PutItem', { TableName: 'Tab', Item: item }));

describe('legacy parameters', () => {
  const condition = (ComparisonOperator: string, ...AttributeValueList: readonly object[]) => ({
    ComparisonOperator,
    ...(AttributeValueList.length > 0 && { AttributeValueList }),
  });
  const scan = (ScanFilter: object, more: object = {}) => ({
    TableName: 'Tab',
    ScanFilter: { p: condition('EQ', S('k')), ...ScanFilter },
    ...more,
  });
  test.each<[object, number]>([
    [{ n: condition('EQ', N('5.0')) }, 1],
    [{ n: condition('NE', N(5)) }, 0],
    [{ zz: condition('NE', N(5)) }, 1],
    [{ n: condition('LE', N(5)) }, 1],
    [{ n: condition('GT', N(5)) }, 0],
    [{ n: condition('BETWEEN', N(1), N(5)) }, 1],
    [{ n: condition('IN', N(1), N(5)) }, 1],
    [{ t: condition('BEGINS_WITH', S('do')) }, 1],
    [{ t: condition('CONTAINS', S('og')) }, 1],
    [{ s: condition('CONTAINS', S('u')) }, 1],
    [{ a: condition('CONTAINS', N(7)) }, 1],
    [{ t: condition('NOT_CONTAINS', S('cat')) }, 1],
    [{ zz: condition('NOT_CONTAINS', S('cat')) }, 0],
    [{ zz: condition('NULL') }, 1],
    [{ n: condition('NOT_NULL') }, 1],
  ])('a ScanFilter %j finds %i', async (filter, count) => {
    expect((await db.call('Scan', scan(filter))).Count).toBe(count);
  });

  test.each<[object, string]>([
    [{ n: condition('EQ') }, `${P}Invalid number of argument(s) for the EQ ComparisonOperator`],
    [
      { n: condition('BETWEEN', N(1)) },
      `${P}Invalid number of argument(s) for the BETWEEN ComparisonOperator`,
    ],
    [
      { n: condition('BETWEEN', N(1), S('a')) },
      `${P}AttributeValues inside AttributeValueList must be of same type`,
    ],
    [
      { n: condition('BETWEEN', N(2), N(1)) },
      'The BETWEEN condition was provided a range where the lower bound is greater than the ' +
        'upper bound',
    ],
    [
      { n: condition('BEGINS_WITH', N(1)) },
      `${P}ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type`,
    ],
    [
      { n: condition('LT', { BOOL: true }) },
      `${P}ComparisonOperator LT is not valid for BOOL AttributeValue type`,
    ],
  ])('a ScanFilter %j is refused', async (filter, message) => {
    expect(await db.invalid('Scan', scan(filter))).toBe(message);
  });

  // What each operator takes: how many values, and of which types.
  const samples: readonly (readonly [string, object])[] = [
    ['S', S('a')],
    ['N', N(1)],
    ['B', { B: 'AA==' }],
    ['SS', { SS: ['a'] }],
    ['NS', { NS: ['1'] }],
    ['BS', { BS: ['AA=='] }],
    ['L', { L: [] }],
    ['M', { M: {} }],
    ['BOOL', { BOOL: true }],
    ['NULL', { NULL: true }],
  ];
  const every = 'S N B SS NS BS L M BOOL NULL';
  const operators: readonly (readonly [string, number, string])[] = [
    ['EQ', 1, every],
    ['NE', 1, every],
    ['LE', 1, 'S N B'],
    ['LT', 1, 'S N B'],
    ['GE', 1, 'S N B'],
    ['GT', 1, 'S N B'],
    ['BETWEEN', 2, 'S N B'],
    ['IN', 1, 'S N B'],
    ['BEGINS_WITH', 1, 'S B'],
    ['CONTAINS', 1, 'S N B'],
    ['NOT_CONTAINS', 1, 'S N B'],
    ['NULL', 0, ''],
    ['NOT_NULL', 0, ''],
  ];
  test.each(operators)('%s takes %i values, of types %s', async (operator, count, types) => {
    const attempt = async (list: readonly object[]) => {
      const n = { ComparisonOperator: operator, AttributeValueList: list };
      const { status, text } = await db.post('Scan', JSON.stringify(scan({ n })));
      return status === 200 ? 'accepted' : JSON.parse(text).message;
    };
    const wrongCount = `${P}Invalid number of argument(s) for the ${operator} ComparisonOperator`;
    for (const many of [0, 1, 2, 3]) {
      const accepted = operator === 'IN' ? many > 0 : many === count;
      expect([many, await attempt(Array.from({ length: many }, () => S('a')))]).toEqual([
        many,
        accepted ? 'accepted' : wrongCount,
      ]);
    }
    for (const [type, sample] of count === 0 ? [] : samples) {
      expect([type, await attempt(Array.from({ length: count }, () => sample))]).toEqual([
        type,
        types.split(' ').includes(type)
          ? 'accepted'
          : `${P}ComparisonOperator ${operator} is not valid for ${type} AttributeValue type`,
      ]);
    }
  });

  test.each(['S', 'N', 'B', 'BOOL', 'NULL', 'M', 'SS', 'NS', 'BS', 'L'])(
    'AttributeUpdates take a value of type %s where they can',
    async (type) => {
      const Value = samples.find(([name]) => name === type)?.[1];
      const attempt = async (Action: string) => {
        const AttributeUpdates = { fresh: { Action, Value } };
        const input = { TableName: 'Tab', Key, AttributeUpdates };
        const { status, text } = await db.post('UpdateItem', JSON.stringify(input));
        return status === 200 ? 'accepted' : JSON.parse(text).message;
      };
      const isSet = /^.S$/.test(type);
      expect([await attempt('DELETE'), await attempt('ADD'), await attempt('PUT')]).toEqual([
        isSet ? 'accepted' : `${P}DELETE action with value is not supported for the type ${type}`,
        isSet || type === 'N' || type === 'L'
          ? 'accepted'
          : `${P}ADD action is not supported for the type ${type}`,
        'accepted',
      ]);
      await db.call('PutItem', { TableName: 'Tab', Item: item });
    },
  );

  test.each<[object, object | undefined]>([
    [{ n: { Action: 'DELETE' } }, undefined],
    [{ s: { Action: 'DELETE', Value: { SS: ['u'] } } }, undefined],
    [{ n: { Action: 'DELETE' }, q: { Action: 'PUT', Value: N(1) } }, { q: N(1) }],
    [{ q: { Action: 'ADD', Value: N(1) } }, { q: N(1) }],
    [{ q: { Action: 'ADD', Value: L(1) } }, { q: L(1) }],
    [{ q: { Value: S('v') } }, { q: S('v') }],
    [{}, {}],
  ])('AttributeUpdates %j on an item that is not there make %j', async (updates, made) => {
    const other = { p: S('new') };
    await db.call('UpdateItem', { TableName: 'Tab', Key: other, AttributeUpdates: updates });
    const { Item } = await db.call('GetItem', { TableName: 'Tab', Key: other });
    await db.call('DeleteItem', { TableName: 'Tab', Key: other });
    expect(Item).toEqual(made && { ...other, ...made });
  });

  test.each([
    ['UPDATED_OLD', { n: N(5) }],
    ['UPDATED_NEW', { n: N(6), q: S('v') }],
    ['ALL_OLD', item],
  ])('%s of AttributeUpdates are whole attributes', async (ReturnValues, Attributes) => {
    const AttributeUpdates = {
      n: { Action: 'ADD', Value: N(1) },
      q: { Value: S('v') },
      zz: { Action: 'DELETE' },
    };
    const input = { TableName: 'Tab', Key, AttributeUpdates, ReturnValues };
    expect(await db.call('UpdateItem', input)).toEqual({ Attributes });
  });

  // The faults of values are told bare, wherever a value stands.
  const badValue =
    'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes';
  test.each<[string, object]>([
    ['GetItem', { Key: { p: {} } }],
    ['PutItem', { Item: item, Expected: { n: { Value: {} } } }],
    ['PutItem', { Item: item, Expected: { n: condition('IN', N(1), {}) } }],
    ['UpdateItem', { Key, AttributeUpdates: { n: { Value: {} } } }],
    ['Scan', { ScanFilter: { n: condition('EQ', {}) } }],
    ['Query', { KeyConditions: { p: condition('EQ', {}) } }],
    [
      'Query',
      {
        KeyConditions: { p: condition('EQ', S('k')) },
        QueryFilter: { n: condition('EQ', {}) },
      },
    ],
  ])('a value in %s %j is refused as in an item', async (operation, input) => {
    expect(await db.invalid(operation, { TableName: 'Tab', ...input })).toBe(badValue);
  });

  const on = (text: string) => `${P}${text} for Attribute: n`;
  test.each<[object, string]>([
    [
      { Value: N(1), AttributeValueList: [N(1)] },
      on('Value and AttributeValueList cannot be used together'),
    ],
    [
      { Exists: true, ComparisonOperator: 'EQ', Value: N(1) },
      on('Exists and ComparisonOperator cannot be used together'),
    ],
    [
      { ComparisonOperator: 'EQ' },
      on('Value or AttributeValueList must be used with ComparisonOperator: EQ'),
    ],
    [
      { AttributeValueList: [N(1)] },
      on('AttributeValueList can only be used with a ComparisonOperator'),
    ],
    [{}, on('Value must be provided when Exists is null')],
    [{ Exists: true }, on('Value must be provided when Exists is true')],
    [{ Exists: false, Value: N(1) }, on('Value cannot be used when Exists is false')],
  ])('Expected %j is refused', async (n, message) => {
    expect(await db.invalid('PutItem', { TableName: 'Tab', Item: item, Expected: { n } })).toBe(
      message,
    );
  });

  test.each<[object, boolean]>([
    [{ n: { Value: N(5) } }, true],
    [{ n: { Value: N(6) } }, false],
    [{ n: { Exists: false } }, false],
    [{ zz: { Exists: false } }, true],
    [{ n: condition('GE', N(5)), zz: { Exists: false } }, true],
  ])('Expected %j holds: %s', async (Expected, holds) => {
    const request = { TableName: 'Tab', Item: item, Expected };
    const { status } = await db.post('PutItem', JSON.stringify(request));
    expect(status).toBe(holds ? 200 : 400);
  });

  test('ConditionalOperator joins two conditions or more', async () => {
    const put = { TableName: 'Tab', Item: item, ConditionalOperator: 'OR' };
    await db.call('PutItem', {
      ...put,
      Expected: { n: { Value: N(6) }, zz: { Exists: false } },
    });
    expect(await db.invalid('PutItem', put)).toBe(
      'ConditionalOperator cannot be used without Filter or Expected',
    );
    expect(await db.invalid('PutItem', { ...put, Expected: { n: { Value: N(5) } } })).toBe(
      'ConditionalOperator can only be used when Filter or Expected has two or more elements',
    );
  });

  test.each<[object, object]>([
    [{ n: { Value: N(1) } }, { n: N(1) }],
    [{ n: { Value: N(1), Action: 'ADD' } }, { n: N(6) }],
    [{ a: { Value: L(8), Action: 'ADD' } }, { a: L(2, 3, 4, 5, 6, 7, 8) }],
    [{ s: { Value: { SS: ['u'] }, Action: 'DELETE' } }, { s: { SS: ['v'] } }],
    [{ 'a.b': { Value: N(1) } }, { 'a.b': N(1) }],
  ])('AttributeUpdates %j', async (AttributeUpdates, changed) => {
    const ReturnValues = 'ALL_NEW';
    const { Attributes } = await db.call('UpdateItem', {
      TableName: 'Tab',
      Key,
      AttributeUpdates,
      ReturnValues,
    });
    expect(Attributes).toEqual({ ...item, ...changed });
  });

  test.each<[object, string]>([
    [{ n: {} }, `${P}Only DELETE action is allowed when no attribute value is specified`],
    [
      { n: { Action: 'DELETE', Value: N(1) } },
      `${P}DELETE action with value is not supported for the type N`,
    ],
    [{ n: { Action: 'ADD', Value: S('a') } }, `${P}ADD action is not supported for the type S`],
    [{ t: { Action: 'ADD', Value: N(1) } }, 'Type mismatch for attribute to update'],
    [{ p: { Value: S('x') } }, `${P}Cannot update attribute p. This attribute is part of the key`],
    [{ '': { Value: S('x') } }, 'Empty attribute name'],
    [{ '': { Action: 'DELETE' } }, 'Empty attribute name'],
  ])('AttributeUpdates %j are refused', async (AttributeUpdates, message) => {
    expect(await db.invalid('UpdateItem', { TableName: 'Tab', Key, AttributeUpdates })).toBe(
      message,
    );
  });

  test('AttributesToGet names each attribute once', async () => {
    const get = { TableName: 'Tab', Key };
    expect(await db.call('GetItem', { ...get, AttributesToGet: ['n', 'm.x'] })).toEqual({
      Item: { n: N(5) },
    });
    expect(await db.invalid('GetItem', { ...get, AttributesToGet: ['n', 'n'] })).toBe(
      `${P}Duplicate value in attribute name: n`,
    );
    expect(await db.invalid('GetItem', { ...get, AttributesToGet: ['n', ''] })).toBe(
      'Empty attribute name',
    );
    expect(await db.invalid('GetItem', { ...get, AttributesToGet: [] })).toBe(
      "1 validation error detected: Value '[]' at 'attributesToGet' failed to satisfy " +
        'constraint: ' +
        'Member must have length greater than or equal to 1',
    );
  });
});
