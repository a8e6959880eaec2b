/**
 * A page of a hub's feed: the newest version of items that changed, closed under transactions.
 *
 * With a version of a transaction come the newest versions of its other items, from later places if
 * need be, and so on: who takes the page whole never shows half of one (SYNC-scenarios.md, T1).
 * Layout in docs/formats/replica.md.
 */
import { must } from '../base/assert.ts';
import { ByteReader, ByteWriter, mapKey } from '../base/bytes.ts';
import { type Stamp, stampBytes } from '../base/hlc.ts';
import type { ItemPlace } from '../table/replicated.ts';
import type { TableState } from '../table/state.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeJoined, decodePlace, feedKey, joinedKey, seqOf } from './book.ts';
import { type Names, wholeNames } from './names.ts';
import type { PageJoined } from './page-joined.ts';
import { lastPlace } from './epochs.ts';
import { type Placed, placesOfScope } from './lead-places.ts';
import { isInRange, type KeyRange } from './range.ts';
import { mayRead, type Scope } from './scope.ts';
import { decodeVersion } from './version.ts';

export interface PageChange {
  /** The table's name among replicas. */
  readonly table: string;
  readonly key: Uint8Array;
  readonly stamp: Stamp;
  /** The stored item; undefined when it was deleted. */
  readonly image: Uint8Array | undefined;
}

export interface FeedPage {
  readonly changes: readonly PageChange[];
  /** The transactions whose versions are in it. */
  readonly joined: readonly PageJoined[];
  /** All places up to it are in the page, or were before. */
  readonly cursor: number;
  readonly upToDate: boolean;
  /** The greatest place in it: it is not to be sent before that is durable. */
  readonly through: number;
}

export interface FeedContext {
  readonly reader: TreeReader;
  readonly book: number;
  /** By tree. */
  readonly tables: ReadonlyMap<number, TableState>;
  /** Places up to it have been taken. */
  readonly cursor: number;
  /** What is not in it is not there for who reads. */
  readonly scope?: Scope | undefined;
  /** What is wanted, with what must come with it; all when absent. */
  readonly only?: KeyRange | undefined;
}

/** Places after the cursor, until they have `bytesMax`. Throws PageFault. */
export function readPage(context: FeedContext, bytesMax: number): FeedPage {
  const { reader, book, cursor, tables, scope, only } = context;
  const gatherer = new Gatherer(context);
  const own = scope && placesOfScope(reader, book, tables.values(), scope, cursor);
  let last = cursor;
  for (const { place, spot } of own ?? allPlaces(reader, book, cursor)) {
    if (gatherer.bytes >= bytesMax) return gatherer.page(last, false);
    last = place;
    if (only === undefined || isOf(tables, only, spot)) gatherer.add(spot);
  }
  // What is not in scope, or forgotten, is not looked at again either.
  return gatherer.page(Math.max(last, lastPlace(reader, book)), true);
}

function* allPlaces(
  reader: TreeReader,
  book: number,
  cursor: number,
): Generator<Placed, void, undefined> {
  const range = { from: feedKey(cursor), fromOpen: true, to: feedKey(Number.MAX_SAFE_INTEGER) };
  const places = reader.range(book, range);
  while (places.next()) yield { place: seqOf(places.key), spot: decodePlace(places.value) };
}

/**
 * The items as they are, with what must come with them; nothing when that is more than `bytesMax`.
 * What never was an item is left out.
 */
export function readCurrent(
  context: Omit<FeedContext, 'cursor'>,
  spots: readonly ItemPlace[],
  bytesMax: number,
): readonly PageChange[] {
  const gatherer = new Gatherer({ ...context, cursor: -1 });
  for (const { tree, key } of spots) {
    const versions = context.tables.get(tree)?.replica?.versions;
    if (versions === undefined || context.reader.get(versions, key) === undefined) continue;
    gatherer.add({ tree, key });
    if (gatherer.bytes > bytesMax) return [];
  }
  return gatherer.page(0, false).changes;
}

function isOf(
  tables: ReadonlyMap<number, TableState>,
  range: KeyRange,
  { tree, key }: ItemPlace,
): boolean {
  return tables.get(tree)?.replica?.global === range.table && isInRange(range, key);
}

class Gatherer {
  readonly #context: FeedContext;
  readonly #taken = new Set<string>();
  readonly #changes: PageChange[] = [];
  readonly #joined = new Map<string, PageJoined>();
  #through: number;
  bytes = 0;

  constructor(context: FeedContext) {
    this.#context = context;
    this.#through = context.cursor;
  }

  /** The item, and all that must come with it. */
  add(spot: ItemPlace): void {
    const waiting = [...this.#take(spot)];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      waiting.push(...this.#take(next));
    }
  }

  page(cursor: number, upToDate: boolean): FeedPage {
    const through = Math.max(this.#through, cursor);
    const joined = [...this.#joined.values()];
    return { changes: this.#changes, joined, cursor, upToDate, through };
  }

  /** Answers the items that must come with it. */
  #take({ tree, key }: ItemPlace): readonly ItemPlace[] {
    const { reader, book, tables, cursor, scope } = this.#context;
    const table = tables.get(tree);
    if (table?.replica === undefined) return [];
    if (!mayRead(scope, table.replica.global, key)) return [];
    const bytes = reader.get(table.replica.versions, key);
    // Of a deletion that is forgotten; a transaction still names it.
    if (bytes === undefined) return [];
    const { stamp, isDeleted, isJoined, place = 0 } = decodeVersion(bytes);
    const name = `${tree} ${mapKey(key)}`;
    // What lies before the cursor was taken before.
    if (this.#taken.has(name) || place <= cursor) return [];
    this.#taken.add(name);
    const image = isDeleted ? undefined : must(reader.get(tree, key), 'a version of nothing');
    this.#changes.push({ table: table.replica.global, key, stamp, image });
    this.bytes += key.length + (image?.length ?? 0) + 64;
    this.#through = Math.max(this.#through, place);
    if (isJoined !== true) return [];
    const joined = must(reader.get(book, joinedKey(stamp)), 'a transaction without its items');
    const { members } = decodeJoined(joined);
    this.#joined.set(mapKey(stampBytes(stamp)), { stamp, members: this.#named(members) });
    return members;
  }

  /** What may be read of them. */
  #named(members: readonly ItemPlace[]): PageJoined['members'] {
    const { tables, scope } = this.#context;
    return members.flatMap(({ tree, key }) => {
      const table = tables.get(tree)?.replica?.global;
      return table !== undefined && mayRead(scope, table, key) ? [{ table, key }] : [];
    });
  }
}

export function encodeChanges(
  changes: readonly PageChange[],
  names: Names = wholeNames,
): Uint8Array {
  let room = 0;
  for (const { table, key, image } of changes) {
    room += table.length + key.length + (image?.length ?? 0) + changeBytes;
  }
  const writer = new ByteWriter(room);
  for (const { table, key, stamp, image } of changes) {
    writer.byte(image === undefined ? 0 : 1);
    names.putTable(writer, table);
    writer.block(key);
    names.putStamp(writer, stamp);
    if (image !== undefined) writer.block(image);
  }
  return writer.finish();
}

/** About what a change takes besides: its stamp, and how long each part is. */
const changeBytes = 40;

export function decodeChanges(bytes: Uint8Array, names: Names = wholeNames): readonly PageChange[] {
  const reader = new ByteReader(bytes);
  const changes: PageChange[] = [];
  while (!reader.done) {
    const hasImage = reader.byte() === 1;
    const table = names.table(reader);
    const key = reader.block();
    const stamp = names.stamp(reader);
    changes.push({ table, key, stamp, image: hasImage ? reader.block() : undefined });
  }
  return changes;
}
