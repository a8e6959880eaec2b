import { beforeEach, describe, expect, test } from 'vitest';
import { ItemWorld } from '../../support/item-world.ts';

let world: ItemWorld;
const p = (value: string): object => ({ p: { S: value } });
const keysOf = (count: number, at = 0): object[] =>
  Array.from({ length: count }, (_, n) => p(`${at + n}`));
const get = (Keys: readonly object[], more: object = {}): object => ({
  RequestItems: { Tab: { Keys, ...more } },
});

beforeEach(() => {
  world = new ItemWorld();
  world.table('Tab', ['p:S']);
  world.table('Num', ['n:N']);
  for (const name of ['a', 'b', 'c']) {
    const Item = { ...p(name), v: { S: 'v'.repeat(5000) } };
    world.call('PutItem', { TableName: 'Tab', Item });
  }
  world.call('PutItem', { TableName: 'Num', Item: { n: { N: '1000' } } });
});

describe('a BatchGetItem is refused', () => {
  const rows: readonly [string, object, string][] = [
    [
      'without a table',
      { RequestItems: {} },
      'The requestItems parameter is required for BatchGetItem',
    ],
    [
      'with more than 100 keys of one table',
      get(keysOf(101)),
      "1 validation error detected: Value at 'RequestItems.Tab.member.Keys' failed to satisfy " +
        'constraint: Member must have length less than or equal to 100',
    ],
    [
      'with more than 100 keys together',
      { RequestItems: { Tab: { Keys: keysOf(60) }, Num: { Keys: keysOf(60) } } },
      'Too many items requested for the BatchGetItem call',
    ],
    [
      'with too many keys, before what stands behind them',
      {
        RequestItems: {
          Tab: { Keys: keysOf(60) },
          Num: { Keys: keysOf(60) },
          Bad: { Keys: [{ p: {} }] },
        },
      },
      'Too many items requested for the BatchGetItem call',
    ],
    [
      'with a key twice, before the table is looked for',
      { RequestItems: { none: { Keys: [p('a'), p('a')] } } },
      'Provided list of item keys contains duplicates',
    ],
    [
      'with a key that is none',
      get([{ p: { N: '1' } }]),
      'The provided key element does not match the schema',
    ],
    [
      'with both kinds of projection',
      get([p('a')], { AttributesToGet: ['p'], ProjectionExpression: 'p' }),
      'Can not use both expression and non-expression parameters in the same request: ' +
        'Non-expression parameters: {AttributesToGet} ' +
        'Expression parameters: {ProjectionExpression}',
    ],
  ];
  test.each(rows)('%s', (_, input, message) => {
    expect(world.invalid('BatchGetItem', input)).toBe(message);
  });

  test('when a table is missing', () => {
    const input = { RequestItems: { Tab: { Keys: [p('a')] }, none: { Keys: [p('a')] } } };
    expect(world.refuse('BatchGetItem', input)).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    });
  });
});

describe('BatchGetItem', () => {
  const names = (answer: Record<string, unknown>): string[] =>
    (answer['Responses'] as { Tab: { p: { S: string } }[] }).Tab.map((found) => found.p.S).sort();

  test('answers what is there and says nothing of the rest', () => {
    const answer = world.call('BatchGetItem', get([p('a'), p('x'), p('b')]));
    expect(names(answer)).toEqual(['a', 'b']);
    expect(answer['UnprocessedKeys']).toEqual({});
  });

  test('answers an empty list for a table without a hit', () => {
    expect(world.call('BatchGetItem', get([p('x')]))).toEqual({
      Responses: { Tab: [] },
      UnprocessedKeys: {},
    });
  });

  test('answers once an item whose number is spelled twice', () => {
    const Keys = [{ n: { N: '1000' } }, { n: { N: '1e3' } }];
    expect(world.call('BatchGetItem', { RequestItems: { Num: { Keys } } })['Responses']).toEqual({
      Num: [{ n: { N: '1000' } }],
    });
    for (const again of Keys) {
      expect(
        world.invalid('BatchGetItem', { RequestItems: { Num: { Keys: [...Keys, again] } } }),
      ).toBe('Provided list of item keys contains duplicates');
    }
  });

  test('projects for each table', () => {
    expect(
      world.call('BatchGetItem', get([p('a')], { ProjectionExpression: 'p' }))['Responses'],
    ).toEqual({ Tab: [p('a')] });
  });

  test.each([
    [true, 6],
    [false, 3],
  ])('with ConsistentRead %s of three items of 5 KB costs %i', (ConsistentRead, units) => {
    const input = get([p('a'), p('b'), p('c')], { ConsistentRead });
    const answer = world.call('BatchGetItem', { ...input, ReturnConsumedCapacity: 'TOTAL' });
    expect(answer['ConsumedCapacity']).toEqual([{ TableName: 'Tab', CapacityUnits: units }]);
  });

  test('ends at 16 MB and answers the keys that are left with their options', () => {
    world.table('Big', ['p:S']);
    for (let n = 0; n < 45; n += 1) {
      const Item = { ...p(`${n}`), v: { B: 'AAAA'.repeat(133_000) } };
      world.call('PutItem', { TableName: 'Big', Item });
    }
    const Big = { Keys: keysOf(45), ConsistentRead: true };
    const answer = world.call('BatchGetItem', { RequestItems: { Big } });
    const found = (answer['Responses'] as { Big: object[] }).Big.length;
    // 42 items of 399,003 bytes are less than 16 MB, 43 are more.
    expect(found).toBe(42);
    expect(answer['UnprocessedKeys']).toEqual({
      Big: { Keys: keysOf(3, 42), ConsistentRead: true },
    });
  });

  test('that is full takes nothing from another table', () => {
    world.table('Big', ['p:S']);
    for (let n = 0; n < 43; n += 1) {
      const Item = { ...p(`${n}`), v: { B: 'AAAA'.repeat(133_000) } };
      world.call('PutItem', { TableName: 'Big', Item });
    }
    const Tab = { Keys: [p('a'), p('nothing')] };
    const answer = world.call('BatchGetItem', {
      RequestItems: { Big: { Keys: keysOf(43) }, Tab },
    });
    expect(answer['Responses']).toMatchObject({ Tab: [] });
    expect(answer['UnprocessedKeys']).toEqual({ Big: { Keys: keysOf(1, 42) }, Tab });
  });
});
