/**
 * What a device and its hub say to one another (shared/SYNC.md, Protocol). Each answer bears the
 * number of what it answers. Ids are in hexadecimal; entries and changes are bytes, as entry.ts and
 * page.ts write them. How they travel: wire.ts.
 */
import type { OutcomeKind } from './mark.ts';
import type { SentRequest } from './request.ts';

export interface Hello {
  readonly kind: 'hello';
  readonly number: number;
  readonly ReplicaId: string;
  /** The oldest entry that is held, or the next. */
  readonly First: number;
  /** Outcomes up to it have been taken. */
  readonly Settled: number;
  readonly Epoch: string;
  /** The greatest place of what was taken. */
  readonly Cursor: number;
  /** All that is held has the feed up to this place at least; 0 where nothing is held. */
  readonly Known: number;
  /** Of the scope that was taken last; absent where there is none. */
  readonly ScopeHash?: string | undefined;
}

export interface Push {
  readonly kind: 'push';
  readonly number: number;
  readonly Entries: readonly Uint8Array[];
  /**
   * The entry up to which this session knows that the hub has had what is here: who else speaks
   * under this id may have gone beyond it.
   */
  readonly Known?: number | undefined;
}

export interface Pull {
  readonly kind: 'pull';
  readonly number: number;
  readonly Epoch: string;
  readonly Cursor: number;
  /** The greatest place of what was taken. */
  readonly Reach: number;
  /** Of this range alone (range.ts); absent: of all. */
  readonly Range?: Uint8Array;
  /** A hub asks which items were written together. */
  readonly WithJoined?: boolean;
  /** Of changes, after which the page is full; absent: as many as the hub likes. */
  readonly Bytes?: number;
}

/** What a device holds, as keys and stamps: the hub says what of it it lacks. */
export interface Survey {
  readonly kind: 'survey';
  readonly number: number;
  /** Changes without images (page.ts). */
  readonly Rows: Uint8Array;
}

/** What the hub holds of a range, from a key on. */
export interface Snapshot {
  readonly kind: 'snapshot';
  readonly number: number;
  readonly Epoch: string;
  readonly Reach: number;
  /** As range.ts writes it. */
  readonly Range: Uint8Array;
  readonly After: Uint8Array;
  readonly WithDeleted: boolean;
  /** Of items, after which the chunk is full; the most that one may hold unless given. */
  readonly Bytes?: number;
}

export type ToHub = Hello | Push | Pull | Survey | Snapshot;

export interface Greeting {
  readonly kind: 'greeting';
  readonly number: number;
  readonly ReplicaId: string;
  readonly Epoch: string;
  /** What was taken in the hello's epoch up to its cursor is what the hub has. */
  readonly IsHeld: boolean;
  /** It is, but for deletions that the hub has forgotten since. */
  readonly IsBelow: boolean;
  /** The replica was here, and its mark is forgotten: nobody knows what was taken of it. */
  readonly IsRetired: boolean;
  readonly HubId: string;
  /** Of the entries that the hub has answered, those up to it outlive what it runs on. */
  readonly Safe: number;
  /** How long a device may be away, milliseconds. */
  readonly AwayMs: number;
  readonly MarkSeq: number;
  readonly MarkId: string;
  readonly Now: number;
  /** What the caller may read and write (scope.ts), where its hash is not the hello's. */
  readonly Scope?: Uint8Array | undefined;
  /** To who comes for the first time: how many other replicas of the same principal have come. */
  readonly Others?: number | undefined;
  /** Where the replica had settled more: the greatest entry whose answer was forgotten then. */
  readonly Forgotten?: number | undefined;
}

export interface EntryOutcome {
  readonly Seq: number;
  readonly Kind: OutcomeKind;
  readonly Code: string;
  readonly Ms: number;
  readonly Counter: number;
  /** What the device is to show, as page.ts writes it; absent where it says nothing of that. */
  readonly Changes?: Uint8Array | undefined;
}

export interface Outcomes {
  readonly kind: 'outcomes';
  readonly number: number;
  readonly Outcomes: readonly EntryOutcome[];
  /** Why those that are missing were not consumed, or not answered. */
  readonly Stop?: 'gap' | 'fork';
}

export interface Page {
  readonly kind: 'page';
  readonly number: number;
  readonly IsHeld: boolean;
  readonly Cursor: number;
  readonly Changes: Uint8Array;
  readonly UpToDate: boolean;
  /** The greatest place of what is in it. */
  readonly Through: number;
  /** Its transactions, where they were asked for (page-joined.ts). */
  readonly Joined?: Uint8Array | undefined;
  /** Of the scope under which it was read; absent where there is none. */
  readonly ScopeHash?: string | undefined;
}

export interface Chunk {
  readonly kind: 'chunk';
  readonly number: number;
  readonly IsHeld: boolean;
  /** Why this device may not have it; empty when it may. */
  readonly Refusal: string;
  /** The first key that is not in it; empty at the end of the range. */
  readonly To: Uint8Array;
  /** Where the hub's feed was when it was read, and the replica's mark. */
  readonly Sequence: number;
  readonly MarkSeq: number;
  /** As page.ts writes changes, with short names. */
  readonly Items: Uint8Array;
  readonly Count: number;
  /** Items of the table, and their bytes. */
  readonly TotalItems: number;
  readonly TotalBytes: number;
  /** Of the scope under which it was read; absent where there is none. */
  readonly ScopeHash?: string | undefined;
}

/** There is something new; it carries no data, and may be lost. */
export interface Poke {
  readonly kind: 'poke';
}

/** Numbers of rows of a survey: those of which the hub has nothing, and those that are newer. */
export interface Lacks {
  readonly kind: 'lacks';
  readonly number: number;
  readonly Absent: readonly number[];
  readonly Older: readonly number[];
}

export type ToDevice = Greeting | Outcomes | Page | Lacks | Chunk | Poke;

/** Which tables a device wants to replicate, before its hello. */
export interface Tables {
  readonly kind: 'tables';
  readonly number: number;
  /** A JSON list: CreateTable inputs, or `{ TableName }`; empty asks for all there are. */
  readonly Tables: string;
}

export interface Catalog {
  readonly kind: 'catalog';
  readonly number: number;
  /** Who the hub takes the caller for. */
  readonly Principal: string;
  /** A JSON list of HubTable (sync/tables.ts). */
  readonly Tables: string;
}

/** An operation that the hub is to carry out now, as if the caller had come to it. */
export interface HubCall {
  readonly kind: 'call';
  readonly number: number;
  /** Random: the same message twice is carried out once. */
  readonly Id: string;
  /** When it was made, by the hub's clock as far as the device knows it; of all its copies. */
  readonly Ms: number;
  readonly Operation: string;
  readonly Form: SentRequest['form'];
  /** As request.ts writes it. */
  readonly Input: Uint8Array;
}

export interface CallAnswer {
  readonly kind: 'answer';
  readonly number: number;
  /** What it wrote is in the feed up to here. */
  readonly Place: number;
  /** As request.ts writes an output; of a refusal its name, message and members. */
  readonly Output: Uint8Array;
  readonly IsRefused: boolean;
}

/** What has a frame (wire.ts). */
export type Framed = ToHub | Exclude<ToDevice, Poke> | Tables | Catalog | HubCall | CallAnswer;
