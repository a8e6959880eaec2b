/** Why a device and its hub cannot go on, and what would help. */

/**
 * - `offline`: no answer; tried again.
 * - `needs-auth`: the hub wants a (better) token, or the token is another principal's.
 * - `update-needed`: the two speak different protocols.
 * - `blocked`: it will not go on without a change on one of the sides.
 */
export type SyncTrouble = 'offline' | 'needs-auth' | 'update-needed' | 'blocked';

export class SyncFault extends Error {
  override readonly name = 'SyncFault';
  readonly why: SyncTrouble;
  /** The hub asks to be left alone for so long. */
  readonly retryMs: number | undefined;
  /** Of HTTP, where the hub has answered with one. */
  readonly status: number | undefined;

  constructor(why: SyncTrouble, message: string, retryMs?: number, status?: number) {
    super(message);
    this.why = why;
    this.retryMs = retryMs;
    this.status = status;
  }
}

/**
 * An operation that the hub alone may carry out, and has not answered. `why` as above;
 * `mayHaveBeenApplied`: it was sent, and nobody knows whether it stands. Else nothing was written.
 */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly why: SyncTrouble;
  readonly mayHaveBeenApplied: boolean;

  constructor(why: SyncTrouble, message: string, mayHaveBeenApplied: boolean) {
    super(message + (mayHaveBeenApplied ? '; the write may stand all the same' : ''));
    this.why = why;
    this.mayHaveBeenApplied = mayHaveBeenApplied;
  }
}
