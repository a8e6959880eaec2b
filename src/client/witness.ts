/**
 * The mark that a database leaves in the page's localStorage: the id of its store.
 *
 * Browsers evict IndexedDB under pressure. A store that is new where a mark says that there was
 * another has been evicted; without a mark it is a first visit. A page without localStorage has no
 * witness, and every new store is a first visit.
 */
import { databasePrefix } from '../storage/names.ts';

/** The mark as it was; with a `storeId` it is that from now on, and with an empty one none. */
export function mark(name: string, storeId?: string): string | undefined {
  const key = databasePrefix + name;
  try {
    const before = localStorage.getItem(key);
    if (storeId) localStorage.setItem(key, storeId);
    else if (storeId === '') localStorage.removeItem(key);
    return before ?? undefined;
  } catch {
    // Without a witness the database works all the same.
    return undefined;
  }
}
