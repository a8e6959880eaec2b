/**
 * RxDB over Dexie, its free storage, in the page, as its documentation advises: `bulkInsert` for
 * loading, `findOne` by primary key, indexes that the queries name, `incrementalModify` for a read
 * and a write. Its other storages (IndexedDB, OPFS, worker) are sold.
 *
 * Every write carries meta data and a revision; documents that were read are kept and answered
 * again from memory.
 */
import { createRxDatabase, type RxCollection, type RxDatabase } from 'rxdb/plugins/core';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import type { Contender, OpenWith } from '../contender.ts';
import type { BenchItem } from '../items.ts';

const chunkItems = 2000;
const scanChunk = 2000;

type Doc = { -readonly [Field in keyof BenchItem]: BenchItem[Field] } & { id: string };

function schemaOf(indexes: 1 | 2) {
  const text = (maxLength: number) => ({ type: 'string', maxLength }) as const;
  const whole = { type: 'integer', minimum: 0, maximum: 4_000_000_000, multipleOf: 1 } as const;
  return {
    version: 0,
    primaryKey: 'id',
    type: 'object',
    properties: {
      id: text(40),
      pk: text(30),
      sk: whole,
      city: text(20),
      at: whole,
      name: text(40),
      note: { type: 'string' },
      done: { type: 'boolean' },
      score: { type: 'number' },
    },
    required: ['id', 'pk', 'sk', 'city', 'at', 'name', 'note', 'done', 'score'],
    indexes:
      indexes === 2
        ? [
            ['city', 'at'],
            ['name', 'at'],
          ]
        : [['city', 'at']],
  } as const;
}

export class RxContender implements Contender {
  readonly name = 'RxDB';
  #db: RxDatabase | undefined;

  async open(database: string, { indexes = 1, shared = false }: OpenWith = {}): Promise<void> {
    const storage = getRxStorageDexie({ chromeTransactionDurability: 'relaxed' });
    // Names may not begin with a digit or hold capitals.
    const name = database.toLowerCase();
    this.#db = await createRxDatabase({ name, storage, multiInstance: shared, eventReduce: true });
    await this.#db.addCollections({ items: { schema: schemaOf(indexes) } });
  }

  async close(): Promise<void> {
    await this.#db?.close();
  }

  async bulk(items: readonly BenchItem[]): Promise<void> {
    for (let at = 0; at < items.length; at += chunkItems) {
      const docs = items.slice(at, at + chunkItems).map(docOf);
      const { error } = await this.#items.bulkInsert(docs);
      if (error.length > 0) throw new Error('RxDB refused a document');
    }
  }

  async put(item: BenchItem): Promise<void> {
    await this.#items.incrementalUpsert(docOf(item));
  }

  async replace(item: BenchItem): Promise<BenchItem | undefined> {
    const found = await this.#items.findOne(idOf(item)).exec();
    if (found === null) {
      await this.put(item);
      return undefined;
    }
    let old: BenchItem | undefined;
    await found.incrementalModify((doc) => {
      old = { ...doc };
      return Object.assign(doc, item);
    });
    return old;
  }

  async increment(pk: string, sk: number): Promise<number> {
    const found = await this.#items.findOne(idOf({ pk, sk })).exec();
    if (found === null) throw new Error('RxDB: no item to count on');
    let score = 0;
    await found.incrementalModify((doc) => {
      doc.score += 1;
      score = doc.score;
      return doc;
    });
    return score;
  }

  async get(pk: string, sk: number): Promise<BenchItem | undefined> {
    const found = await this.#items.findOne(idOf({ pk, sk })).exec();
    return found?.toJSON() as BenchItem | undefined;
  }

  query(pk: string, limit: number): Promise<readonly BenchItem[]> {
    return this.#find({
      selector: { id: { $gt: `${pk}|`, $lt: `${pk}|~` } },
      sort: [{ id: 'asc' }],
      limit,
    });
  }

  index(city: string, limit: number): Promise<readonly BenchItem[]> {
    return this.#find({
      selector: { city, at: { $gt: 0 } },
      sort: [{ city: 'asc' }, { at: 'asc' }],
      index: ['city', 'at'],
      limit,
    });
  }

  async scan(take: (items: readonly BenchItem[]) => void): Promise<void> {
    const chunk = (after: string): Promise<readonly BenchItem[]> => {
      const selector = { id: { $gt: after } };
      return this.#find({ selector, sort: [{ id: 'asc' }], limit: scanChunk });
    };
    let items = await chunk('');
    while (items.length > 0) {
      const next = chunk(idOf(items[items.length - 1] as BenchItem));
      take(items);
      items = await next;
    }
  }

  async #find(query: object): Promise<readonly BenchItem[]> {
    const found = await this.#items.find(query).exec();
    return found.map((doc) => doc.toJSON() as BenchItem);
  }

  get #items(): RxCollection<Doc> {
    const items = this.#db?.collections['items'];
    if (items === undefined) throw new Error('RxDB is not open');
    return items as RxCollection<Doc>;
  }
}

function docOf(item: BenchItem): Doc {
  return { ...item, id: idOf(item) };
}

function idOf({ pk, sk }: Pick<BenchItem, 'pk' | 'sk'>): string {
  return `${pk}|${String(sk).padStart(3, '0')}`;
}
