/**
 * Packs answers for one message: outputs without their items, and the items' bytes in one buffer.
 *
 * A stored item goes as the bytes it is stored in, so a read is never decoded in the worker. The
 * two commonest answers, one item and nothing at all, are numbers in a flat list: cloning an array
 * of small integers costs a tenth of cloning as many objects. Others cost a pair for each member
 * that has items; items deeper down (a batch's responses, an error's reasons) are named by their
 * path.
 */
import { ByteWriter } from '../base/bytes.ts';
import { DynamoError } from '../base/errors.ts';
import { lendBytesMax } from '../base/limits.ts';
import { spareBytesMax } from '../base/page-limits.ts';
import type { Answer } from '../operation/request.ts';
import { encodeItem, StoredItem } from '../value/codec.ts';
import { setOwn } from '../value/own.ts';
import type { Item } from '../value/value.ts';
import type { AnswerMessage, AnswersMessage, ErrorBody, ItemPath, ItemPlace } from './channel.ts';

type Pairs = (ItemPath | ItemPlace)[];

export class AnswerWriter {
  #answers: AnswerMessage[] = [];
  #found: number[] = [];
  #tags: number[] = [];
  #done: number[] = [];
  /** Whether the bytes of the last message are the writer's own: not to be transferred. */
  lent = false;
  readonly #bytes: ByteWriter = new ByteWriter(1024);
  /** Bytes of the next buffer, if none comes back: what the last answers would have had room in. */
  #wanted = 0;

  get count(): number {
    return this.#answers.length + this.#found.length / 2 + this.#done.length;
  }

  /** Bytes of items so far. */
  get length(): number {
    return this.#bytes.length;
  }

  /** `tag` is that of the answer's item (given-keys.ts); 0 for none. */
  add(id: number, answer: Answer, tag: number = 0): void {
    const { error } = answer;
    if (error === undefined && this.#addShort(id, answer.output, tag)) return;
    const pairs: Pairs = [];
    const whole = error === undefined ? answer.output : errorBodyOf(error);
    const rest = this.#strip(whole, undefined, pairs);
    this.#answers.push([id, error === undefined, rest, ...pairs]);
  }

  /** The message; the writer is empty afterwards. */
  take(): AnswersMessage {
    const message = {
      ...(this.#answers.length > 0 ? { answers: this.#answers } : {}),
      ...(this.#found.length > 0 ? { found: this.#found } : {}),
      ...(this.#tags.length > 0 ? { tags: this.#tags } : {}),
      ...(this.#done.length > 0 ? { done: this.#done } : {}),
      ...(this.#bytes.length > 0 ? this.#takeBytes() : {}),
    };
    this.#answers = [];
    this.#found = [];
    this.#tags = [];
    this.#done = [];
    return message;
  }

  /** A buffer that was given away, and came back. */
  adopt(buffer: ArrayBuffer): void {
    this.#bytes.adopt(new Uint8Array(buffer));
  }

  /**
   * Many bytes go in the buffer that they lie in, which is given away and comes back. Few are
   * cloned with the message out of it: that costs less than a buffer of their own. Where they fill
   * less than half of it they have one all the same; what is too large for many is let go.
   */
  #takeBytes(): Pick<AnswersMessage, 'bytes' | 'filled'> {
    const bytes = this.#bytes;
    const { length, capacity } = bytes;
    const isMany = length >= lendBytesMax;
    const fills = length * 2 >= capacity;
    this.lent = fills && !isMany;
    if (this.lent) return { bytes: bytes.lend().buffer as ArrayBuffer };
    if (isMany) this.#wanted = Math.min(spareBytesMax, 2 ** Math.ceil(Math.log2(length)));
    if (fills && capacity <= spareBytesMax) {
      return { bytes: bytes.give().buffer as ArrayBuffer, filled: length };
    }
    const own = bytes.take().buffer as ArrayBuffer;
    if (isMany) bytes.give();
    return { bytes: own };
  }

  /** Takes an output that is one item or nothing. */
  #addShort(id: number, output: object, tag: number): boolean {
    let found: unknown;
    for (const name in output) {
      const member = (output as Readonly<Record<string, unknown>>)[name];
      if (member === undefined) continue;
      if (name !== 'Item' || !(member instanceof StoredItem)) return false;
      found = member;
    }
    if (found === undefined) {
      this.#done.push(id);
      return true;
    }
    this.#found.push(id, this.#put(found as StoredItem));
    // As many tags as pairs, from the first on that has one.
    const before = this.#found.length / 2 - 1;
    if (tag !== 0) while (this.#tags.length < before) this.#tags.push(0);
    if (tag !== 0 || this.#tags.length > 0) this.#tags.push(tag);
    return true;
  }

  /** A copy of `whole` without its items and absent members. `path` is undefined at the top. */
  #strip(whole: object, path: readonly (string | number)[] | undefined, pairs: Pairs): object {
    const rest = (Array.isArray(whole) ? new Array(whole.length) : {}) as Record<string, unknown>;
    for (const name of Object.keys(whole)) {
      const member = (whole as Readonly<Record<string, unknown>>)[name];
      if (member === undefined || member === null) continue;
      if (typeof member !== 'object') {
        setOwn(rest, name, member);
        continue;
      }
      const here = path === undefined ? name : [...path, name];
      if (isItem(member)) {
        pairs.push(here, this.#put(member));
      } else if (Array.isArray(member) && member.length > 0 && member.every(isItem)) {
        pairs.push(here, member.map(this.#put, this));
      } else if (member instanceof Uint8Array) {
        setOwn(rest, name, member);
      } else {
        const deeper = path === undefined ? [name] : [...path, name];
        setOwn(rest, name, this.#strip(member, deeper, pairs));
      }
    }
    return rest;
  }

  #put(item: Item | StoredItem): number {
    if (this.#bytes.capacity === 0) this.#bytes.adopt(new Uint8Array(this.#wanted));
    const place = this.#bytes.length;
    this.#bytes.raw(item instanceof StoredItem ? item.bytes : encodeItem(item));
    return place;
  }
}

/** An error as data; of a failure of the world, the members that are plain values. */
export function errorBodyOf(error: Error): ErrorBody {
  const { name, message } = error;
  if (error instanceof DynamoError) {
    return { name, message, expected: true, members: error.members };
  }
  const members: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(error)) {
    if (key !== 'name' && typeof member !== 'object' && typeof member !== 'function') {
      members[key] = member;
    }
  }
  return { name, message, expected: false, members };
}

function isItem(value: unknown): value is Item | StoredItem {
  return value instanceof StoredItem || value instanceof Map;
}
