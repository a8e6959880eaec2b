/**
 * A change of an item whose table is replicated, as the commit that carries it is told of it.
 *
 * The stamp is not known when a write is decided, so what is written of it besides (its version,
 * the outbox, the feed) is made when the commit is completed: src/replica/record.ts.
 */
import type { Stamp } from '../base/hlc.ts';
import type { TableReplica } from './state.ts';

/** An item among those of all tables of this database. */
export interface ItemPlace {
  /** Tree of its table. */
  readonly tree: number;
  readonly key: Uint8Array;
}

export interface ReplicatedChange extends ItemPlace {
  readonly replica: TableReplica;
  /** The stored item before and after. */
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  /** Of a batch of statements: which of them it is of. */
  readonly part?: number | undefined;
  /** The write did not look at the item that it replaced. */
  readonly isBlind?: boolean | undefined;
  /** It has a stamp of its own, though it is in the commit of a transaction. */
  readonly isAlone?: boolean | undefined;
  /** Of an edit that is entered once more: what the hub was asked for then (replica/asked.ts). */
  readonly again?: AskedAgain | undefined;
  /** Of a change that another replica made: it keeps its stamp. */
  readonly taken?: TakenChange | undefined;
}

export interface AskedAgain {
  readonly confirm: 'free' | 'unchanged' | 'always' | 'request';
  readonly expiresMs?: number | undefined;
  readonly request?:
    | {
        readonly operation: string;
        readonly form: 'json' | 'wire' | 'plain';
        readonly input: Uint8Array;
      }
    | undefined;
}

export interface TakenChange {
  readonly stamp: Stamp;
  /** All items of the transaction that it is part of; empty without one. */
  readonly members: readonly ItemPlace[];
}
