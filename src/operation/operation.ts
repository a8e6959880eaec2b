/**
 * What an operation is: a row of the registry, from its declared input to its effect.
 *
 * `check` sees the input alone, `plan` the catalog too, `decide` the data: DynamoDB's order of
 * judgement (reference/protocol.md, section 4). All three are pure. `plan` and `decide` may be run
 * again, after a PageFault or a lost race, and must not remember anything.
 */
import type { Prng } from '../base/prng.ts';
import type { Scope } from '../replica/scope.ts';
import type { LiveRead } from '../live/live-read.ts';
import type { Access } from '../insight/contributor.ts';
import type { Attach, CallerKind, Mutation } from '../log/commit.ts';
import type { InputOf, Shape } from '../shape/constructors.ts';
import type { Catalog } from '../table/catalog.ts';
import type { ReplicatedChange } from '../table/replicated.ts';
import type { TableState } from '../table/state.ts';
import type { TreeReader } from '../tree/reader.ts';
import type { Meter } from './capacity/meter.ts';
import type { Item, Value } from '../value/value.ts';

/** Reads attribute values of the form the request came in (wire or plain). */
export interface ValueReader {
  /** Throws DynamoDB's error on a malformed value. */
  value(raw: unknown): Value;
  /** An Item or Key: names to values. */
  item(raw: unknown): Item;
}

export interface Caller {
  readonly kind: CallerKind;
  /** ARN or name of who asks; empty for the owner of the database. */
  readonly principal: string;
  /** Of whose data the caller's are, as a verified token or key says. */
  readonly tenant?: string | undefined;
  /** What a verified token or key says besides, by `jwt:<claim>`. */
  readonly claims?: ReadonlyMap<string, readonly string[]> | undefined;
}

/** What a request brings along besides its input. */
export interface RequestContext {
  readonly caller: Caller;
  /** Wall time of arrival, milliseconds. */
  readonly nowMs: number;
  readonly region: string;
  readonly account: string;
  /** Host and port that DescribeEndpoints names. */
  readonly endpoint: string;
  readonly values: ValueReader;
  /** Answered with plain values, as our own API alone is: it tells more than DynamoDB. */
  readonly isPlain?: boolean | undefined;
  /** Wall time: reads leave out items whose time was over by then (table/expiry.ts). */
  readonly hideAtMs?: number | undefined;
  /** Told of the units of a key, where they are counted (insight/contributor.ts). */
  access?(access: Access): void;
  /** Of units, where capacity is enforced. */
  readonly meter?: Meter | undefined;
  /** What an item collection may have at most. */
  readonly collectionBytesMax: number;
  /** What the database was opened with for the table of this name. */
  tableDurability(name: string): TableState['durability'];
  /** A generator of this request's own; the same numbers in every run of it. */
  random(): Prng;
}

export interface PlanContext extends RequestContext {
  readonly catalog: Catalog;
  /** Plan may read system trees, as the catalog does. */
  readonly reader: TreeReader;
  /** What the caller may see of replicated tables; undefined: everything. */
  scope?(): Scope | undefined;
}

export interface DecideContext extends PlanContext {}

/** A commit before it has its sequence number and stamp. */
export interface CommitDraft {
  /** Tree id of the table; 0 for the engine's own state. */
  readonly table: number;
  readonly mutations: readonly Mutation[];
  /** Write units times 2. */
  readonly units: number;
  readonly attach?: readonly Attach[] | undefined;
  /** The item of a replicated table that it changes. */
  readonly replicated?: ReplicatedChange | undefined;
  /** Whose change it is, where that is not the request's caller. */
  readonly caller?: CallerKind | undefined;
}

/** Where an item is stored. */
export interface ItemPlace {
  readonly tree: number;
  readonly key: Uint8Array;
}

export interface Effect {
  /** DynamoDB's output members. Items are value/value.ts Items or codec.ts StoredItems. */
  readonly output: object;
  /** Of a read that is one stored item, whole, and that may be kept until the item changes. */
  readonly source?: ItemPlace | undefined;
  /** In order. Those of a transaction share a stamp and a transaction id. */
  readonly commits?: readonly CommitDraft[];
  readonly transaction?: boolean;
  /** The write must be durable before it is answered, whatever the request says. */
  readonly strict?: boolean;
  /** What the tables it writes to ask for (table/durability.ts), where the request does not say. */
  readonly durability?: TableState['durability'];
}

export type OperationKind = 'read' | 'write';

export interface Operation<I = unknown, C = unknown, P = unknown> {
  readonly name: string;
  /** The IAM action, e.g. `dynamodb:PutItem`. */
  readonly action: string;
  readonly kind: OperationKind;
  /** May be asked by callers; an internal row is the engine's own. */
  readonly internal: boolean;
  /** An engine that was given operations of its own may have one of this name among them. */
  readonly mayBeOther?: boolean;
  /** It looks at many entries, one by one: the pages of all are brought together. */
  readonly touchesMany?: boolean;
  readonly input: Shape<I>;
  check(input: I, context: RequestContext): C;
  plan(checked: C, context: PlanContext): P;
  decide(plan: P, context: DecideContext): Effect;
  /** Whether a read must see every commit acknowledged before it arrived. */
  consistent?(checked: C): boolean;
  /** Of a row that may write: whether this call does not (a PartiQL SELECT). */
  onlyReads?(checked: C): boolean;
  /** Of a row that a live query may be of: what it reads; undefined of a plan that writes. */
  follows?(plan: P): LiveRead | undefined;
}

interface Row<S, C, P> {
  readonly name: string;
  readonly action?: string;
  readonly kind: OperationKind;
  readonly internal?: boolean;
  readonly mayBeOther?: boolean;
  readonly touchesMany?: boolean;
  readonly input: S;
  check(input: InputOf<S>, context: RequestContext): C;
  plan(checked: C, context: PlanContext): P;
  decide(plan: P, context: DecideContext): Effect;
  consistent?(checked: C): boolean;
  onlyReads?(checked: C): boolean;
  follows?(plan: P): LiveRead | undefined;
}

/** Makes a row, with the types of its steps tied together. */
export function operation<S extends Shape<unknown>, C, P>(row: Row<S, C, P>): Operation {
  return {
    action: `dynamodb:${row.name}`,
    internal: false,
    ...row,
  } as unknown as Operation;
}
