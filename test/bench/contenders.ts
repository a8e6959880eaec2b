/**
 * Who is measured. Each is loaded only when it is asked for, so that none weighs on another's
 * page.
 *
 * `durability` says what a write survives once it is answered: `relaxed` is the death of the
 * browser but not power loss. All are relaxed: strict figures are not compared.
 */
import type { Contender } from './contender.ts';

export interface ContenderRow {
  readonly label: string;
  readonly durability: string;
  /** Where it runs, and how it is used. */
  readonly how: string;
  /** False: one page at a time may have its database open. */
  readonly tabs: boolean;
  /** False: it works in the page, or in WebAssembly's memory, which DevTools does not count. */
  readonly heap: boolean;
  load(): Promise<Contender>;
}

export const contenders: ReadonlyMap<string, ContenderRow> = new Map<string, ContenderRow>([
  [
    'raw',
    {
      label: 'raw IndexedDB',
      durability: 'relaxed',
      how: 'worker; a record per item, group commit, a message a microtask',
      tabs: true,
      heap: true,
      load: async () => new (await import('./raw.ts')).RawContender(true),
    },
  ],
  [
    'raw-each',
    {
      label: 'raw IndexedDB, a message a call',
      durability: 'relaxed',
      how: 'worker; as raw, but each call and each answer is a message of its own',
      tabs: true,
      heap: true,
      load: async () => new (await import('./raw.ts')).RawContender(false),
    },
  ],
  [
    'tidetable',
    {
      label: 'Tidetable',
      durability: 'relaxed',
      how: 'worker; items that were read one by one are kept in the page too',
      tabs: true,
      heap: true,
      load: async () => new (await import('./tidetable.ts')).TidetableContender(),
    },
  ],
  [
    'tidetable-worker',
    {
      label: 'Tidetable, nothing kept in the page',
      durability: 'relaxed',
      how: 'worker; every read goes there, `pageCacheBytes: 0`',
      tabs: true,
      heap: true,
      load: async () => new (await import('./tidetable.ts')).TidetableContender(0),
    },
  ],
  [
    'dexie',
    {
      label: 'Dexie 4.4.7',
      durability: 'relaxed',
      how: 'page; IndexedDB, a transaction a call',
      tabs: true,
      heap: false,
      load: async () => new (await import('./peers/dexie.ts')).DexieContender(),
    },
  ],
  [
    'pouchdb',
    {
      label: 'PouchDB 9.0.0',
      durability: 'relaxed',
      how: 'page; adapter indexeddb with native indexes; a put is a get and a put',
      tabs: true,
      heap: false,
      load: async () => new (await import('./peers/pouchdb.ts')).PouchContender(),
    },
  ],
  [
    'rxdb',
    {
      label: 'RxDB 17.6.0',
      durability: 'relaxed',
      how: 'page; storage Dexie; answers documents it has read from memory',
      tabs: true,
      heap: false,
      load: async () => new (await import('./peers/rxdb.ts')).RxContender(),
    },
  ],
  [
    'sqlite',
    {
      label: 'SQLite 3.54.1 on OPFS',
      durability: 'relaxed',
      how: 'worker; opfs-sahpool, WAL, synchronous NORMAL; calls of a microtask in a transaction',
      tabs: false,
      heap: false,
      load: async () => (await import('./peers/sqlite.ts')).sqlite(),
    },
  ],
  [
    'pglite',
    {
      label: 'PGlite 0.5.16 on OPFS',
      durability: 'relaxed',
      how: 'worker; opfs-ahp, relaxedDurability; writes that wait share a transaction',
      tabs: false,
      heap: false,
      load: async () => (await import('./peers/pglite.ts')).pglite(),
    },
  ],
]);

export async function loadContender(name: string): Promise<Contender> {
  const row = contenders.get(name);
  if (row === undefined) throw new Error(`no contender ${name}`);
  return row.load();
}
