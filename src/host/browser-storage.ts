/** What a browser says of the storage that its databases are in. */
import { storeOpenMs } from '../base/limits.ts';
import type { StorageStatus } from '../port/storage-status.ts';

/** Never rejects, and answers within a limit: what the browser does not say is left out. */
export async function browserStorage(): Promise<StorageStatus> {
  // Asked apart: an estimate fails in places where the promise is known.
  const [persisted, estimate] = await Promise.all([
    said(() => navigator.storage.persisted()),
    said(() => navigator.storage.estimate()),
  ]);
  return { mode: 'indexeddb', persisted, usage: estimate?.usage, quota: estimate?.quota };
}

/** Undefined where the browser has no answer, or none in time. */
function said<T>(ask: () => Promise<T>): Promise<T | undefined> {
  return new Promise<T | undefined>((resolve, reject) => {
    const answer = ask();
    const timer = setTimeout(resolve, storeOpenMs);
    answer.finally(() => clearTimeout(timer)).then(resolve, reject);
  }).catch(() => undefined);
}
