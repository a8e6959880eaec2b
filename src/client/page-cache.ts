/**
 * The items that a page has read one by one, kept so that reading them again takes no way to the
 * worker (docs/adr/0023).
 *
 * An entry stands for one input: the text of its table, key and form. The worker tells the tags of
 * items that changed, before it answers the call that changed them, so a page never reads what is
 * older than what it was told. An answer from here is given only while the worker was heard lately
 * (keptFreshMs), since a page that does not let messages in learns of nothing.
 * Cost of an answer: a text of the key, a look into a map, and decoding the item: no message. A
 * program that reads nothing again pays for one look of eight.
 * Invariants
 * - The bytes counted are those of all entries, and at most the bound.
 * - Every entry is in its tag's chain once.
 */
import {
  keptFreshMs,
  keptItemBytesMax,
  keptItemOverheadBytes,
  missesMax,
  pageCacheBytesDefault,
  soughtOf,
} from '../base/page-limits.ts';
import type { ValueForm } from '../operation/request.ts';
import type { ItemDecoder } from '../value/decode.ts';
import type { Forgotten } from '../wire/channel.ts';
import type { CallOptions, PageCache, Wanted } from './connection.ts';

/** A read that is not known: what its answer is kept under. */
interface Missing extends Wanted {
  readonly text: string;
  readonly form: ValueForm;
  readonly askedMs: number;
}

interface Kept {
  readonly text: string;
  readonly tag: number;
  readonly decoder: ItemDecoder;
  readonly cost: number;
  /** It was answered from since the hand of the clock came by. */
  used: boolean;
  /** Of the same tag. */
  next: Kept | undefined;
}

export class ItemCache implements PageCache {
  readonly #bytesMax: number;
  readonly #decoder: typeof ItemDecoder;
  readonly #nowMs: () => number;
  /** In the order in which the hand of the clock comes by them. */
  readonly #byText: Map<string, Kept> = new Map();
  readonly #byTag: Map<number, Kept> = new Map();
  #bytes = 0;
  /** Reads since the last that was kept. */
  #misses = 0;
  /** When the last read that the worker answered was asked for. */
  #freshMs = Number.NEGATIVE_INFINITY;

  /** The decoder is given, because the page's entry has it. */
  constructor(
    decoder: typeof ItemDecoder,
    bytesMax: number = pageCacheBytesDefault,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#bytesMax = bytesMax;
    this.#decoder = decoder;
    this.#nowMs = nowMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#byText.size;
  }

  /** Undefined of a read that is never kept; with the output where it is known. */
  want(input: unknown, form: ValueForm, options: CallOptions): Wanted | undefined {
    if ((options.consistency ?? options.hideExpired) !== undefined) return undefined;
    this.#misses += 1;
    if (this.#misses > missesMax && this.#misses % soughtOf !== 0) return undefined;
    const text = textOf(input, form);
    if (text === undefined) return undefined;
    const askedMs = this.#nowMs();
    const kept = this.#byText.get(text);
    if (kept !== undefined) this.#misses = 0;
    if (kept === undefined || askedMs - this.#freshMs > keptFreshMs) {
      const missing: Missing = { text, form, askedMs };
      return missing;
    }
    kept.used = true;
    return { output: { Item: kept.decoder.at(0) } };
  }

  /** Keeps the answer to `wanted`, encoded in `bytes`; without a tag it is not to be kept. */
  keep(wanted: Wanted, tag: number | undefined, bytes: Uint8Array): void {
    const { text, form, askedMs } = wanted as Missing;
    this.#freshMs = Math.max(this.#freshMs, askedMs);
    if (tag === undefined || tag === 0 || bytes.length > keptItemBytesMax) return;
    // It was asked for again while the worker was not heard; had it changed, it would be gone.
    if (this.#byText.has(text)) return;
    const decoder = new this.#decoder(bytes.slice(), form === 'plain' ? 'plain' : 'wire');
    // The decoder makes one text of the bytes.
    const cost = 2 * (bytes.length + text.length) + keptItemOverheadBytes;
    const next = this.#byTag.get(tag);
    const kept = { text, tag, decoder, cost, used: false, next };
    this.#byText.set(text, kept);
    this.#byTag.set(tag, kept);
    this.#bytes += cost;
    if (this.#bytes > this.#bytesMax) this.#evict();
  }

  forget(tags: Forgotten): void {
    if (tags === 'all') {
      this.#byText.clear();
      this.#byTag.clear();
      this.#bytes = 0;
      return;
    }
    for (const tag of tags) {
      for (let kept = this.#byTag.get(tag); kept !== undefined; kept = kept.next) {
        this.#byText.delete(kept.text);
        this.#bytes -= kept.cost;
      }
      this.#byTag.delete(tag);
    }
  }

  /** The oldest go, but those that were used since they were looked at have another round. */
  #evict(): void {
    for (const kept of this.#byText.values()) {
      if (this.#bytes <= this.#bytesMax) return;
      if (kept.used) {
        kept.used = false;
        this.#byText.delete(kept.text);
        this.#byText.set(kept.text, kept);
      } else this.#remove(kept);
    }
  }

  #remove(kept: Kept): void {
    this.#byText.delete(kept.text);
    this.#bytes -= kept.cost;
    const first = this.#byTag.get(kept.tag);
    if (first === kept) {
      if (kept.next === undefined) this.#byTag.delete(kept.tag);
      else this.#byTag.set(kept.tag, kept.next);
      return;
    }
    for (let other = first; other !== undefined; other = other.next) {
      if (other.next === kept) other.next = kept.next;
    }
  }
}

/**
 * One text for one input of GetItem: that of its form, table and key, each part with its length.
 * Undefined of an input that says more, or that has a key of other values than texts and numbers.
 */
function textOf(input: unknown, form: ValueForm): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  for (const name in input) if (name !== 'TableName' && name !== 'Key') return undefined;
  const { TableName: table, Key: key } = input as { readonly TableName: unknown; Key: unknown };
  if (typeof table !== 'string' || typeof key !== 'object' || key === null) return undefined;
  let text = `${form}${table.length}:${table}`;
  for (const name in key) {
    const value = partOf((key as Readonly<Record<string, unknown>>)[name], form);
    if (value === undefined) return undefined;
    text += `${name.length}:${name}${value.length}:${value}`;
  }
  return text;
}

/** A value with a letter for its type. */
function partOf(value: unknown, form: ValueForm): string | undefined {
  if (form === 'plain') {
    if (typeof value === 'string') return `s${value}`;
    return typeof value === 'number' ? `n${value}` : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  let part: string | undefined;
  for (const type in value) {
    const inner = (value as Readonly<Record<string, unknown>>)[type];
    // A value has one type, and what the worker would not take is not answered here.
    if (part !== undefined || typeof inner !== 'string') return undefined;
    part = `${type.length}:${type}${inner}`;
  }
  return part;
}
