/**
 * Calls of a page that ask for more than a call does, and what became of the entries they made
 * (docs/sync.md).
 */
import type { Engine } from '../engine/engine-types.ts';
import type { Request } from '../operation/request.ts';
import type { Fate } from '../replica/answered.ts';
import type { Seeker } from './seek.ts';
import type { SettledAs } from './sync-types.ts';
import { syncCaller } from './tables.ts';

/** Input of SyncCall. */
export interface SyncCallInput {
  readonly Operation: string;
  readonly Input: object;
  readonly Mode?: 'local' | 'confirm' | 'hub';
  readonly ExpiresMs?: number;
}

/** Output of SyncCall: the operation's, and the numbers of the entries that it made. */
export interface SyncCallOutput {
  readonly Output: object;
  readonly Seqs: readonly number[];
}

/**
 * The call of the page, carried out in the form and with all that it was made with. `askHub`: of
 * the mode `hub` (ask-hub.ts). `seeker`: fetches what the call looks for.
 */
export async function carryOut(
  engine: Engine,
  askHub: (request: Request) => Promise<object>,
  request: Request,
  seeker?: Seeker | undefined,
): Promise<SyncCallOutput> {
  const { Operation: operation, Input: input, Mode, ExpiresMs } = request.input as SyncCallInput;
  if (Mode !== undefined && !modes.has(Mode)) {
    throw new TypeError(`Sync has no mode ${String(Mode)}`);
  }
  const isLong = ExpiresMs === undefined || (Number.isSafeInteger(ExpiresMs) && ExpiresMs > 0);
  if (!isLong) throw new TypeError('expiresMs is a whole number of milliseconds');
  if (Mode === 'hub') {
    if (ExpiresMs !== undefined) throw new TypeError('expiresMs is of what waits for the hub');
    return { Output: await askHub({ ...request, operation, input }), Seqs: [] };
  }
  const entries: number[] = [];
  const more = { mode: Mode, expiresMs: ExpiresMs, entries };
  const asked = { ...request, operation, input };
  if (seeker?.isDue(asked) === true) await seeker.seek(asked);
  const output = await engine.call({ ...asked, ...more });
  return { Output: output, Seqs: entries };
}

const modes: ReadonlySet<string> = new Set(['local', 'confirm', 'hub']);

/** The worst that became of any of them, once the hub has answered all. */
export async function settledAs(
  engine: Engine,
  Seqs: readonly number[],
  over: AbortSignal,
): Promise<SettledAs> {
  if (Seqs.length === 0) return 'local';
  while (!over.aborted) {
    const moved = movesOf(engine, over);
    const fates = await ask(engine, Seqs);
    if (!fates.includes('pending')) {
      moved.leave();
      if (fates.includes('refused')) return 'rejected';
      return fates.includes('superseded') ? 'superseded' : 'hub';
    }
    await moved.once;
  }
  throw new Error('Sync is closed');
}

function movesOf(
  engine: Engine,
  over: AbortSignal,
): { readonly once: Promise<void>; leave(): void } {
  let leave = (): void => undefined;
  const once = new Promise<void>((resolve) => {
    const unwatch = engine.watch(resolve);
    over.addEventListener('abort', () => resolve(), { once: true });
    leave = () => {
      unwatch();
      resolve();
    };
  });
  return { once: once.finally(leave), leave };
}

async function ask(engine: Engine, Seqs: readonly number[]): Promise<readonly Fate[]> {
  const request = { operation: 'EntryFates', input: { Seqs }, form: 'plain' } as const;
  const { Fates } = (await engine.call({ ...request, caller: syncCaller })) as {
    readonly Fates: readonly Fate[];
  };
  return Fates;
}
