/**
 * What every handle of sync does, whether a page's (src/client/sync.ts) or that of an engine in the
 * same process (src/host/sync-engine.ts): it waits for a status, and keeps or takes what the hub
 * refused or replaced.
 */
import type { Conflict, QuarantinedWrite, SyncStatus } from './sync-types.ts';

export interface StatusSource {
  status(): SyncStatus;
  /** Calls `look` after every change; answers what ends it. */
  watch(look: () => void): () => void;
}

/** Resolves when the status is so; rejects when it is closed first, or `signal` is aborted. */
export function untilStatus(
  source: StatusSource,
  holds: (status: SyncStatus) => boolean,
  signal: AbortSignal | undefined,
): Promise<SyncStatus> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      leave();
      signal?.removeEventListener('abort', aborted);
    };
    const aborted = (): void => {
      over();
      reject(signal?.reason);
    };
    const look = (): void => {
      const status = source.status();
      const isIt = holds(status);
      if (!isIt && status.state !== 'closed') return;
      over();
      if (isIt) resolve(status);
      else reject(new Error(status.message ?? 'Sync is closed'));
    };
    const leave = source.watch(look);
    signal?.addEventListener('abort', aborted);
    if (signal?.aborted === true) aborted();
    else look();
  });
}

/** Calls an operation as sync itself. */
export interface KeptCalls {
  ask(operation: string, input: object): Promise<object>;
}

export async function listQuarantine({ ask }: KeptCalls): Promise<readonly QuarantinedWrite[]> {
  const output = await ask('ListQuarantine', {});
  return (output as { readonly Writes: readonly QuarantinedWrite[] }).Writes;
}

export async function discardQuarantined(
  { ask }: KeptCalls,
  Seqs: readonly number[],
): Promise<void> {
  await ask('DiscardQuarantine', { Seqs });
}

export async function listConflicts({ ask }: KeptCalls): Promise<readonly Conflict[]> {
  const output = await ask('ListConflicts', {});
  return (output as { readonly Conflicts: readonly Conflict[] }).Conflicts;
}

export async function discardConflicts({ ask }: KeptCalls, Ids: readonly string[]): Promise<void> {
  await ask('DiscardConflicts', { Ids });
}
