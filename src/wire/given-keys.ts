/**
 * Which items a page may have kept, and which of them it must forget: the worker's half of the
 * page's cache (client/page-cache.ts).
 *
 * An item goes to the page with a tag, a number made of its tree and a hash of its key; when a
 * commit changes an item whose tag was given, the page is told the tag. Two keys of one tag are
 * forgotten together, which costs a read. Cost: a hash and a look into a set for each item changed
 * in a tree of which something was given, nothing while nothing was.
 *
 * Once a page was given many keys, an item goes with a tag at its second reading only: what a
 * program reads once, over more items than a page can keep, would push out what it reads again, and
 * keeping an item costs ten times what it spares such a program (docs/adr/0041).
 */
import { hash32 } from '../base/hash.ts';
import { firstReadingsMax, givenFreelyMax, givenKeysMax } from '../base/page-limits.ts';
import type { LogReader } from '../engine/engine-types.ts';
import type { Commit } from '../log/commit.ts';
import type { ItemPlace } from '../operation/operation.ts';
import { catalogTree, damageTree } from '../table/system.ts';
import type { Forgotten } from './channel.ts';

export class GivenKeys implements LogReader {
  readonly #tags: Set<number> = new Set();
  readonly #trees: Set<number> = new Set();
  /** Hashes of keys that were read when no more were given freely, each at its own place. */
  #firstReadings: Uint32Array | undefined;
  #forgotten: number[] = [];
  #forgetsAll = false;
  /** Called when the page has something to forget, and had nothing before. */
  wake: () => void = () => {};

  /** The tag of an item that goes to the page; 0 of one that it shall not keep. */
  give({ tree, key }: ItemPlace): number {
    const tag = tagOf(tree, key);
    if (this.#tags.has(tag)) return tag;
    if (this.#tags.size >= givenFreelyMax && this.#isFirstReading(tag)) return 0;
    if (this.#tags.size >= givenKeysMax) this.overtaken();
    this.#tags.add(tag);
    this.#trees.add(tree);
    return tag;
  }

  /** What the page must forget that it was not told yet. */
  take(): Forgotten | undefined {
    const forgotten = this.#forgetsAll ? 'all' : this.#forgotten;
    if (forgotten.length === 0) return undefined;
    this.#forgetsAll = false;
    this.#forgotten = [];
    return forgotten;
  }

  heard(commits: readonly Commit[]): void {
    if (this.#tags.size === 0) return;
    for (const { mutations, attach } of commits) {
      // What a bulk build brings within reach comes without a commit of each entry.
      if (attach !== undefined && attach.length > 0) this.overtaken();
      for (const { tree, key } of mutations) {
        if (this.#trees.has(tree)) this.#forget(tagOf(tree, key));
        // A table may be gone, or out of reach.
        else if (tree === catalogTree || tree === damageTree) this.overtaken();
      }
    }
  }

  overtaken(): void {
    this.#tags.clear();
    this.#trees.clear();
    this.#forgotten = [];
    this.#wakeOnce();
    this.#forgetsAll = true;
  }

  stopped(): void {
    this.overtaken();
  }

  /** A first reading is forgotten when another one takes its place. */
  #isFirstReading(tag: number): boolean {
    this.#firstReadings ??= new Uint32Array(firstReadingsMax);
    const hash = tag >>> 0;
    const place = hash % firstReadingsMax;
    const isFirst = this.#firstReadings[place] !== hash;
    this.#firstReadings[place] = hash;
    return isFirst;
  }

  #forget(tag: number): void {
    if (!this.#tags.delete(tag)) return;
    this.#wakeOnce();
    if (!this.#forgetsAll) this.#forgotten.push(tag);
  }

  #wakeOnce(): void {
    if (!this.#forgetsAll && this.#forgotten.length === 0) this.wake();
  }
}

function tagOf(tree: number, key: Uint8Array): number {
  return tree * 0x1_0000_0000 + hash32(key);
}
