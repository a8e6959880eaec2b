/**
 * Background Sync, where a browser has it: it wakes the app's service worker once there is a
 * network again, also while no page is looked at. What wakes there tells the pages (docs/sync.md),
 * whose client then tries at once. Loaded when a page has writes that no hub has heard of.
 */

interface WithSync {
  readonly sync?: { register(tag: string): Promise<void> } | undefined;
}

/** False where there is none, or no service worker, or the browser does not let us. */
export async function askBackgroundSync(database: string): Promise<boolean> {
  try {
    const registration = await navigator.serviceWorker?.getRegistration();
    const { sync } = (registration ?? {}) as WithSync;
    await sync?.register(`tidetable:${database}`);
    return sync !== undefined;
  } catch {
    return false;
  }
}
