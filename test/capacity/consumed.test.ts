import { describe, expect, test } from 'vitest';
import { ConsumedTables, consumedCapacity, consumedMember } from '../../src/capacity/consumed.ts';
import { index, keys, table } from '../support/tables.ts';

const indexed = table(keys('p:S', 's:S'), {
  indexes: [
    index('g', 101, keys('g:S')),
    index('l', 102, keys('p:S', 'l:S'), { kind: 'local' }),
    index('__proto__', 103, keys('h:S')),
  ],
});
const units = {
  table: 1,
  indexes: new Map([
    ['g', 2],
    ['l', 3],
  ]),
};

describe('consumed capacity of one request', () => {
  test('NONE and nothing answer nothing', () => {
    expect(consumedMember(undefined, 'T', indexed, units)).toEqual({});
    expect(consumedMember('NONE', 'T', indexed, units)).toEqual({});
  });

  test('TOTAL is the sum under the name that the caller wrote', () => {
    expect(consumedCapacity('TOTAL', 'arn:T', indexed, units)).toEqual({
      TableName: 'arn:T',
      CapacityUnits: 6,
    });
  });

  test('INDEXES tells table, local and global indexes apart', () => {
    expect(consumedCapacity('INDEXES', 'T', indexed, units)).toEqual({
      TableName: 'T',
      CapacityUnits: 6,
      Table: { CapacityUnits: 1 },
      LocalSecondaryIndexes: { l: { CapacityUnits: 3 } },
      GlobalSecondaryIndexes: { g: { CapacityUnits: 2 } },
    });
  });

  test('INDEXES leaves an arm without units out', () => {
    const alone = { table: 1, indexes: new Map<string, number>() };
    expect(consumedCapacity('INDEXES', 'T', indexed, alone)).toEqual({
      TableName: 'T',
      CapacityUnits: 1,
      Table: { CapacityUnits: 1 },
    });
  });

  test('a transaction says at each level which kind its units are', () => {
    const g = { table: 2, indexes: new Map([['g', 1]]) };
    expect(consumedCapacity('INDEXES', 'T', indexed, g, 'write')).toEqual({
      TableName: 'T',
      CapacityUnits: 3,
      WriteCapacityUnits: 3,
      Table: { CapacityUnits: 2, WriteCapacityUnits: 2 },
      GlobalSecondaryIndexes: { g: { CapacityUnits: 1, WriteCapacityUnits: 1 } },
    });
    expect(consumedCapacity('TOTAL', 'T', indexed, g, 'read')).toEqual({
      TableName: 'T',
      CapacityUnits: 3,
      ReadCapacityUnits: 3,
    });
  });

  test('an index may be named __proto__', () => {
    const odd = { table: 1, indexes: new Map([['__proto__', 1]]) };
    const { GlobalSecondaryIndexes: arm = {} } =
      consumedCapacity('INDEXES', 'T', indexed, odd) ?? {};
    expect(Object.keys(arm)).toEqual(['__proto__']);
  });
});

describe('consumed capacity of several requests', () => {
  const other = table(keys('p:S'), { name: 'U', tree: 200 });

  test('is one element a table, in the order of the requests', () => {
    const sum = new ConsumedTables();
    sum.add('T', indexed, units);
    sum.add('U', other, { table: 1, indexes: new Map() });
    sum.add('T', indexed, { table: 1, indexes: new Map([['g', 1]]) });
    expect(sum.member('TOTAL')).toEqual({
      ConsumedCapacity: [
        { TableName: 'T', CapacityUnits: 8 },
        { TableName: 'U', CapacityUnits: 1 },
      ],
    });
  });

  test('is absent when nobody asked', () => {
    const sum = new ConsumedTables();
    sum.add('U', other, { table: 1, indexes: new Map() });
    expect(sum.member(undefined)).toEqual({});
    expect(sum.member('NONE')).toEqual({});
  });
});
