import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { storeSuite } from '../suite/store.ts';

const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidetable-sqlite-'));
  folders.push(folder);
  return folder;
}

storeSuite('sqlite', async () => {
  const folder = await newFolder();
  return {
    open: async () => openSqlite(join(folder, 'store.db')),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
});

storeSuite('sqlite on a database of the caller', async () => {
  const folder = await newFolder();
  const path = join(folder, 'store.db');
  return {
    open: async () => openSqlite(path, { database: new DatabaseSync(path) }),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const value = new Uint8Array(60_000);

describe('sqlite', () => {
  test('says that a folder which another process holds is in use', async () => {
    const path = join(await newFolder(), 'store.db');
    const store = openSqlite(path);
    const url = new URL('../../src/storage/sqlite.ts', import.meta.url).href;
    const script = `import { openSqlite } from ${JSON.stringify(url)};
      try { openSqlite(${JSON.stringify(path)}); console.log('opened'); }
      catch (error) { console.log(error.why + ': ' + error.message); }`;
    const run = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const args = ['--input-type=module', '--no-warnings', '--eval', script];
        execFile(process.execPath, args, (error, out) => {
          if (error === null) resolve(out.trim());
          else reject(error);
        });
      });
    expect(await run()).toBe(`denied: ${path} is in use: one process at a time may open it`);
    await store.close();
    expect(await run()).toBe('opened');
  });

  test('says which path cannot be opened', async () => {
    const path = join(await newFolder(), 'absent', 'store.db');
    expect(() => openSqlite(path)).toThrow(`${path} cannot be opened`);
  });

  test('refuses as full when the file may not grow, and goes on afterwards', async () => {
    const path = join(await newFolder(), 'store.db');
    const database = new DatabaseSync(path);
    const store = openSqlite(path, { database });
    database.exec('PRAGMA max_page_count=8');
    const add = [{ space: 'page', key: 1, value } as const];
    expect(await store.write({ add })).toMatchObject({ kind: 'refused', why: 'full' });
    expect(await store.get('page', 1)).toBeUndefined();
    database.exec('PRAGMA max_page_count=1000');
    expect(await store.write({ add })).toMatchObject({ kind: 'done' });
    await store.close();
  });

  test('answers unknown when the file is no database any more', async () => {
    const path = join(await newFolder(), 'store.db');
    const database = new DatabaseSync(path);
    const store = openSqlite(path, { database });
    database.exec('DROP TABLE log');
    const batch = { add: [{ space: 'log', key: 1, value } as const] };
    expect(await store.write(batch)).toMatchObject({ kind: 'unknown' });
    await expect(store.get('log', 1)).rejects.toMatchObject({ why: 'lost' });
    await store.close();
  });

  test('tells an old Node in one line what it needs', () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
    const message = `needs node:sqlite, so Node 22.13 or newer; this is ${process.version}.`;
    expect(() => openSqlite('never.db')).toThrow(message);
  });
});
