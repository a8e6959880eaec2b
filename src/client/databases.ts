/**
 * The databases of this origin as a whole: which there are, and the end of one.
 *
 * Both ask IndexedDB itself, in the page: no engine is started for them. The code is a chunk of its
 * own, loaded when it is used.
 */
import { mark } from './witness.ts';

/**
 * Deletes the database with all it holds; one that is not there is deleted already. Databases that
 * are open on it, here or in other tabs, are closed, and their calls rejected. Rejects with an
 * Error named StoreFailure: `why` is `lost` when somebody holds on to it (it is deleted as soon as
 * they let go), `denied` where there is no IndexedDB.
 */
export async function deleteDatabase(name: string): Promise<void> {
  // First: a deletion that is late is none the less wanted, and no loss of data.
  mark(name, '');
  await (await storage()).deleteIndexedDB(name);
}

/** How far its log goes; of `deleteDatabaseAt`. */
export async function headOf(name: string): Promise<number> {
  return (await storage()).headOfLog(name);
}

/**
 * The same where its log goes as far as `head` still. Rejects otherwise: what was written since is
 * not lost, but whoever has the database open must open it again.
 */
export async function deleteDatabaseAt(name: string, head: number): Promise<void> {
  const { deleteIndexedDBAt } = await storage();
  await deleteIndexedDBAt(name, head);
  mark(name, '');
}

/** Names of the databases of this origin, sorted; those of the program around us are left out. */
export async function listDatabases(): Promise<readonly string[]> {
  return (await storage()).listIndexedDB();
}

function storage(): Promise<typeof import('../storage/indexeddb-open.ts')> {
  return import('../storage/indexeddb-open.ts');
}
