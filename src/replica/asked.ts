/**
 * What an entry asks of the hub besides its stamp: whether it waits for the hub's word, and what
 * the hub is to look at or to execute (shared/SYNC.md, Semantics 3).
 *
 * A call may ask for more than its tables do, never for less; and what is made on an entry that
 * waits for the hub's word waits for it too.
 */
import { type DynamoError, validation } from '../base/errors.ts';
import type { ReplicatedChange } from '../table/replicated.ts';
import type { Confirm, Entry } from './entry.ts';
import { encodeInput, type SentRequest, type WriteMode } from './request.ts';
import type { Version } from './version.ts';

/** The call that the commits are of. */
export interface RecordCall {
  readonly row: { readonly internal: boolean };
  readonly request: {
    readonly operation: string;
    readonly input: unknown;
    readonly form: SentRequest['form'];
    readonly mode?: WriteMode | undefined;
    readonly expiresMs?: number | undefined;
    readonly entries?: number[] | undefined;
  };
  /** A transaction with items of tables that are not replicated. */
  readonly isMixed: boolean;
}

/** A change, and the sequence number of its commit. */
export interface PlacedChange {
  readonly change: ReplicatedChange;
  readonly sequence: number;
}

export interface Known {
  readonly bytes: Uint8Array | undefined;
  readonly version: Version | undefined;
}

/** Of these each write is for itself: one that looked at nothing holds whatever there is. */
const blindAlone: ReadonlySet<string> = new Set(['PutItem', 'DeleteItem', 'BatchWriteItem']);

/** What the hub makes of such an entry is not what the device has guessed of it. */
const executed: ReadonlySet<Confirm | undefined> = new Set(['request', 'unknown']);

/**
 * What the hub is to decide, if anything. `isDoubtful`: it found no item where there may be one
 * that has not come yet. `confirmOf`: what an own entry waits for.
 */
export function askedOf(
  group: readonly PlacedChange[],
  knowns: readonly Known[],
  call: RecordCall & { readonly isDoubtful?: boolean },
  confirmOf: (seq: number) => Confirm | undefined,
): Partial<Entry> {
  const { row, request, isMixed } = call;
  const { mode, expiresMs } = request;
  const older = olderOf(group, knowns);
  const below = knowns.map(({ version }) =>
    version?.isGuess === true ? confirmOf(version.pending ?? 0) : undefined,
  );
  const floor = [mode, ...group.map(({ change }) => change.replica.mode)];
  if (floor.includes('hub') && !row.internal) throw hubAlone();
  const isAsked = floor.includes('confirm') || floor.includes('hub');
  const isDoubtful = call.isDoubtful === true;
  const isWaiting = isAsked || isDoubtful || below.some((confirm) => confirm !== undefined);
  const [{ change }] = group as readonly [PlacedChange];
  if (change.again !== undefined) return change.again;
  if (older === undefined && !isWaiting) return {};
  const isOnGuess = below.some((one, at) => executed.has(one) && !group[at]?.change.isBlind);
  if (isMixed && (isAsked || isOnGuess)) throw mixture();
  // On a guess no image may stand: what the hub has not goes to it first, as it was.
  if (older !== undefined && !isOnGuess) return { confirm: older };
  // What the device offers or found unchanged may be refused: what is on it is not for certain.
  // What read a guess is said again, for no image made of that may stand.
  const isUnsure = below.some((one) => one !== undefined && one !== 'always' && !executed.has(one));
  if (isMixed || (isUnsure && !isOnGuess)) return { confirm: 'unchanged' };
  const isAlone = blindAlone.has(request.operation) && change.isBlind === true;
  if (isAlone) return { confirm: 'always', expiresMs };
  if (row.internal) return { confirm: 'unchanged' };
  return { confirm: 'request', expiresMs, request: sentRequest(call, change.part) };
}

/**
 * An item without a version is from before the first contact: it is the hub's only where its key is
 * free there.
 */
function olderOf(group: readonly PlacedChange[], knowns: readonly Known[]): Confirm | undefined {
  const isOlder = group.some(({ change: { before } }, index) => {
    return before !== undefined && knowns[index]?.version === undefined;
  });
  if (isOlder && group.length === 1) return 'free';
  return isOlder ? 'unchanged' : undefined;
}

/** A statement of a batch is asked for alone. */
function sentRequest({ request }: RecordCall, part: number | undefined): SentRequest {
  const { operation, form, input } = request;
  if (part === undefined) return { operation, form, input: encodeInput(input) };
  const { Statements } = input as { readonly Statements: readonly unknown[] };
  return { operation: 'ExecuteStatement', form, input: encodeInput(Statements[part]) };
}

function mixture(): DynamoError {
  const text = 'A transaction that the hub confirms has no items of tables that it has not';
  return validation(text);
}

function hubAlone(): DynamoError {
  return validation('The table is written by its hub alone: ask for the mode hub');
}
