/**
 * The page's side of maintenance: long work in the worker, told of as it goes, ended by a signal.
 * Loaded when it is used, so it imports nothing that the entry has.
 */
import type { Control, Maintenance, Outcome } from '../wire/control.ts';
import type { MaintenanceOptions } from './database.ts';

/** What it needs of the way to the worker. */
export interface MaintenanceLink {
  readonly control: Pick<Control, 'maintain' | 'cancel'>;
  ask<T>(work: () => Promise<Outcome<T>>, signal?: AbortSignal): Promise<T>;
}

let works = 0;

/** The signal ends the work in the worker too. `proxy` is Comlink's. */
export async function maintainThrough(
  link: MaintenanceLink,
  proxy: <T extends object>(told: T) => T,
  name: Maintenance['name'],
  { signal, onProgress, ...own }: MaintenanceOptions,
): Promise<unknown> {
  signal?.throwIfAborted();
  works += 1;
  const id = works;
  const cancel = (): void => void link.control.cancel(id);
  signal?.addEventListener('abort', cancel);
  try {
    const told = onProgress && proxy(onProgress);
    return await link.ask(
      () => link.control.maintain(id, { ...own, name } as Maintenance, told),
      signal,
    );
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
