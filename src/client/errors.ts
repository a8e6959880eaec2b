/**
 * What a call on the page can end in: DynamoDB's own answers, a call taken back, a channel's end.
 */
import type { ErrorBody } from '../wire/channel.ts';

/**
 * An answer of DynamoDB's. `name` is DynamoDB's (`ConditionalCheckFailedException`), and what the
 * error says besides (`Item`, `CancellationReasons`) are members of it.
 */
export class DynamoDBError extends Error {
  override readonly name: string;
  declare readonly Item?: Readonly<Record<string, unknown>>;
  declare readonly CancellationReasons?: readonly CancellationReason[];
  /**
   * Of an InternalServerError: what failed. `hangs`, `lost` and `unknown` may be tried again;
   * `full` when there is room; after `gone` and `closed` the database is to be opened again.
   */
  declare readonly reason?: 'hangs' | 'lost' | 'unknown' | 'full' | 'gone' | 'closed' | 'denied';
  /** Of an InternalServerError: true of a write that may stand all the same. */
  declare readonly mayHaveBeenApplied?: boolean;

  constructor(name: string, message: string, members: object) {
    super(message);
    this.name = name;
    Object.assign(this, members);
  }
}

/** Why one action of a transaction was refused; `Code` is `None` for one that was not. */
export interface CancellationReason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Readonly<Record<string, unknown>>;
}

/** A call that was aborted (`AbortError`, with the signal's reason as `cause`) or late. */
export class CallError extends Error {
  override readonly name: 'AbortError' | 'TimeoutError';
  /** True when the call was a write that had been sent: it may stand. */
  readonly mayHaveBeenApplied: boolean;

  constructor(name: CallError['name'], mayHaveBeenApplied: boolean, cause?: unknown) {
    const what = name === 'AbortError' ? 'The call was aborted' : 'The call took too long';
    super(what + (mayHaveBeenApplied ? applied : '; nothing was written'), { cause });
    this.name = name;
    this.mayHaveBeenApplied = mayHaveBeenApplied;
  }
}

/**
 * The database could not be opened (`open`), was `closed`, its `worker` died, or a newer release
 * has changed its format, so that this one must not touch it (`update-needed`): load the page anew.
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly why: 'open' | 'closed' | 'worker' | 'update-needed';
  readonly mayHaveBeenApplied: boolean;

  constructor(
    why: DatabaseError['why'],
    message: string,
    options: { readonly cause?: unknown; readonly mayHaveBeenApplied?: boolean } = {},
  ) {
    const { cause, mayHaveBeenApplied = false } = options;
    super(mayHaveBeenApplied ? message + applied : message, { cause });
    this.why = why;
    this.mayHaveBeenApplied = mayHaveBeenApplied;
  }
}

/** What somebody threw, as text. */
export function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

const applied = '; the write may have been applied all the same';

/** The error that was sent as `body`. */
export function errorOf({ name, message, expected, members }: ErrorBody): Error {
  if (name === 'UpdateNeeded') return new DatabaseError('update-needed', message);
  return expected
    ? new DynamoDBError(name, message, members)
    : Object.assign(new Error(message), members, { name });
}
