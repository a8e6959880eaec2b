import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bound } from '../../../src/access/evaluate.ts';
import { readPolicy } from '../../../src/access/policy.ts';
import type { Engine } from '../../../src/engine/engine-types.ts';
import { openNodeDatabase } from '../../../src/host/node.ts';
import { gapOf, scopeOf } from '../../../src/operation/access/scope.ts';
import { owner } from '../../../src/operation/request.ts';
import { isInSpans, type TableScope } from '../../../src/table/scope.ts';
import { joinKey } from '../../../src/value/key.ts';
import type { KeyValue } from '../../../src/value/value.ts';
import { engineCaller } from '../../support/replica.ts';

const types: Readonly<Record<string, readonly string[]>> = {
  Notes: ['S', 'S'],
  Numbers: ['N', 'N'],
  Bytes: ['B'],
  Other: ['S'],
};
let engine: Engine;
beforeAll(async () => {
  engine = await openNodeDatabase({ memory: true });
  const call = (operation: string, input: object, caller = owner): Promise<object> =>
    engine.call({ operation, input, form: 'plain', caller });
  await call('OpenReplica', { Role: 'hub' }, engineCaller);
  for (const [TableName, [hash, range]] of Object.entries(types)) {
    const AttributeDefinitions = [
      { AttributeName: 'p', AttributeType: hash },
      ...(range === undefined ? [] : [{ AttributeName: 's', AttributeType: range }]),
    ];
    const KeySchema = [
      { AttributeName: 'p', KeyType: 'HASH' },
      ...(range === undefined ? [] : [{ AttributeName: 's', KeyType: 'RANGE' }]),
    ];
    await call('CreateTable', {
      TableName,
      AttributeDefinitions,
      KeySchema,
      BillingMode: 'PAY_PER_REQUEST',
    });
    if (TableName !== 'Other') await call('ReplicateTable', { TableName }, engineCaller);
  }
});
afterAll(() => engine.close());

interface Found {
  readonly tables: number;
  readonly spans: TableScope['spans'] | undefined;
  readonly gap: string | undefined;
}

async function found(
  name: string,
  statements: readonly object[],
  bounds: readonly Bound[] = [],
): Promise<Found> {
  const Statement = statements.map((one) => ({
    Effect: 'Allow',
    Action: '*',
    Resource: '*',
    ...one,
  }));
  const policies = [readPolicy({ Version: '2012-10-17', Statement }, 'p')];
  const visitor = { arn: 'ada', policies, bounds, variables: new Map([['jwt:sub', ['ada']]]) };
  let answer: Found | undefined;
  await engine.call({
    operation: 'ListReplicated',
    input: {},
    form: 'plain',
    caller: engineCaller,
    judge: (_, __, context) => {
      const table = context.catalog.table(name);
      const { tables } = scopeOf(visitor, context);
      const spans = tables.get(table.replica?.global ?? '');
      answer = { tables: tables.size, spans, gap: gapOf(visitor, table, context) };
    },
  });
  if (answer === undefined) throw new Error('nobody was asked');
  return answer;
}

const leading = (...values: readonly string[]): object => ({
  Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': values } },
});
const S = (value: string): KeyValue => ({ type: 'S', value });
const N = (value: string): KeyValue => ({ type: 'N', value });
const B = (...value: number[]): KeyValue => ({ type: 'B', value: Uint8Array.from(value) });

describe('what limits a caller besides', () => {
  const ResourceArn = 'arn:aws:dynamodb:local:000000000000:table/Notes';
  const call = (operation: string, input: object) =>
    engine.call({ operation, input: { ResourceArn, ...input }, form: 'plain', caller: owner });
  const putPolicy = (more: object) => {
    const statement = { Effect: 'Deny', Principal: '*', Action: '*', Resource: '*', ...more };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statement });
    return call('PutResourcePolicy', { Policy });
  };

  test('limits its scope: the table’s own policy', async () => {
    const ada = [leading('ada', 'eve')];
    expect((await found('Notes', ada)).spans?.read).toHaveLength(2);
    await putPolicy(leading('eve'));
    expect((await found('Notes', ada)).spans?.read).toHaveLength(1);
    // All but a part of a table cannot be told from all of it: nothing is given.
    expect((await found('Notes', [{}])).spans?.read).toEqual([]);
    await putPolicy({ Action: 'dynamodb:PutItem' });
    const { spans } = await found('Notes', ada);
    expect([spans?.read?.length, spans?.put?.length, spans?.remove?.length]).toEqual([2, 0, 2]);
    await call('DeleteResourcePolicy', {});
    // What it allows gives no device anything.
    await putPolicy({ Effect: 'Allow' });
    expect((await found('Notes', [{ Action: 'dynamodb:GetItem' }])).spans?.read).toEqual([]);
    await call('DeleteResourcePolicy', {});
  });

  test('limits its scope: a boundary', async () => {
    const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*', ...leading('ada') }];
    const policies = [readPolicy({ Version: '2012-10-17', Statement }, 'b')];
    const bounds: readonly Bound[] = [{ source: 'permissions boundary', policies }];
    expect((await found('Notes', [leading('ada', 'eve')], bounds)).spans?.read).toHaveLength(1);
    expect((await found('Notes', [{}], bounds)).spans?.read).toEqual([]);
  });
});

describe('a scope in stored keys', () => {
  test('names every replicated table, and no other', async () => {
    expect((await found('Notes', [{}])).tables).toBe(3);
    const { spans } = await found('Notes', [{ Resource: 'arn:aws:dynamodb:*:*:table/Numbers' }]);
    expect(spans).toEqual({ read: [], put: [], remove: [] });
    expect((await found('Other', [{}])).spans).toBeUndefined();
  });

  test('has all keys of a partition, and of no other', async () => {
    const { spans } = await found('Notes', [leading('${jwt:sub}', 'bob')]);
    const read = spans?.read ?? [];
    for (const p of ['ada', 'bob']) {
      for (const s of ['a', 'zz', '\u{10ffff}'])
        expect(isInSpans(read, joinKey([S(p)], [S(s)]))).toBe(true);
    }
    for (const p of ['ad', 'adaa', 'eve'])
      expect(isInSpans(read, joinKey([S(p)], [S('a')]))).toBe(false);
    expect(spans?.put).toEqual(read);
  });

  test('has the sort keys that begin so', async () => {
    const Condition = {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': 'ada' },
      StringLike: { 'tidetable:SortKey': ['note#*', 'x*'] },
    };
    const { spans, gap } = await found('Notes', [{ Condition }]);
    const has = (s: string): boolean => isInSpans(spans?.read ?? [], joinKey([S('ada')], [S(s)]));
    expect(['note#', 'note#1', 'x', 'xa'].every(has)).toBe(true);
    expect(['note', 'notf', 'y', 'w'].some(has)).toBe(false);
    expect(gap).toBeUndefined();
    const numbers = await found('Numbers', [{ Condition }]);
    expect(numbers).toMatchObject({ spans: { read: [] }, gap: 'sort keys that are no texts' });
  });

  test('has numbers as they are kept, and bytes from base64; what is neither is no key', async () => {
    const numbers = (await found('Numbers', [leading('1', '2.0', 'x', '')])).spans?.read ?? [];
    const has = (p: string): boolean => isInSpans(numbers, joinKey([N(p)], [N('7')]));
    expect(['1', '2', '3'].map(has)).toEqual([true, false, false]);
    expect(numbers).toHaveLength(1);
    const bytes = (await found('Bytes', [leading('AP8=', '*')])).spans?.read ?? [];
    expect(isInSpans(bytes, joinKey([B(0, 255)], []))).toBe(true);
    expect(bytes).toHaveLength(1);
  });

  test('has nothing to read where there is a gap, and leaves writes to the hub', async () => {
    const Condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'a*' } };
    const { spans, gap } = await found('Notes', [leading('ada'), { Condition }]);
    expect(spans).toEqual({ read: [], put: undefined, remove: undefined });
    expect(gap).toBe('partition keys that it does not name one by one');
  });
});
