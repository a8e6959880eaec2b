/**
 * The channel between a page and its worker: what the messages on its data port are.
 *
 * Calls travel as arrays, gathered per microtask, because a message costs ten times what a call in
 * it costs. Answers travel the same way, and the items in them as one packed buffer of encoded
 * items that is transferred, not cloned: an answer names the places of its items in that buffer. A
 * large one that was read goes back with the next call, so that none is made for each answer.
 * Invariants
 * - Every call that was sent is answered once, unless the channel ends.
 * - A call's id is used once in the life of a channel.
 */
import type { Consistency, Durability, ValueForm } from '../operation/request.ts';
import type { Notice } from '../port/notice.ts';

/** Raised when a page and a worker of different releases could misunderstand each other. */
export const channelVersion = 1;

/** What the channel needs of a port; a MessagePort has it, and so has a Worker. */
export interface ChannelPort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  start?(): void;
  close?(): void;
}

/** What most calls leave unsaid. */
export interface CallExtras {
  readonly durability?: Durability | undefined;
  readonly consistency?: Consistency | undefined;
  readonly hideExpired?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  /** The page may take the call back. */
  readonly abortable?: boolean | undefined;
}

/** Id, operation, input, form of its attribute values, and the rest. */
export type CallMessage =
  | readonly [id: number, operation: string, input: unknown, form: ValueForm]
  | readonly [id: number, operation: string, input: unknown, form: ValueForm, extras: CallExtras];

/** From the page; what is empty is left out. The ids in `aborts` are of calls sent earlier. */
export interface CallsMessage {
  readonly calls?: readonly CallMessage[];
  readonly aborts?: readonly number[];
  /** A buffer of answers that were read, for others. */
  readonly spare?: ArrayBuffer | undefined;
}

/** The name of a member of the output, or the way to one deeper in it. */
export type ItemPath = string | readonly (string | number)[];
/** Where an item starts in the packed bytes, or where each item of a list does. */
export type ItemPlace = number | readonly number[];

/**
 * Id, whether it succeeded, the output (or ErrorBody) without its items, then pairs: where an item
 * or a list of items belongs, and where its bytes are.
 */
export type AnswerMessage = readonly [
  id: number,
  succeeded: boolean,
  rest: object,
  ...items: readonly (ItemPath | ItemPlace)[],
];

export type Forgotten = readonly number[] | 'all';

/** From the worker; what is empty is left out. `bytes`: the items of all answers. */
export interface AnswersMessage {
  readonly answers?: readonly AnswerMessage[];
  /** Answers that are one member `Item`: id and place in turn. */
  readonly found?: readonly number[];
  /** One for each pair in `found`: the tag of an item that the page may keep, 0 of another. */
  readonly tags?: readonly number[];
  /** Tags of items that the page must not keep any more, those of this message among them. */
  readonly forgotten?: Forgotten;
  /** Ids of answers that are an empty object. */
  readonly done?: readonly number[];
  readonly bytes?: ArrayBuffer;
  /** The buffer may be sent back as `spare`; so many of its bytes, from the first, are items. */
  readonly filled?: number;
  /** What no call asked about, in the order it happened. */
  readonly notices?: readonly Notice[];
}

/** An error as data. */
export interface ErrorBody {
  readonly name: string;
  readonly message: string;
  /** True of DynamoDB's own answers, false of failures of the world. */
  readonly expected: boolean;
  /** What the error says besides: `Item`, `CancellationReasons`, `mayHaveBeenApplied`. */
  readonly members: object;
}
