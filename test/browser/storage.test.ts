/** The store suite over the browser's own IndexedDB, and what only a real one can show. */
import { describe, expect, test } from 'vitest';
import { deleteIndexedDB, openIndexedDB } from '../../src/storage/indexeddb.ts';
import { storeSuite } from '../suite/store.ts';

let count = 0;
const newName = (): string => `storage-test-${count++}-${crypto.randomUUID()}`;

storeSuite('IndexedDB', async () => {
  const name = newName();
  return { open: () => openIndexedDB(name), dispose: () => deleteIndexedDB(name) };
});

describe('IndexedDB in a browser', () => {
  test('gives way to a deletion, and says that it is closed', async () => {
    const name = newName();
    const store = await openIndexedDB(name);
    const record = { space: 'log', key: 1, value: Uint8Array.of(1) } as const;
    expect((await store.write({ add: [record] })).kind).toBe('done');
    await deleteIndexedDB(name);
    expect(await store.write({ put: [record] })).toMatchObject({ why: 'closed' });
    const again = await openIndexedDB(name);
    expect(await again.get('log', 1)).toBeUndefined();
    await again.close();
    await deleteIndexedDB(name);
  });

  test('lets writes that were called before a close end', async () => {
    const name = newName();
    const store = await openIndexedDB(name);
    const record = { space: 'log', key: 1, value: Uint8Array.of(1) } as const;
    const write = store.write({ add: [record], expectMeta: (meta) => meta === undefined });
    await store.close();
    expect((await write).kind).toBe('done');
    const again = await openIndexedDB(name);
    expect(await again.get('log', 1)).toEqual(record.value);
    await again.close();
    await deleteIndexedDB(name);
  });
});
