/** What keeps a database, as far as its host can say; what a host does not say is undefined. */
export interface StorageStatus {
  /** `memory`: nothing of it outlives the process. */
  readonly mode: 'indexeddb' | 'file' | 'memory';
  /** Whether it stays until somebody deletes it: a browser may evict what it has not promised. */
  readonly persisted?: boolean | undefined;
  /** Bytes that are taken, and how many there may be: in a browser, of the whole origin. */
  readonly usage?: number | undefined;
  readonly quota?: number | undefined;
}
