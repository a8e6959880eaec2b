/**
 * A Request: one call as it reaches the engine, whatever brought it (worker channel, HTTP, engine).
 */
import type { WriteMode } from '../replica/request.ts';
import type { Scope } from '../replica/scope.ts';
import type { Caller, ItemPlace, PlanContext } from './operation.ts';

/**
 * How attribute values are written in the input: `json` is DynamoDB's JSON (binary as base64 text),
 * `wire` the same with Uint8Array for binary (what the SDK holds in memory), `plain` JavaScript
 * values.
 */
export type ValueForm = 'json' | 'wire' | 'plain';

export type Durability = 'relaxed' | 'strict';
/**
 * `strong` asks the store for the log's head first; `session` sees at least what this engine wrote.
 */
export type Consistency = 'strong' | 'session';

/**
 * Throws AccessDeniedException where the caller may not do what it asks. `input` has passed the
 * operation's check.
 */
export type Judge = (operation: string, input: unknown, context: PlanContext) => void;

/** The caller's scope, on the catalog that the call sees. */
export type ScopeOf = (context: PlanContext) => Scope;

export interface Request {
  readonly operation: string;
  readonly input: unknown;
  readonly form: ValueForm;
  readonly caller: Caller;
  /** Who has none may do everything. */
  readonly judge?: Judge | undefined;
  /** Told to operations of replicas, in the turn that reads; who has none may see everything. */
  readonly scope?: ScopeOf | undefined;
  readonly durability?: Durability | undefined;
  readonly consistency?: Consistency | undefined;
  /** Reads leave out items whose time is over and that are not deleted yet; metered as they are. */
  readonly hideExpired?: boolean | undefined;
  /** Of a write to replicated tables of a device: what it asks for besides what they do. */
  readonly mode?: WriteMode | undefined;
  /** With it: the hub is not to execute it when it is older than so many milliseconds. */
  readonly expiresMs?: number | undefined;
  /** Is given the numbers of the entries that it made (replica/entry.ts). */
  readonly entries?: number[] | undefined;
  /** It takes no units where capacity is enforced (an import). */
  readonly unmetered?: boolean | undefined;
  /** On the engine's monotonic clock; a call that is late is answered with an error. */
  readonly deadlineMs?: number | undefined;
  /** A write whose turn has been appended is not undone, and the error says so. */
  readonly signal?: AbortSignal | undefined;
}

/** What came of it. `error` is a DynamoError, an AbortError, or a failure of the world. */
export type Answer =
  | {
      readonly output: object;
      /** As the Effect has it. */
      readonly source?: ItemPlace | undefined;
      readonly error?: undefined;
    }
  | { readonly output?: undefined; readonly source?: undefined; readonly error: Error };

/** The owner of the database, who may do everything. */
export const owner: Caller = { kind: 'user', principal: '' };
