/**
 * SQLite on OPFS, as its documentation advises for one connection: in a worker, on the pool of
 * synchronous access handles (`opfs-sahpool`), with prepared statements that are kept.
 *
 * A message of calls is one transaction. WAL with exclusive locking (the only way to have WAL
 * here) and `synchronous = NORMAL`: a commit survives the browser's death, not power loss, which
 * is what relaxed durability says.
 */
import sqlite3InitModule, { type Database, type PreparedStatement } from '@sqlite.org/sqlite-wasm';
import type { BenchItem } from '../items.ts';
import type { Answer, Call, Operations } from './calls.ts';

const scanChunk = 2000;
const columns = 'pk, sk, city, at, name, note, done, score';
const statements = new Map<string, PreparedStatement>();
let database: Database | undefined;
let queue: Promise<void> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<readonly Call[]>): void => {
  queue = queue.then(() => answer(data));
};

async function answer(calls: readonly Call[]): Promise<void> {
  const [first] = calls;
  if (first?.op === 'open') {
    const [name, indexes, cacheBytes] = (first as Call<'open'>).args;
    const failure = await open(name, indexes, cacheBytes).then(() => undefined, messageOf);
    self.postMessage([outcome(first.id, undefined, failure)]);
    return;
  }
  if (first?.op === 'close') {
    for (const statement of statements.values()) statement.finalize();
    statements.clear();
    database?.close();
    self.postMessage([outcome(first.id, undefined, undefined)]);
    return;
  }
  self.postMessage(inTransaction(calls));
}

function inTransaction(calls: readonly Call[]): readonly Answer[] {
  const answers: Answer[] = [];
  try {
    run('BEGIN');
    for (const { id, op, args } of calls) {
      const work = rows[op as keyof typeof rows] as (...values: readonly unknown[]) => unknown;
      answers.push(outcome(id, work(...args), undefined));
    }
    run('COMMIT');
    return answers;
  } catch (error) {
    run('ROLLBACK');
    return calls.map(({ id }) => outcome(id, undefined, messageOf(error)));
  }
}

const rows: Pick<
  Operations,
  'bulk' | 'put' | 'replace' | 'increment' | 'get' | 'query' | 'index' | 'scan'
> = {
  bulk(items) {
    for (const item of items) upsert(item);
    return undefined;
  },
  put(item) {
    upsert(item);
    return undefined;
  },
  replace(item) {
    const old = rows.get(item.pk, item.sk);
    upsert(item);
    return old;
  },
  increment(pk, sk) {
    const sql = 'UPDATE items SET score = score + 1 WHERE pk = ? AND sk = ? RETURNING score';
    return only(sql, [pk, sk])?.[0] as number;
  },
  get(pk, sk) {
    const row = only(`SELECT ${columns} FROM items WHERE pk = ? AND sk = ?`, [pk, sk]);
    return row === undefined ? undefined : itemOf(row);
  },
  query: (pk, limit) =>
    all(`SELECT ${columns} FROM items WHERE pk = ? ORDER BY sk LIMIT ?`, [pk, limit]),
  index: (city, limit) =>
    all(`SELECT ${columns} FROM items WHERE city = ? ORDER BY at LIMIT ?`, [city, limit]),
  scan: (after) =>
    all(`SELECT ${columns} FROM items WHERE (pk, sk) > (?, ?) ORDER BY pk, sk LIMIT ?`, [
      after?.pk ?? '',
      after?.sk ?? -1,
      scanChunk,
    ]),
};

async function open(name: string, indexes: 1 | 2, cacheBytes = 64 * 1024 * 1024): Promise<void> {
  // The other OPFS file system would start a worker of its own before anything else.
  Object.assign(globalThis, {
    sqlite3ApiConfig: { disable: { vfs: { opfs: true, 'opfs-vfs': true, 'opfs-wl': true } } },
  });
  const sqlite3 = await sqlite3InitModule();
  const pool = await sqlite3.installOpfsSAHPoolVfs({ directory: `/sqlite-${name}` });
  database = new pool.OpfsSAHPoolDb('/bench.sqlite3');
  database.exec(`
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -${Math.round(cacheBytes / 1024)};
    CREATE TABLE IF NOT EXISTS items (
      pk TEXT, sk INTEGER, city TEXT, at INTEGER, name TEXT, note TEXT, done INTEGER, score REAL,
      PRIMARY KEY (pk, sk)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS byCity ON items (city, at);`);
  if (indexes === 2) database.exec('CREATE INDEX IF NOT EXISTS byName ON items (name, at)');
  const mode = database.selectValue('PRAGMA journal_mode');
  if (mode !== 'wal') throw new Error(`SQLite's journal is ${String(mode)}, not wal`);
}

function upsert({ pk, sk, city, at, name, note, done, score }: BenchItem): void {
  const sql = `INSERT INTO items (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET city = excluded.city, at = excluded.at, name = excluded.name,
    note = excluded.note, done = excluded.done, score = excluded.score`;
  run(sql, [pk, sk, city, at, name, note, done ? 1 : 0, score]);
}

type Bound = readonly (string | number)[];

function run(sql: string, values: Bound = []): void {
  const statement = prepared(sql, values);
  statement.step();
  statement.reset();
}

function only(sql: string, values: Bound): readonly unknown[] | undefined {
  const statement = prepared(sql, values);
  const row = statement.step() ? statement.get([]) : undefined;
  statement.reset();
  return row as readonly unknown[] | undefined;
}

function all(sql: string, values: Bound): readonly BenchItem[] {
  const statement = prepared(sql, values);
  const items: BenchItem[] = [];
  while (statement.step()) items.push(itemOf(statement.get([]) as readonly unknown[]));
  statement.reset();
  return items;
}

function prepared(sql: string, values: Bound): PreparedStatement {
  let statement = statements.get(sql);
  if (statement === undefined) {
    statement = (database as Database).prepare(sql);
    statements.set(sql, statement);
  }
  if (values.length > 0) statement.bind(values as (string | number)[]);
  return statement;
}

function itemOf([pk, sk, city, at, name, note, done, score]: readonly unknown[]): BenchItem {
  return { pk, sk, city, at, name, note, done: done === 1, score } as BenchItem;
}

function outcome(id: number, result: unknown, error: string | undefined): Answer {
  return error === undefined ? { id, result } : { id, error };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
