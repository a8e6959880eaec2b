import { afterEach, describe, expect, test } from 'vitest';
import { type Database, type ImportSource, type ImportState, open } from '../../src/index.ts';

const TableName = 'Bulk';
const table = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'p', AttributeType: 'S' },
    { AttributeName: 'n', AttributeType: 'N' },
    { AttributeName: 'g', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'p', KeyType: 'HASH' },
    { AttributeName: 'n', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byG',
      KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
} as const;

const count = 4000;
const things = Array.from({ length: count }, (_, n) => {
  return { p: `p${n % 40}`, n, g: `g${n % 7}`, text: `é ${'x'.repeat(n % 200)}`, half: n / 2 };
});
const lines = (): Blob => new Blob(things.map((thing) => `${JSON.stringify(thing)}\n`));

const databases: Database[] = [];
afterEach(async () => {
  for (const db of databases.splice(0)) await db.close();
});

async function opened(name: string): Promise<Database> {
  const db = await open(name);
  databases.push(db);
  return db;
}

async function countOf(db: Database, IndexName?: string): Promise<number> {
  let found = 0;
  let ExclusiveStartKey: unknown;
  do {
    const more = ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey };
    const input = { TableName, Select: 'COUNT', ...(IndexName && { IndexName }), ...more };
    const page = (await db.call('Scan', input)) as { Count: number; LastEvaluatedKey?: unknown };
    found += page.Count;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return found;
}

describe('an import in a worker', () => {
  const rows: [string, () => ImportSource][] = [
    ['objects', () => things],
    ['a file', lines],
    ['a stream of bytes', () => lines().stream()],
  ];
  test.each(rows)('of %s is there for this tab, another and the next', async (kind, source) => {
    const name = `import-${kind}-${Date.now()}`;
    const db = await opened(name);
    const other = await opened(name);
    const told: ImportState[] = [];
    const result = await db.import(table, source(), { onProgress: (state) => told.push(state) });
    expect(result).toMatchObject({ importedItemCount: count, errorCount: 0, way: 'build' });
    expect(told.at(-1)?.phase).toBe('done');
    for (const one of [db, other, await opened(name)]) {
      const { Item } = await one.getItem({ TableName, Key: { p: 'p17', n: 17 } });
      expect(Item).toEqual(things[17]);
      expect(await countOf(one)).toBe(count);
      expect(await countOf(one, 'byG')).toBe(count);
    }
  });

  test('that is aborted leaves a table that can be used', async () => {
    const db = await opened(`import-abort-${Date.now()}`);
    await db.createTable(table);
    const aborter = new AbortController();
    async function* some(): AsyncGenerator<object, void, void> {
      yield* things;
      aborter.abort();
      yield* things;
    }
    const work = db.import(TableName, some(), { signal: aborter.signal });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    await db.putItem({ TableName, Item: { p: 'a', n: 1 } });
    expect(await countOf(db)).toBe(1);
  });
});
