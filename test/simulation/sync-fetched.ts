/**
 * What was fetched for a call before it was decided, and what must follow from that: it is an item
 * that the hub had; what is read then is that or newer; and what is written on it is no guess.
 */
import { compareBytes, hexOf } from '../../src/base/bytes.ts';
import { stampBytes } from '../../src/base/hlc.ts';
import type { Entry } from '../../src/replica/entry.ts';
import type { PageChange } from '../../src/replica/page.ts';
import { isInRange, type KeyRange, meetRanges } from '../../src/replica/range.ts';
import { decodeItem } from '../../src/value/codec.ts';
import { hashPrefix } from '../../src/value/key.ts';
import type { SyncLedger } from './sync-ledger.ts';

/** A range that came whole, and what was in it. */
export interface Piece {
  readonly range: KeyRange;
  readonly changes: readonly PageChange[];
  /** Nothing of the feed is to come before it is complete. */
  readonly isComplete: boolean;
  /** How many answers of its hub its device had taken before it came. */
  readonly answers: number;
}

/** The stored key of an item. */
export function storedKey(p: string): Uint8Array {
  return hashPrefix([{ type: 'S', value: p }]);
}

interface Read {
  readonly device: string;
  readonly p: string;
  readonly fetched: PageChange;
  /** Mark of the item that was answered. */
  readonly w: string | undefined;
}

export class FetchBook {
  readonly #ledger: SyncLedger;
  /** Versions that came, by key and stamp. */
  readonly #versions = new Map<string, string | undefined>();
  readonly #reads: Read[] = [];
  /** By device: how many answers of its hub it has taken. */
  readonly #answers = new Map<string, number>();
  /** By device and key. */
  readonly #deletions = new Set<string>();
  /** Marks of writes that were decided on what was fetched; and of those that came as a guess. */
  readonly #decided = new Set<string>();
  readonly #guessed = new Set<string>();

  constructor(ledger: SyncLedger) {
    this.#ledger = ledger;
  }

  came(changes: readonly PageChange[]): void {
    for (const { table, key, stamp, image } of changes) {
      if (isOf(key, 'tally')) continue;
      const name = `${table} ${hexOf(key)} ${hexOf(stampBytes(stamp))}`;
      this.#versions.set(name, image && hexOf(image));
    }
  }

  answered(device: string): void {
    this.#answers.set(device, this.answersTo(device) + 1);
  }

  answersTo(device: string): number {
    return this.#answers.get(device) ?? 0;
  }

  /** Told of what a device does not know right after it has fetched `pieces`. */
  lookedAgain(device: string, pieces: readonly Piece[], range: KeyRange): void {
    const came = pieces.filter((one) => meetRanges(one.range, range) !== undefined);
    if (came.some((one) => !this.#isAskedAgain(device, one, range)))
      this.#ledger.violate(`${device} looks again for what it has fetched`);
  }

  /**
   * An item that a chunk lacked while an edit of it waited is asked for once more when that is
   * answered (docs/adr/0028).
   */
  #isAskedAgain(device: string, { changes, answers }: Piece, range: KeyRange): boolean {
    const isLacked = !changes.some(({ key }) => isInRange(range, key));
    return isLacked && this.answersTo(device) > answers;
  }

  deletes(device: string, p: string): void {
    this.#deletions.add(`${device} ${p}`);
  }

  /** Told of what a call that fetched `pieces` has read of an item. */
  read(device: string, p: string, pieces: readonly Piece[], w: string | undefined): void {
    const fetched = fetchedOf(pieces, p);
    if (fetched?.image !== undefined) this.#reads.push({ device, p, fetched, w });
  }

  /** Told of a write that was acknowledged: its condition, or what it changed, was fetched. */
  decided(w: string, p: string, pieces: readonly Piece[]): void {
    const [device = ''] = w.split('-', 1);
    const isAbsent = pieces.some((one) => {
      const isOfIt = one.isComplete && isInRange(one.range, storedKey(p));
      return isOfIt && !this.#isAskedAgain(device, one, one.range);
    });
    if (!isAbsent && fetchedOf(pieces, p)?.image === undefined) return;
    this.#ledger.fire('write on what was fetched');
    this.#decided.add(w);
  }

  /** Made on what a hub had, or had not: that is no guess. */
  sent({ confirm, mutations }: Entry): void {
    if (confirm === undefined || mutations.some(({ base }) => base.kind === 'on')) return;
    for (const { image } of mutations) {
      const w = image && String(decodeItem(image).get('w')?.value);
      if (w !== undefined) this.#guessed.add(w);
    }
  }

  judge(): void {
    for (const w of this.#guessed) {
      if (this.#decided.has(w)) {
        this.#ledger.violate(`${w} was made on what had been fetched, and comes as a guess`);
      }
    }
    const consumed = this.#consumed();
    for (const [name, image] of this.#versions) {
      if (!consumed.has(`${name} ${image}`)) {
        this.#ledger.violate(`what was fetched is none of the hub's items: ${name}`);
      }
    }
    for (const read of this.#reads) this.#judgeRead(read);
  }

  /** Key, stamp and image of all that hubs took: two writes may have one stamp (SYNC.md, 1). */
  #consumed(): ReadonlySet<string> {
    const all = new Set<string>();
    for (const { kind, stamp, items } of this.#ledger.entries.values()) {
      if (kind === 'refused') continue;
      for (const { key, image } of items) {
        all.add(`${key} ${hexOf(stampBytes(stamp))} ${image}`);
      }
    }
    return all;
  }

  #judgeRead({ device, p, fetched, w }: Read): void {
    const { table, key, stamp, image } = fetched;
    const at = stampBytes(stamp);
    const there = image && decodeItem(image).get('w')?.value;
    const say = `${device} fetched ${there} as ${p}, and read ${w}`;
    // What waits for its answer stays on top, whatever stamp it is given in the end.
    if (w === there || w?.startsWith(`${device}-`)) return;
    if (w === undefined) {
      if (this.#deletions.has(`${device} ${p}`)) return;
      const name = `${table} ${hexOf(key)}`;
      const isDeleted = [...this.#ledger.entries.values()].some(
        (one) =>
          compareBytes(stampBytes(one.stamp), at) > 0 &&
          one.items.some((item) => item.key === name && item.image === undefined),
      );
      if (!isDeleted) this.#ledger.violate(say);
      return;
    }
    if (w.includes('older')) return;
    const read = this.#ledger.stamps.get(w);
    if (read === undefined || compareBytes(read, at) < 0) this.#ledger.violate(say);
  }
}

/** What came of an item; undefined where it was not fetched, or is not there. */
function fetchedOf(pieces: readonly Piece[], p: string): PageChange | undefined {
  const key = storedKey(p);
  return pieces
    .filter(({ range }) => isInRange(range, key))
    .flatMap(({ changes }) => changes)
    .find((change) => compareBytes(change.key, key) === 0);
}

function isOf(key: Uint8Array, name: string): boolean {
  return String.fromCharCode(...key).includes(name);
}
