/**
 * A large body of JSON, read in slices, so that others get their turn between them.
 *
 * The text is gone through once for its brackets, commas and strings. Members of a container that
 * have become long enough are handed to JSON.parse together and joined to what was read of it;
 * what is short is read with the container around it. So every character is judged by JSON.parse,
 * or is a bracket, comma, colon or blank that stands where it may.
 *
 * What has more members than any request that could be carried out is not read to its end
 * (`vast`): an item of 400 KB holds 140,000 attributes of different names, or 409,600 elements.
 */
import {
  jsonDepthMax,
  jsonElementsMax,
  jsonNamesMax,
  jsonPieceChars,
  jsonPartsMax,
  jsonSliceChars,
} from '../base/limits.ts';
import { setOwn } from '../value/own.ts';

/** Undefined: the text is no JSON. */
export type LargeJson = { readonly value: unknown } | 'vast' | undefined;

/** Every `yield` is a place to let others have their turn. */
export function* readInSlices(
  text: string,
  sliceChars: number = jsonSliceChars,
  pieceChars: number = jsonPieceChars,
): Generator<undefined, LargeJson> {
  const reader = new Reader(text, pieceChars);
  try {
    for (let end = sliceChars; end < text.length; end += sliceChars) {
      const answer = reader.readTo(end);
      if (answer !== 'more') return answer;
      yield;
    }
    const answer = reader.readTo(text.length);
    return answer === 'more' ? undefined : answer;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

interface Container {
  readonly isObject: boolean;
  /** Where its bracket stands. */
  readonly start: number;
  /** Members were read up to here. */
  readTo: number;
  /** Where the member begins that the reader is in, and its colon, if it was met. */
  memberStart: number;
  colon: number;
  count: number;
  /** What was read of it, once it has become long. */
  value: unknown[] | Record<string, unknown> | undefined;
  /** The name of the member that is read by itself. */
  name: string;
  /** That member is over: only blanks may come before the next. */
  isBehindMember: boolean;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

class Reader {
  readonly #text: string;
  readonly #pieceChars: number;
  readonly #open: Container[] = [];
  #at = 0;
  #parts = 0;

  constructor(text: string, pieceChars: number) {
    this.#text = text;
    this.#pieceChars = pieceChars;
  }

  /** Goes on to a place, or a string's end behind it. Throws SyntaxError. */
  readTo(end: number): LargeJson | 'more' {
    const text = this.#text;
    for (; this.#at < end; this.#at += 1) {
      switch (text.charCodeAt(this.#at)) {
        case quote:
          this.#at = endOfString(text, this.#at);
          break;
        case openList:
          if (!this.#begin(false)) return undefined;
          break;
        case openObject:
          if (!this.#begin(true)) return undefined;
          break;
        case comma:
          if (!this.#next()) return 'vast';
          break;
        case colon:
          this.#nameMember();
          break;
        case closeList:
        case closeObject: {
          const answer = this.#end(text.charCodeAt(this.#at) === closeObject);
          if (answer !== undefined) return answer;
          break;
        }
        default:
      }
    }
    if (this.#at < text.length) return 'more';
    // A text without a container, or one that was not closed.
    return this.#open.length === 0 ? { value: JSON.parse(text) } : undefined;
  }

  #begin(isObject: boolean): boolean {
    const start = this.#at;
    this.#open.push({
      isObject,
      start,
      readTo: start + 1,
      memberStart: start + 1,
      colon: -1,
      count: 1,
      value: undefined,
      name: '',
      isBehindMember: false,
    });
    return this.#open.length <= jsonDepthMax;
  }

  #nameMember(): void {
    const inside = this.#open.at(-1);
    if (inside !== undefined && inside.colon < 0) inside.colon = this.#at;
  }

  /** False where there are too many members. */
  #next(): boolean {
    const inside = this.#open.at(-1);
    if (inside === undefined) throw new SyntaxError();
    inside.count += 1;
    this.#parts += 1;
    if (inside.count > (inside.isObject ? jsonNamesMax : jsonElementsMax)) return false;
    if (this.#parts > jsonPartsMax) return false;
    if (inside.isBehindMember) {
      this.#checkBlank(inside.readTo, this.#at);
      inside.isBehindMember = false;
      inside.readTo = this.#at + 1;
    } else if (this.#at - inside.readTo >= this.#pieceChars) {
      this.#keep(this.#open.length - 1);
      this.#take(inside, this.#at);
      inside.readTo = this.#at + 1;
    }
    inside.memberStart = this.#at + 1;
    inside.colon = -1;
    return true;
  }

  /** The value, where the outermost container ends. */
  #end(isObject: boolean): LargeJson {
    const ended = this.#open.pop();
    if (ended === undefined || ended.isObject !== isObject) throw new SyntaxError();
    const around = this.#open.at(-1);
    if (around === undefined) return this.#whole(ended);
    if (ended.value === undefined) return undefined;
    this.#finish(ended);
    put(around, around.name, ended.value);
    around.readTo = this.#at + 1;
    around.isBehindMember = true;
    return undefined;
  }

  #whole(ended: Container): LargeJson {
    if (ended.value === undefined) return { value: JSON.parse(this.#text) };
    this.#finish(ended);
    this.#checkBlank(this.#at + 1, this.#text.length);
    return { value: ended.value };
  }

  /** What is left of a container that was read in pieces. */
  #finish(ended: Container): void {
    if (ended.isBehindMember) this.#checkBlank(ended.readTo, this.#at);
    else this.#take(ended, this.#at);
  }

  /** From now on this container, and those around it, are read in pieces. */
  #keep(depth: number): void {
    for (let at = 0; at <= depth; at += 1) {
      const one = this.#open[at] as Container;
      if (one.value !== undefined) continue;
      one.value = one.isObject ? {} : [];
      const around = this.#open[at - 1];
      if (around === undefined) this.#checkBlank(0, one.start);
      else this.#beginMember(around, one.start);
    }
  }

  /** The members before one that is a container are read, and its name. */
  #beginMember(around: Container, start: number): void {
    if (around.isBehindMember) throw new SyntaxError();
    const { memberStart, isObject } = around;
    if (memberStart > around.readTo) this.#take(around, memberStart - 1);
    if (isObject) {
      if (around.colon < 0) throw new SyntaxError();
      const name: unknown = JSON.parse(this.#text.slice(memberStart, around.colon));
      if (typeof name !== 'string') throw new SyntaxError();
      around.name = name;
    }
    this.#checkBlank(isObject ? around.colon + 1 : memberStart, start);
  }

  /** Reads the members up to a place; there is at least one. */
  #take(into: Container, end: number): void {
    const piece = this.#text.slice(into.readTo, end);
    if (into.isObject) {
      const members = JSON.parse(`{${piece}}`) as Record<string, unknown>;
      const names = Object.keys(members);
      if (names.length === 0) throw new SyntaxError();
      for (const name of names) put(into, name, members[name]);
      return;
    }
    const elements = JSON.parse(`[${piece}]`) as unknown[];
    if (elements.length === 0) throw new SyntaxError();
    for (const element of elements) put(into, '', element);
  }

  #checkBlank(from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) throw new SyntaxError();
    }
  }
}

function put({ value }: Container, name: string, member: unknown): void {
  if (Array.isArray(value)) value.push(member);
  else if (value !== undefined) setOwn(value, name, member);
}

/** Where the quote stands that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = at;
    while (text.charCodeAt(escapes - 1) === 0x5c) escapes -= 1;
    if ((at - escapes) % 2 === 0) return at;
  }
  throw new SyntaxError();
}
