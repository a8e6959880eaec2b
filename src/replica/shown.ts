/**
 * What a replica shows of an item, changed by what another replica wrote or by an answer of the
 * hub: the item with its index entries, its version and its base, in one commit.
 *
 * It makes no entry, for it is no write of this replica's own. No local rule refuses it: an item
 * that fits no index is left out of that index.
 */
import { must } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import type { Stamp } from '../base/hlc.ts';
import type { CallerKind, Mutation } from '../log/commit.ts';
import { CollectionLedger } from '../table/collections.ts';
import { findItem, type ItemDraft, replaceItem } from '../table/items.ts';
import type { TableState } from '../table/state.ts';
import type { TreeReader } from '../tree/reader.ts';
import { StoredItem } from '../value/codec.ts';
import { decodeBase, encodeBase, lackedOf } from './base.ts';
import { baseKey, put, remove, versioned } from './book.ts';
import type { PageChange } from './page.ts';
import { compareWritten, type Written } from './resolve.ts';
import { findSelf } from './self.ts';
import type { ReplicatedTable } from './tables.ts';
import { decodeVersion, encodeVersion, unknownStamp, type Version } from './version.ts';

/** What an answer of the hub is taken on. */
export interface SettleContext {
  readonly reader: TreeReader;
  readonly book: number;
  /** By their names among replicas. */
  readonly tables: ReadonlyMap<string, ReplicatedTable>;
  readonly display: Display;
}

/** An item of which a device holds anything. */
export interface Held {
  readonly table: ReplicatedTable;
  readonly key: Uint8Array;
  /** Undefined when nothing is known of it. */
  readonly version: Version | undefined;
  readonly versionBytes: Uint8Array | undefined;
  readonly item: StoredItem | undefined;
  /** Undefined too where a chunk lacked it: then there are bytes that say so. */
  readonly base: Written | undefined;
  readonly baseBytes: Uint8Array | undefined;
}

export function findHeld(
  reader: TreeReader,
  book: number,
  table: ReplicatedTable,
  key: Uint8Array,
): Held {
  const versionBytes = reader.get(table.replica.versions, key);
  const baseBytes = reader.get(book, baseKey({ tree: table.tree, key }));
  return {
    table,
    key,
    version: versionBytes && decodeVersion(versionBytes),
    versionBytes,
    item: findItem(reader, table, key),
    base: baseBytes && decodeBase(baseBytes),
    baseBytes,
  };
}

/** The one that stands of those that there are. */
export function newest(...versions: readonly (Written | undefined)[]): Written | undefined {
  return versions.reduce((best, next) => {
    if (best === undefined || next === undefined) return best ?? next;
    return compareWritten(next, best) > 0 ? next : best;
  }, undefined);
}

/** What is shown now; undefined too where the item was on a page that is lost. */
export function shownOf({ version, item }: Held): Written | undefined {
  if (item === undefined && version?.isDeleted !== true) return undefined;
  return { stamp: version?.stamp ?? unknownStamp, image: item?.bytes };
}

/** The commits of one change of what is shown, gathered item by item; each item once. */
export class Display {
  readonly #reader: TreeReader;
  readonly #book: number;
  readonly #ledger: CollectionLedger;
  readonly #isRecorded: boolean;
  readonly #drafts: ItemDraft[] = [];
  readonly #silent = new Map<ReplicatedTable, TableState>();
  /** Items that a chunk lacked, or may have, and what was noted of it, which goes. */
  readonly lacked: (Pick<PageChange, 'table' | 'key'> & { readonly after: number })[] = [];

  /** `isRecorded`: streams have records of it. */
  constructor(reader: TreeReader, book: number, collectionBytesMax: number, isRecorded = true) {
    this.#reader = reader;
    this.#book = book;
    this.#isRecorded = isRecorded;
    this.#ledger = new CollectionLedger(reader, collectionBytesMax);
  }

  /**
   * Shows `now`; undefined forgets that there was anything. `of`: the entry that is pending waits
   * for the hub's word, and how many items it wrote; as before unless given.
   */
  show(
    held: Held,
    now: Written | undefined,
    pending: number | undefined,
    of: Pick<Version, 'isGuess' | 'members'> = held.version ?? {},
    caller?: CallerKind,
  ): void {
    const { table, key, versionBytes } = held;
    const { versions } = table.replica;
    const draft = this.#replace(held, now?.image);
    const more: Mutation[] = [];
    if (now !== undefined) {
      const { stamp, image } = now;
      const { isGuess, members } = of;
      const isDeleted = image === undefined;
      const version = encodeVersion({ stamp, isDeleted, pending, isGuess, members });
      more.push(versioned(put(versions, key, versionBytes, version)));
    } else if (versionBytes !== undefined)
      more.push(versioned(remove(versions, key, versionBytes)));
    const mutations = [...draft.mutations, ...more];
    const isOurs = caller === 'engine' && !this.#isOthers(held.version, now);
    this.#drafts.push({ ...draft, mutations, caller: isOurs ? caller : undefined });
  }

  /** The same, of what has come of a write that was made here: that is a change made here. */
  showOwn(...[held, now, pending, of]: Parameters<Display['show']>): void {
    this.show(held, now, pending, of, 'engine');
  }

  /** Nothing is held of it any more: item, index entries, version and base; no stream hears it. */
  purge(held: Held): void {
    const { table, key, versionBytes } = held;
    const { mutations, ...draft } = this.#replace(held, undefined);
    const silent = mutations.map(({ recorded: _, before: __, ...mutation }) => mutation);
    const more =
      versionBytes === undefined ? [] : [remove(table.replica.versions, key, versionBytes)];
    if (silent.length + more.length > 0)
      this.#drafts.push({ ...draft, mutations: [...silent, ...more] });
    this.keep(held, undefined);
  }

  /** The hub has `base`; undefined when the item waits for no answer any more. */
  keep({ table, key, baseBytes }: Held, base: Written | undefined): void {
    const after = baseBytes && lackedOf(baseBytes);
    if (after !== undefined) this.lacked.push({ table: table.replica.global, key, after });
    const at = baseKey({ tree: table.tree, key });
    if (base !== undefined) this.add([put(this.#book, at, baseBytes, encodeBase(base))]);
    else if (baseBytes !== undefined) this.add([remove(this.#book, at, baseBytes)]);
  }

  /** What belongs to the engine alone. */
  add(mutations: readonly Mutation[]): void {
    if (mutations.length > 0) this.#drafts.push({ table: 0, mutations, units: 0 });
  }

  drafts(): readonly ItemDraft[] {
    return [...this.#drafts, ...this.#ledger.beginnings()];
  }

  /**
   * What others wrote over what others wrote is not of here, whatever it came with. An own guess
   * that the hub has answered is under nobody's id.
   */
  #isOthers(...versions: readonly ({ readonly stamp: Stamp } | undefined)[]): boolean {
    const { id } = must(findSelf(this.#reader), 'a replica without an id');
    const own = [id, unknownStamp.replica];
    return versions.every((one) => one && !own.some((of) => equalBytes(one.stamp.replica, of)));
  }

  #replace({ table, key, item: before }: Held, image: Uint8Array | undefined): ItemDraft {
    const shown = this.#isRecorded ? table : this.#unrecorded(table);
    const after = image && new StoredItem(image);
    // A hub has tested it, byte for byte: what is no item any more is not taken.
    after?.walk();
    const { draft } = replaceItem(this.#reader, shown, key, before, after);
    const counted = this.#ledger.addReplaced(table, key, before, after, draft);
    return { ...counted, units: 0, replicated: undefined };
  }

  /** The table without its stream. */
  #unrecorded(table: ReplicatedTable): TableState {
    const known = this.#silent.get(table);
    if (known !== undefined) return known;
    const silent = { ...table, stream: undefined };
    this.#silent.set(table, silent);
    return silent;
  }
}
