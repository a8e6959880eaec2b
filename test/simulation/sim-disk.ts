/**
 * What can befall the bytes of a simulated disk: bits that turn over and are repaired, power loss,
 * and what is left of the log after it.
 */
import type { Prng } from '../../src/base/prng.ts';
import { readTurns } from '../../src/log/record.ts';
import { decodeMeta, type Meta } from '../../src/pager/meta.ts';
import { metaKey, type Space } from '../../src/port/store.ts';
import { createMemory, type MemoryDisk } from '../../src/storage/memory.ts';
import { flipBit } from './sim-store.ts';

interface Decay {
  readonly space: Space;
  readonly key: number;
  readonly good: Uint8Array;
  readonly bad: Uint8Array;
}

export interface Survivors {
  /** Commits that are there. */
  readonly commits: number;
  readonly meta: Meta | undefined;
}

export class SimDisk {
  memory: MemoryDisk = createMemory({ undo: true });
  readonly #random: Prng;
  readonly #decays: Decay[] = [];

  constructor(random: Prng) {
    this.#random = random;
  }

  get isDecayed(): boolean {
    return this.#decays.some((decay) => this.#stands(decay));
  }

  /** Turns over one bit of a stored record. */
  decay(): void {
    const { spaces } = this.memory;
    const isMeta = this.#isSweeping() && this.#random.chance(0.5);
    const space = isMeta ? 'meta' : (['log', 'page', 'meta'] as const)[this.#random.below(3)];
    if (space === undefined) return;
    const keys = isMeta ? [metaKey] : spaces[space].keys(0, Number.MAX_SAFE_INTEGER);
    const key = keys[this.#random.below(keys.length)];
    const good = key === undefined ? undefined : spaces[space].get(key);
    if (key === undefined || good === undefined) return;
    const bad = good.slice();
    flipBit(bad, this.#random);
    spaces[space].put(key, bad);
    this.#decays.push({ space, key, good, bad });
  }

  /** Versions of a failed checkpoint are still there: the meta record alone says that. */
  #isSweeping(): boolean {
    const stored = this.memory.spaces.meta.get(metaKey);
    try {
      return stored !== undefined && decodeMeta(stored).dead.length > 0;
    } catch {
      return false;
    }
  }

  /** Puts back what has decayed, where it was not written over since. */
  repair(): void {
    // The newest first: one record may have decayed twice.
    for (const decay of this.#decays.toReversed()) {
      if (this.#stands(decay)) this.memory.spaces[decay.space].put(decay.key, decay.good);
    }
  }

  /** Some of the writes since the last strict one are undone, newest first. */
  losePower(): Survivors {
    const { volatileWrites } = this.memory;
    const all = this.#random.chance(0.3);
    this.memory.powerLoss(all ? 0 : this.#random.below(volatileWrites + 1));
    this.repair();
    const stored = this.memory.spaces.meta.get(metaKey);
    if (stored === undefined) return { commits: 0, meta: undefined };
    const meta = decodeMeta(stored);
    const from = meta.position + 1;
    const records = this.memory.spaces.log.scan({
      space: 'log',
      from,
      to: Number.MAX_SAFE_INTEGER,
    });
    const last = readTurns(records).turns.at(-1)?.commits.at(-1);
    return { commits: last?.sequence ?? meta.sequence, meta };
  }

  /** A new and empty disk in its place. */
  replace(): MemoryDisk {
    this.#decays.length = 0;
    this.memory = createMemory({ undo: true });
    return this.memory;
  }

  #stands({ space, key, bad }: Decay): boolean {
    return this.memory.spaces[space].get(key) === bad;
  }
}
