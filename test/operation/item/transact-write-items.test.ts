import { beforeEach, describe, expect, test } from 'vitest';
import { tokensTree } from '../../../src/table/system.ts';
import { ItemWorld } from '../../support/item-world.ts';

let world: ItemWorld;
const prefix = 'One or more parameter values were invalid: ';
const cancelledBy =
  'Transaction cancelled, please refer cancellation reasons for specific reasons ';
const failed = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' };
const none = { Code: 'None' };
const key = (name: string): object => ({ p: { S: name } });
const put = (name: string, more: object = {}, Item: object = key(name)): object => ({
  Put: { TableName: 'Tab', Item, ...more },
});
const remove = (name: string, more: object = {}): object => ({
  Delete: { TableName: 'Tab', Key: key(name), ...more },
});
const check = (name: string, ConditionExpression: string, more: object = {}): object => ({
  ConditionCheck: { TableName: 'Tab', Key: key(name), ConditionExpression, ...more },
});
const update = (name: string, UpdateExpression: string, more: object = {}): object => ({
  Update: { TableName: 'Tab', Key: key(name), UpdateExpression, ...more },
});
const one = { ExpressionAttributeValues: { ':1': { N: '1' } } };
const no = { ConditionExpression: 'attribute_exists(nope)' };
const write = (...TransactItems: readonly object[]): object => ({ TransactItems });
const get = (name: string, TableName = 'Tab'): unknown =>
  world.call('GetItem', { TableName, Key: key(name) })['Item'];

beforeEach(() => {
  world = new ItemWorld();
  world.table('Tab', ['p:S'], { global: { gsi: { keys: ['g:S'], project: 'KEYS_ONLY' } } });
  world.table('Num', ['n:N']);
  world.call('PutItem', { TableName: 'Tab', Item: { ...key('old'), v: { S: 'x' } } });
});

describe('a TransactWriteItems is refused as a whole', () => {
  const rows: readonly [string, object, string][] = [
    [
      'with an element of two actions',
      write({ ...put('a'), ...remove('b') }),
      'TransactItems can only contain one of Check, Put, Update or Delete',
    ],
    [
      'with an empty element',
      write({}),
      'TransactItems can only contain one of Check, Put, Update or Delete',
    ],
    [
      'with Put and Delete of one item',
      write(put('a'), remove('a')),
      'Transaction request cannot include multiple operations on one item',
    ],
    [
      'with a check and a put of one item',
      write(check('a', 'attribute_exists(p)'), put('a')),
      'Transaction request cannot include multiple operations on one item',
    ],
    [
      'with one number as two keys',
      write(
        { Put: { TableName: 'Num', Item: { n: { N: '1' } } } },
        { Put: { TableName: 'Num', Item: { n: { N: '1.0' } } } },
      ),
      'Transaction request cannot include multiple operations on one item',
    ],
    [
      'with an empty key in a Put',
      write(put('a'), put('')),
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
        'contain an empty string value. Key: p',
    ],
    [
      'with a Put that is too large',
      write(put('a', {}, { ...key('a'), v: { S: 'x'.repeat(409_600) } })),
      'Item size has exceeded the maximum allowed size',
    ],
    [
      'with a value nobody uses',
      write(put('a', { ...no, ...one })),
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:1}',
    ],
  ];
  test.each(rows)('%s', (_, input, message) => {
    expect(world.invalid('TransactWriteItems', input)).toBe(message);
  });

  test('with more than 4 MB', () => {
    const large = Array.from({ length: 11 }, (_, n) =>
      put('', {}, { ...key(`${n}`), v: { S: 'x'.repeat(400_000) } }),
    );
    expect(world.invalid('TransactWriteItems', write(...large))).toContain('size cannot exceed');
    expect(world.call('TransactWriteItems', write(...large.slice(1)))).toEqual({});
  });

  test('when a table is missing, without reasons', () => {
    const other = { Put: { TableName: 'none', Item: key('b') } };
    const input = write(put('a', {}, { p: { N: '1' } }), other);
    expect(world.refuse('TransactWriteItems', input)).toEqual({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
      members: {},
    });
  });
});

describe('a TransactWriteItems is cancelled', () => {
  const type = 'The document path provided in the update expression is invalid for update';
  const rows: readonly [string, object, readonly object[]][] = [
    ['by a check', write(put('a'), check('b', 'attribute_exists(p)')), [none, failed]],
    [
      'by all that fail',
      write(update('a', 'SET v = :1', { ...no, ...one }), remove('b', no)),
      [failed, failed],
    ],
    [
      'by a mistyped key, the first alone',
      write(put('a', {}, { p: { N: '1' } }), put('b', {}, { x: { N: '1' } }), put('c')),
      [
        {
          Code: 'ValidationError',
          Message: `${prefix}Type mismatch for key p expected: S actual: N`,
        },
        none,
        none,
      ],
    ],
    [
      'by a Key that is none',
      write(put('a'), { Delete: { TableName: 'Tab', Key: { p: { N: '1' } } } }),
      [
        none,
        { Code: 'ValidationError', Message: 'The provided key element does not match the schema' },
      ],
    ],
    [
      'by a missing operand',
      write(update('old', 'SET n = n + :1', one)),
      [
        {
          Code: 'ValidationError',
          Message: 'The provided expression refers to an attribute that does not exist in the item',
        },
      ],
    ],
    [
      'by a condition and an update together',
      write(put('a', no), update('old', 'SET q.x = :1', one)),
      [failed, { Code: 'ValidationError', Message: type }],
    ],
    [
      'by an update of the key',
      write(update('old', 'SET p = :1', one)),
      [
        {
          Code: 'ValidationError',
          Message: `${prefix}Cannot update attribute p. This attribute is part of the key`,
        },
      ],
    ],
    [
      'and shows the item that was there, where asked',
      write(
        remove('old', { ...no, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
        remove('b', { ...no, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
      ),
      [{ ...failed, Item: { ...key('old'), v: { S: 'x' } } }, failed],
    ],
  ];
  test.each(rows)('%s', (_, input, reasons) => {
    const codes = reasons.map((reason) => (reason as { Code: string }).Code).join(', ');
    expect(world.refuse('TransactWriteItems', input)).toEqual({
      name: 'TransactionCanceledException',
      message: `${cancelledBy}[${codes}]`,
      members: { CancellationReasons: reasons },
    });
    expect(get('a')).toBeUndefined();
    expect(get('old')).toEqual({ ...key('old'), v: { S: 'x' } });
  });

  test('by an update that becomes too large, weighed without its actions', () => {
    const grow = (length: number): object =>
      write(
        update('old', 'SET v = :v', {
          ExpressionAttributeValues: { ':v': { S: 'x'.repeat(length) } },
        }),
      );
    expect(world.call('TransactWriteItems', grow(409_595))).toEqual({});
    expect(world.refuse('TransactWriteItems', grow(409_596)).members).toEqual({
      CancellationReasons: [
        {
          Code: 'ValidationError',
          Message: 'Item size to update has exceeded the maximum allowed size',
        },
      ],
    });
  });
});

describe('TransactWriteItems', () => {
  test('does all of it, in one transaction', () => {
    const input = write(put('a'), update('b', 'SET n = :1', one), remove('old'));
    const effect = world.effect('TransactWriteItems', input);
    expect(effect.transaction).toBe(true);
    expect(effect.commits?.map(({ mutations }) => mutations.length)).toEqual([1, 1, 1]);
    expect(world.call('TransactWriteItems', input)).toEqual({});
    expect([get('a'), get('b'), get('old')]).toEqual([
      key('a'),
      { ...key('b'), n: { N: '1' } },
      undefined,
    ]);
  });

  test('succeeds on what changes nothing', () => {
    const same = put('', {}, { ...key('old'), v: { S: 'x' } });
    const { commits } = world.effect('TransactWriteItems', write(same, remove('missing')));
    expect(commits).toEqual([]);
  });

  test('takes 100 actions and not 101', () => {
    const many = Array.from({ length: 101 }, (_, n) => put(`${n}`));
    expect(world.call('TransactWriteItems', write(...many.slice(1)))).toEqual({});
    expect(world.invalid('TransactWriteItems', write(...many))).toContain(
      'Member must have length less than or equal to 100',
    );
  });

  test('tells double units of tables and single ones of indexes', () => {
    const input = write(
      put('a', {}, { ...key('a'), g: { S: 'x' } }),
      put('b'),
      check('c', 'attribute_not_exists(p)'),
    );
    const answer = world.call('TransactWriteItems', {
      ...input,
      ReturnConsumedCapacity: 'INDEXES',
    });
    const units = (n: number): object => ({ CapacityUnits: n, WriteCapacityUnits: n });
    expect(answer).toEqual({
      ConsumedCapacity: [
        {
          TableName: 'Tab',
          ...units(7),
          Table: units(6),
          GlobalSecondaryIndexes: { gsi: units(1) },
        },
      ],
    });
  });
});

describe('a ClientRequestToken', () => {
  const add = (by = ':1'): object =>
    write(update('old', `ADD n ${by}`, { ExpressionAttributeValues: { [by]: { N: '1' } } }));
  const sent = (input: object, ClientRequestToken = 'token', more: object = {}): unknown =>
    world.call('TransactWriteItems', { ...input, ClientRequestToken, ...more });
  const n = (): unknown => (get('old') as { n?: { N: string } }).n?.N;
  const minutes = 60_000;

  test('makes the same request happen once', () => {
    sent(add());
    world.nowMs += 2 * minutes;
    expect(sent(add(), 'token', { ReturnConsumedCapacity: 'TOTAL' })).toEqual({
      ConsumedCapacity: [{ TableName: 'Tab', CapacityUnits: 2, ReadCapacityUnits: 2 }],
    });
    expect(n()).toBe('1');
  });

  test('is the same request however its numbers are spelled', () => {
    const spelled = (N: string): object =>
      write(update('old', 'ADD n :1', { ExpressionAttributeValues: { ':1': { N } } }));
    sent(spelled('1'));
    sent(spelled('1.0'));
    expect(n()).toBe('1');
  });

  test.each([
    ['another value', add(':2')],
    ['another table', write({ Put: { TableName: 'Num', Item: { n: { N: '1' } } } })],
    ['another key', write(update('other', 'ADD n :1', one))],
    ['one more action', write(update('old', 'ADD n :1', one), put('a'))],
  ])('refuses %s', (_, other) => {
    sent(add());
    const refusal = world.refuse('TransactWriteItems', { ...other, ClientRequestToken: 'token' });
    expect(refusal.name).toBe('IdempotentParameterMismatchException');
    expect(n()).toBe('1');
  });

  test('lives for ten minutes', () => {
    sent(add());
    world.nowMs += 10 * minutes - 1;
    sent(add());
    expect(n()).toBe('1');
    world.nowMs += 1;
    sent(add());
    expect(n()).toBe('2');
    sent(add());
    expect(n()).toBe('2');
    expect(world.reader.counters(tokensTree).entries).toBe(2);
  });

  test('of a cancelled transaction may be used again', () => {
    expect(
      world.refuse('TransactWriteItems', {
        ...write(put('a', no)),
        ClientRequestToken: 'token',
      }).name,
    ).toBe('TransactionCanceledException');
    expect(sent(add())).toEqual({});
    expect(n()).toBe('1');
  });

  test('is written by the commit of its transaction, also when nothing else is', () => {
    const input = { ...write(remove('missing')), ClientRequestToken: 'token' };
    const { commits, transaction } = world.effect('TransactWriteItems', input);
    expect(transaction).toBe(true);
    expect(commits?.map(({ table, units }) => [table, units])).toEqual([[0, 0]]);
  });

  test('removes four that have expired', () => {
    for (let at = 0; at < 6; at += 1) sent(add(), `token ${at}`);
    expect(world.reader.counters(tokensTree).entries).toBe(12);
    world.nowMs += 11 * minutes;
    sent(add(), 'new');
    expect(world.reader.counters(tokensTree).entries).toBe(6);
    sent(add(), 'newer');
    expect(world.reader.counters(tokensTree).entries).toBe(4);
  });
});
