/**
 * What a hub was asked to take and died over: nobody heard what it said, though it may have taken
 * it, and the entry may come again as something else, or never. It was withdrawn meanwhile and is
 * sent empty (docs/adr/0027), was lost with a page of its device, or its device with its disk.
 *
 * That it was taken is seen by what the hub has: no other entry has that mark, or that stamp. Of a
 * request on one item the guess says nothing: it was executed if what the hub has is under the
 * stamp that the empty one was answered with, or the request itself without its item, which its
 * device may not read by then.
 */
import { compareBytes, fromHex, hexOf } from '../../src/base/bytes.ts';
import { type Stamp, stampBytes } from '../../src/base/hlc.ts';
import type { Entry } from '../../src/replica/entry.ts';
import type { Judge } from './sync-ledger.ts';

/** One version that a hub has. */
export interface Shown {
  /** Of its table and itself. */
  readonly key: string;
  readonly stamp: Stamp;
  /** In hexadecimal; undefined where it is deleted. */
  readonly image: string | undefined;
}

interface Sent {
  readonly entry: Entry;
  readonly by: Judge;
}

export class Unheard {
  /** By hub, replica, number and id. */
  readonly #sent = new Map<string, Sent>();
  /**
   * Those that were heard of as empty, with the stamp: what is said of a late copy says nothing of
   * what it has.
   */
  readonly #empty = new Map<string, Stamp>();

  get isNone(): boolean {
    return this.#sent.size === 0;
  }

  asked(entry: Entry, by: Judge): void {
    const { request, mutations } = entry;
    if (mutations.length === 0 || (request !== undefined && mutations.length > 1)) return;
    // It may come again with less of it, where its device has lost an image.
    const known = this.#sent.get(nameOf(entry, by))?.entry.mutations.length ?? 0;
    if (mutations.length >= known) this.#sent.set(nameOf(entry, by), { entry, by });
  }

  heard(entry: Entry, kind: string, stamp: Stamp, by: Judge): void {
    const itself = nameOf(entry, by);
    if (entry.mutations.length === 0) this.#empty.set(itself, stamp);
    else if (!this.#empty.has(itself)) this.#sent.delete(itself);
    if (kind !== 'refused') return;
    for (const [name, sent] of this.#sent) {
      const isOfIt = name.startsWith(spotOf(entry, by)) && sent.by.life === by.life;
      if (isOfIt) this.#sent.delete(name);
    }
  }

  /** An entry that this version is of, which is heard of now, with what has come of it. */
  find(shown: Shown): Entry | undefined {
    for (const [name, { entry }] of this.#sent) {
      const taken =
        entry.request === undefined ? asSent(entry, shown) : this.#done(name, entry, shown);
      if (taken === undefined) continue;
      this.#sent.delete(name);
      return taken;
    }
    return undefined;
  }

  #done(name: string, entry: Entry, { key, stamp, image }: Shown): Entry | undefined {
    const answered = this.#empty.get(name);
    if (answered === undefined || !areEqual(answered, stamp)) return undefined;
    const [change] = entry.mutations.filter((one) => nameOfItem(one) === key);
    if (change === undefined) return undefined;
    const found = image === undefined ? undefined : fromHex(image);
    return { ...entry, mutations: [{ ...change, isDeleted: found === undefined, image: found }] };
  }
}

function asSent(entry: Entry, { key, stamp, image }: Shown): Entry | undefined {
  const isIt = entry.mutations.some((one) => {
    if (nameOfItem(one) !== key) return false;
    if (image !== undefined) return one.image !== undefined && hexOf(one.image) === image;
    return one.isDeleted && areEqual(stamp, entry.stamp);
  });
  return isIt ? entry : undefined;
}

function areEqual(a: Stamp, b: Stamp): boolean {
  return compareBytes(stampBytes(a), stampBytes(b)) === 0;
}

function nameOfItem({ table, key }: Entry['mutations'][number]): string {
  return `${table} ${hexOf(key)}`;
}

function nameOf(entry: Entry, by: Judge): string {
  return `${spotOf(entry, by)}${hexOf(entry.id)}`;
}

function spotOf({ seq, stamp }: Entry, { name }: Judge): string {
  return `${name} ${hexOf(stamp.replica)} ${seq} `;
}
