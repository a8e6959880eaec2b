/**
 * `contains` of one attribute and values that were given, as one condition asks it.
 *
 * A condition may ask it 200 times of a value of 400 KB. So where there are several, and the value
 * is long, all of them are looked for together, once for each value: parts of texts and of bytes by
 * one pass (find-many.ts), elements of sets and lists by their names.
 */
import { searchedTogetherMin } from '../base/limits.ts';
import { hexOf } from '../base/bytes.ts';
import { equalValues } from '../value/compare.ts';
import type { Value } from '../value/value.ts';
import { findBytes, findText } from './find-bytes.ts';
import { PartSearch, unitsOf } from './find-many.ts';

/** What is asked of the values at one path. */
export class Contained {
  readonly #parts: Value[] = [];
  /** The parts of a type, as they are looked for together: made when they first are. */
  readonly #searches = new Map<'S' | 'B', PartSearch>();
  #last: Value | undefined;
  #answers: ((at: number) => boolean) | undefined;

  /** Adds one more part; answers whether a value contains it. */
  ask(part: Value): (value: Value) => boolean {
    const at = this.#parts.length;
    this.#parts.push(part);
    return (value) => {
      if (!this.#isLong(value)) return contains(value, part);
      if (this.#last !== value) {
        this.#last = value;
        this.#answers = this.#answersOf(value);
      }
      return this.#answers?.(at) === true;
    };
  }

  #isLong(value: Value): boolean {
    if (this.#parts.length < 2 || !('length' in Object(value.value))) return false;
    const { length } = value.value as ArrayLike<unknown>;
    return length * this.#parts.length >= searchedTogetherMin;
  }

  /** Whether it contains the part at a place. */
  #answersOf(value: Value): (at: number) => boolean {
    switch (value.type) {
      case 'S':
      case 'B': {
        const found = this.#search(value.type).find(unitsIn(value));
        return (at) => this.#parts[at]?.type === value.type && found[at] === 1;
      }
      case 'SS':
      case 'NS':
      case 'BS':
      case 'L': {
        const elements = elementsOf(value);
        const found = this.#scalarsIn(elements);
        return (at) => {
          const part = this.#parts[at] as Value;
          const key = scalarKey(part);
          if (key !== undefined) return found.get(part.type)?.has(key) === true;
          return elements.some((element) => equalValues(element, part));
        };
      }
      default:
        return () => false;
    }
  }

  /** Those of the parts that are among the elements, by type. */
  #scalarsIn(elements: readonly Value[]): ReadonlyMap<string, ReadonlySet<unknown>> {
    const wanted = new Map<string, Set<unknown>>();
    const found = new Map<string, Set<unknown>>();
    for (const part of this.#parts) {
      const key = scalarKey(part);
      if (key === undefined) continue;
      const keys = wanted.get(part.type) ?? new Set();
      wanted.set(part.type, keys.add(key));
      found.set(part.type, found.get(part.type) ?? new Set());
    }
    for (const element of elements) {
      const keys = wanted.get(element.type);
      const key = keys && scalarKey(element);
      if (keys?.has(key)) found.get(element.type)?.add(key);
    }
    return found;
  }

  #search(type: 'S' | 'B'): PartSearch {
    let search = this.#searches.get(type);
    if (search === undefined) {
      const none = new Uint16Array(0);
      search = new PartSearch(
        this.#parts.map((part) => (part.type === type ? unitsIn(part) : none)),
      );
      this.#searches.set(type, search);
    }
    return search;
  }
}

function unitsIn(value: Value): ArrayLike<number> {
  if (value.type === 'S') return unitsOf(value.value);
  return value.type === 'B' ? value.value : [];
}

/** The elements of a collection; none of any other value. */
export function elementsOf(value: Value): readonly Value[] {
  switch (value.type) {
    case 'L':
      return value.value;
    case 'SS':
      return value.value.map((element) => ({ type: 'S', value: element }));
    case 'NS':
      return value.value.map((element) => ({ type: 'N', value: element }));
    case 'BS':
      return value.value.map((element) => ({ type: 'B', value: element }));
    default:
      return [];
  }
}

/** What only equal scalars of a type share; undefined for other values. */
function scalarKey(value: Value): string | boolean | undefined {
  switch (value.type) {
    case 'S':
    case 'N':
    case 'BOOL':
    case 'NULL':
      return value.value;
    case 'B':
      return hexOf(value.value);
    default:
      return undefined;
  }
}

/** A text that only equal scalars share; undefined for other values. */
export function scalarName(value: Value): string | undefined {
  const key = scalarKey(value);
  return key === undefined ? undefined : `${value.type}${key}`;
}

export function contains(value: Value, part: Value): boolean {
  switch (value.type) {
    case 'S':
      return part.type === 'S' && findText(value.value, part.value);
    case 'B':
      return part.type === 'B' && findBytes(value.value, part.value);
    case 'SS':
      return part.type === 'S' && value.value.includes(part.value);
    case 'NS':
      return part.type === 'N' && value.value.includes(part.value);
    case 'BS':
      return (
        part.type === 'B' &&
        value.value.some((bytes) => equalValues({ type: 'B', value: bytes }, part))
      );
    case 'L':
      return value.value.some((element) => equalValues(element, part));
    default:
      return false;
  }
}
