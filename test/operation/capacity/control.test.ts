/** The control plane's limits, where capacity is enforced. */
import { describe, expect, test } from 'vitest';
import type { Bucket } from '../../../src/capacity/bucket.ts';
import { checkControlCall, checkTableChange } from '../../../src/operation/capacity/control.ts';
import { enforceCapacity } from '../../../src/operation/capacity/enforced.ts';
import type { Catalog } from '../../../src/table/catalog.ts';
import type { IndexState, TableState } from '../../../src/table/state.ts';
import { ask, openRig, type Rig } from '../../support/engine.ts';

const day = 24 * 60 * 60 * 1000;
const units = (read: number, write: number) => ({
  ReadCapacityUnits: read,
  WriteCapacityUnits: write,
});
const input = (TableName: string, more: object = { BillingMode: 'PAY_PER_REQUEST' }) => ({
  TableName,
  AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
  ...more,
});

async function opened(isEnforced = true): Promise<Rig> {
  const rig = await openRig(isEnforced ? { capacity: enforceCapacity() } : {});
  await ask(rig, 'CreateTable', input('Tab'));
  return rig;
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'no refusal',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

describe('calls of the control plane in a second', () => {
  const throttled = 'ThrottlingException: Rate of requests exceeds the allowed throughput.';

  test('DescribeLimits ten times, others still', async () => {
    const rig = await opened();
    for (let times = 0; times < 10; times += 1) await ask(rig, 'DescribeLimits', {});
    expect(await refusal(ask(rig, 'DescribeLimits', {}))).toBe(throttled);
    await ask(rig, 'ListTables', {});
    rig.time.pass(1000);
    await ask(rig, 'DescribeLimits', {});
  });

  test('2,500 of all, and none of items', () => {
    const buckets = new Map<string, Bucket>();
    for (let times = 0; times < 2500; times += 1) checkControlCall(buckets, 'DescribeTable', 0);
    expect(() => checkControlCall(buckets, 'ListTables', 0)).toThrow('Rate of requests');
    const items = ['GetItem', 'TransactWriteItems', 'BatchGetItem', 'Query', 'ExecuteStatement'];
    for (const name of items) checkControlCall(buckets, name, 0);
    expect(() => checkControlCall(buckets, 'ListTables', 1000)).not.toThrow();
  });

  test('as many as one likes where nothing is enforced', async () => {
    const rig = await opened(false);
    for (let times = 0; times < 20; times += 1) await ask(rig, 'DescribeLimits', {});
  });
});

describe('changes of a table', () => {
  const change = (rig: Rig, more: object) => ask(rig, 'UpdateTable', { TableName: 'Tab', ...more });
  const provisioned = { BillingMode: 'PROVISIONED', ProvisionedThroughput: units(5, 5) };
  const limited = (what: string, times: number, days: number, last: string, next: string) =>
    `LimitExceededException: Subscriber limit exceeded: Update to ${what} are limited to ${times} ` +
    `times in ${days} day(s). Last update at ${last} Coordinated Universal Time. Next update can ` +
    `be made at ${next} Coordinated Universal Time`;

  test('to on demand: four in a day', async () => {
    const rig = await opened();
    for (let times = 0; times < 4; times += 1) {
      await change(rig, provisioned);
      await change(rig, { BillingMode: 'PAY_PER_REQUEST' });
      rig.time.pass(3_600_000);
    }
    await change(rig, provisioned);
    const call = () => change(rig, { BillingMode: 'PAY_PER_REQUEST' });
    expect(await refusal(call())).toBe(
      limited(
        'PayPerRequest mode',
        4,
        1,
        'Thursday, January 1, 2026 at 3:00:00 AM',
        'Friday, January 2, 2026 at 12:00:00 AM',
      ),
    );
    // What is refused is not counted.
    rig.time.pass(day - 4 * 3_600_000);
    expect(await refusal(call())).toBe('no refusal');
  });

  test('of its class: two in thirty days', async () => {
    const rig = await opened();
    await change(rig, { TableClass: 'STANDARD_INFREQUENT_ACCESS' });
    rig.time.pass(day);
    await change(rig, { TableClass: 'STANDARD' });
    const again = () => change(rig, { TableClass: 'STANDARD_INFREQUENT_ACCESS' });
    expect(await refusal(again())).toBe(
      limited(
        'TableClass',
        2,
        30,
        'Friday, January 2, 2026 at 12:00:00 AM',
        'Saturday, January 31, 2026 at 12:00:00 AM',
      ),
    );
    // The class it has is no change.
    await change(rig, { TableClass: 'STANDARD' });
    rig.time.pass(29 * day);
    expect(await refusal(again())).toBe('no refusal');
  });

  test('of its encryption: four in a day; of another table: counted apart', async () => {
    const rig = await opened();
    await ask(rig, 'CreateTable', input('Other'));
    for (const Enabled of [true, false, true, false]) {
      await change(rig, { SSESpecification: { Enabled } });
    }
    const again = { SSESpecification: { Enabled: true } };
    expect(await refusal(change(rig, again))).toContain('Update to SSESpecification are limited');
    await ask(rig, 'UpdateTable', { TableName: 'Other', ...again });
    const free = await opened(false);
    for (const Enabled of [true, false, true, false, true]) {
      await change(free, { SSESpecification: { Enabled } });
    }
  });
});

describe('provisioned units', () => {
  const provisioned = (read: number, write: number) => ({
    ProvisionedThroughput: units(read, write),
  });

  test('are 40,000 of a table and 80,000 of all, of each kind', async () => {
    const rig = await opened();
    const perTable = 'There is a limit of 40000 WriteCapacityUnits per table';
    expect(await refusal(ask(rig, 'CreateTable', input('TabA', provisioned(1, 40_001))))).toBe(
      `LimitExceededException: Subscriber limit exceeded: ${perTable}`,
    );
    await ask(rig, 'CreateTable', input('TabA', provisioned(40_000, 1)));
    await ask(rig, 'CreateTable', input('TabB', provisioned(39_999, 1)));
    const all = 'There is a limit of 80000 ReadCapacityUnits per subscriber';
    expect(await refusal(ask(rig, 'CreateTable', input('TabC', provisioned(2, 1))))).toBe(
      `LimitExceededException: Subscriber limit exceeded: ${all}`,
    );
    await ask(rig, 'CreateTable', input('TabC', provisioned(1, 1)));
    const more = { TableName: 'TabC', ...provisioned(2, 1) };
    expect(await refusal(ask(rig, 'UpdateTable', more))).toContain(all);
    // What does not grow is not refused.
    await ask(rig, 'UpdateTable', { TableName: 'TabC', ...provisioned(1, 2) });
    await ask(rig, 'DeleteTable', { TableName: 'TabB' });
    await ask(rig, 'UpdateTable', more);
  });

  test('are bounded by their values alone where nothing is enforced', async () => {
    const rig = await opened(false);
    await ask(rig, 'CreateTable', input('TabA', provisioned(1_000_000, 1_000_000)));
  });
});

describe('tables that change at once', () => {
  const units0 = { read: 0, write: 0 };
  const indexIn = (status: IndexState['status']) =>
    ({ name: 'i', kind: 'global', status, throughput: units0 }) as IndexState;
  const tableOf = (name: string, status: TableState['status'], ...indexes: IndexState[]) =>
    ({
      name,
      id: name,
      status,
      indexes,
      throughput: units0,
      billing: 'PAY_PER_REQUEST',
      settings: {},
    }) as unknown as TableState;
  const catalogOf = (tables: readonly TableState[]): Catalog => {
    const byName = new Map(tables.map((table) => [table.name, table]));
    return {
      find: (name) => byName.get(name),
      table: (name) => byName.get(name) as TableState,
      names: () => [...byName.keys()],
    };
  };
  const many = (count: number, status: TableState['status'], ...indexes: IndexState[]) =>
    catalogOf(Array.from({ length: count }, (_, at) => tableOf(`t${at}`, status, ...indexes)));
  const active = tableOf('next', 'ACTIVE');
  const check = (catalog: Catalog, next: TableState = active): unknown =>
    checkTableChange(new Map(), { catalog, table: undefined, next }, 0);

  test.each([
    [499, 'no refusal'],
    [
      500,
      'Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted simultaneously',
    ],
  ])('%i of them: %s', (count, expected) => {
    for (const status of ['CREATING', 'UPDATING', 'DELETING'] as const) {
      let found = 'no refusal';
      try {
        check(many(count, status));
      } catch (error) {
        found = (error as Error).message;
      }
      expect(found).toBe(expected);
    }
    expect(() => check(many(count, 'ACTIVE'))).not.toThrow();
  });

  test('250 of them whose indexes are under way', () => {
    const indexed = tableOf('next', 'ACTIVE', indexIn('ACTIVE'));
    const words = 'You have exceeded the maximum number of indexed tables';
    expect(() => check(many(250, 'ACTIVE', indexIn('CREATING')), indexed)).toThrow(words);
    expect(() => check(many(249, 'ACTIVE', indexIn('DELETING')), indexed)).not.toThrow();
    // A table without indexes is one of the 500.
    expect(() => check(many(499, 'ACTIVE', indexIn('CREATING')))).not.toThrow();
    expect(() => check(many(500, 'ACTIVE', indexIn('CREATING')))).toThrow('Only 500 tables');
    expect(() => check(many(250, 'ACTIVE', indexIn('ACTIVE')), indexed)).not.toThrow();
  });
});
