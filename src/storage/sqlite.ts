/**
 * The Store on SQLite, through Node's own module: one file, one process at a time.
 *
 * Three tables of number and blob. The file is held in SQLite's exclusive locking mode, so the
 * operating system gives it free when a process dies, however it dies. WAL; a strict write is
 * committed with synchronous=FULL, whose sync of the log covers every commit before it, others with
 * NORMAL. Calls are carried out at once and answered by a promise.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  metaKey,
  type ScanRange,
  type Space,
  type Store,
  StoreFailure,
  type StoreRecord,
  type WriteBatch,
  type WriteResult,
} from '../port/store.ts';

export interface SqliteOptions {
  /** A database that is already open; the store configures it, and closes it in the end. */
  readonly database?: DatabaseSync;
}

/**
 * Throws a StoreFailure: `denied` when another process (or another store of this one) has the
 * file, `lost` when it cannot be read; an Error where Node has no SQLite.
 */
export function openSqlite(path: string, options: SqliteOptions = {}): Store {
  let database: DatabaseSync | undefined;
  try {
    database = options.database ?? openFile(path);
    prepareFile(database);
    return new SqliteStore(database);
  } catch (error) {
    if (database?.isOpen === true) database.close();
    if (!isSqliteError(error)) throw error;
    throw openFailure(path, error);
  }
}

const spaces: readonly Space[] = ['log', 'page', 'meta'];
/** Of the tables, not of what is in the records. */
const layoutVersion = 1;

/** SQLite's primary result codes (sqlite.org/rescode.html): the low byte of an extended code. */
const codes = { busy: 5, locked: 6, full: 13, cannotOpen: 14, constraint: 19, denied: 23 };

interface SqliteError extends Error {
  readonly errcode: number;
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

function codeOf(error: SqliteError): number {
  return error.errcode & 0xff;
}

function openFile(path: string): DatabaseSync {
  const sqlite = process.getBuiltinModule?.('node:sqlite');
  if (sqlite === undefined) {
    throw new Error(
      `A durable store needs node:sqlite, so Node 22.13 or newer; this is ${process.version}.`,
    );
  }
  return new sqlite.DatabaseSync(path);
}

function prepareFile(database: DatabaseSync): void {
  database.exec('PRAGMA locking_mode=EXCLUSIVE');
  database.exec('PRAGMA journal_mode=WAL');
  // A transaction that writes takes the exclusive lock, which this mode then keeps.
  database.exec('BEGIN IMMEDIATE');
  for (const space of spaces) {
    database.exec(
      `CREATE TABLE IF NOT EXISTS ${space} (key INTEGER PRIMARY KEY, value BLOB NOT NULL)`,
    );
  }
  database.exec(`PRAGMA user_version=${layoutVersion}`);
  database.exec('COMMIT');
}

function openFailure(path: string, error: SqliteError): StoreFailure {
  const code = codeOf(error);
  if (code === codes.busy || code === codes.locked) {
    const message = `${path} is in use: one process at a time may open it`;
    return new StoreFailure('denied', message, error);
  }
  const message = `${path} cannot be opened: ${error.message}`;
  if (code === codes.full) return new StoreFailure('full', message, error);
  const denied = code === codes.cannotOpen || code === codes.denied;
  return new StoreFailure(denied ? 'denied' : 'lost', message, error);
}

interface Statements {
  readonly get: StatementSync;
  readonly first: StatementSync;
  readonly last: StatementSync;
  readonly add: StatementSync;
  readonly put: StatementSync;
  readonly remove: StatementSync;
}

function prepare(database: DatabaseSync, space: Space): Statements {
  const range = `SELECT key, value FROM ${space} WHERE key BETWEEN ? AND ? ORDER BY key`;
  return {
    get: database.prepare(`SELECT value FROM ${space} WHERE key = ?`),
    first: database.prepare(`${range} LIMIT ?`),
    last: database.prepare(`${range} DESC LIMIT ?`),
    add: database.prepare(`INSERT INTO ${space} (key, value) VALUES (?, ?)`),
    put: database.prepare(`INSERT OR REPLACE INTO ${space} (key, value) VALUES (?, ?)`),
    remove: database.prepare(`DELETE FROM ${space} WHERE key BETWEEN ? AND ?`),
  };
}

/** SQLite's way to say that there is no limit. */
const noLimit = -1;

class SqliteStore implements Store {
  readonly exclusive = true;
  readonly #database: DatabaseSync;
  readonly #statements: Readonly<Record<Space, Statements>>;
  #strict: boolean | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = {
      log: prepare(database, 'log'),
      page: prepare(database, 'page'),
      meta: prepare(database, 'meta'),
    };
  }

  get(space: Space, key: number): Promise<Uint8Array | undefined> {
    return this.#read(() => this.#get(space, key));
  }

  scan(ranges: readonly ScanRange[]): Promise<readonly (readonly StoreRecord[])[]> {
    // One owner and no waiting in between: what is read one after another is one state.
    return this.#read(() => ranges.map((range) => this.#scan(range)));
  }

  async write(batch: WriteBatch): Promise<WriteResult> {
    if (!this.#database.isOpen) return { kind: 'refused', why: 'closed' };
    try {
      this.#setStrict(batch.strict === true);
      this.#database.exec('BEGIN IMMEDIATE');
      const meta = this.#get('meta', metaKey);
      if (batch.expectMeta?.(meta) === false) {
        this.#database.exec('ROLLBACK');
        return { kind: 'refused', why: 'meta' };
      }
      this.#carryOut(batch);
      this.#database.exec('COMMIT');
      const done = { kind: 'done', durable: batch.strict === true } as const;
      return batch.readMeta === true ? { ...done, meta } : done;
    } catch (error) {
      this.#rollBack();
      if (!isSqliteError(error)) throw error;
      const code = codeOf(error);
      if (code === codes.constraint) return { kind: 'refused', why: 'taken', cause: error };
      if (code === codes.full) return { kind: 'refused', why: 'full', cause: error };
      return { kind: 'unknown', cause: error };
    }
  }

  close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
    return Promise.resolve();
  }

  #get(space: Space, key: number): Uint8Array | undefined {
    return this.#statements[space].get.get(key)?.['value'] as Uint8Array | undefined;
  }

  #scan({ space, from, to, limit = noLimit, last = false }: ScanRange): StoreRecord[] {
    const { [space]: statements } = this.#statements;
    const rows = (last ? statements.last : statements.first).all(from, to, limit);
    const records = rows.map((row) => ({
      key: row['key'] as number,
      value: row['value'] as Uint8Array,
    }));
    return last ? records.reverse() : records;
  }

  #carryOut({ remove = [], add = [], put = [], strict = false }: WriteBatch): void {
    for (const { space, from, to } of remove) this.#statements[space].remove.run(from, to);
    for (const { space, key, value } of add) this.#statements[space].add.run(key, value);
    for (const { space, key, value } of put) this.#statements[space].put.run(key, value);
    // A strict batch of nothing is a barrier; only a commit that writes a page is synced.
    if (strict && remove.length + add.length + put.length === 0) {
      this.#database.exec(`PRAGMA user_version=${layoutVersion}`);
    }
  }

  /** Cannot be changed within a transaction; costs nothing while it stays. */
  #setStrict(strict: boolean): void {
    if (this.#strict === strict) return;
    this.#database.exec(`PRAGMA synchronous=${strict ? 'FULL' : 'NORMAL'}`);
    this.#strict = strict;
  }

  #rollBack(): void {
    // SQLite may have rolled back by itself (a full disk does), and then refuses to do it again.
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  #read<T>(act: () => T): Promise<T> {
    if (!this.#database.isOpen) {
      return Promise.reject(new StoreFailure('closed', 'the store is closed'));
    }
    try {
      return Promise.resolve(act());
    } catch (error) {
      if (!isSqliteError(error)) return Promise.reject(error);
      return Promise.reject(new StoreFailure('lost', error.message, error));
    }
  }
}
