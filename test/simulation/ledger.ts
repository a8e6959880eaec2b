/**
 * The ledger of a simulation: every commit that reached the log, in order, each with the operation
 * it came from and the state of the model after it.
 *
 * A commit is found again by the marker `m` of the item it wrote, or, for a removal, among the
 * operations under way that could have made it. Its after-image must be what the model makes of
 * that operation in the state before: this is where a lost race that was not decided again would
 * show.
 */
import type { Commit, Mutation } from '../../src/log/commit.ts';
import { decodeMeta } from '../../src/pager/meta.ts';
import { readTurns } from '../../src/log/record.ts';
import { metaKey, type WriteBatch } from '../../src/port/store.ts';
import { catalogTree } from '../../src/table/system.ts';
import { equalBytes, textOf } from '../../src/base/bytes.ts';
import { decodeItem } from '../../src/value/codec.ts';
import { equalItems } from '../../src/value/compare.ts';
import { joinKey } from '../../src/value/key.ts';
import { itemSize as sizeOf } from '../../src/value/size.ts';
import type { Item } from '../../src/value/value.ts';
import {
  applyChange,
  type Change,
  evaluate,
  type Input,
  keyOf,
  type ModelIndex,
  type ModelState,
} from '../model/model.ts';

export interface Op {
  readonly id: number;
  readonly client: number;
  readonly operation: string;
  readonly input: Input;
  /** Ledger length when it was asked. */
  readonly since: number;
  /** Ledger places of its commits. */
  readonly commits: number[];
  over: boolean;
}

export class Ledger {
  /** states[n]: after n commits. */
  readonly states: ModelState[] = [new Map()];
  readonly violations: string[] = [];
  takeOvers = 0;
  schemaChanges = 0;
  readonly ops = new Map<number, Op>();
  /** Tree id to table name, for every table that ever was. */
  readonly #tables = new Map<number, string>();
  /** The state each transaction began in, by its id. */
  readonly #before = new Map<number, ModelState>();
  #sequence = 0;

  get length(): number {
    return this.states.length - 1;
  }

  get state(): ModelState {
    return this.states[this.length] as ModelState;
  }

  begin(op: Omit<Op, 'since' | 'commits' | 'over'>): Op {
    const begun: Op = { ...op, since: this.length, commits: [], over: false };
    this.ops.set(op.id, begun);
    return begun;
  }

  /** Takes the commits of a write that the store carried out. */
  written(batch: WriteBatch): void {
    this.#meta(batch);
    // A stale engine's record may land where the log was trimmed already: nobody reads there.
    const records = (batch.add ?? []).filter(({ space, key }) => {
      return space === 'log' && key > this.#trimmed;
    });
    if (records.length === 0) return;
    for (const turn of readTurns(records).turns) {
      for (const commit of turn.commits) this.#take(commit);
    }
  }

  #meta({ put = [] }: WriteBatch): void {
    const record = put.find(({ space, key }) => space === 'meta' && key === metaKey);
    if (record === undefined) return;
    const { dead, trimmed } = decodeMeta(record.value);
    this.#trimmed = trimmed;
    this.takeOvers += dead.filter((number) => !this.#dead.has(number)).length;
    for (const number of dead) this.#dead.add(number);
  }

  #trimmed = 0;
  readonly #dead = new Set<number>();

  violate(text: string): void {
    this.violations.push(`${text} (after ${this.length} commits)`);
  }

  #take(commit: Commit): void {
    this.#sequence += 1;
    if (commit.sequence !== this.#sequence) {
      this.violate(`sequence ${commit.sequence} where ${this.#sequence} was due`);
    }
    const base = commit.mutations.find(({ tree }) => this.#tables.has(tree));
    if (base === undefined) this.states.push(this.#system(commit));
    else this.states.push(this.#data(commit, base));
  }

  /** A table made, changed or dropped. Other system commits leave the model as it is. */
  #system(commit: Commit): ModelState {
    const mutation = commit.mutations.find(({ tree }) => tree === catalogTree);
    if (mutation === undefined) return this.state;
    this.schemaChanges += 1;
    const name = textOf(mutation.key);
    const state = new Map(this.state);
    if (mutation.value === undefined) {
      state.delete(name);
      return state;
    }
    const item = decodeItem(mutation.value);
    this.#tables.set(Number(item.get('tree')?.value), name);
    const items = state.get(name)?.items ?? new Map();
    state.set(name, { items, indexes: indexesOf(item) });
    return state;
  }

  #data(commit: Commit, mutation: Mutation): ModelState {
    const table = this.#tables.get(mutation.tree) as string;
    const after = mutation.value === undefined ? undefined : decodeItem(mutation.value);
    const before = this.#stateBefore(commit);
    const op = this.#opOf(commit, table, after, mutation);
    if (op === undefined) {
      this.violate(`a commit on ${table} that nobody asked for`);
      return this.state;
    }
    op.commits.push(this.length + 1);
    const { changes } = evaluate(before, op.operation, op.input);
    const change = changes.find((one) => {
      return one.table === table && (after === undefined || one.key === keyOf(after));
    });
    if (after === undefined) {
      const removed = this.#removed(op, changes, table, commit);
      return removed === undefined ? this.state : applyChange(this.state, removed);
    }
    if (change?.after === undefined || !equalItems(change.after, after)) {
      this.violate(`${op.operation} ${op.id} wrote what the model would not`);
    }
    return applyChange(this.state, { table, key: keyOf(after), after });
  }

  #removed(op: Op, changes: readonly Change[], table: string, commit: Commit): Change | undefined {
    const taken = this.#taken.get(op.id) ?? new Set<string>();
    this.#taken.set(op.id, taken);
    const removal = changes.find((change) => {
      const fresh = !taken.has(change.key + change.table);
      return fresh && change.table === table && change.after === undefined && this.#has(change);
    });
    if (removal === undefined) {
      this.violate(`${op.operation} ${op.id} removed what it should not (${commit.sequence})`);
      return undefined;
    }
    taken.add(removal.key + removal.table);
    return removal;
  }

  readonly #taken = new Map<number, Set<string>>();

  #has({ table, key }: Change): boolean {
    return this.state.get(table)?.items.has(key) === true;
  }

  #stateBefore({ transaction }: Commit): ModelState {
    if (transaction === 0) return this.state;
    const begun = this.#before.get(transaction) ?? this.state;
    this.#before.set(transaction, begun);
    return begun;
  }

  #opOf(
    commit: Commit,
    table: string,
    after: Item | undefined,
    mutation: Mutation,
  ): Op | undefined {
    if (after !== undefined) return this.ops.get(Number(after.get('m')?.value));
    // Removals of one key do not differ in their effect: any that was under way will do.
    const before = this.#stateBefore(commit);
    const size = mutation.sizeBefore;
    for (const op of this.ops.values()) {
      if (op.over) continue;
      const { changes } = evaluate(before, op.operation, op.input);
      const taken = this.#taken.get(op.id);
      const fits = changes.some((change) => {
        if (change.table !== table || change.after !== undefined) return false;
        if (taken?.has(change.key + change.table) === true || !this.#has(change)) return false;
        return this.#sizeOf(change) === size && sameKey(change.key, mutation.key);
      });
      if (fits) return op;
    }
    return undefined;
  }

  #sizeOf({ table, key }: Change): number | undefined {
    const item = this.state.get(table)?.items.get(key);
    return item && sizeOf(item);
  }
}

/** Whether a tree key is that of the model's key `["p","s"]`. */
function sameKey(modelKey: string, key: Uint8Array): boolean {
  const [p, s] = JSON.parse(modelKey) as [string, string];
  return equalBytes(joinKey([{ type: 'S', value: p }], [{ type: 'N', value: s }]), key);
}

function indexesOf(description: Item): ReadonlyMap<string, ModelIndex> {
  const indexes = new Map<string, ModelIndex>();
  const listed = description.get('indexes');
  if (listed?.type !== 'L') return indexes;
  for (const entry of listed.value) {
    if (entry.type !== 'M') continue;
    const status = entry.value.get('status')?.value === 'ACTIVE' ? 'ACTIVE' : 'CREATING';
    indexes.set(String(entry.value.get('name')?.value), { hash: 'g', range: 'r', status });
  }
  return indexes;
}
