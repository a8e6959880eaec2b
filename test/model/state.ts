/**
 * What the model of DynamoDB knows: tables as maps, and the tokens of transactions.
 *
 * States are never changed in place, so every state of a run can be kept and asked again. Tables of
 * the model have a partition key `p` (S) and a sort key `s` (N), and one index on `g` (S) and `r`
 * (N).
 */
import { itemSize } from '../../src/value/size.ts';
import type { Item } from '../../src/value/value.ts';

export type Input = Readonly<Record<string, unknown>>;

export interface ModelIndex {
  readonly hash: string;
  readonly range: string;
  readonly status: 'CREATING' | 'ACTIVE';
}

export interface ModelTable {
  /** While an import builds it, it is CREATING, and nobody can use it. */
  readonly status: 'CREATING' | 'ACTIVE';
  readonly items: ReadonlyMap<string, Item>;
  /** Of all items, as DynamoDB sizes them. */
  readonly bytes: number;
  readonly indexes: ReadonlyMap<string, ModelIndex>;
}

export interface ModelState {
  readonly tables: ReadonlyMap<string, ModelTable>;
  /** Client request tokens, each with what was asked with it. */
  readonly tokens: ReadonlyMap<string, string>;
}

export interface Change {
  readonly table: string;
  readonly key: string;
  readonly after: Item | undefined;
}

/** What an operation answers in a state, and what it would change there. */
export interface Outcome {
  readonly error?: string;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly changes: readonly Change[];
}

export const emptyState: ModelState = { tables: new Map(), tokens: new Map() };
export const emptyTable: ModelTable = {
  status: 'ACTIVE',
  items: new Map(),
  bytes: 0,
  indexes: new Map(),
};

export function keyOf(item: Item): string {
  const p = item.get('p');
  const s = item.get('s');
  if (p?.type !== 'S' || s?.type !== 'N') throw new Error('the model needs keys p (S) and s (N)');
  return `${p.value} ${s.value}`;
}

export function applyChange(state: ModelState, { table, key, after }: Change): ModelState {
  const found = state.tables.get(table);
  if (found === undefined) throw new Error(`a change of table ${table}, which the model lacks`);
  const items = new Map(found.items);
  const before = items.get(key);
  if (after === undefined) items.delete(key);
  else items.set(key, after);
  const grown = (after === undefined ? 0 : sizeOf(after)) - (before ? sizeOf(before) : 0);
  const tables = new Map(state.tables).set(table, { ...found, items, bytes: found.bytes + grown });
  return { ...state, tables };
}

const sizes = new WeakMap<Item, number>();

/** Items are never changed, so each is measured once. */
export function sizeOf(item: Item): number {
  const known = sizes.get(item);
  if (known !== undefined) return known;
  const size = itemSize(item);
  sizes.set(item, size);
  return size;
}

/** An error that DynamoDB answers, by its name. */
export class Refusal extends Error {}

export function refuse(name: string): never {
  throw new Refusal(name);
}

/** A table that can be used. */
export function tableOf(state: ModelState, name: unknown): ModelTable {
  const table = state.tables.get(name as string);
  return table?.status === 'ACTIVE' ? table : refuse('ResourceNotFoundException');
}

/** `items` come into a table, the last of each key. */
export function fill(table: ModelTable, given: readonly Item[]): ModelTable {
  const items = new Map(table.items);
  for (const item of given) items.set(keyOf(item), item);
  let bytes = 0;
  for (const item of items.values()) bytes += sizeOf(item);
  return { ...table, items, bytes };
}
