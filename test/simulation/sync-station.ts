/**
 * A replica of a simulated world: one disk, its tabs with an engine each, one clock that may be
 * wrong by years. Tabs are killed and power is lost at any request to the store.
 */
import { type Prng, prng } from '../../src/base/prng.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { replicaOperations } from '../../src/operation/replica/rows.ts';
import type { Scheduler } from '../../src/port/scheduler.ts';
import type { WriteBatch } from '../../src/port/store.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import type { Faults, RequestFault } from './faults.ts';
import { SimHints } from './hints.ts';
import { SimLock } from './lock.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import { SimDisk } from './sim-disk.ts';
import { SimStore } from './sim-store.ts';
import type { Site } from './sites.ts';
import type { SyncLedger } from './sync-ledger.ts';

export interface StationTab {
  readonly engine: Engine;
  readonly store: SimStore;
  readonly timers: Scheduler;
  /** Called once, when the tab dies. */
  readonly ends: Set<() => void>;
}

export interface StationShape {
  readonly name: string;
  readonly seed: number;
  readonly tabs: number;
  readonly skewMs: number;
}

export const stationFaults: readonly string[] = [
  'device killed',
  'device lost power',
  'hub killed',
  'hub lost power',
];

export const epochMs = 1_760_000_000_000;
const patienceMs = 20_000;
const waitSite = siteOf('station');

export class Station {
  /** The hub of a device, where that is not the one at which the table is at home. */
  home: Station | undefined;
  readonly name: string;
  readonly seed: number;
  readonly disk: SimDisk;
  readonly tabs: (StationTab | undefined)[];
  skewMs: number;
  isOffline = false;
  /** There is no room: most writes are refused. */
  isFull = false;
  /** Writes that were. */
  refused = 0;
  /** Its program wants ranges first. */
  wishes = false;
  /** Most of what it asks for to load is lost. */
  loadsSlowly = false;
  /** Its disk may be empty. */
  isNew = false;
  /** How often another disk has taken the place of its own. */
  lives = 0;
  kills = 0;
  powerLosses = 0;
  /** Pages of its book or versions that were spoilt. */
  pagesLost = 0;
  /** Told of a power loss, when nothing of the station lives. */
  lostPower: () => void = () => undefined;
  /** Told of what its disk has taken. */
  wrote: (batch: WriteBatch) => void = () => undefined;
  /** Done with each engine before it is a tab. */
  prepare: (engine: Engine) => Promise<void> = () => Promise.resolve();
  readonly #shape: StationShape;
  readonly #scheduler: SeededScheduler;
  readonly #faults: Faults;
  readonly #random: Prng;
  readonly #living = new Map<SimStore, { slot: number; tab: StationTab | undefined }>();
  readonly #hints: SimHints;
  readonly #lock = new SimLock();
  #born = 0;

  constructor(scheduler: SeededScheduler, faults: Faults, shape: StationShape) {
    this.name = shape.name;
    this.seed = shape.seed;
    this.skewMs = shape.skewMs;
    this.#shape = shape;
    this.#scheduler = scheduler;
    this.#faults = faults;
    this.#random = scheduler.random;
    this.#hints = new SimHints(scheduler);
    this.disk = new SimDisk(scheduler.random);
    this.tabs = Array.from({ length: shape.tabs }, () => undefined);
  }

  start(): void {
    for (let slot = 0; slot < this.#shape.tabs; slot += 1) this.#fill(slot, 0);
  }

  /** One that lives; undefined when none does just now. */
  tab(): StationTab | undefined {
    const living = this.tabs.filter((tab) => tab !== undefined);
    return living[this.#random.below(living.length)];
  }

  async anyTab(): Promise<StationTab> {
    for (;;) {
      const tab = this.tab();
      if (tab !== undefined) return tab;
      await this.#scheduler.wait(waitSite, 5);
    }
  }

  wallMs(): number {
    return Math.max(1, epochMs + this.#scheduler.nowMs + this.skewMs);
  }

  kill(store: SimStore): void {
    if (store.dead) return;
    this.kills += 1;
    this.#end(store);
  }

  /** All of its tabs at once: nothing is in memory any more. */
  killAll(): void {
    for (const store of [...this.#living.keys()]) this.kill(store);
  }

  /** Its disk is another one from now on, or empty; nobody has the old one open. */
  become(memory?: MemoryDisk): void {
    this.killAll();
    this.lives += 1;
    this.disk.replace(memory);
  }

  losePower(): void {
    this.powerLosses += 1;
    for (const store of [...this.#living.keys()]) this.#end(store);
    this.disk.losePower();
    this.lostPower();
  }

  #fill(slot: number, delayMs: number): void {
    this.tabs[slot] = undefined;
    const open = async (): Promise<void> => {
      await this.#scheduler.wait(waitSite, delayMs);
      const tab = await this.#open(slot);
      if (tab === undefined) return;
      await this.#prepare(tab);
      if (!tab.store.dead) this.tabs[slot] = tab;
    };
    open().catch(() => this.#fill(slot, 1 + this.#random.below(200)));
  }

  /** Again until it is done: what is damaged is made anew by the engine that is here. */
  async #prepare({ engine, store }: StationTab): Promise<void> {
    while (!store.dead) {
      try {
        await this.prepare(engine);
        return;
      } catch {
        await this.#scheduler.wait(waitSite, 1 + this.#random.below(200));
      }
    }
  }

  async #open(slot: number): Promise<StationTab | undefined> {
    this.#born += 1;
    const name = `${this.name}.${this.#born}`;
    const source = prng(this.#shape.seed * 1000 + this.#born);
    const life: { slot: number; tab: StationTab | undefined } = { slot, tab: undefined };
    const { hears } = this.#faults;
    const faults = { hears, at: (site: Site, inBurst: boolean) => this.#faultAt(site, inBurst) };
    const store: SimStore = new SimStore(this.disk.memory, this.#scheduler, name, faults, {
      written: (batch) => this.wrote(batch),
      kill: () => this.kill(store),
      hung: () => void this.#scheduler.wait(waitSite, patienceMs).then(() => this.kill(store)),
      powerLoss: () => this.losePower(),
    });
    this.#living.set(store, life);
    const site = siteOf(`${name} waits`);
    const timers: Scheduler = {
      delay: (ms, signal) => store.pause(site, ms, signal),
      breathe: () => store.pause(site, 0),
    };
    try {
      const engine = await openEngine({
        store,
        random: source,
        clock: { wallMs: () => this.wallMs(), monoMs: () => this.#scheduler.nowMs },
        scheduler: timers,
        checkpointBytes: 4000,
        cacheBytes: 400_000,
        scrub: false,
        operations: replicaOperations,
        lock: this.#lock.of(store),
        hint: this.#hints.of(store),
      });
      if (store.dead) return undefined;
      life.tab = { engine, store, timers, ends: new Set() };
      return life.tab;
    } catch (error) {
      // Where it was killed meanwhile its slot is filled already.
      if (store.dead) return undefined;
      this.#living.delete(store);
      store.end();
      this.#lock.release(store);
      throw error;
    }
  }

  #faultAt(site: Site, inBurst: boolean): RequestFault | undefined {
    if (!this.isFull || !site.startsWith('store.write') || this.#random.chance(0.2)) {
      return this.#faults.at(site, inBurst);
    }
    this.refused += 1;
    return 'full';
  }

  #end(store: SimStore): void {
    const life = this.#living.get(store);
    if (life === undefined) return;
    this.#living.delete(store);
    this.#hints.forget(store);
    store.end();
    for (const end of life.tab?.ends ?? []) end();
    this.#lock.release(store);
    this.#fill(life.slot, this.#random.below(300));
  }
}

/** How often it befell them. */
export function countOf(
  ledger: SyncLedger,
  hubs: readonly Station[],
  devices: readonly Station[],
): void {
  for (const hub of hubs) {
    ledger.fire('hub killed', hub.kills);
    ledger.fire('hub lost power', hub.powerLosses);
    ledger.fire('disk of the hub full', hub.refused);
  }
  for (const device of devices) {
    ledger.fire('device killed', device.kills);
    ledger.fire('device lost power', device.powerLosses);
    ledger.fire('disk of a device full', device.refused);
  }
}
