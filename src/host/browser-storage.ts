/** What a browser says of the storage that its databases are in. */
import type { StorageStatus } from '../port/storage-status.ts';

/** Never rejects: what the browser does not say is left out. */
export async function browserStorage(): Promise<StorageStatus> {
  try {
    const { storage } = navigator;
    const [persisted, { usage, quota }] = await Promise.all([
      storage.persisted(),
      // An estimate fails in places where the promise is known: it is asked apart.
      storage.estimate().catch(() => ({ usage: undefined, quota: undefined })),
    ]);
    return { mode: 'indexeddb', persisted, usage, quota };
  } catch {
    return { mode: 'indexeddb' };
  }
}
