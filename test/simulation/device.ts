/**
 * A simulated device: a disk, tabs with an engine each, a clock, a lock and hints between the tabs,
 * and everything that can befall them as a whole.
 */
import { hexOf } from '../../src/base/bytes.ts';
import { type Prng, prng } from '../../src/base/prng.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import type { HostPorts } from '../../src/engine/trigger-host.ts';
import type { Scheduler } from '../../src/port/scheduler.ts';
import type { WriteBatch } from '../../src/port/store.ts';
import type { Faults } from './faults.ts';
import { SimHints } from './hints.ts';
import type { Ledger } from './ledger.ts';
import { SimLock } from './lock.ts';
import { PageIds } from './page-ids.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import { SimDisk } from './sim-disk.ts';
import { SimStore } from './sim-store.ts';

export interface Tab {
  readonly engine: Engine;
  readonly store: SimStore;
  /** Hexadecimal id of the engine. */
  readonly id: string;
  /** Called when the tab dies, for each call that is under way or of unknown outcome. */
  readonly cuts: Cuts;
  /** No answer of this engine speaks of a shorter ledger. */
  low: number;
}

/** Of a tab that has died already, what is added is called at once. */
class Cuts extends Set<() => void> {
  readonly #store: SimStore;

  constructor(store: SimStore) {
    super();
    this.#store = store;
  }

  override add(cut: () => void): this {
    if (!this.#store.dead) return super.add(cut);
    cut();
    return this;
  }
}

/** An engine that lives, or is being opened. */
interface Life {
  readonly slot: number;
  tab: Tab | undefined;
  /** Its slot was given to another. */
  leaving: boolean;
  hung: boolean;
  /** The store was emptied under it: nothing it says counts. */
  orphan: boolean;
}

export interface DeviceShape {
  readonly seed: number;
  readonly tabs: number;
  readonly cacheBytes: number;
  readonly checkpointBytes: number;
  /** Undefined: as large as by default, which no world fills. */
  readonly tailBytes: number | undefined;
  /** Undefined: as by default, which no world's log comes near. */
  readonly replayMs: number | undefined;
  readonly partitionBytes: number;
  readonly strict: boolean;
  readonly locks: boolean;
  readonly hints: boolean;
  /** Whether calls that wait for the store have deadlines. */
  readonly deadlines: boolean;
  /** A wall clock shows multiples of this. */
  readonly clockStepMs: number;
}

const epochMs = 1_760_000_000_000;
const yearMs = 365 * 24 * 3600 * 1000;
/** How long a user looks at a tab that does not answer. */
const patienceMs = 20_000;
/** A byte of a log makes so many of a tail at most: entries of indexes, records of streams. */
const tailPerLogMax = 8;
/** How long a bit stays turned over; at the end of the log longer than an opening has patience. */
const badMsMax = 1000;
const endBadMsMax = 20_000;
const waitSite = siteOf('device');

export class Device {
  readonly disk: SimDisk;
  /** A slot without a tab is being opened. */
  readonly tabs: (Tab | undefined)[] = [];
  /** Sequence number of the newest commit that nobody may lose. */
  durable = 0;
  /** Log of the longest turn. */
  #turnBytes = 0;
  readonly counts = {
    kills: 0,
    powerLosses: 0,
    amnesias: 0,
    lostRaces: 0,
    checkpoints: 0,
    fullTails: 0,
  };
  readonly #scheduler: SeededScheduler;
  readonly #ledger: Ledger;
  readonly #faults: Faults;
  readonly #shape: DeviceShape;
  readonly #random: Prng;
  readonly #living = new Map<SimStore, Life>();
  readonly #hints: SimHints;
  readonly #lock = new SimLock();
  readonly #triggerLock = new SimLock();
  readonly #pageIds = new PageIds();
  /** Told of each tab that was opened, and of commits that were lost. */
  opened: ((tab: Tab, ports: HostPorts) => void) | undefined;
  lost: ((commits: number, isPower: boolean) => void) | undefined;
  /** A page that had gone bad was met. */
  hadDamage = false;
  #leapMs = 0;
  /** Who wants the disk to be whole. */
  #wholes = 0;
  #born = 0;

  constructor(scheduler: SeededScheduler, ledger: Ledger, faults: Faults, shape: DeviceShape) {
    this.#scheduler = scheduler;
    this.#ledger = ledger;
    this.#faults = faults;
    this.#shape = shape;
    this.#random = scheduler.random;
    this.#hints = new SimHints(scheduler);
    this.disk = new SimDisk(this.#random);
  }

  /** Opens all tabs; resolves when the first is there. */
  async start(): Promise<void> {
    for (let slot = 0; slot < this.#shape.tabs; slot += 1) this.#fill(slot);
    await this.anyTab();
  }

  /** A tab that lives, that of `slot` if one is given; waits for it. */
  async anyTab(slot?: number): Promise<Tab> {
    for (;;) {
      const living = this.tabs.filter((tab) => tab !== undefined);
      const own = slot === undefined ? undefined : this.tabs[slot % this.#shape.tabs];
      const tab = slot === undefined ? living[this.#random.below(living.length)] : own;
      if (tab !== undefined) return tab;
      await this.#scheduler.wait(waitSite, 1);
    }
  }

  /** Resolves when every slot has its tab. */
  async allTabs(): Promise<readonly Tab[]> {
    for (;;) {
      const living = this.tabs.filter((tab) => tab !== undefined);
      if (living.length === this.tabs.length) return living;
      await this.#scheduler.wait(waitSite, 1);
    }
  }

  /** One more engine over the same disk, in no slot. */
  async extra(): Promise<Tab> {
    this.tabs.push(undefined);
    const slot = this.tabs.length - 1;
    this.#fill(slot);
    await this.allTabs();
    return this.tabs[slot] as Tab;
  }

  /** Ends a tab where it stands, and opens another in its place later. */
  kill(store: SimStore): void {
    if (store.dead) return;
    this.counts.kills += 1;
    this.#end(store);
  }

  /** Closes a tab in good order: what it was asked is answered, if the store does its part. */
  close(tab: Tab): void {
    const life = this.#living.get(tab.store);
    if (life === undefined || life.leaving) return;
    life.leaving = true;
    this.#fill(life.slot, this.#random.below(100));
    tab.engine.close().then(
      () => this.#end(tab.store),
      (error: unknown) => this.#ledger.violate(`close: ${String(error)}`),
    );
    void this.#scheduler.wait(waitSite, patienceMs).then(() => this.#end(tab.store));
  }

  losePower(): void {
    this.counts.powerLosses += 1;
    this.#endAll();
    const { commits, meta } = this.disk.losePower();
    this.#pageIds.forget();
    if (commits < this.durable) {
      this.#ledger.violate(`a power loss left ${commits} commits of ${this.durable} durable ones`);
    }
    this.lost?.(commits, true);
    this.#ledger.truncate(commits, meta);
  }

  /** The device comes up with an empty store. */
  forget(): void {
    this.counts.amnesias += 1;
    this.#endAll();
    this.disk.replace();
    this.#pageIds.forget();
    this.durable = 0;
    this.lost?.(0, false);
    this.#ledger.truncate(0, undefined);
  }

  /** Whether a tab has begun to close: what it has not begun by then, it refuses. */
  isLeaving({ store }: Tab): boolean {
    return this.#living.get(store)?.leaving === true;
  }

  /** The store is emptied under engines that live on, until somebody closes their tabs. */
  swap(): void {
    this.counts.amnesias += 1;
    this.disk.replace();
    this.#pageIds.forget();
    for (const [store, life] of this.#living) {
      store.gone = true;
      life.orphan = true;
      const delayMs = this.#random.below(2000);
      void this.#scheduler.wait(waitSite, delayMs).then(() => this.kill(store));
    }
    this.durable = 0;
    this.lost?.(0, false);
    this.#ledger.truncate(0, undefined);
  }

  /** Whether something is on record as damaged, and out of reach. */
  get isDamaged(): boolean {
    return [...this.#living.values()].some(({ tab }) => {
      const damage = tab?.engine.status().damage ?? [];
      return damage.some(({ state }) => state === 'quarantined' || state === 'lost');
    });
  }

  /** Whether what a tab says counts. */
  isOrphan({ store }: Tab): boolean {
    return this.#living.get(store)?.orphan === true;
  }

  /** What tabs have in memory of the log: two tails, or three bounds of one, and a turn. */
  judgeTails(): void {
    const { tailBytes } = this.#shape;
    if (tailBytes === undefined) return;
    for (const { tab, orphan, hung } of this.#living.values()) {
      // Whose request the store never answers makes no checkpoint, and follows the log yet.
      if (tab === undefined || orphan || hung) continue;
      const bytes = tab.engine.status().tailBytes;
      if (bytes > tailBytes) this.counts.fullTails += 1;
      if (bytes <= 4 * tailBytes + this.#turnBytes * tailPerLogMax) continue;
      this.#ledger.violate(`a tail of ${bytes} bytes, where ${tailBytes} is its bound`);
    }
  }

  /** The disk is repaired, and nothing on it goes bad until the function it answers is called. */
  holdWhole(): () => void {
    this.disk.repair();
    this.#wholes += 1;
    let held = true;
    return () => {
      if (held) this.#wholes -= 1;
      held = false;
    };
  }

  decay(): void {
    if (this.#wholes > 0) return;
    const decayed = this.disk.decay();
    if (decayed === undefined) return;
    const { isEnd, mend } = decayed;
    // The browser may end with it, so that what is damaged is met by engines that open.
    if (this.#random.chance(isEnd ? 0.7 : 0.2))
      for (const store of [...this.#living.keys()]) this.kill(store);
    const badMs = this.#random.below(isEnd ? endBadMsMax : badMsMax);
    void this.#scheduler.wait(waitSite, badMs).then(mend);
  }

  /** So much time passes for all clocks at once. */
  passTime(ms: number): void {
    this.#leapMs += ms;
  }

  /** Wall time, but for what each clock is off by. */
  get wallMs(): number {
    return epochMs + this.#scheduler.nowMs + this.#leapMs;
  }

  /** All clocks of the device go back or forth: seconds to minutes, or up to ten years. */
  moveClocks(leaps: boolean): void {
    const range = leaps ? 10 * yearMs : 120_000;
    const moved = this.#random.below(range) * (this.#random.chance(0.5) ? 1 : -1);
    const limit = 20 * yearMs;
    this.#leapMs = Math.min(limit, Math.max(-limit, this.#leapMs + moved));
  }

  /** More than any clock was ever ahead. */
  passYears(): void {
    this.#leapMs += 100 * yearMs;
  }

  /** All is well from now on; tabs that may never answer are killed. */
  async heal(): Promise<readonly Tab[]> {
    this.#faults.active = false;
    this.disk.repair();
    for (const [store, life] of [...this.#living]) {
      store.frozenUntilMs = 0;
      if (life.hung || life.orphan) this.kill(store);
    }
    return this.allTabs();
  }

  /** The end: what living engines did counts too. */
  finish(): void {
    for (const [store, { tab }] of this.#living) {
      if (tab !== undefined) this.#count(tab.engine);
      store.end();
      this.#lock.release(store);
      this.#triggerLock.release(store);
    }
  }

  /** Fills a slot, trying again while the store fails. */
  #fill(slot: number, delayMs = 0): void {
    this.tabs[slot] = undefined;
    const open = async (): Promise<void> => {
      await this.#scheduler.wait(waitSite, delayMs);
      const tab = await this.#open(slot);
      // Who kills a tab fills its slot again.
      if (tab !== undefined && !tab.store.dead) this.tabs[slot] = tab;
    };
    open().catch((error: unknown) => {
      if (!this.#faults.mayFail) this.#ledger.violate(`cannot open: ${String(error)}`);
      this.#fill(slot, 1 + this.#random.below(200));
    });
  }

  /** Undefined when it died while it was opened; its slot is then filled by whoever killed it. */
  async #open(slot: number): Promise<Tab | undefined> {
    const shape = this.#shape;
    const scheduler = this.#scheduler;
    this.#born += 1;
    const name = `engine${this.#born}`;
    const source = prng(shape.seed * 1000 + this.#born);
    const skewMs = source.below(20_000);
    const life: Life = { slot, tab: undefined, leaving: false, hung: false, orphan: false };
    const store = this.#store(name, life);
    let id: Uint8Array = new Uint8Array();
    const wallMs = (): number => {
      const ms = epochMs + scheduler.nowMs + skewMs + this.#leapMs;
      return ms - (ms % shape.clockStepMs);
    };
    const clock = { wallMs, monoMs: () => scheduler.nowMs };
    const timers = this.#timers(store, siteOf(`${name} waits`));
    let engine: Engine;
    try {
      engine = await openEngine({
        store,
        random: {
          bytes: (length) => {
            id = source.bytes(length);
            return id;
          },
        },
        clock,
        scheduler: timers,
        cacheBytes: shape.cacheBytes,
        checkpointBytes: shape.checkpointBytes,
        tailBytes: shape.tailBytes,
        replayMs: shape.replayMs,
        partitionBytes: shape.partitionBytes,
        durability: shape.strict ? 'strict' : 'relaxed',
        scrub: false,
        onDamage: ({ what, kind }) => {
          if (kind === 'page' && this.disk.isDecayed) this.hadDamage = true;
          if (!this.#faults.mayDamage) this.#ledger.violate(`damage that nobody did: ${what}`);
        },
        notify: ({ type, message }) => {
          if (type !== 'background-error' || this.#faults.mayFail) return;
          this.#ledger.violate(`background work broke off: ${message}`);
        },
        lock: shape.locks ? this.#lock.of(store) : undefined,
        hint: shape.hints ? this.#hints.of(store) : undefined,
      });
    } catch (error) {
      this.#living.delete(store);
      store.end();
      throw error;
    }
    if (store.dead) return undefined;
    const tab: Tab = { engine, store, id: hexOf(id), cuts: new Cuts(store), low: 0 };
    life.tab = tab;
    this.opened?.(tab, {
      clock,
      scheduler: timers,
      random: prng(source.u32()),
      lock: shape.locks ? () => this.#triggerLock.of(store) : undefined,
    });
    return tab;
  }

  #store(name: string, life: Life): SimStore {
    const store: SimStore = new SimStore(this.disk.memory, this.#scheduler, name, this.#faults, {
      written: (batch) => this.#written(batch),
      // A tree that goes tells nobody of a bad page of it.
      scanned: (ranges) => {
        this.hadDamage ||= this.disk.isBadAmong(ranges);
      },
      kill: () => this.kill(store),
      hung: () => {
        life.hung = true;
        void this.#scheduler.wait(waitSite, patienceMs).then(() => this.kill(store));
      },
      powerLoss: () => this.losePower(),
    });
    this.#living.set(store, life);
    return store;
  }

  #written(batch: WriteBatch): void {
    const bytes = (batch.add ?? []).reduce((sum, { value }) => sum + value.length, 0);
    this.#turnBytes = Math.max(this.#turnBytes, bytes);
    this.#ledger.written(batch);
    const wrong = this.#pageIds.written(batch);
    if (wrong !== undefined) this.#ledger.violate(wrong);
    if (this.#wholes === 0 && this.#faults.spoils(() => this.disk.isSweepingBehind(batch))) {
      void this.#scheduler.wait(waitSite, this.#random.below(20)).then(() => this.#endSweeping());
    }
  }

  /** The meta record goes bad, and the browser ends before the sweep of a failed checkpoint has. */
  #endSweeping(): void {
    // Not after all was healed meanwhile: nobody would look at the tabs that come then.
    if (!this.#faults.active || this.#wholes > 0 || !this.disk.decayMeta()) return;
    for (const store of [...this.#living.keys()]) this.kill(store);
  }

  /** Time as the engine of one tab sees it: it stands still while the tab does. */
  #timers(store: SimStore, site: number): Scheduler {
    const timers: Scheduler = {
      delay: (ms, signal) => store.pause(site, ms, signal),
      breathe: () => store.pause(site, 0),
    };
    if (!this.#shape.deadlines) return timers;
    const every = (everyMs: number, act: () => void): (() => void) => {
      let stopped = false;
      const tick = (): void => {
        if (stopped) return;
        act();
        void store.pause(site, everyMs).then(tick);
      };
      void store.pause(site, everyMs).then(tick);
      return () => {
        stopped = true;
      };
    };
    return { ...timers, every };
  }

  #endAll(): void {
    for (const store of [...this.#living.keys()]) this.#end(store);
  }

  /** An engine ends; its slot is filled again. */
  #end(store: SimStore): void {
    const life = this.#living.get(store);
    if (life === undefined) return;
    this.#living.delete(store);
    this.#hints.forget(store);
    store.end();
    if (life.tab !== undefined) this.#bury(life.tab, life.orphan);
    this.#lock.release(store);
    this.#triggerLock.release(store);
    if (!life.leaving) this.#fill(life.slot, this.#random.below(50));
  }

  #bury({ engine, cuts }: Tab, orphan: boolean): void {
    this.#count(engine);
    if (!orphan) this.durable = Math.max(this.durable, engine.status().durableSeq);
    for (const cut of cuts) cut();
    cuts.clear();
  }

  #count(engine: Engine): void {
    const { lostRaces, checkpoints } = engine.status();
    this.counts.lostRaces += lostRaces;
    this.counts.checkpoints += checkpoints;
  }
}
