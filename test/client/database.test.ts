import { expect, test } from 'vitest';
import { Connection } from '../../src/client/connection.ts';
import { createDatabase } from '../../src/client/database.ts';
import { DatabaseError } from '../../src/client/errors.ts';
import { operations as names } from '../../src/client/operation-names.ts';
import { within } from '../../src/client/within.ts';
import type { Answer, Request } from '../../src/operation/request.ts';
import { operations } from '../../src/operation/registry.ts';
import { loopback } from '../../src/wire/loopback.ts';
import { serveChannel } from '../../src/wire/serve.ts';

function fakeDatabase() {
  const [page, worker] = loopback();
  const asked: string[] = [];
  const log: string[] = [];
  const submit = ({ operation }: Request, done: (answer: Answer) => void): void => {
    asked.push(operation);
    setTimeout(() => {
      log.push(`answered ${operation}`);
      done({ output: {} });
    }, 2);
  };
  serveChannel({ engine: { submit }, clock: { wallMs: () => 0, monoMs: () => 0 } }, worker);
  const database = createDatabase('notes', 'eu-north-1', new Connection(page), {
    beside: {
      operations: names,
      methods: {
        live: () => Promise.reject(new Error('no live queries')) as never,
        import: () => Promise.reject(new Error('no imports')),
        trigger: () => Promise.reject(new Error('no triggers')),
        closing: new AbortController().signal,
      },
      close: () => void log.push('live queries end'),
    },
    within,
    closed: () => new DatabaseError('closed', 'The database notes is closed'),
    status: async () => Promise.reject(new Error('no status')),
    checkpoint: async () => void log.push('checkpoint'),
    maintain: async (name, options) => ({ name, options }),
    close: async () => void log.push('close'),
  });
  return { database, asked, log };
}

test('a database has a method for every operation of the engine that users may call', async () => {
  const { database, asked } = fakeDatabase();
  const names = [...operations.values()].filter((row) => !row.internal).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(15);
  const methods = database as unknown as Record<string, (input: object) => Promise<object>>;
  for (const name of names) {
    const method = methods[name.charAt(0).toLowerCase() + name.slice(1)];
    expect(await method?.({}), name).toEqual({});
  }
  expect(asked).toEqual(names);
});

test('closing waits for calls under way, once', async () => {
  const { database, log } = fakeDatabase();
  void database.putItem({ TableName: 'Notes', Item: {} });
  await Promise.all([database.checkpoint(), database.close(), database.close()]);
  expect(log).toEqual(['checkpoint', 'live queries end', 'answered PutItem', 'close']);
  await expect(database.listTables()).rejects.toThrow('The database notes is closed');
});

test('a database says its name and region', () => {
  expect(fakeDatabase().database).toMatchObject({ name: 'notes', region: 'eu-north-1' });
});

test('a database is maintained by its methods, with their options', async () => {
  const { database } = fakeDatabase();
  const { signal } = new AbortController();
  expect(await database.sizes({ pages: true, signal })).toEqual({
    name: 'sizes',
    options: { pages: true, signal },
  });
  expect(await database.compact()).toEqual({ name: 'compact', options: {} });
  expect(await database.scrub()).toEqual({ name: 'scrub', options: {} });
  expect(await database.repair({ forget: true })).toMatchObject({ options: { forget: true } });
});
