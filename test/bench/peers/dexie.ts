/**
 * Dexie, in the page, as its documentation advises: compound primary key and compound index, bulk
 * methods for loading, a transaction around a read and a write.
 */
import Dexie, { type Table } from 'dexie';
import type { Contender, OpenWith } from '../contender.ts';
import type { BenchItem } from '../items.ts';

const chunkItems = 5000;
const scanChunk = 2000;

type Key = [pk: string, sk: number];

export class DexieContender implements Contender {
  readonly name = 'Dexie';
  #db: Dexie | undefined;

  async open(database: string, { indexes = 1 }: OpenWith = {}): Promise<void> {
    const db = new Dexie(database, { chromeTransactionDurability: 'relaxed' });
    const byName = indexes === 2 ? ', [name+at]' : '';
    db.version(1).stores({ items: `[pk+sk], [city+at]${byName}` });
    this.#db = await db.open();
  }

  async close(): Promise<void> {
    this.#db?.close();
  }

  async bulk(items: readonly BenchItem[]): Promise<void> {
    for (let at = 0; at < items.length; at += chunkItems) {
      await this.#items.bulkPut(items.slice(at, at + chunkItems));
    }
  }

  async put(item: BenchItem): Promise<void> {
    await this.#items.put(item);
  }

  replace(item: BenchItem): Promise<BenchItem | undefined> {
    const items = this.#items;
    return this.#database.transaction('rw', items, async () => {
      const old = await items.get([item.pk, item.sk]);
      await items.put(item);
      return old;
    });
  }

  increment(pk: string, sk: number): Promise<number> {
    const items = this.#items;
    return this.#database.transaction('rw', items, async () => {
      const old = await items.get([pk, sk]);
      if (old === undefined) throw new Error('Dexie: no item to count on');
      await items.put({ ...old, score: old.score + 1 });
      return old.score + 1;
    });
  }

  get(pk: string, sk: number): Promise<BenchItem | undefined> {
    return this.#items.get([pk, sk]);
  }

  query(pk: string, limit: number): Promise<readonly BenchItem[]> {
    const range = this.#items.where('[pk+sk]').between([pk, Dexie.minKey], [pk, Dexie.maxKey]);
    return range.limit(limit).toArray();
  }

  index(city: string, limit: number): Promise<readonly BenchItem[]> {
    const range = this.#items
      .where('[city+at]')
      .between([city, Dexie.minKey], [city, Dexie.maxKey]);
    return range.limit(limit).toArray();
  }

  async scan(take: (items: readonly BenchItem[]) => void): Promise<void> {
    const chunk = (after: Key): Promise<readonly BenchItem[]> => {
      return this.#items.where('[pk+sk]').above(after).limit(scanChunk).toArray();
    };
    let items = await chunk(['', 0]);
    while (items.length > 0) {
      const { pk, sk } = items[items.length - 1] as BenchItem;
      const next = chunk([pk, sk]);
      take(items);
      items = await next;
    }
  }

  get #database(): Dexie {
    if (this.#db === undefined) throw new Error('Dexie is not open');
    return this.#db;
  }

  get #items(): Table<BenchItem, Key> {
    return this.#database.table('items');
  }
}
