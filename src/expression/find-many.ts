/**
 * Which of many parts occur in a text or in bytes, in time linear in all of them together (Aho and
 * Corasick): 200 parts in 400 KB, one after the other, would take seconds.
 *
 * The parts are a trie. Most of its nodes have one child, which stands in arrays; those that
 * branch are fewer than the parts, and have the others in a map. A node that a part ends in is gone
 * through once only, with all that end in its suffixes.
 */

type Units = ArrayLike<number>;

const unitSpan = 0x10000;

export class PartSearch {
  readonly #parts: readonly Units[];
  /** Of each node: its first child and the unit that leads there; 0 is none. */
  readonly #child: Int32Array;
  readonly #unit: Uint16Array;
  /** Other children, by node and unit; who has some. */
  readonly #others = new Map<number, number>();
  readonly #branches: Uint8Array;
  /** The node of the longest proper suffix; and the nearest such that a part ends in. */
  readonly #suffix: Int32Array;
  readonly #ending: Int32Array;
  /** A node in which a part ends: the first of those parts, from 1. */
  readonly #ends: Int32Array;
  /** For each part another one that is equal, from 1. */
  readonly #equal: Int32Array;
  #nodes = 1;

  constructor(parts: readonly Units[]) {
    this.#parts = parts;
    const count = parts.reduce((sum, { length }) => sum + length, 1);
    this.#child = new Int32Array(count);
    this.#unit = new Uint16Array(count);
    this.#branches = new Uint8Array(count);
    this.#suffix = new Int32Array(count);
    this.#ending = new Int32Array(count);
    this.#ends = new Int32Array(count);
    this.#equal = new Int32Array(parts.length + 1);
    for (const [at, part] of parts.entries()) this.#add(part, at + 1);
    this.#link();
  }

  /** For each of the parts 1 if it occurs. */
  find(text: Units): Uint8Array {
    const found = new Uint8Array(this.#parts.length);
    const seen = new Uint8Array(this.#nodes);
    this.#mark(0, seen, found);
    let node = 0;
    for (let at = 0; at < text.length; at += 1) {
      node = this.#step(node, text[at] as number);
      if (seen[node] === 0) this.#mark(node, seen, found);
    }
    return found;
  }

  #add(part: Units, name: number): void {
    let node = 0;
    for (let at = 0; at < part.length; at += 1) {
      const unit = part[at] as number;
      node = this.#childOf(node, unit) || this.#grow(node, unit);
    }
    this.#equal[name] = this.#ends[node] as number;
    this.#ends[node] = name;
  }

  #childOf(node: number, unit: number): number {
    if (this.#unit[node] === unit) return this.#child[node] as number;
    if (this.#branches[node] === 0) return 0;
    return this.#others.get(node * unitSpan + unit) ?? 0;
  }

  #grow(node: number, unit: number): number {
    const made = this.#nodes;
    this.#nodes += 1;
    if (this.#child[node] === 0) {
      this.#child[node] = made;
      this.#unit[node] = unit;
    } else {
      this.#others.set(node * unitSpan + unit, made);
      this.#branches[node] = 1;
    }
    return made;
  }

  /** Where a unit leads from a node, or from the longest of its suffixes that it leads on from. */
  #step(from: number, unit: number): number {
    let node = from;
    let next = this.#childOf(node, unit);
    while (next === 0 && node !== 0) {
      node = this.#suffix[node] as number;
      next = this.#childOf(node, unit);
    }
    return next;
  }

  /** Nodes by their depth: the suffixes of a node are nearer to the root. */
  #link(): void {
    const branches = new Map<number, [unit: number, node: number][]>();
    for (const [name, node] of this.#others) {
      const from = Math.floor(name / unitSpan);
      const list = branches.get(from) ?? [];
      list.push([name % unitSpan, node]);
      branches.set(from, list);
    }
    const queue = new Int32Array(this.#nodes);
    let last = 1;
    const visit = (from: number, unit: number, node: number): void => {
      const suffix = from === 0 ? 0 : this.#step(this.#suffix[from] as number, unit);
      this.#suffix[node] = suffix;
      this.#ending[node] = this.#ends[suffix] === 0 ? (this.#ending[suffix] as number) : suffix;
      queue[last] = node;
      last += 1;
    };
    for (let at = 0; at < last; at += 1) {
      const node = queue[at] as number;
      const child = this.#child[node] as number;
      if (child !== 0) visit(node, this.#unit[node] as number, child);
      for (const [unit, other] of branches.get(node) ?? []) visit(node, unit, other);
    }
  }

  #mark(from: number, seen: Uint8Array, found: Uint8Array): void {
    for (let node = from; seen[node] === 0; node = this.#ending[node] as number) {
      seen[node] = 1;
      let name = this.#ends[node] as number;
      while (name !== 0) {
        found[name - 1] = 1;
        name = this.#equal[name] as number;
      }
    }
  }
}

export function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at += 1) units[at] = text.charCodeAt(at);
  return units;
}
