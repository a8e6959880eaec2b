/** Triggers in a page: over the worker, with Web Locks between tabs, of which one may die. */
import { afterEach, expect, test } from 'vitest';
import { type Database, open, type TriggerEvent } from '../../src/index.ts';
import { deleteIndexedDB } from '../../src/storage/indexeddb.ts';

const table = {
  TableName: 'Scores',
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
} as const;

// WebKitGTK now and then leaves a transaction of a removed frame's worker open, and with it all
// writes of the database, and its deletion; the others have one try, and must delete.
const isWebKit = /AppleWebKit/.test(navigator.userAgent) && !/Chrome/.test(navigator.userAgent);

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function newName(): string {
  const name = `triggers-test-${crypto.randomUUID()}`;
  ends.push(() =>
    deleteIndexedDB(name).catch((error: unknown) => {
      if (!isWebKit) throw error;
    }),
  );
  return name;
}

async function openScores(name: string): Promise<Database> {
  const db = await open(name, { tables: [table] });
  ends.unshift(() => db.close());
  return db;
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const endMs = Date.now() + 20_000; !holds(); ) {
    if (Date.now() > endMs) throw new Error(`${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function valuesOf({ Records }: TriggerEvent): string[] {
  return Records.map(({ dynamodb }) => {
    const { pk, n } = dynamodb.NewImage as { pk: { S: string }; n: { N: string } };
    return `${pk.S}${n.N}`;
  });
}

test('a handler in the page gets what changes, in order, and the next visit goes on', async () => {
  const name = newName();
  const db = await openScores(name);
  const got: string[] = [];
  const trigger = await db.trigger('Scores', (event) => void got.push(...valuesOf(event)));
  for (let n = 1; n <= 20; n += 1) await db.putItem({ TableName: 'Scores', Item: { pk: 'a', n } });
  await until(() => got.length === 20, 'all changes');
  expect(got).toEqual(Array.from({ length: 20 }, (_, at) => `a${at + 1}`));
  expect((await trigger.status()).state).toBe('running');
  await db.close();
  const again = await openScores(name);
  await again.putItem({ TableName: 'Scores', Item: { pk: 'a', n: 21 } });
  const more: string[] = [];
  await again.trigger('Scores', (event) => void more.push(...valuesOf(event)));
  await until(() => more.length > 0, 'the next change');
  expect(more).toEqual(['a21']);
});

test('another tab goes on when the one that runs it dies in the middle of a batch', {
  retry: isWebKit ? 2 : 0,
}, async () => {
  const name = newName();
  const db = await openScores(name);
  // A tab of its own: an iframe, whose worker and lock die with it.
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const inner = frame.contentWindow as Window & typeof globalThis & { got?: string[] };
  const script = frame.contentDocument?.createElement('script') as HTMLScriptElement;
  script.type = 'module';
  inner.got = [];
  Object.assign(inner, {
    databaseName: name,
    // What the server of these tests puts around imports.
    __vitest_browser_runner__: { wrapDynamicImport: (load: () => unknown) => load() },
  });
  script.textContent = `
    import { open } from '${new URL('../../src/index.ts', import.meta.url).href}';
    const db = await open(databaseName);
    const trigger = await db.trigger('Scores', (event) => {
      for (const { dynamodb } of event.Records) got.push(dynamodb.NewImage.n.N);
      return got.length > 5 ? new Promise(() => undefined) : undefined;
    }, { batchSize: 3 });
    while ((await trigger.status()).state !== 'running') await new Promise((go) => setTimeout(go));
    got.push('open');
  `;
  frame.contentDocument?.body.append(script);
  await until(() => inner.got?.includes('open') === true, 'the other tab');
  const got: string[] = [];
  await db.trigger('Scores', (event) => void got.push(...valuesOf(event)), { batchSize: 4 });
  for (let n = 1; n <= 30; n += 1) await db.putItem({ TableName: 'Scores', Item: { pk: 'a', n } });
  await until(() => (inner.got?.length ?? 0) > 5, 'a batch in the other tab');
  const theirs = [...(inner.got ?? [])].filter((one) => one !== 'open').map(Number);
  expect(got).toEqual([]);
  frame.remove();
  await until(() => got.includes('a30'), 'the rest');
  const ours = got.map((value) => Number(value.slice(1)));
  expect(ours).toEqual(Array.from({ length: ours.length }, (_, at) => 31 - ours.length + at));
  expect(new Set([...theirs, ...ours]).size).toBe(30);
  expect((ours[0] ?? 0) <= (theirs.at(-1) ?? 0)).toBe(true);
});
