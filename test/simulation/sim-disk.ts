/**
 * What can befall the bytes of a simulated disk: bits that turn over and are repaired, power loss,
 * and what is left of the log after it.
 */
import type { Prng } from '../../src/base/prng.ts';
import { metaCopyKey } from '../../src/engine/meta-update.ts';
import { readTurns } from '../../src/log/record.ts';
import { decodeMeta, type Meta } from '../../src/pager/meta.ts';
import { metaKey, type ScanRange, type Space, type WriteBatch } from '../../src/port/store.ts';
import { createMemory, type MemoryDisk } from '../../src/storage/memory.ts';
import { copyOf } from '../support/replica.ts';
import { flipBit } from './sim-store.ts';
import { metaIn } from './sites.ts';

interface Decay {
  readonly space: Space;
  readonly key: number;
  /** What it is put back to. */
  good: Uint8Array;
  readonly bad: Uint8Array;
}

export interface Decayed {
  /** Whether it is the last record of the log: nothing behind it tells what it said. */
  readonly isEnd: boolean;
  /** Puts it back, unless it was written over since. */
  mend(): void;
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

  /** Whether a page among these is bad. */
  isBadAmong(ranges: readonly ScanRange[]): boolean {
    const bad = this.#decays.filter((decay) => decay.space === 'page' && this.#stands(decay));
    return bad.some(({ key }) => {
      return ranges.some(({ space, from, to }) => space === 'page' && key >= from && key <= to);
    });
  }

  /** Turns over one bit of a stored record; tells whether that is the last of the log. */
  decay(): Decayed | undefined {
    const { spaces } = this.memory;
    const isMeta = this.#isSweeping() && this.#random.chance(0.5);
    const space = isMeta
      ? 'meta'
      : (['log', 'log', 'page', 'page', 'meta'] as const)[this.#random.below(5)];
    if (space === undefined) return undefined;
    const keys = isMeta ? [metaKey] : spaces[space].keys(0, Number.MAX_SAFE_INTEGER);
    const isEnd = space === 'log' && this.#random.chance(0.5);
    const key = isEnd ? keys.at(-1) : keys[this.#random.below(keys.length)];
    const decay = key === undefined ? undefined : this.#spoil(space, key);
    return decay && { isEnd, mend: () => this.#mend(decay) };
  }

  /** The same of the meta record, while the sweep of a failed checkpoint is not done. */
  decayMeta(): boolean {
    return this.#isSweeping() && this.#spoil('meta', metaKey) !== undefined;
  }

  /** Whether `batch` makes a checkpoint whose copy of the meta record names dead numbers. */
  isSweepingBehind({ put = [] }: WriteBatch): boolean {
    const copy = put.find(({ space, key }) => space === 'meta' && key === metaCopyKey);
    return copy !== undefined && metaIn(copy.value).dead.length > 0;
  }

  #spoil(space: Space, key: number): Decay | undefined {
    const good = this.memory.spaces[space].get(key);
    if (good === undefined) return undefined;
    const bad = good.slice();
    flipBit(bad, this.#random);
    this.memory.spaces[space].put(key, bad);
    const decay = { space, key, good, bad };
    this.#decays.push(decay);
    return decay;
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
    for (const decay of this.#decays.toReversed()) this.#mend(decay);
  }

  #mend(decay: Decay): void {
    if (this.#stands(decay)) this.memory.spaces[decay.space].put(decay.key, decay.good);
    // It has decayed once more since: what that is put back to is good again.
    else for (const later of this.#decays) if (later.good === decay.bad) later.good = decay.good;
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

  /** All of it, as a copy of a folder or of a profile has it. */
  copy(): MemoryDisk {
    return copyOf(this.memory, createMemory({ undo: true }));
  }

  /** A new and empty disk in its place, or another one; who has the old one open has that. */
  replace(memory: MemoryDisk = createMemory({ undo: true })): MemoryDisk {
    this.#decays.length = 0;
    this.memory = memory;
    return memory;
  }

  #stands({ space, key, bad }: Decay): boolean {
    return this.memory.spaces[space].get(key) === bad;
  }
}
