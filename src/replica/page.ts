/**
 * A page of a hub's feed: the newest version of items that changed, closed under transactions.
 *
 * With a version of a transaction come the newest versions of its other items, from later places if
 * need be, and so on: who takes the page whole never shows half of one (SYNC-scenarios.md, T1).
 * Layout in docs/formats/replica.md.
 */
import { must } from '../base/assert.ts';
import { ByteReader, ByteWriter, mapKey } from '../base/bytes.ts';
import type { Stamp } from '../base/hlc.ts';
import type { ItemPlace } from '../table/replicated.ts';
import type { TableState } from '../table/state.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeJoined, decodePlace, feedKey, joinedKey } from './book.ts';
import { type Names, wholeNames } from './names.ts';
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
  /** All places up to it are in the page, or were before. */
  readonly cursor: number;
  readonly upToDate: boolean;
  /** The greatest place in it: it is not to be sent before that is durable. */
  readonly through: number;
}

/** Places after `cursor`, until they have `bytesMax`. `tables`: by tree. Throws PageFault. */
export function readPage(
  reader: TreeReader,
  book: number,
  tables: ReadonlyMap<number, TableState>,
  cursor: number,
  bytesMax: number,
): FeedPage {
  const gatherer = new Gatherer(reader, book, tables, cursor);
  const range = { from: feedKey(cursor), fromOpen: true, to: feedKey(Number.MAX_SAFE_INTEGER) };
  const places = reader.range(book, range);
  let last = cursor;
  while (places.next()) {
    if (gatherer.bytes >= bytesMax) return gatherer.page(last, false);
    last = gatherer.add(decodePlace(places.value)) ?? last;
  }
  return gatherer.page(last, true);
}

class Gatherer {
  readonly #reader: TreeReader;
  readonly #book: number;
  readonly #tables: ReadonlyMap<number, TableState>;
  readonly #cursor: number;
  readonly #taken = new Set<string>();
  readonly #changes: PageChange[] = [];
  #through: number;
  bytes = 0;

  constructor(
    reader: TreeReader,
    book: number,
    tables: ReadonlyMap<number, TableState>,
    cursor: number,
  ) {
    this.#reader = reader;
    this.#book = book;
    this.#tables = tables;
    this.#cursor = cursor;
    this.#through = cursor;
  }

  /** The item, and all that must come with it; answers its place, if its table is still there. */
  add(spot: ItemPlace): number | undefined {
    const first = this.#take(spot);
    const waiting = first === undefined ? [] : [...first.members];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      waiting.push(...(this.#take(next)?.members ?? []));
    }
    return first?.place;
  }

  page(cursor: number, upToDate: boolean): FeedPage {
    return { changes: this.#changes, cursor, upToDate, through: this.#through };
  }

  #take({ tree, key }: ItemPlace): { place: number; members: readonly ItemPlace[] } | undefined {
    const table = this.#tables.get(tree);
    if (table?.replica === undefined) return undefined;
    const bytes = must(this.#reader.get(table.replica.versions, key), 'an item without a version');
    const { stamp, isDeleted, isJoined, place = 0 } = decodeVersion(bytes);
    const name = `${tree} ${mapKey(key)}`;
    // What lies before the cursor was taken before.
    if (this.#taken.has(name) || place <= this.#cursor) return { place, members: [] };
    this.#taken.add(name);
    const image = isDeleted ? undefined : must(this.#reader.get(tree, key), 'a version of nothing');
    this.#changes.push({ table: table.replica.global, key, stamp, image });
    this.bytes += key.length + (image?.length ?? 0) + 64;
    this.#through = Math.max(this.#through, place);
    if (isJoined !== true) return { place, members: [] };
    const joined = this.#reader.get(this.#book, joinedKey(stamp));
    return {
      place,
      members: decodeJoined(must(joined, 'a transaction without its items')).members,
    };
  }
}

export function encodeChanges(
  changes: readonly PageChange[],
  names: Names = wholeNames,
): Uint8Array {
  const writer = new ByteWriter(1024);
  for (const { table, key, stamp, image } of changes) {
    writer.byte(image === undefined ? 0 : 1);
    names.putTable(writer, table);
    writer.block(key);
    names.putStamp(writer, stamp);
    if (image !== undefined) writer.block(image);
  }
  return writer.take();
}

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
