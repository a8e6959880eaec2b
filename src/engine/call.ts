/**
 * One call inside the engine: its row, what `check` made of its input, and how it is answered.
 */
import { AssertionFailure } from '../base/assert.ts';
import { DynamoError, internalServerError } from '../base/errors.ts';
import { collectionBytesMax } from '../base/limits.ts';
import { type Prng, prng } from '../base/prng.ts';
import { Corruption, DamagedData, DamagedLog } from '../base/corruption.ts';
import type { Access } from '../insight/contributor.ts';
import type { Meter } from '../operation/capacity/meter.ts';
import type {
  Caller,
  DecideContext,
  Effect,
  Operation,
  ValueReader,
} from '../operation/operation.ts';
import type { Answer, Request } from '../operation/request.ts';
import type { Scope } from '../replica/scope.ts';
import { StoreFailure } from '../port/store.ts';
import type { Catalog } from '../table/catalog.ts';
import type { TreeReader } from '../tree/reader.ts';
import { plainReader } from '../value/plain.ts';
import { wireReader } from '../value/wire.ts';
import { PageFault } from '../pager/fault.ts';
import { failure } from './failures.ts';
import { countAccesses } from './insights.ts';
import type { Pins } from './load.ts';
import { Scout } from './scout.ts';
import type { EngineState } from './state.ts';

/** Of a call whose signal was aborted; `mayHaveBeenApplied` when its turn was being appended. */
export class AbortError extends Error {
  override readonly name = 'AbortError';
  readonly mayHaveBeenApplied: boolean;

  constructor(mayHaveBeenApplied: boolean) {
    super(
      mayHaveBeenApplied
        ? 'The call was aborted while its write was being stored: it may stand'
        : 'The call was aborted; nothing was written',
    );
    this.mayHaveBeenApplied = mayHaveBeenApplied;
  }
}

export class DeadlineError extends Error {
  override readonly name = 'TimeoutError';
  readonly mayHaveBeenApplied: boolean;

  constructor(mayHaveBeenApplied: boolean) {
    super(
      mayHaveBeenApplied
        ? 'The deadline passed while the write was being stored: it may stand'
        : 'The call was not begun before its deadline; nothing was written',
    );
    this.mayHaveBeenApplied = mayHaveBeenApplied;
  }
}

const regionDefault = 'local';
const accountDefault = '000000000000';
const endpointDefault = 'localhost:8000';

/** What `check`, `plan` and `decide` are given. One object serves all three. */
export class CallContext implements DecideContext {
  readonly caller: Caller;
  readonly nowMs: number;
  readonly hideAtMs: number | undefined;
  readonly values: ValueReader;
  readonly isPlain: boolean;
  readonly meter: Meter | undefined;
  readonly #state: EngineState;
  /** Operations take it out of the context: bound. */
  readonly random: () => Prng;
  readonly tableDurability: DecideContext['tableDurability'];
  readonly #scope: Request['scope'];
  #catalog: Catalog | undefined;
  reader: TreeReader;
  /** What the last run told of keys; undefined where nothing is counted. */
  #accesses: Access[] | undefined;

  constructor(state: EngineState, request: Request) {
    this.#state = state;
    this.caller = request.caller;
    this.#scope = request.scope;
    this.nowMs = state.options.clock.wallMs();
    this.hideAtMs = request.hideExpired === true ? this.nowMs : undefined;
    const isMetered = request.caller.kind === 'user' && request.unmetered !== true;
    this.meter = isMetered
      ? state.options.capacity?.begin(this.nowMs, request.operation)
      : undefined;
    this.isPlain = request.form === 'plain';
    this.values = this.isPlain ? plainReader : wireReader;
    let seed: number | undefined;
    this.random = () => {
      seed ??= nextSeed(state);
      return prng(seed);
    };
    this.tableDurability = state.tableDurability;
    this.reader = state.published;
  }

  get region(): string {
    return this.#state.options.region ?? regionDefault;
  }

  get account(): string {
    return this.#state.options.account ?? accountDefault;
  }

  get endpoint(): string {
    return this.#state.options.endpoint ?? endpointDefault;
  }

  get collectionBytesMax(): number {
    return this.#state.options.collectionBytesMax ?? collectionBytesMax;
  }

  scope(): Scope | undefined {
    return this.#scope?.(this);
  }

  get catalog(): Catalog {
    return this.#catalog ?? this.#state.catalog();
  }

  access(access: Access): void {
    this.#accesses ??= [];
    this.#accesses.push(access);
  }

  /** It is run again, and what it told of keys and units was not so. */
  forgetAccesses(): void {
    this.#accesses = undefined;
    this.meter?.undo();
  }

  /** The call was answered, by an operation or its refusal. */
  countAccesses(): void {
    if (this.#accesses !== undefined) countAccesses(this.#state, this.#accesses);
  }

  /** The call is answered with an error, which may be the end of the engine. */
  failed(error: Error): void {
    this.#state.stopIfNewer(error);
  }

  /** Reads through `reader` from now on; `catalog` undefined takes the published one. */
  look(reader: TreeReader, catalog: Catalog | undefined): void {
    this.reader = reader;
    this.#catalog = catalog;
  }
}

export interface Call {
  readonly row: Operation;
  readonly request: Request;
  /** As its shape has it. */
  readonly input: unknown;
  readonly checked: unknown;
  readonly context: CallContext;
  readonly done: (answer: Answer) => void;
  /** How often it was run and met an absent page. */
  faults: number;
  /** The pages that were brought for it, while it is run again and again. */
  pins: Pins | undefined;
  /** It is part of a turn: its write is in a layer, and may be in the log soon. */
  isDecided: boolean;
  isAnswered: boolean;
  /** While it waits (deadlines.ts): since when, on the clock of time awake, and how it ends. */
  sinceMs: number;
  leave: ((call: Call) => void) | undefined;
  aborted: (() => void) | undefined;
}

/**
 * Plans and decides, against what the call's context looks at. Throws PageFault and DynamoError.
 */
export function decideCall(call: Call): Effect {
  try {
    return runCall(call);
  } catch (error) {
    if (call.row.touchesMany !== true || !(error instanceof PageFault)) throw error;
    const { context } = call;
    const { reader } = context;
    const scout = new Scout(reader, error);
    context.reader = scout;
    scout.run(() => runCall(call));
    context.reader = reader;
    context.forgetAccesses();
    throw scout.fault;
  }
}

function runCall({ row, request, input, checked, context }: Call): Effect {
  context.forgetAccesses();
  request.judge?.(row.name, input, context);
  return row.decide(row.plan(checked, context), context);
}

/**
 * Answers a call, unless it was answered before. A caller that throws must not keep the others from
 * their answers: its error is reported as one that nobody caught.
 */
export function reply(call: Call, answer: Answer): void {
  if (call.isAnswered) return;
  call.isAnswered = true;
  call.leave?.(call);
  const { error } = answer;
  if (error !== undefined) call.context.failed(error);
  if (error === undefined || error instanceof DynamoError) call.context.countAccesses();
  try {
    call.done(answer);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** The error of a call that has no more business here: aborted, late, or of a stopped engine. */
export function endedError(state: EngineState, { request }: Call): Error | undefined {
  if (state.stopped !== undefined) return state.stopped;
  if (request.signal?.aborted === true) return new AbortError(false);
  const { deadlineMs } = request;
  if (deadlineMs !== undefined && state.options.clock.monoMs() > deadlineMs) {
    return new DeadlineError(false);
  }
  return undefined;
}

/** What a caller is told of an error: DynamoDB's as it is, a mistake of ours as a server error. */
export function answerable(error: unknown): Error {
  if (error instanceof DynamoError || error instanceof AbortError) return error;
  if (error instanceof DamagedData) return error;
  if (error instanceof StoreFailure) return storeFailure(error);
  if (error instanceof DamagedLog) return damagedLog(error);
  if (error instanceof Corruption)
    return new DamagedData(`Stored data is damaged: ${error.message}`);
  if (error instanceof AssertionFailure) {
    return internalServerError(`Internal server error: ${error.message}`);
  }
  return error instanceof Error ? error : new Error(String(error));
}

function damagedLog({ message }: DamagedLog): DamagedData {
  return new DamagedData(
    `The log is damaged (${message}): what was written from there on cannot be read here. The tab ` +
      'that wrote it has been asked to save it. If it is gone, close all tabs and open the ' +
      'database again: all that came before the damage is kept, and the rest is set aside.',
  );
}

function storeFailure({ why, message }: StoreFailure): Error {
  if (why === 'full') return failure(why, 'The disk or the storage quota is full');
  const text = why === 'gone' ? message : `The store could not be used: ${message}`;
  return internalServerError(text, { reason: why, mayHaveBeenApplied: false });
}

/** A failed assert or damaged bytes: the engine must start over from its store. */
export function isOurMistake(error: unknown): boolean {
  return error instanceof AssertionFailure || error instanceof Corruption;
}

const seeds = new WeakMap<EngineState, Prng>();

/** Seeds follow from the engine's random id, so a run can be replayed. */
function nextSeed(state: EngineState): number {
  let source = seeds.get(state);
  if (source === undefined) {
    const [a = 0, b = 0, c = 0, d = 0] = state.id;
    source = prng(a + b * 0x100 + c * 0x10000 + d * 0x1000000);
    seeds.set(state, source);
  }
  return source.u32();
}
