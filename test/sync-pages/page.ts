/** A page that is a device of a hub: what a test of two browsers asks of it. */
import { open, type Database } from '../../src/index.ts';
import { sync, type Sync, type SyncStatus } from '../../src/sync.ts';

const TableName = 'Notes';
const notes = {
  TableName,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
} as const;

let db: Database;
let remote: Sync;
/** What an item has been, in turn. */
const watched: unknown[] = [];

const page = {
  async start(url: string, token?: string): Promise<void> {
    db = await open('notes', { tables: [notes] });
    remote = sync(db, { url, tables: [TableName], ...(token === undefined ? {} : { token }) });
  },
  status: (): SyncStatus => remote.status,
  until: (state: SyncStatus['state']): Promise<SyncStatus> => remote.until(state),
  drain: (): Promise<void> => remote.drain(),
  pause: (): Promise<void> => remote.pause(),
  resume: (): Promise<void> => remote.resume(),
  async put(id: string, v: string): Promise<void> {
    await db.putItem({ TableName, Item: { id, v } });
  },
  async remove(id: string): Promise<void> {
    await db.deleteItem({ TableName, Key: { id } });
  },
  /** Writes that nobody waits for. */
  async putMany(prefix: string, count: number, v: string): Promise<void> {
    const all = Array.from({ length: count }, (_, n) => page.put(`${prefix}${n}`, v));
    await Promise.all(all);
  },
  async get(id: string): Promise<unknown> {
    const { Item } = await db.getItem({ TableName, Key: { id } }, { consistency: 'strong' });
    return Item?.['v'];
  },
  /** Of all items that are stored, in the order of their ids. */
  async hash(): Promise<string> {
    const lines: string[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const input = { TableName, ...(ExclusiveStartKey && { ExclusiveStartKey }) };
      const found = await db.scan(input, { consistency: 'strong' });
      for (const item of found.Items ?? []) lines.push(`${item['id']} ${item['v']}`);
      ExclusiveStartKey = found.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    const bytes = new TextEncoder().encode(lines.sort().join('\n'));
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  },
  /** Milliseconds until an item shows in a live query. */
  async seen(id: string): Promise<number> {
    const since = performance.now();
    for await (const { Item } of db.live({ TableName, Key: { id } })) {
      if (Item !== undefined) break;
    }
    return performance.now() - since;
  },
  /** Notes what an item becomes, until the page is closed. */
  watch(id: string): void {
    const follow = async (): Promise<void> => {
      for await (const { Item } of db.live({ TableName, Key: { id } })) {
        if (Item !== undefined) watched.push(Item['v']);
      }
    };
    follow().catch(reportError);
  },
  watched: (): readonly unknown[] => watched,
  close: (): Promise<void> => db.close(),
};

Object.assign(globalThis, { page });
