/**
 * Who owns the connection to an IndexedDB database, for as long as the store is open.
 *
 * Browsers cut connections (`close` events, InvalidStateError), answer UnknownError until a new one
 * is opened, or do not answer at all. Each ends in a new connection, or in a StoreFailure within a
 * limit. Invariants
 * - A new connection is given out only if the store shows the meta record of the same store.
 * - A store that was cleared is not made anew: it stays `gone` until somebody opens it on purpose.
 * - `versionchange` (somebody deletes the database) closes at once, for good.
 */
import { equalBytes } from '../base/bytes.ts';
import {
  storeAnswerMs,
  storeOpenMs,
  storeReopensMax,
  storeReopenWaitMs,
  watchdogTickMs,
} from '../base/limits.ts';
import { decodeMeta } from '../pager/meta.ts';
import type { NoticeType, Notify } from '../port/notice.ts';
import { metaKey, StoreFailure } from '../port/store.ts';
import { goneFailure, type IndexedDBOptions, openDatabase } from './indexeddb-open.ts';
import { getOne } from './indexeddb-read.ts';
import { Watchdog } from './watchdog.ts';

export interface SupervisorOptions {
  readonly notify?: Notify | undefined;
  /** Limit of a transaction. */
  readonly answerMs?: number | undefined;
}

export class Supervisor {
  readonly watchdog: Watchdog;
  readonly #name: string;
  readonly #options: IndexedDBOptions & SupervisorOptions;
  readonly #answerMs: number;
  /** Undefined while the connection is lost. */
  #db: IDBDatabase | undefined;
  /** The last connection that the browser closed. */
  #cut: IDBDatabase | undefined;
  #opening: Promise<IDBDatabase> | undefined;
  #ended: StoreFailure | undefined;
  /** The last meta record that was seen: it names the store. */
  #meta: Uint8Array | undefined;

  /** Rejects with StoreFailure. */
  static async open(
    name: string,
    options: IndexedDBOptions & SupervisorOptions,
  ): Promise<Supervisor> {
    const supervisor = new Supervisor(name, options);
    await supervisor.reopen();
    return supervisor;
  }

  private constructor(name: string, options: IndexedDBOptions & SupervisorOptions) {
    this.#name = name;
    this.#options = options;
    this.#answerMs = options.answerMs ?? storeAnswerMs;
    this.watchdog = new Watchdog(this.#answerMs, Math.min(watchdogTickMs, this.#answerMs / 4));
  }

  /** The connection; undefined while there is none. */
  get db(): IDBDatabase | undefined {
    return this.#db;
  }

  /** Why nothing can be asked any more: `closed` or `gone`. */
  get ended(): StoreFailure | undefined {
    return this.#ended;
  }

  noteMeta(stored: Uint8Array | undefined): void {
    if (stored !== undefined) this.#meta = stored;
  }

  /**
   * What `act` reads; on a new connection, if it cannot be read on this one: reading twice harms
   * nobody. What hangs is not asked again.
   */
  async read<T>(act: (db: IDBDatabase) => Promise<T>): Promise<T> {
    let failure: unknown;
    for (let tries = 0; tries < storeReopensMax; tries += 1) {
      const db = this.#db ?? (await this.reopen());
      try {
        return await this.watchdog.race(act(db), () => this.hangs(db));
      } catch (error) {
        failure = error;
        this.drop(db, String(error));
        if (error instanceof StoreFailure) break;
      }
    }
    if (failure instanceof StoreFailure) throw failure;
    throw new StoreFailure('lost', `IndexedDB cannot be read: ${String(failure)}`, failure);
  }

  /** The connection, opened again if there is none; once for all who ask. */
  reopen(): Promise<IDBDatabase> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#db !== undefined) return Promise.resolve(this.#db);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** This connection serves no more; the next call opens another. */
  drop(db: IDBDatabase, why: string): void {
    db.close();
    if (this.#db !== db) return;
    this.#db = undefined;
    this.#tell('connection-lost', `The connection to the store was lost: ${why}`);
  }

  /**
   * The error of what was not answered on `db`: in time, or before the browser closed it, after
   * which nothing is. Another connection may do better.
   */
  hangs(db: IDBDatabase): Error {
    if (db === this.#cut) return new Error('the browser closed the connection');
    this.drop(db, 'no answer');
    return new StoreFailure(
      'lost',
      `the browser's storage has not answered for ${this.#answerMs} ms. Try again; if that does ` +
        'not help, close other tabs of this site or restart the browser',
    );
  }

  close(why: StoreFailure = new StoreFailure('closed', 'the store is closed')): void {
    this.#ended ??= why;
    this.#db?.close();
    this.#db = undefined;
  }

  /** A few tries, within the limit of one that hangs. */
  async #open(): Promise<IDBDatabase> {
    const untilMs = performance.now() + (this.#options.openMs ?? storeOpenMs);
    let failure: unknown;
    for (let tries = 0; tries < storeReopensMax; tries += 1) {
      if (tries > 0) await pause(storeReopenWaitMs * 2 ** tries);
      try {
        return await this.#connect();
      } catch (error) {
        failure = error;
        const canHeal = error instanceof StoreFailure && error.why === 'lost';
        if (!canHeal || performance.now() >= untilMs || this.#ended !== undefined) break;
      }
    }
    throw failure;
  }

  async #connect(): Promise<IDBDatabase> {
    const known = this.#meta;
    let db: IDBDatabase;
    try {
      db = await openDatabase(this.#name, known === undefined, this.#options);
      if (known !== undefined) await this.#verify(db, known);
    } catch (error) {
      if (error instanceof StoreFailure && error.why === 'gone') this.#isGone(error);
      throw error;
    }
    if (this.#ended !== undefined) {
      db.close();
      throw this.#ended;
    }
    this.#db = db;
    db.onversionchange = () => this.#giveWay(db);
    db.onclose = () => {
      this.drop(db, 'the browser closed it');
      // Chromium leaves what was under way without an answer when the storage is cleared.
      this.#cut = db;
      this.watchdog.biteAll();
      // At once, so that a store that was cleared is known before anybody asks.
      this.reopen().catch(() => undefined);
    };
    if (known !== undefined) this.#tell('reconnected', 'The connection to the store is back');
    return db;
  }

  /** Throws when the store is another one than that of the meta record `known`. */
  async #verify(db: IDBDatabase, known: Uint8Array): Promise<void> {
    try {
      const late = (): StoreFailure => new StoreFailure('lost', 'a new connection does not answer');
      const now = await this.watchdog.race(getOne(db, 'meta', metaKey), late);
      if (now === undefined || !isSameStore(known, now)) throw goneFailure(this.#name);
    } catch (error) {
      db.close();
      if (error instanceof StoreFailure) throw error;
      throw new StoreFailure('lost', `IndexedDB cannot be read: ${String(error)}`, error);
    }
  }

  #isGone(failure: StoreFailure): void {
    if (this.#ended !== undefined) return;
    this.close(failure);
    this.#options.notify?.({ type: 'data-loss', message: failure.message, why: 'cleared' });
  }

  /** Somebody deletes the database: whoever holds on would block them for ever. */
  #giveWay(db: IDBDatabase): void {
    if (this.#db !== db) {
      db.close();
      return;
    }
    const message = `The database ${this.#name} is being deleted; open it again for a new one`;
    this.close(new StoreFailure('closed', message));
    this.#tell('closed', message);
  }

  #tell(type: NoticeType, message: string): void {
    this.#options.notify?.({ type, message });
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}

/** What cannot be told from the same store counts as the same: the engine judges it further. */
function isSameStore(known: Uint8Array, now: Uint8Array): boolean {
  try {
    return equalBytes(decodeMeta(known).storeId, decodeMeta(now).storeId);
  } catch {
    return true;
  }
}
