/**
 * What a hub was asked to take and died over: nobody heard what it said, though it may have taken
 * it, and the entry may come again as something else, or never. It was withdrawn meanwhile and is
 * sent empty (docs/adr/0027), was lost with a page of its device, or its device with its disk.
 *
 * That it was taken is seen by what the hub has: no other entry has that mark, or that stamp.
 */
import { compareBytes, hexOf } from '../../src/base/bytes.ts';
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
  /** Those that were heard of as empty: what is said of a late copy says nothing of what it has. */
  readonly #empty = new Set<string>();

  asked(entry: Entry, by: Judge): void {
    // What a request leaves nobody knows but who executes it.
    if (entry.request !== undefined || entry.mutations.length === 0) return;
    this.#sent.set(nameOf(entry, by), { entry, by });
  }

  heard(entry: Entry, kind: string, by: Judge): void {
    const itself = nameOf(entry, by);
    if (entry.mutations.length === 0) this.#empty.add(itself);
    else if (!this.#empty.has(itself)) this.#sent.delete(itself);
    if (kind !== 'refused') return;
    for (const [name, sent] of this.#sent) {
      const isOfIt = name.startsWith(spotOf(entry, by)) && sent.by.life === by.life;
      if (isOfIt) this.#sent.delete(name);
    }
  }

  /** An entry that this version is of, which is heard of now. */
  find({ key, stamp, image }: Shown): Entry | undefined {
    for (const [name, { entry }] of this.#sent) {
      const isIt = entry.mutations.some((one) => {
        if (`${one.table} ${hexOf(one.key)}` !== key) return false;
        if (image !== undefined) return one.image !== undefined && hexOf(one.image) === image;
        return one.isDeleted && compareBytes(stampBytes(stamp), stampBytes(entry.stamp)) === 0;
      });
      if (!isIt) continue;
      this.#sent.delete(name);
      return entry;
    }
    return undefined;
  }
}

function nameOf(entry: Entry, by: Judge): string {
  return `${spotOf(entry, by)}${hexOf(entry.id)}`;
}

function spotOf({ seq, stamp }: Entry, { name }: Judge): string {
  return `${name} ${hexOf(stamp.replica)} ${seq} `;
}
