/**
 * What each write was made on, as the hub has heard it: a write that is shown no more must be an
 * ancestor of what is, or somebody must have been told of it.
 *
 * A version is known by its key and its stamp. The same row comes under another replica's id when a
 * device offers it to a hub that was set back: that has its time and its mark. What else has its
 * time is another write.
 */
import { hexOf } from '../../src/base/bytes.ts';
import type { ClockReading, Stamp } from '../../src/base/hlc.ts';
import { type Entry, isOffered } from '../../src/replica/entry.ts';

interface Node {
  readonly at: string;
  readonly name: string;
  readonly stamp: ClockReading;
  readonly w: string | undefined;
  readonly parents: Set<string>;
  /** It was made on what the hub held. */
  readonly isOnHeld: boolean;
}

/** What an entry has left, and what the hub held before, by table and key. */
interface Found {
  readonly items: readonly { readonly key: string; readonly w: string | undefined }[];
  readonly held: ReadonlyMap<string, Stamp> | undefined;
  /** The hub was set back before: nobody can say what it held. */
  readonly isLate: boolean;
  /** The hub showed it as soon as it had taken it. */
  readonly isApplied?: boolean;
}

export class Ancestry {
  readonly #nodes = new Map<string, Node>();
  /** By key and time, of whatever replica. */
  readonly #byTime = new Map<string, Node[]>();
  /** Names of versions, by replica, entry and key. */
  readonly #byEntry = new Map<string, string>();
  /** Other names of the same version. */
  readonly #same = new Map<string, Set<string>>();

  /**
   * An entry under the stamp that counts, with the marks of what it has left, and what the hub
   * held: what is executed there comes of that, and not of what the device had guessed.
   */
  note(entry: Entry, stamp: Stamp, isTaken: boolean, hub: Found): void {
    const replica = hexOf(stamp.replica);
    for (const { base, table, key } of entry.mutations) {
      const at = `${table} ${hexOf(key)}`;
      // The stamp of what was refused may be given once more.
      const name = isTaken ? nameOf(at, stamp) : `${at} refused ${hexOf(entry.id)}`;
      if (isTaken) this.#link(name, nameOf(at, entry.stamp));
      // Two copies of a device number other entries the same: the one that the hub has had counts.
      const numbered = `${replica} ${entry.seq} ${at}`;
      if (isTaken || !this.#byEntry.has(numbered)) this.#byEntry.set(numbered, name);
      const w = isTaken ? hub.items.find((one) => one.key === at)?.w : undefined;
      const held = hub.held?.get(at);
      // Own edits follow one another, whatever became of those in between (U9).
      const isOwn =
        !hub.isLate && base.kind === 'on' && held !== undefined && hexOf(held.replica) === replica;
      const isOnHeld = entry.request !== undefined || isOwn;
      // What is made on a refused one comes of what that was made on.
      const node =
        this.#nodes.get(name) ?? this.#add({ w, at, name, stamp, parents: new Set(), isOnHeld });
      if (held !== undefined && hub.isApplied === true) this.#putBelow(node, held);
      if (held !== undefined && isOnHeld) node.parents.add(nameOf(at, held));
      if (hub.isLate && isTaken && !isOffered(entry.confirm)) this.#overtake(node, at, stamp);
      if (base.kind === 'stamp') node.parents.add(nameOf(at, base.stamp));
      // It may have been withdrawn before it was sent: then quarantine tells later what it was.
      if (base.kind === 'on') node.parents.add(`${replica} ${base.seq} ${at}`);
    }
  }

  /** Marks of all writes that the versions of these names came of, themselves among them. */
  explained(names: Iterable<string>): ReadonlySet<string> {
    const marks = new Set<string>();
    const seen = new Set<string>();
    const waiting = [...names];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      const node = this.#nodes.get(name);
      const { w, parents = [] } = node ?? {};
      if (w !== undefined) marks.add(w);
      const entry = this.#byEntry.get(name);
      waiting.push(...parents, ...(this.#same.get(name) ?? []), ...(entry ? [entry] : []));
      // Of a version that nobody has heard of under its replica's id, whatever has its time.
      const alike = this.#byTime.get(timeOf(name)) ?? [];
      waiting.push(...alike.filter((one) => !node || one.w === w).map((one) => one.name));
    }
    return marks;
  }

  /** Names of the versions that have these marks, and of deletions of these times. */
  namesOf(marks: ReadonlySet<string>, times: ReadonlySet<number>): readonly string[] {
    return [...this.#nodes].flatMap(([name, { w }]) => {
      const ms = Number(/ (\d+)\.\d+$/.exec(timeOf(name))?.[1]);
      return (w === undefined ? times.has(ms) : marks.has(w)) ? [name] : [];
    });
  }

  /**
   * What is written to a hub that was set back stands over what devices still have of before, where
   * it is newer, and nobody is told (docs/adr/0025).
   */
  #overtake(node: Node, at: string, stamp: Stamp): void {
    for (const [name, one] of this.#nodes) {
      const isBelow = one !== node && one.at === at && compareReadings(one.stamp, stamp) < 0;
      if (isBelow) node.parents.add(name);
    }
  }

  /**
   * What was shown once, and lies below what the hub was heard to hold before, was taken earlier:
   * nobody heard of it, for the answer was lost. What was made on what the hub held came of it.
   */
  #putBelow(node: Node, held: Stamp): void {
    if (compareReadings(node.stamp, held) >= 0) return;
    const above = [...this.#nodes.values()].filter(({ at, isOnHeld, stamp }) => {
      return at === node.at && isOnHeld && compareReadings(stamp, node.stamp) > 0;
    });
    above.sort((a, b) => compareReadings(a.stamp, b.stamp));
    above[0]?.parents.add(node.name);
  }

  #add(node: Node): Node {
    this.#nodes.set(node.name, node);
    const time = timeOf(node.name);
    this.#byTime.set(time, [...(this.#byTime.get(time) ?? []), node]);
    return node;
  }

  #link(a: string, b: string): void {
    if (a === b) return;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      this.#same.set(from, (this.#same.get(from) ?? new Set<string>()).add(to));
    }
  }
}

function compareReadings(a: ClockReading, b: ClockReading): number {
  return a.ms - b.ms || a.counter - b.counter;
}

export function nameOf(at: string, { ms, counter, replica }: Stamp): string {
  return `${at} ${ms}.${counter}/${hexOf(replica)}`;
}

/** Of a version, without its replica; of another name, that. */
function timeOf(name: string): string {
  return name.replace(/\/[0-9a-f]*$/, '');
}
