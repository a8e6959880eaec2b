import { describe, expect, test } from 'vitest';
import type { Access } from '../../../src/insight/contributor.ts';
import { countThrottled } from '../../../src/operation/insight/accesses.ts';
import type { RequestContext } from '../../../src/operation/operation.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { createCatalog } from '../../../src/table/catalog.ts';
import type { TableState } from '../../../src/table/state.ts';
import { decodeKey } from '../../../src/value/key-decode.ts';
import { checkInput } from '../../../src/shape/check.ts';
import { wireReader } from '../../../src/value/wire.ts';
import { ItemWorld } from '../../support/item-world.ts';

const on = { TableName: 'Tab', ContributorInsightsAction: 'ENABLE' };
const onG = { ...on, IndexName: 'byG' };

function world(insights: readonly object[] = [on, onG]): ItemWorld {
  const made = new ItemWorld();
  made.table('Tab', ['p:S', 's:N'], {
    global: { byG: { keys: ['g:S'] } },
    local: { byL: { keys: ['p:S', 'l:S'], project: 'KEYS_ONLY' } },
  });
  for (const input of insights) made.run('UpdateContributorInsights', input);
  return made;
}

function tableOf(made: ItemWorld): TableState {
  return createCatalog(made.reader).table('Tab');
}

/** What a request tells of keys, as `rule table-or-index key amount`; nothing is changed by it. */
function told(made: ItemWorld, name: string, input: object): readonly string[] {
  const accesses: Access[] = [];
  const row = findOperation(name);
  if (row === undefined) throw new Error(`no operation ${name}`);
  const base = {
    caller: { kind: 'user', principal: '' },
    nowMs: made.nowMs,
    region: 'local',
    account: '000000000000',
    endpoint: 'localhost:8000',
    values: wireReader,
    collectionBytesMax: made.collectionBytesMax,
    tableDurability: () => undefined,
    random: () => {
      throw new Error('chance');
    },
    access: (access: Access) => void accesses.push(access),
  } as unknown as RequestContext;
  const context = { ...base, catalog: createCatalog(made.reader), reader: made.reader };
  try {
    const checked = row.check(checkInput(row.input, input, 'json'), context);
    row.decide(row.plan(checked, context), context);
  } catch (error) {
    if (!(error as Error).name.startsWith('Conditional')) throw error;
  }
  return shown(made, accesses);
}

function shown(made: ItemWorld, accesses: readonly Access[]): readonly string[] {
  const table = tableOf(made);
  return accesses.map(({ tree, rule, key, amount }) => {
    const index = table.indexes.find((one) => one.tree === tree);
    const { hash, range } = (index ?? table).keys;
    const parts = rule.startsWith('PK') ? hash : [...hash, ...range];
    const values = decodeKey(
      key,
      parts.map(({ type }) => type),
    );
    const name = values.map(({ value }) => String(value)).join(' ');
    return `${rule} ${index?.name ?? 'table'} ${name} ${amount}`;
  });
}

function put(made: ItemWorld, p: string, s: number, more: object = {}): object {
  const Item = { p: { S: p }, s: { N: String(s) }, ...more };
  made.run('PutItem', { TableName: 'Tab', Item });
  return Item;
}

const key = (p: string, s: number): object => ({ p: { S: p }, s: { N: String(s) } });
const large = { v: { S: 'x'.repeat(3000) } };

describe('a write', () => {
  test('counts for its item and its entries', () => {
    const made = world();
    const Item = { ...key('a', 1), g: { S: 'G' }, l: { S: 'L' }, ...large };
    expect(told(made, 'PutItem', { TableName: 'Tab', Item })).toEqual([
      'PKC table a 3',
      'SKC table a 1 3',
      'PKC byG G 3',
    ]);
  });

  test('that moves an entry counts for both of its keys', () => {
    const made = world();
    put(made, 'a', 1, { g: { S: 'old' }, ...large });
    const Item = { ...key('a', 1), g: { S: 'new' } };
    expect(told(made, 'PutItem', { TableName: 'Tab', Item })).toEqual([
      'PKC table a 3',
      'SKC table a 1 3',
      'PKC byG new 1',
      'PKC byG old 3',
    ]);
    expect(told(made, 'DeleteItem', { TableName: 'Tab', Key: key('a', 1) })).toEqual([
      'PKC table a 3',
      'SKC table a 1 3',
      'PKC byG old 3',
    ]);
  });

  test('that its condition refuses counts too', () => {
    const made = world();
    put(made, 'a', 1, large);
    const ConditionExpression = 'attribute_not_exists(p)';
    const input = { TableName: 'Tab', Item: key('a', 1), ConditionExpression };
    expect(told(made, 'PutItem', input)).toEqual(['PKC table a 3', 'SKC table a 1 3']);
  });

  test('of a batch counts alone, and of a transaction twice', () => {
    const made = world();
    const Puts = [1, 2].map((s) => ({ PutRequest: { Item: key('a', s) } }));
    expect(told(made, 'BatchWriteItem', { RequestItems: { Tab: Puts } })).toEqual([
      'PKC table a 1',
      'SKC table a 1 1',
      'PKC table a 1',
      'SKC table a 2 1',
    ]);
    const Item = { ...key('a', 1), g: { S: 'G' } };
    const TransactItems = [{ Put: { TableName: 'Tab', Item } }];
    expect(told(made, 'TransactWriteItems', { TransactItems })).toEqual([
      'PKC table a 2',
      'SKC table a 1 2',
      'PKC byG G 1',
    ]);
  });

  test('in PartiQL counts like any', () => {
    const made = world();
    const Statement = `INSERT INTO "Tab" VALUE {'p': 'a', 's': 1}`;
    const counted = ['PKC table a 1', 'SKC table a 1 1'];
    expect(told(made, 'ExecuteStatement', { Statement })).toEqual(counted);
    expect(told(made, 'BatchExecuteStatement', { Statements: [{ Statement }] })).toEqual(counted);
  });
});

describe('a read', () => {
  test('of items counts for each', () => {
    const made = world();
    put(made, 'a', 1, { v: { S: 'x'.repeat(5000) } });
    const Key = key('a', 1);
    const get = { TableName: 'Tab', Key };
    expect(told(made, 'GetItem', get)).toEqual(['PKC table a 1', 'SKC table a 1 1']);
    expect(told(made, 'GetItem', { ...get, ConsistentRead: true })).toContain('PKC table a 2');
    const Keys = [Key, key('b', 1)];
    const batch = told(made, 'BatchGetItem', { RequestItems: { Tab: { Keys } } });
    expect(batch).toEqual([
      'PKC table a 1',
      'SKC table a 1 1',
      'PKC table b 0.5',
      'SKC table b 1 0.5',
    ]);
    const TransactItems = Keys.map((one) => ({ Get: { TableName: 'Tab', Key: one } }));
    expect(told(made, 'TransactGetItems', { TransactItems })).toContain('SKC table a 1 4');
  });

  test('of a Query counts for its partition, and by share for its items', () => {
    const made = world();
    put(made, 'a', 1, large);
    put(made, 'a', 2, large);
    const query = {
      TableName: 'Tab',
      KeyConditionExpression: 'p = :p',
      ExpressionAttributeValues: { ':p': { S: 'a' } },
    };
    expect(told(made, 'Query', query)).toEqual([
      'PKC table a 1',
      'SKC table a 1 0.5',
      'SKC table a 2 0.5',
    ]);
    const none = { ...query, ExpressionAttributeValues: { ':p': { S: 'none' } } };
    expect(told(made, 'Query', none)).toEqual(['PKC table none 0.5']);
    const Statement = `SELECT * FROM "Tab" WHERE p = 'a'`;
    expect(told(made, 'ExecuteStatement', { Statement })).toContain('PKC table a 1');
  });

  test('of a Scan counts by share for items and their partitions', () => {
    const made = world();
    put(made, 'a', 1, large);
    put(made, 'b', 1, large);
    expect([...told(made, 'Scan', { TableName: 'Tab' })].sort()).toEqual([
      'PKC table a 0.5',
      'PKC table b 0.5',
      'SKC table a 1 0.5',
      'SKC table b 1 0.5',
    ]);
  });

  test('of a global index is its own, and of a local one its table counts', () => {
    const made = world();
    put(made, 'a', 1, { g: { S: 'G' }, l: { S: 'L' }, ...large });
    expect(told(made, 'Scan', { TableName: 'Tab', IndexName: 'byG' })).toEqual(['PKC byG G 0.5']);
    const local = {
      TableName: 'Tab',
      IndexName: 'byL',
      Select: 'ALL_ATTRIBUTES',
      KeyConditionExpression: 'p = :p',
      ExpressionAttributeValues: { ':p': { S: 'a' } },
    };
    expect(told(made, 'Query', local)).toEqual(['PKC table a 1', 'SKC table a 1 1']);
  });
});

describe('nothing is counted', () => {
  const scan = { TableName: 'Tab' };

  test.each([
    ['while insights are off', []],
    ['when they were turned off', [on, { ...on, ContributorInsightsAction: 'DISABLE' }]],
    ['of a table when an index is counted', [onG]],
    ['when only throttled keys are', [{ ...on, ContributorInsightsMode: 'THROTTLED_KEYS' }]],
  ])('%s', (_, insights) => {
    const made = world(insights);
    const Item = put(made, 'a', 1);
    expect(told(made, 'PutItem', { TableName: 'Tab', Item })).toEqual([]);
    expect(told(made, 'GetItem', { TableName: 'Tab', Key: key('a', 1) })).toEqual([]);
    expect(told(made, 'Scan', scan)).toEqual([]);
  });
});

describe('a throttled request', () => {
  const item = wireReader.item({ ...key('a', 1), g: { S: 'G' } });
  const throttled = (made: ItemWorld, index?: string): readonly string[] => {
    const accesses: Access[] = [];
    const sink = { access: (access: Access) => void accesses.push(access) };
    countThrottled(sink, tableOf(made), item, index);
    return shown(made, accesses);
  };

  test('counts in both modes', () => {
    const counted = ['PKT table a 1', 'SKT table a 1 1'];
    expect(throttled(world())).toEqual(counted);
    const only = { ...on, ContributorInsightsMode: 'THROTTLED_KEYS' };
    expect(throttled(world([only]))).toEqual(counted);
    expect(throttled(world(), 'byG')).toEqual(['PKT byG G 1']);
    expect(throttled(world([]))).toEqual([]);
    expect(throttled(world(), 'none')).toEqual([]);
  });
});
