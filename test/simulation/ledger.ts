/**
 * The ledger of a simulation: every commit that reached the log, in order, each with the operation
 * it came from and the state of the model after it.
 *
 * A commit is found again by the marker `m` of the item it wrote, or, for a removal, among the
 * operations of its engine that could have made it. Its after-image must be what the model makes
 * of that operation in the state before: this is where a lost race that was not decided again
 * would show.
 */
import { equalBytes, hexOf, textOf } from '../../src/base/bytes.ts';
import type { Commit, Mutation } from '../../src/log/commit.ts';
import { readTurns } from '../../src/log/record.ts';
import type { Meta } from '../../src/pager/meta.ts';
import { metaKey, type WriteBatch } from '../../src/port/store.ts';
import {
  catalogTree,
  countersTree,
  damageTree,
  repairKey,
  treeOfKey,
} from '../../src/table/system.ts';
import { decodeItem } from '../../src/value/codec.ts';
import { equalItems } from '../../src/value/compare.ts';
import { joinKey } from '../../src/value/key.ts';
import type { Item } from '../../src/value/value.ts';
import { askedBy, evaluate, importedBy } from '../model/model.ts';
import {
  applyChange,
  type Change,
  emptyState,
  emptyTable,
  fill,
  type Input,
  keyOf,
  type ModelIndex,
  type ModelState,
  type ModelTable,
  sizeOf,
} from '../model/state.ts';
import { expiresBy, isOver } from './expiry.ts';
import { metaIn } from './sites.ts';
import { noteBytes } from './stored.ts';

export interface Op {
  readonly id: number;
  readonly client: number;
  readonly operation: string;
  readonly input: Input;
  /** Its marker: that of the operation it repeats, or its own id. */
  readonly marker: number;
  /** Hexadecimal id of the engine that was asked. */
  readonly engine: string;
  /** Ledger length when it was asked. */
  readonly since: number;
  /** Ledger places of its commits, with table and key. */
  readonly commits: { readonly at: number; readonly table: string; readonly key: string }[];
  /** Whether it may remove items, which leaves no marker. */
  readonly removes: boolean;
  /** Of an import: its build became the table. */
  attached: boolean;
  over: boolean;
}

/** A transaction whose commits are being taken. */
interface Transaction {
  readonly id: number;
  readonly before: ModelState;
  op: Op | undefined;
  /** Changes it is to make, and has made. */
  due: number;
  taken: number;
}

/** The stream of a table, while it is on. */
export interface StreamOn {
  readonly table: string;
  readonly label: string;
  readonly view: string;
}

/** A change that a stream must tell of. */
export interface RecordedChange extends StreamOn {
  readonly sequence: number;
  readonly stampMs: number;
  readonly key: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  /** Because its time was over. */
  readonly expired: boolean;
}

/** The ledger after one commit. */
interface Entry {
  readonly state: ModelState;
  /** Tree id to table name. */
  readonly trees: ReadonlyMap<number, string>;
  /** By table. */
  readonly streams: ReadonlyMap<string, StreamOn>;
  /** Table to the attribute its items expire by. */
  readonly expiring: ReadonlyMap<string, string>;
  /** What the last commit of a repair left (src/engine/doubt.ts). */
  readonly mark: Uint8Array | undefined;
  /** It is on record that a page of the records of damage is damaged itself. */
  readonly recordsLost: boolean;
  /** Simulated time. */
  readonly atMs: number;
  /** False inside a transaction: nobody may see this state. */
  readonly whole: boolean;
  readonly stampMs: number;
  readonly stampCounter: number;
  /** Where in the log its turn begins. */
  readonly position: number;
}

const origin: Entry = {
  state: emptyState,
  trees: new Map(),
  streams: new Map(),
  expiring: new Map(),
  mark: undefined,
  recordsLost: false,
  atMs: 0,
  whole: true,
  stampMs: 0,
  stampCounter: 0,
  position: 0,
};

export class Ledger {
  readonly violations: string[] = [];
  /** Counts the losses of commits: what was asked in an earlier life is not to be judged. */
  life = 0;
  takeOvers = 0;
  schemaChanges = 0;
  expired = 0;
  /** Counters are off where something was on record as damaged, or was brought back by a repair. */
  isUncounted = false;
  commits = 0;
  readonly #now: () => number;
  /**
   * Tokens are forgotten after ten minutes, and records trimmed after a day, which a leaping clock
   * may make of any two moments.
   */
  readonly tokensLast: boolean;
  #entries: Entry[] = [origin];
  readonly #ops = new Map<number, Op>();
  readonly #byMarker = new Map<number, Op[]>();
  #transaction: Transaction | undefined;
  /** Of the turn whose commits are being taken. */
  #position = 0;
  #trimmed = 0;
  #dead = new Set<number>();
  readonly #removed = new Map<number, Set<string>>();
  /** Lengths at which damage that is on record was put there, by key of its record. */
  readonly #noted = new Map<string, number>();
  #recorded: RecordedChange[] = [];
  /** States that went with a damaged end of the log, and until when each was the newest. */
  readonly #lost: { readonly state: ModelState; readonly untilMs: number }[] = [];

  constructor(now: () => number, tokensLast: boolean) {
    this.#now = now;
    this.tokensLast = tokensLast;
  }

  get length(): number {
    return this.#entries.length - 1;
  }

  get state(): ModelState {
    return (this.#entries[this.length] as Entry).state;
  }

  /** Streams that are on. */
  streamsOn(): readonly StreamOn[] {
    return [...(this.#entries[this.length] as Entry).streams.values()];
  }

  /** By table, the attribute its items expire by. */
  get expiring(): ReadonlyMap<string, string> {
    return (this.#entries[this.length] as Entry).expiring;
  }

  /** What the last commit of a repair left; undefined where there was none. */
  get mark(): Uint8Array | undefined {
    return (this.#entries[this.length] as Entry).mark;
  }

  /** What a repair gives up then, only the lost records could tell. */
  get recordsLost(): boolean {
    return (this.#entries[this.length] as Entry).recordsLost;
  }

  /** What the stream must tell of, in order. */
  recordsOf(table: string, label: string): readonly RecordedChange[] {
    return this.#recorded.filter((change) => change.table === table && change.label === label);
  }

  /** The same of all streams that a table has had. */
  recordsOfTable(table: string): readonly RecordedChange[] {
    return this.#recorded.filter((change) => change.table === table);
  }

  /** The state after so many commits; undefined inside a transaction. */
  stateAt(length: number): ModelState | undefined {
    const entry = this.#entries[length];
    return entry?.whole === true ? entry.state : undefined;
  }

  /** Those that an engine may still have in memory that has seen no head since `ms`. */
  lostSince(ms: number): readonly ModelState[] {
    return this.#lost.filter(({ untilMs }) => untilMs >= ms).map(({ state }) => state);
  }

  /** The state that commit number `at` was decided in. */
  stateBefore(at: number): ModelState {
    let before = at - 1;
    while (this.#entries[before]?.whole === false) before -= 1;
    return (this.#entries[before] as Entry).state;
  }

  /** Ledger length at a simulated time. */
  lengthAt(atMs: number): number {
    let length = this.length;
    while (length > 0 && (this.#entries[length] as Entry).atMs > atMs) length -= 1;
    return length;
  }

  begin(op: Omit<Op, 'since' | 'commits' | 'attached' | 'over'>): Op {
    const begun: Op = { ...op, since: this.length, commits: [], attached: false, over: false };
    this.#ops.set(op.id, begun);
    const same = this.#byMarker.get(op.marker);
    if (same === undefined) this.#byMarker.set(op.marker, [begun]);
    else same.push(begun);
    return begun;
  }

  /** Nothing of this operation can come any more. */
  end(op: Op): void {
    op.over = true;
    this.#ops.delete(op.id);
  }

  /** Takes the commits of a write that the store carried out. */
  written(batch: WriteBatch): void {
    const meta = batch.put?.find(({ space, key }) => {
      return space === 'meta' && key === metaKey;
    });
    if (meta !== undefined) this.#meta(metaIn(meta.value));
    const cut = batch.remove?.find(({ space }) => space === 'log');
    if (cut !== undefined && batch.add !== undefined && meta !== undefined) {
      this.#cut(cut.from, metaIn(meta.value).sequence);
    }
    // A stale engine's record may land where the log was trimmed already: nobody reads there.
    const records = (batch.add ?? []).filter(({ space, key }) => {
      return space === 'log' && key > this.#trimmed;
    });
    if (records.length === 0) return;
    try {
      for (const turn of readTurns(records).turns) {
        this.#position = turn.header.position;
        for (const commit of turn.commits) this.#take(commit);
      }
    } catch (error) {
      this.violate(`the ledger cannot follow: ${String((error as Error).stack)}`);
    }
  }

  /** The power was lost: of the commits only the first `length` are left. */
  truncate(length: number, meta: Meta | undefined): void {
    if (length > this.length) this.violate(`${length} commits came out of a power loss`);
    this.#entries.length = Math.min(length, this.length) + 1;
    this.#recorded = this.#recorded.filter(({ sequence }) => sequence <= length);
    this.#transaction = undefined;
    this.#trimmed = meta?.trimmed ?? 0;
    this.#dead = new Set(meta?.dead);
    this.#ops.clear();
    this.life += 1;
  }

  violate(text: string): void {
    this.violations.push(`${text} (after ${this.length} commits)`);
  }

  /**
   * Records of a damaged log, from a position on, were set aside: their commits are lost, and their
   * numbers are not given out again.
   */
  #cut(from: number, sequence: number): void {
    let kept = this.length;
    if (sequence < kept) this.violate(`number ${sequence + 1} is given out again, up to ${kept}`);
    while (kept > 0 && (this.#entries[kept] as Entry).position >= from) kept -= 1;
    for (let at = kept + 1; at < this.#entries.length; at += 1) {
      const { state, whole } = this.#entries[at] as Entry;
      const untilMs = this.#entries[at + 1]?.atMs ?? this.#now();
      if (whole) this.#lost.push({ state, untilMs });
    }
    const last = this.#entries[kept] as Entry;
    const { state, trees, streams, expiring, mark, recordsLost } = last;
    const stands = { state, trees, streams, expiring, mark, recordsLost, whole: true };
    for (let at = kept + 1; at <= sequence; at += 1) {
      const lost = this.#entries[at] ?? (this.#entries[at - 1] as Entry);
      // How far the wall clock had gone by then, nobody knows any more.
      const { stampMs, stampCounter } = lost.stampMs > last.stampMs ? last : lost;
      this.#entries[at] = { ...lost, ...stands, stampMs, stampCounter };
    }
    this.#entries.length = Math.max(kept, sequence) + 1;
    this.#recorded = this.#recorded.filter((change) => change.sequence <= kept);
    this.#transaction = undefined;
    this.life += 1;
  }

  #meta({ dead, trimmed }: Meta): void {
    this.#trimmed = trimmed;
    this.takeOvers += dead.filter((number) => !this.#dead.has(number)).length;
    for (const number of dead) this.#dead.add(number);
  }

  #take(commit: Commit): void {
    this.commits += 1;
    if (commit.sequence !== this.length + 1) {
      this.violate(`sequence ${commit.sequence} where ${this.length + 1} was due`);
    }
    this.#checkStamp(commit);
    const { trees } = this.#entries[this.length] as Entry;
    const base = commit.mutations.find(({ tree }) => trees.has(tree));
    if (commit.transaction === 0) this.#transaction = undefined;
    else if (this.#transaction?.id !== commit.transaction) {
      const id = commit.transaction;
      this.#transaction = { id, before: this.state, op: undefined, due: 0, taken: 0 };
    }
    if (base !== undefined && commit.caller === 'engine') {
      this.#push(commit, this.#restored(commit, trees), trees);
    } else if (base !== undefined && commit.caller === 'ttl') {
      this.#push(commit, this.#expired(commit, base, trees.get(base.tree) as string), trees);
    } else if (base !== undefined) {
      const state = this.#data(commit, base, trees.get(base.tree) as string);
      this.#push(commit, this.#finish(commit, state), trees);
    } else this.#system(commit, trees);
    if (commit.transactionEnd) this.#transaction = undefined;
    this.#note(commit);
  }

  #note({ mutations }: Commit): void {
    for (const { tree, key, value } of mutations) {
      const name = hexOf(key);
      if (tree !== damageTree) continue;
      if (value === undefined) this.#noted.delete(name);
      else if ((this.#noted.get(name) ?? this.length) >= this.length) {
        this.#noted.set(name, this.length);
      }
    }
  }

  /** A stamp is newer than all before it; those of a transaction are one. */
  #checkStamp({ stamp: { ms, counter }, transaction }: Commit): void {
    const { stampMs, stampCounter } = this.#entries[this.length] as Entry;
    const newer = ms > stampMs || (ms === stampMs && counter > stampCounter);
    const same = ms === stampMs && counter === stampCounter;
    const inside = transaction !== 0 && this.#transaction?.id === transaction;
    if (!newer && !(inside && same)) {
      this.violate(`stamp ${ms}.${counter} was born no newer than ${stampMs}.${stampCounter}`);
    }
  }

  #push(
    commit: Commit,
    state: ModelState,
    trees: ReadonlyMap<number, string>,
    streams = (this.#entries[this.length] as Entry).streams,
    expiring = (this.#entries[this.length] as Entry).expiring,
  ): void {
    this.#entries.push({
      state,
      trees,
      streams,
      expiring,
      mark: markOf(commit) ?? this.mark,
      recordsLost: lostRecordsIn(commit) ?? this.recordsLost,
      atMs: this.#now(),
      whole: commit.transactionEnd,
      stampMs: commit.stamp.ms,
      stampCounter: commit.stamp.counter,
      position: this.#position,
    });
  }

  /** A table made, changed or dropped. Other system commits leave the model as it is. */
  #system(commit: Commit, trees: ReadonlyMap<number, string>): void {
    if (commit.mutations.some(({ tree }) => tree === damageTree)) this.isUncounted = true;
    const mutation = commit.mutations.find(({ tree }) => tree === catalogTree);
    if (mutation === undefined) {
      this.#push(commit, this.#finish(commit, this.state), trees);
      return;
    }
    this.schemaChanges += 1;
    const name = textOf(mutation.key);
    const tables = new Map(this.state.tables);
    const known = new Map(trees);
    const streams = new Map((this.#entries[this.length] as Entry).streams);
    const expiring = new Map(this.expiring);
    streams.delete(name);
    expiring.delete(name);
    if (mutation.value === undefined) {
      tables.delete(name);
      for (const [tree, table] of known) if (table === name) known.delete(tree);
    } else {
      const item = decodeItem(mutation.value);
      const tree = Number(item.get('tree')?.value);
      for (const [other, table] of known) if (table === name) known.delete(other);
      known.set(tree, name);
      const status = item.get('status')?.value === 'CREATING' ? 'CREATING' : 'ACTIVE';
      const before = tables.get(name) ?? emptyTable;
      const table: ModelTable = { ...before, status, indexes: indexesOf(item) };
      tables.set(
        name,
        commit.attach === undefined ? table : this.#built(commit, name, tree, table),
      );
      const stream = streamOf(name, item);
      if (stream !== undefined) streams.set(name, stream);
      const attribute = expiresBy(item);
      if (attribute !== undefined) expiring.set(name, attribute);
    }
    this.#push(commit, { ...this.state, tables }, known, streams, expiring);
  }

  /** The table that an import built. */
  #built(commit: Commit, name: string, tree: number, table: ModelTable): ModelTable {
    const engine = hexOf(commit.stamp.replica);
    const { entries = 0, bytes = 0 } = commit.attach?.find((one) => one.tree === tree) ?? {};
    // An engine has one import at a time; of those that failed it may still keep some.
    for (const op of [...this.#ops.values()].reverse()) {
      if (op.operation !== 'Import' || op.engine !== engine) continue;
      if (op.input['TableName'] !== name) continue;
      const filled = fill(emptyTable, importedBy(op.input));
      if (entries !== filled.items.size || bytes !== filled.bytes) continue;
      if (table.items.size > 0) this.violate(`Import ${op.id} built over items`);
      op.attached = true;
      return { ...table, items: filled.items, bytes };
    }
    this.violate(`a build of ${entries} items of ${name} that nobody asked for`);
    return table;
  }

  /** An item is deleted that is there, in a table where items expire, after its time. */
  #expired(commit: Commit, { key: treeKey, value }: Mutation, table: string): ModelState {
    this.expired += 1;
    const items = [...(this.state.tables.get(table)?.items ?? [])];
    const [key, item] = items.find(([name]) => equalBytes(treeKeyOf(name), treeKey)) ?? [];
    const attribute = this.expiring.get(table);
    if (key === undefined || item === undefined || value !== undefined) {
      this.violate(`a commit of time to live on ${table} that deletes nothing`);
      return this.state;
    }
    const { sequence, stamp, units } = commit;
    // Years are told by wall clocks, which a stamp may be far ahead of.
    if (attribute === undefined || !isOver(item, attribute, stamp.ms, Number.POSITIVE_INFINITY)) {
      this.violate(`${key} of ${table} was deleted before its time (${sequence})`);
    }
    if (units !== 0) this.violate(`the end of ${key} of ${table} consumed ${units} half units`);
    const stream = (this.#entries[this.length] as Entry).streams.get(table);
    if (stream !== undefined) {
      const change = { sequence, stampMs: stamp.ms, key, before: item, after: undefined };
      this.#recorded.push({ ...stream, ...change, expired: true });
    }
    return applyChange(this.state, { table, key, after: undefined });
  }

  /** A repair brings back what was out of reach, as it was; what it cannot, it removes. */
  #restored(commit: Commit, trees: ReadonlyMap<number, string>): ModelState {
    this.isUncounted = true;
    let { state } = this;
    for (const { tree, key, value } of commit.mutations) {
      const table = trees.get(tree);
      if (table === undefined) continue;
      const item = value === undefined ? undefined : decodeItem(value);
      const items = [...(state.tables.get(table)?.items ?? [])];
      const held = items.find(([name]) => equalBytes(treeKeyOf(name), key));
      if (item === undefined && held !== undefined) {
        if (this.#isChanged(commit, table, held)) {
          this.violate(`a repair removed ${held[0]} of ${table}, which was written since`);
        }
        state = applyChange(state, { table, key: held[0], after: undefined });
      } else if (item !== undefined && (held === undefined || !equalItems(held[1], item))) {
        this.violate(`a repair brought ${keyOf(item)} of ${table} back as it was not`);
      }
    }
    return state;
  }

  /** Whether an item is another than when the damage was noted that `commit` gives up. */
  #isChanged({ mutations }: Commit, table: string, [key, item]: [string, Item]): boolean {
    const record = mutations.find(({ tree, value }) => tree === damageTree && value === undefined);
    const noted = record && this.#noted.get(hexOf(record.key));
    const before = noted === undefined ? undefined : this.#entries[noted]?.state;
    // Back on record by a loss of power, since nobody knows when.
    if (before === undefined) return false;
    const was = before.tables.get(table)?.items.get(key);
    return was === undefined || !equalItems(was, item);
  }

  #data(commit: Commit, mutation: Mutation, table: string): ModelState {
    const after = mutation.value === undefined ? undefined : decodeItem(mutation.value);
    const before = this.#transaction?.before ?? this.state;
    const op = this.#opOf(commit, before, table, after, mutation);
    if (op === undefined) {
      this.violate(`a commit on ${table} that nobody asked for`);
      return this.state;
    }
    const { changes } = evaluate(this.#withoutTokens(before), op.operation, op.input);
    const key = after === undefined ? this.#removedKey(op, changes, table, mutation) : keyOf(after);
    if (key === undefined) {
      this.violate(`${op.operation} ${op.id} removed what it should not (${commit.sequence})`);
      return this.state;
    }
    op.commits.push({ at: this.length + 1, table, key });
    const stream = (this.#entries[this.length] as Entry).streams.get(table);
    if (stream !== undefined) {
      const { sequence, stamp } = commit;
      const there = this.state.tables.get(table)?.items.get(key);
      const change = { sequence, stampMs: stamp.ms, key, before: there, after };
      this.#recorded.push({ ...stream, ...change, expired: false });
    }
    const change = changes.find((one) => one.table === table && one.key === key);
    const same = after === undefined ? change?.after === undefined : isSame(change?.after, after);
    if (change === undefined || !same) {
      this.violate(`${op.operation} ${op.id} wrote what the model would not`);
    }
    if (after !== undefined && mutation.value !== undefined) noteBytes(after, mutation.value);
    if (mutation.sizeAfter !== (after && sizeOf(after))) {
      this.violate(`${op.operation} ${op.id} says ${mutation.sizeAfter} bytes`);
    }
    if (this.#transaction !== undefined) {
      this.#transaction.op = op;
      this.#transaction.due = changes.filter((one) => changesAnything(before, one)).length;
      this.#transaction.taken += 1;
    }
    return applyChange(this.state, { table, key, after });
  }

  /** At the end of a transaction: it is whole, and its token is known. */
  #finish(commit: Commit, state: ModelState): ModelState {
    const transaction = this.#transaction;
    const op = transaction?.op;
    if (transaction === undefined || op === undefined || !commit.transactionEnd) return state;
    if (transaction.taken !== transaction.due) {
      this.violate(`transaction ${op.id} made ${transaction.taken} of ${transaction.due} changes`);
    }
    const token = op.input['ClientRequestToken'] as string | undefined;
    if (token === undefined) return state;
    if (this.tokensLast && transaction.before.tokens.has(token)) {
      this.violate(`transaction ${op.id} was done again`);
    }
    return { ...state, tokens: new Map(state.tokens).set(token, askedBy(op.input)) };
  }

  /** A transaction that was carried out found no token in its way. */
  #withoutTokens(state: ModelState): ModelState {
    return state.tokens.size === 0 ? state : { ...state, tokens: emptyState.tokens };
  }

  #removedKey(
    op: Op,
    changes: readonly Change[],
    table: string,
    mutation: Mutation,
  ): string | undefined {
    const taken = this.#removed.get(op.id) ?? new Set<string>();
    this.#removed.set(op.id, taken);
    const removal = changes.find((change) => this.#isRemoval(change, table, mutation, taken));
    if (removal === undefined) return undefined;
    taken.add(`${table} ${removal.key}`);
    return removal.key;
  }

  #isRemoval(
    change: Change,
    table: string,
    mutation: Mutation,
    taken: ReadonlySet<string> | undefined,
  ): boolean {
    if (change.table !== table || change.after !== undefined) return false;
    if (taken?.has(`${table} ${change.key}`) === true) return false;
    const item = this.state.tables.get(table)?.items.get(change.key);
    if (item === undefined || sizeOf(item) !== mutation.sizeBefore) return false;
    return equalBytes(treeKeyOf(change.key), mutation.key);
  }

  #opOf(
    commit: Commit,
    before: ModelState,
    table: string,
    after: Item | undefined,
    mutation: Mutation,
  ): Op | undefined {
    const engine = hexOf(commit.stamp.replica);
    if (after !== undefined) {
      const same = this.#byMarker.get(Number(after.get('m')?.value)) ?? [];
      const here = same.filter((op) => op.engine === engine);
      return here.find(({ over }) => !over) ?? here[0];
    }
    if (this.#transaction?.op !== undefined) return this.#transaction.op;
    // Removals of one key do not differ in their effect: any that was under way will do.
    for (const op of this.#ops.values()) {
      if (!op.removes || op.engine !== engine) continue;
      const { changes } = evaluate(this.#withoutTokens(before), op.operation, op.input);
      const taken = this.#removed.get(op.id);
      if (changes.some((change) => this.#isRemoval(change, table, mutation, taken))) return op;
    }
    return undefined;
  }
}

function lostRecordsIn({ mutations }: Commit): boolean | undefined {
  const own = mutations.find(({ tree, key }) => {
    return tree === damageTree && treeOfKey(key.subarray(0, 8)) === damageTree;
  });
  return own && own.value !== undefined;
}

function markOf({ mutations }: Commit): Uint8Array | undefined {
  return mutations.find(({ tree, key }) => tree === countersTree && equalBytes(key, repairKey))
    ?.value;
}

function isSame(a: Item | undefined, b: Item): boolean {
  return a !== undefined && equalItems(a, b);
}

/** A put of what is there already makes no commit. */
function changesAnything(before: ModelState, { table, key, after }: Change): boolean {
  const item = before.tables.get(table)?.items.get(key);
  return item === undefined || after === undefined || !equalItems(item, after);
}

const treeKeys = new Map<string, Uint8Array>();

/** The tree key of the model's key `p s`. */
function treeKeyOf(key: string): Uint8Array {
  const known = treeKeys.get(key);
  if (known !== undefined) return known;
  const [p = '', s = ''] = key.split(' ');
  const made = joinKey([{ type: 'S', value: p }], [{ type: 'N', value: s }]);
  treeKeys.set(key, made);
  return made;
}

function streamOf(table: string, description: Item): StreamOn | undefined {
  const stream = description.get('stream');
  if (stream?.type !== 'M') return undefined;
  const text = (name: string): string => String(stream.value.get(name)?.value);
  return { table, label: text('label'), view: text('view') };
}

function indexesOf(description: Item): ReadonlyMap<string, ModelIndex> {
  const indexes = new Map<string, ModelIndex>();
  const listed = description.get('indexes');
  if (listed?.type !== 'L') return indexes;
  for (const entry of listed.value) {
    if (entry.type !== 'M') continue;
    const status = entry.value.get('status')?.value === 'ACTIVE' ? 'ACTIVE' : 'CREATING';
    // Of other indexes the model knows nothing: a scrub compares them with their table.
    if (entry.value.get('kind')?.value !== 'global') continue;
    indexes.set(String(entry.value.get('name')?.value), { hash: 'g', range: 'r', status });
  }
  return indexes;
}
