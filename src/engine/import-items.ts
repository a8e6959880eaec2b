/**
 * The items of an import: encoded with their keys, and, once it is known which of them remain,
 * their entries in the indexes.
 *
 * The keys of an item's index entries are made with its own key, while it is at hand, and kept in
 * its annex (tree/run.ts): for each index u16 length, key; length 0 when it has no entry. Where
 * they are too long for that, which takes a dozen indexes with the longest keys there are, it has
 * no annex, and they are made again of the item.
 */
import { validation } from '../base/errors.ts';
import { itemBytesMax } from '../base/limits.ts';
import type { ValueForm } from '../operation/request.ts';
import { putU16, u16 } from '../pager/page.ts';
import type { TreeRoot } from '../pager/root.ts';
import { checkInput } from '../shape/check.ts';
import { attributeMap, struct } from '../shape/constructors.ts';
import { checkIndexKeys } from '../table/index-checks.ts';
import { indexEntry, putEntryKey } from '../table/indexes.ts';
import { putItemKey } from '../table/keys.ts';
import type { IndexState, TableState } from '../table/state.ts';
import { TreeBuilder } from '../tree/bulk.ts';
import { annexBytesMax, annexStartOf, cellStartOf, entryEnd, entrySize } from '../tree/run.ts';
import { encodeItem, StoredItem } from '../value/codec.ts';
import { KeyRoom } from '../value/key.ts';
import type { JsonLine } from '../value/json-line.ts';
import { JsonLineEncoder } from '../value/json-line-encoder.ts';
import { type PackedItem, PackedReader } from '../value/packed.ts';
import { plainReader } from '../value/plain.ts';
import { itemSize } from '../value/size.ts';
import { isPlainObject, SimpleEncoder } from '../value/simple.ts';
import type { Item, Value } from '../value/value.ts';
import { wireReader } from '../value/wire.ts';
import { freePages } from './builds.ts';
import { rangesOf } from './build-writer.ts';
import { Sorter, type SorterHost } from './import-sorter.ts';

const given = struct({ Item: attributeMap.required });

/** Valid until the next one is encoded. */
export interface EncodedItem {
  /** Has the item's key up to `keyEnd`, and behind it the annex up to `annexEnd`. */
  readonly keyed: Uint8Array;
  readonly keyEnd: number;
  readonly annexEnd: number;
  readonly value: Uint8Array;
  readonly size: number;
}

export class ItemEncoder {
  readonly #table: TableState;
  readonly #form: ValueForm;
  readonly #simple = new SimpleEncoder();
  readonly #line = new JsonLineEncoder();
  readonly #packed: PackedReader;
  readonly #keyNames: readonly string[];
  readonly #room = new KeyRoom();

  constructor(table: TableState, form: ValueForm) {
    this.#table = table;
    this.#form = form;
    const parts = [table, ...table.indexes].flatMap(({ keys }) => [...keys.hash, ...keys.range]);
    this.#keyNames = [...new Set(parts.map(({ name }) => name))];
    this.#packed = new PackedReader(this.#keyNames);
  }

  /** Throws what PutItem would answer. */
  encode(raw: unknown): EncodedItem {
    const simple = this.#form === 'plain' && isPlainObject(raw) ? raw : undefined;
    const value = simple && this.#simple.encode(simple);
    if (simple === undefined || value === undefined) return this.#whole(this.#read(raw));
    const { size } = this.#simple;
    if (size > itemBytesMax) throw tooLarge();
    // What keys are made of, and judged by, is in these attributes alone.
    const keys = new Map<string, Value>();
    for (const name of this.#keyNames) {
      if (Object.hasOwn(simple, name)) keys.set(name, plainReader.value(simple[name]));
    }
    return this.#keyed(keys, value, size);
  }

  /** As `encode` of what the line says; undefined when it has to be parsed for that. */
  encodeLine(line: JsonLine): EncodedItem | undefined {
    const value = this.#line.encode(line);
    if (value === undefined) return undefined;
    const { size } = this.#line;
    if (size > itemBytesMax) throw tooLarge();
    const keys = new Map<string, Value>();
    for (const name of this.#keyNames) {
      const given = this.#line.value(name);
      if (given !== undefined) keys.set(name, given);
      else if (this.#line.has(name)) return undefined;
    }
    return this.#keyed(keys, value, size);
  }

  /** As `encode` of what was packed. */
  encodePacked(item: PackedItem): EncodedItem {
    const keys = this.#packed.read(item);
    const { size } = this.#packed;
    if (size > itemBytesMax) throw tooLarge();
    return this.#keyed(keys, item.bytes, size);
  }

  #whole(item: Item): EncodedItem {
    const size = itemSize(item);
    if (size > itemBytesMax) throw tooLarge();
    return this.#keyed(item, encodeItem(item, { size }), size);
  }

  #read(raw: unknown): Item {
    if (this.#form === 'plain') return plainReader.item(raw);
    const { Item } = checkInput(given, { Item: raw }, this.#form) as { Item: unknown };
    return wireReader.item(Item);
  }

  #keyed(item: Item, value: Uint8Array, size: number): EncodedItem {
    const room = this.#room;
    const table = this.#table;
    const keyEnd = putItemKey(table, item, room);
    let annexEnd = keyEnd;
    let isChecked = false;
    for (const index of table.indexes) {
      const from = annexEnd + 2;
      const end = putEntryKey(index, item, room, keyEnd, from);
      // An attribute may be missing, but not be of a wrong kind.
      if (end === undefined && !isChecked) checkIndexKeys(table, item);
      isChecked ||= end === undefined;
      annexEnd = end ?? room.reserve(from);
      putU16(room.bytes, from - 2, annexEnd - from);
    }
    if (annexEnd - keyEnd > annexBytesMax) annexEnd = keyEnd;
    return { keyed: room.bytes, keyEnd, annexEnd, value, size };
  }
}

function tooLarge(): Error {
  return validation('Item size has exceeded the maximum allowed size');
}

/** The entries of all indexes of a table, as its items are known to remain. */
export class IndexSorters {
  readonly #host: SorterHost;
  readonly #table: TableState;
  readonly #sorters: readonly Sorter[];

  /** `runBytes` is shared among the indexes. */
  constructor(host: SorterHost, table: TableState, runBytes: number) {
    this.#host = host;
    this.#table = table;
    const bytesMax = runBytes / Math.max(1, table.indexes.length);
    this.#sorters = table.indexes.map(() => new Sorter(host, bytesMax));
  }

  /** The entries of the item in the run's entry at `at`. `stays`: the bytes remain as they are. */
  add(bytes: Uint8Array, at: number, stays: boolean): void {
    const { indexes } = this.#table;
    if (indexes.length === 0) return;
    let place = annexStartOf(at);
    const start = cellStartOf(bytes, at);
    const hasKeys = place < start;
    const from = start + 2 + u16(bytes, start);
    const to = entryEnd(bytes, at);
    const size = entrySize(bytes, at);
    for (let which = 0; which < indexes.length; which += 1) {
      const index = indexes[which] as IndexState;
      const { buffer } = this.#sorters[which] as Sorter;
      const isWhole = index.projection.type === 'ALL';
      let key = { keyed: bytes, from: place + 2, to: place };
      if (hasKeys) {
        place = key.from + u16(bytes, place);
        if (place === key.from) continue;
        key.to = place;
      }
      if (!hasKeys || !isWhole) {
        const entry = indexEntry(this.#table, index, new StoredItem(bytes.subarray(from, to)));
        if (entry === undefined) continue;
        if (!isWhole) {
          buffer.add(entry.key, entry.value, entry.size);
          continue;
        }
        key = { keyed: entry.key, from: 0, to: entry.key.length };
      }
      if (stays) buffer.addElsewhere(key, bytes, from, to, size);
      else buffer.add(key.keyed.subarray(key.from, key.to), bytes.subarray(from, to), size);
    }
  }

  isFull(): boolean {
    for (const sorter of this.#sorters) if (sorter.isFull) return true;
    return false;
  }

  async spillFull(): Promise<void> {
    for (const sorter of this.#sorters) if (sorter.isFull) await sorter.spill();
  }

  /** The tree of each index. */
  async build(
    wants: () => boolean,
    wait: () => Promise<void>,
  ): Promise<readonly (TreeRoot | undefined)[]> {
    const roots: (TreeRoot | undefined)[] = [];
    for (const sorter of this.#sorters) {
      const builder = new TreeBuilder(this.#host.writer);
      await sorter.drain((cursor) => {
        builder.add(cursor.cell(), entrySize(cursor.bytes, cursor.at));
        return wants();
      }, wait);
      roots.push(builder.finish());
      await freePages(this.#host.state, rangesOf(sorter.runs));
    }
    return roots;
  }
}
