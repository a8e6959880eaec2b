/**
 * PouchDB, in the page, as its documentation advises: the `indexeddb` adapter (its release 9 calls
 * it the fast one; `find` uses native indexes there), ids that sort as the items do, `allDocs` for
 * ranges of ids, `bulkDocs` for loading. Durability is what IndexedDB gives by default: relaxed in
 * Chromium. Its build for browsers is taken as it is: the sources want a module of Node's.
 *
 * A document is replaced by its revision, so a put of what is there is a get and a put, again when
 * another came between: what its documentation calls an upsert.
 */
import PouchDB from 'pouchdb/dist/pouchdb.js';
import type { Contender, OpenWith } from '../contender.ts';
import type { BenchItem } from '../items.ts';

const chunkItems = 2000;
const scanChunk = 2000;
const triesMax = 1000;

type Stored = BenchItem & { readonly _id: string; readonly _rev?: string };

export class PouchContender implements Contender {
  readonly name = 'PouchDB';
  #db: PouchDB.Database<BenchItem> | undefined;

  async open(database: string, { indexes = 1 }: OpenWith = {}): Promise<void> {
    // The builds of its plugins take it from the global scope.
    Object.assign(globalThis, { PouchDB });
    await import('pouchdb/dist/pouchdb.indexeddb.js');
    await import('pouchdb/dist/pouchdb.find.js');
    const db = new PouchDB<BenchItem>(database, { adapter: 'indexeddb' });
    await db.createIndex({ index: { fields: ['city', 'at'], name: 'byCity', ddoc: 'byCity' } });
    if (indexes === 2) {
      await db.createIndex({ index: { fields: ['name', 'at'], name: 'byName', ddoc: 'byName' } });
    }
    this.#db = db;
  }

  async close(): Promise<void> {
    await this.#docs.close();
  }

  async bulk(items: readonly BenchItem[]): Promise<void> {
    for (let at = 0; at < items.length; at += chunkItems) {
      const docs = items.slice(at, at + chunkItems).map((item) => ({ ...item, _id: idOf(item) }));
      const answers = await this.#docs.bulkDocs(docs);
      if (answers.some((answer) => 'error' in answer))
        throw new Error('PouchDB refused a document');
    }
  }

  async put(item: BenchItem): Promise<void> {
    await this.#upsert(idOf(item), () => item);
  }

  replace(item: BenchItem): Promise<BenchItem | undefined> {
    return this.#upsert(idOf(item), () => item);
  }

  async increment(pk: string, sk: number): Promise<number> {
    let score = 0;
    await this.#upsert(idOf({ pk, sk }), (old) => {
      if (old === undefined) throw new Error('PouchDB: no item to count on');
      score = old.score + 1;
      return { ...old, score };
    });
    return score;
  }

  get(pk: string, sk: number): Promise<BenchItem | undefined> {
    return this.#find(idOf({ pk, sk }));
  }

  query(pk: string, limit: number): Promise<readonly BenchItem[]> {
    return this.#range({ startkey: `${pk}|`, endkey: `${pk}|\ufff0`, limit });
  }

  async index(city: string, limit: number): Promise<readonly BenchItem[]> {
    const { docs } = await this.#docs.find({
      selector: { city, at: { $gt: 0 } },
      sort: ['city', 'at'],
      use_index: 'byCity',
      limit,
    });
    return docs;
  }

  async scan(take: (items: readonly BenchItem[]) => void): Promise<void> {
    const first = 'partition-';
    let items = await this.#range({ startkey: first, endkey: `${first}\ufff0`, limit: scanChunk });
    while (items.length > 0) {
      // The id after this one: a null character is the least that can follow.
      const startkey = `${idOf(items[items.length - 1] as BenchItem)}\0`;
      const next = this.#range({ startkey, endkey: `${first}\ufff0`, limit: scanChunk });
      take(items);
      items = await next;
    }
  }

  async #upsert(
    id: string,
    change: (old: BenchItem | undefined) => BenchItem,
  ): Promise<BenchItem | undefined> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const old = await this.#find(id);
      try {
        await this.#docs.put({
          ...change(old),
          _id: id,
          ...(old?._rev === undefined ? {} : { _rev: old._rev }),
        });
        return old;
      } catch (error) {
        if ((error as { status?: number }).status !== 409) throw error;
      }
    }
    throw new Error(`PouchDB: ${triesMax} conflicts`);
  }

  async #find(id: string): Promise<Stored | undefined> {
    try {
      return await this.#docs.get(id);
    } catch (error) {
      if ((error as { status?: number }).status === 404) return undefined;
      throw error;
    }
  }

  async #range(range: PouchDB.Range): Promise<readonly BenchItem[]> {
    const { rows } = await this.#docs.allDocs({ ...range, include_docs: true });
    return rows.map(({ doc }) => doc as BenchItem);
  }

  get #docs(): PouchDB.Database<BenchItem> {
    if (this.#db === undefined) throw new Error('PouchDB is not open');
    return this.#db;
  }
}

function idOf({ pk, sk }: Pick<BenchItem, 'pk' | 'sk'>): string {
  return `${pk}|${String(sk).padStart(3, '0')}`;
}
