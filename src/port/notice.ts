/**
 * The Notice port: what happened to a database that no call asked about.
 *
 * Notices are told once each, to whoever wants to hear; nothing depends on them.
 */

/**
 * - `connection-lost`: the browser cut the connection to the store, or does not answer on it.
 * - `reconnected`: it was opened again, and it is the same store.
 * - `data-loss`: the store is not the one that was there: it was evicted or cleared.
 * - `update-needed`: a newer release has changed the store's format; this one stops.
 * - `background-error`: a checkpoint, a sweep or a job failed; it is tried again.
 * - `damage`: stored data is not what was written, or something was done about it.
 * - `converted`: the store had an older format.
 * - `closed`: nothing is answered any more.
 */
export type NoticeType =
  | 'connection-lost'
  | 'reconnected'
  | 'data-loss'
  | 'update-needed'
  | 'background-error'
  | 'damage'
  | 'converted'
  | 'closed';

export interface Notice {
  readonly type: NoticeType;
  /** What happened and what to do, as a sentence. */
  readonly message: string;
  /** Of `data-loss`: before it was opened this time, or while it was open. */
  readonly why?: 'evicted' | 'cleared' | undefined;
}

export type Notify = (notice: Notice) => void;
