/**
 * Damage on record: which keys of which tree are out of reach, because a page that held them is
 * damaged, and where its bytes are kept.
 *
 * A record is an item in `damageTree`, so every engine over the store knows it, and it survives
 * (docs/formats/catalog.md). While it stands, a key of its range that is found is good (it lay in
 * the tail when the page was cut out, was restored, or the page reads well again), and one that is
 * not found is unknown.
 *
 * The next checkpoint cuts the page out of its tree. From then on whatever is written in the range
 * passes through a checkpoint, and each notes in the record which keys those were: of them the page
 * does not have the newest state, and a repair leaves them alone.
 *
 * Where a page of the records is damaged itself, all of them are given up: while the record of that
 * stands, whatever is not found in any tree is unknown (docs/adr/0032).
 */
import { assert } from '../base/assert.ts';
import { compareBytes } from '../base/bytes.ts';
import { DamagedData } from '../base/corruption.ts';
import type { KeyRange, TreeCursor, TreeReader } from '../tree/reader.ts';
import { decodeItem } from '../value/codec.ts';
import type { Item, Value } from '../value/value.ts';
import { damageTree, treeKey } from './system.ts';

export interface DamageRecord {
  readonly tree: number;
  /** The damaged page; its records stay where they are until they are given up. */
  readonly page: number;
  /** 1: a leaf; 0: a piece of one large value, whose cell stays in its leaf. */
  readonly height: number;
  readonly from: Uint8Array;
  /** Excluded; undefined: the end of the tree. */
  readonly to: Uint8Array | undefined;
  /** Of the user; undefined for a tree of the engine's own. */
  readonly table: string | undefined;
  /** Epoch milliseconds. */
  readonly foundMs: number;
  /** Of what a replica keeps: it is made anew, of what is left (src/replica/mend.ts). */
  readonly isReplica?: boolean | undefined;
  /** The page is no part of its tree any more. */
  readonly isCut?: boolean | undefined;
  /** Keys that were written since, or just before: what the page says of them is not restored. */
  readonly superseded?: readonly Uint8Array[] | undefined;
}

/** Key of a record in `damageTree`: tree and page. */
export function damageKey(tree: number, page: number): Uint8Array {
  const key = new Uint8Array(16);
  key.set(treeKey(tree));
  key.set(treeKey(page), 8);
  return key;
}

export function damageItem(damage: DamageRecord): Item {
  const item = new Map<string, Value>([
    ['tree', { type: 'N', value: String(damage.tree) }],
    ['page', { type: 'N', value: String(damage.page) }],
    ['height', { type: 'N', value: String(damage.height) }],
    ['from', { type: 'B', value: damage.from }],
    ['foundMs', { type: 'N', value: String(damage.foundMs) }],
  ]);
  if (damage.to !== undefined) item.set('to', { type: 'B', value: damage.to });
  if (damage.table !== undefined) item.set('table', { type: 'S', value: damage.table });
  if (damage.isReplica === true) item.set('replica', { type: 'BOOL', value: true });
  if (damage.isCut === true) item.set('cut', { type: 'BOOL', value: true });
  const { superseded = [] } = damage;
  if (superseded.length > 0) item.set('superseded', { type: 'BS', value: superseded });
  return item;
}

function damageOfItem(item: Item): DamageRecord {
  const number = (name: string): number => {
    const value = item.get(name);
    assert(value?.type === 'N', `a record of damage lacks ${name}`);
    return Number(value.value);
  };
  const from = item.get('from');
  const to = item.get('to');
  const table = item.get('table');
  const superseded = item.get('superseded');
  assert(from?.type === 'B', 'a record of damage lacks from');
  return {
    tree: number('tree'),
    page: number('page'),
    height: number('height'),
    from: from.value,
    to: to?.type === 'B' ? to.value : undefined,
    table: table?.type === 'S' ? table.value : undefined,
    foundMs: number('foundMs'),
    isReplica: item.has('replica'),
    isCut: item.has('cut') ? true : undefined,
    superseded: superseded?.type === 'BS' ? superseded.value : undefined,
  };
}

/** Keys of the records that a page of the records is damaged. */
export const lostRecords: { readonly from: Uint8Array; readonly to: Uint8Array } = {
  from: damageKey(damageTree, 0),
  to: damageKey(damageTree + 1, 0),
};

/** All damage on record. Throws PageFault. */
export function readDamage(reader: TreeReader): readonly DamageRecord[] {
  const cursor = reader.range(damageTree, {});
  const records: DamageRecord[] = [];
  while (cursor.next()) records.push(damageOfItem(decodeItem(cursor.value.slice())));
  return records;
}

/** What is on record of one page. Throws PageFault. */
export function findDamage(
  reader: TreeReader,
  tree: number,
  page: number,
): DamageRecord | undefined {
  const found = reader.get(damageTree, damageKey(tree, page));
  return found && damageOfItem(decodeItem(found));
}

/** What a call is told that needs keys which are out of reach. */
export function outOfReach({ tree, table, page, isReplica }: DamageRecord): DamagedData {
  if (isReplica === true) return beingMended(`page ${page}`, table);
  if (tree === damageTree) {
    return new DamagedData(
      `The record of what is damaged is damaged (page ${page}): items that are not found may ` +
        'have been there. db.repair() gives up what cannot be found.',
    );
  }
  const where = table === undefined ? "The database's own data" : `A part of table ${table}`;
  return new DamagedData(
    `${where} is damaged (page ${page}): items that were there can neither be read nor written. ` +
      'Nothing else is affected. db.repair() brings back what can be and gives up the rest.',
    table,
  );
}

/** What a replica keeps is made anew: who needs it waits. */
export function beingMended(what: string, table?: string): DamagedData {
  const text = `What is kept for replication is damaged (${what}) and made anew: try again later.`;
  return new DamagedData(text, table);
}

/** Which keys are out of reach, by tree. */
export class Quarantine {
  readonly records: readonly DamageRecord[];
  readonly #byTree: Map<number, DamageRecord[]> = new Map();
  /** What is true of every tree. */
  readonly #lost: readonly DamageRecord[];

  constructor(records: readonly DamageRecord[]) {
    this.records = records;
    this.#lost = records.filter(({ tree }) => tree === damageTree);
    for (const record of records) {
      const of = this.#byTree.get(record.tree);
      if (of === undefined) this.#byTree.set(record.tree, [record]);
      else of.push(record);
    }
  }

  /** Throws DamagedData when nobody can know whether `key`, which was not found, is there. */
  check(tree: number, key: Uint8Array): void {
    for (const record of this.#of(tree)) {
      if (record.height > 0 && isWithin(record, key)) throw outOfReach(record);
    }
  }

  /** `cursor` over `range` of a tree, which throws DamagedData where it would pass over damage. */
  guard(cursor: TreeCursor, tree: number, range: KeyRange, reverse: boolean): TreeCursor {
    const near = this.#of(tree).filter((record) => {
      if (record.height === 0) return false;
      const { from, to, toClosed } = range;
      const ends = to === undefined ? -1 : compareBytes(record.from, to);
      const isBehind = ends > 0 || (ends === 0 && toClosed !== true);
      const isBefore =
        from !== undefined && record.to !== undefined && compareBytes(record.to, from) <= 0;
      return !isBehind && !isBefore;
    });
    return near.length === 0 ? cursor : new GuardedCursor(cursor, near, reverse);
  }

  #of(tree: number): readonly DamageRecord[] {
    return [...(this.#byTree.get(tree) ?? []), ...this.#lost];
  }
}

/** Stops at the first key at or behind damage, in the direction of reading. */
class GuardedCursor implements TreeCursor {
  readonly #cursor: TreeCursor;
  readonly #records: readonly DamageRecord[];
  readonly #reverse: boolean;

  constructor(cursor: TreeCursor, records: readonly DamageRecord[], reverse: boolean) {
    this.#cursor = cursor;
    this.#records = records;
    this.#reverse = reverse;
  }

  get key(): Uint8Array {
    return this.#cursor.key;
  }

  get value(): Uint8Array {
    return this.#cursor.value;
  }

  next(): boolean {
    const found = this.#cursor.next();
    const met = this.#records.find((record) => !found || this.#isPassed(record));
    if (met !== undefined) throw outOfReach(met);
    return found;
  }

  #isPassed({ from, to }: DamageRecord): boolean {
    const { key } = this.#cursor;
    if (this.#reverse) return to === undefined || compareBytes(key, to) < 0;
    return compareBytes(key, from) >= 0;
  }
}

function isWithin({ from, to }: DamageRecord, key: Uint8Array): boolean {
  return compareBytes(key, from) >= 0 && (to === undefined || compareBytes(key, to) < 0);
}
