/**
 * How one list of held entries becomes another: what to take out and what to put in, and where.
 *
 * Both lists are in the order of the read, so one walk finds it; what is equal at both ends is
 * passed over first, as most changes touch one entry.
 */
import { compareBytes, equalBytes } from '../base/bytes.ts';

/** An entry of a live query: its place, and what is shown of it. */
export interface Held {
  /** Which part of the read it is of. */
  readonly part: number;
  readonly key: Uint8Array;
  /** Undefined: the filter says no, and it is held because the limit counts it. */
  readonly shown: Uint8Array | undefined;
  /** The entry, where its key may be asked for. */
  readonly raw: Uint8Array | undefined;
  /** Of a part that reaches back: the key of its item. */
  readonly itemKey: Uint8Array | undefined;
  /** Of a query that hides what is over: the second of the item's time. */
  readonly dueSecond?: number | undefined;
}

export interface Diff {
  /**
   * Triples: the place in the new list, how many of the old list are left out there, and how many
   * of `inserted` come in their place.
   */
  readonly splices: readonly number[];
  readonly inserted: readonly Held[];
}

/** `isReverse` of each part. */
export function compareHeld(
  a: Pick<Held, 'part' | 'key'>,
  b: Pick<Held, 'part' | 'key'>,
  isReverse: readonly boolean[],
): number {
  if (a.part !== b.part) return a.part - b.part;
  const order = compareBytes(a.key, b.key);
  return isReverse[a.part] === true ? -order : order;
}

export function diff(
  before: readonly Held[],
  after: readonly Held[],
  isReverse: readonly boolean[],
): Diff {
  let start = 0;
  let oldEnd = before.length;
  let newEnd = after.length;
  while (start < oldEnd && start < newEnd && isSame(before[start], after[start])) start += 1;
  while (oldEnd > start && newEnd > start && isSame(before[oldEnd - 1], after[newEnd - 1])) {
    oldEnd -= 1;
    newEnd -= 1;
  }
  const splices: number[] = [];
  const inserted: Held[] = [];
  let isOpen = false;
  for (let from = start, to = start; from < oldEnd || to < newEnd; ) {
    const was = from < oldEnd ? before[from] : undefined;
    const is = to < newEnd ? after[to] : undefined;
    const order = was && is ? compareHeld(was, is, isReverse) : was ? -1 : 1;
    if (order === 0 && isSame(was, is)) {
      isOpen = false;
      from += 1;
      to += 1;
      continue;
    }
    if (!isOpen) splices.push(to, 0, 0);
    isOpen = true;
    if (order <= 0) {
      splices[splices.length - 2] = (splices[splices.length - 2] as number) + 1;
      from += 1;
    }
    if (order >= 0 && is !== undefined) {
      splices[splices.length - 1] = (splices[splices.length - 1] as number) + 1;
      inserted.push(is);
      to += 1;
    }
  }
  return { splices, inserted };
}

function isSame(a: Held | undefined, b: Held | undefined): boolean {
  if (a === b) return true;
  if (a?.shown === undefined || b?.shown === undefined) return false;
  return a.part === b.part && equalBytes(a.key, b.key) && equalBytes(a.shown, b.shown);
}
