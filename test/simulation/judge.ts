/**
 * The judge of answers: every one must be the model's in some state between asking and answering
 * (linearizability of an operation), and every acknowledged write must be in the ledger.
 */
import { DamagedData } from '../../src/base/corruption.ts';
import { DynamoError } from '../../src/base/errors.ts';
import { AbortError } from '../../src/engine/call.ts';
import { StoredItem } from '../../src/value/codec.ts';
import { equalItems } from '../../src/value/compare.ts';
import type { Item } from '../../src/value/value.ts';
import { evaluate } from '../model/model.ts';
import { emptyState, type Input, keyOf, type ModelState, type Outcome } from '../model/state.ts';
import type { Ledger, Op } from './ledger.ts';
import { isItem } from './stored.ts';

export type Reply =
  | { readonly output: Readonly<Record<string, unknown>> }
  | { readonly error: Error };

/** Operations that no model row answers: what they do is seen in the ledger. */
const schemaOperations: ReadonlySet<string> = new Set([
  'CreateTable',
  'DeleteTable',
  'UpdateTable',
]);

/** What a world may do to the answers of its engines. */
export interface Excuses {
  /** Errors of the world are to be expected. */
  readonly mayFail: boolean;
  /** Bytes go bad. */
  readonly mayDamage: boolean;
  /** Tokens are not forgotten early. */
  readonly tokensLast: boolean;
  /** Something is out of reach just now. */
  readonly isDamaged: () => boolean;
}

export class Judge {
  readonly #ledger: Ledger;
  readonly #excuses: Excuses;

  constructor(ledger: Ledger, excuses: Excuses) {
    this.#ledger = ledger;
    this.#excuses = excuses;
  }

  /**
   * Judges an answer. `from` is the oldest ledger length it may speak of, `lost` what it may show
   * besides: states that were cut off with a damaged log. Answers the length it speaks of for
   * certain (0 when that cannot be told).
   */
  check(op: Op, reply: Reply, from: number, lost: readonly ModelState[] = []): number {
    if ('error' in reply && !isDynamo(reply.error)) {
      this.#checkFailure(op, reply.error);
      return 0;
    }
    if (schemaOperations.has(op.operation)) return 0;
    if (op.operation === 'BatchWriteItem' && !('error' in reply)) this.#checkBatch(op);
    else if (op.commits.length > 0) this.#checkWritten(op, reply);
    else return this.#checkSilent(op, reply, from, lost);
    return 0;
  }

  #checkFailure(op: Op, error: Error): void {
    if (deniesWrite(error) && op.commits.length > 0) this.violate(op, 'was written, and denied it');
    const fault = this.unexcused(error);
    if (fault !== undefined) this.violate(op, fault);
  }

  /** What is wrong with a failure, if this world does not explain it. */
  unexcused(error: Error): string | undefined {
    const { mayFail, mayDamage } = this.#excuses;
    if (error instanceof DamagedData && !mayDamage) return `met damage of ours: ${error.message}`;
    if (error.name === 'AbortError' || error.name === 'TimeoutError' || mayFail) return undefined;
    return `failed in a world without faults: ${error.message}`;
  }

  #checkWritten(op: Op, reply: Reply): void {
    const before = this.#ledger.stateBefore((op.commits[0] as { at: number }).at);
    const outcome = evaluate({ ...before, tokens: emptyState.tokens }, op.operation, op.input);
    if (matches(op.operation, outcome, reply)) return;
    this.violate(op, `answered ${show(reply)} to what it had written`);
  }

  /** An answer of what changed nothing: some state of its time gives it. */
  #checkSilent(op: Op, reply: Reply, from: number, lost: readonly ModelState[]): number {
    const { length } = this.#ledger;
    let last: ModelState | undefined;
    for (let at = from; at <= length; at += 1) {
      const state = this.#ledger.stateAt(at);
      // Behind a log that was cut many numbers have one state.
      if (state === undefined || state === last) continue;
      last = state;
      if (this.#isAnswerIn(state, op, reply)) return at;
    }
    if (lost.some((state) => this.#isAnswerIn(state, op, reply))) return 0;
    // A table does not count what is damaged.
    const isOff = this.#ledger.isUncounted || this.#excuses.isDamaged();
    if (op.operation === 'DescribeTable' && isOff) return 0;
    this.violate(op, `answered ${show(reply)}, which no state in its time would (${from})`);
    return 0;
  }

  /** With leaping clocks a token may be forgotten, and then its transaction is judged anew. */
  #isAnswerIn(state: ModelState, { operation, input }: Op, reply: Reply): boolean {
    const answers = (seen: ModelState): boolean => {
      const outcome = evaluate(seen, operation, input);
      return isSilent(state, outcome) && matches(operation, outcome, reply);
    };
    if (answers(state)) return true;
    if (this.#excuses.tokensLast || input['ClientRequestToken'] === undefined) return false;
    return answers({ ...state, tokens: emptyState.tokens });
  }

  /** Each put of an acknowledged batch is in the ledger; what it removes was gone some time. */
  #checkBatch(op: Op): void {
    for (const [table, requests] of Object.entries(op.input['RequestItems'] as Input)) {
      const { changes } = evaluate(this.#ledger.state, op.operation, {
        RequestItems: { [table]: requests },
      });
      for (const { key, after } of changes) {
        if (op.commits.some((commit) => commit.table === table && commit.key === key)) continue;
        if (after === undefined && this.#wasAbsent(op, table, key)) continue;
        this.violate(op, `was acknowledged without ${key} of ${table}`);
      }
    }
  }

  #wasAbsent({ since }: Op, table: string, key: string): boolean {
    for (let at = since; at <= this.#ledger.length; at += 1) {
      if (this.#ledger.stateAt(at)?.tables.get(table)?.items.has(key) !== true) return true;
    }
    return false;
  }

  violate(op: Op, text: string): void {
    this.#ledger.violate(`client ${op.client}: ${op.operation} ${op.id} ${text}`);
  }
}

export function isDynamo(error: Error): boolean {
  return error instanceof DynamoError && error.name !== 'InternalServerError';
}

/** Whether an error says that its write did not happen and never will. */
export function deniesWrite(error: Error): boolean {
  if (isDynamo(error) || error.message.includes('nothing was written')) return true;
  return error instanceof AbortError && !error.mayHaveBeenApplied;
}

function isSilent(state: ModelState, outcome: Outcome): boolean {
  return outcome.changes.every(({ table, key, after }) => {
    const now = state.tables.get(table)?.items.get(key);
    return now === undefined ? after === undefined : after !== undefined && equalItems(now, after);
  });
}

/** Whether an answer is what the model says: the error's name, or the members the model gives. */
export function matches(operation: string, outcome: Outcome, reply: Reply): boolean {
  if ('error' in reply) return matchesError(outcome, reply.error);
  if (outcome.error !== undefined) return false;
  const wanted = outcome.output ?? {};
  const output = operation === 'DescribeTable' ? (reply.output['Table'] as Input) : reply.output;
  for (const member of ['Item', 'Attributes', 'LastEvaluatedKey']) {
    if (!sameItem(wanted[member], output[member])) return false;
  }
  for (const member of ['Count', 'ScannedCount', 'ItemCount', 'TableSizeBytes']) {
    if (member in wanted && wanted[member] !== output[member]) return false;
  }
  return sameLists(wanted, output);
}

/** Of each part its item, or its error, whose name is shorter in a list of them. */
function sameEach(wanted: readonly Input[], given: readonly Input[]): boolean {
  return wanted.every(({ Item, Error: error }, at) => {
    const told = given[at];
    const name = (error as string | undefined)?.replace('Exception', '');
    return name === told?.['Error'] && sameItem(Item, told?.['Item']);
  });
}

function sameLists(wanted: Readonly<Record<string, unknown>>, output: Input): boolean {
  if (wanted['Each'] !== undefined) {
    return sameEach(wanted['Each'] as Input[], output['Each'] as Input[]);
  }
  if (wanted['Items'] !== undefined && !inOrder(wanted['Items'], output['Items'])) return false;
  const responses = output['Responses'];
  if (wanted['Responses'] !== undefined) {
    const given = (responses as readonly { Item?: unknown }[]).map(({ Item }) => Item);
    if (!inOrder(wanted['Responses'], given)) return false;
  }
  if (wanted['Sets'] === undefined) return true;
  return Object.entries(wanted['Sets'] as Readonly<Record<string, readonly Item[]>>).every(
    ([table, items]) => sameItems(items, ((responses as Input)[table] as unknown[]).map(itemOf)),
  );
}

function inOrder(wanted: unknown, given: unknown): boolean {
  const [a, b] = [wanted as readonly unknown[], given as readonly unknown[]];
  return a.length === b.length && a.every((item, at) => sameItem(item, b[at]));
}

export function sameItems(a: readonly Item[], b: readonly Item[]): boolean {
  if (a.length !== b.length) return false;
  const byKey = new Map(b.map((item) => [keyOf(item), item]));
  return a.every((item) => sameItem(item, byKey.get(keyOf(item))));
}

function sameItem(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return isItem(itemOf(a), b);
}

export function itemOf(value: unknown): Item {
  return value instanceof StoredItem ? value.item() : (value as Item);
}

function matchesError(outcome: Outcome, error: Error): boolean {
  if (outcome.error === undefined) return false;
  if (!outcome.error.startsWith('TransactionCanceled')) return outcome.error === error.name;
  const codes = outcome.error.split(' ')[1] ?? '';
  const reasons = (error as Error & { members?: { CancellationReasons?: { Code: string }[] } })
    .members?.CancellationReasons;
  return (reasons ?? []).map(({ Code }) => Code).join() === codes;
}

function show(reply: Reply): string {
  if ('error' in reply) return `${reply.error.name} ${reply.error.message}`;
  return JSON.stringify(reply.output, (_name, value: unknown) => {
    if (value instanceof StoredItem) return [...value.item()];
    if (value instanceof Map) return [...value];
    if (value instanceof Uint8Array) return `${value.length} bytes`;
    return value;
  }).slice(0, 300);
}
