/**
 * A store as one engine of a simulation sees it: every request waits for the scheduler before and
 * after it takes effect, and may meet a fault at its site. A killed engine's requests never come
 * back.
 */
import type {
  ScanRange,
  Space,
  Store,
  StoreRecord,
  WriteBatch,
  WriteResult,
} from '../../src/port/store.ts';
import { StoreFailure } from '../../src/port/store.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import { openMemory } from '../../src/storage/memory.ts';
import { bursting, type Faults, type RequestFault } from './faults.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import { noteMeta, type Site, siteOfGet, siteOfScan, siteOfWrite } from './sites.ts';

/** Longer than a reservation lasts. */
const frozenMs = 12_000;
const burstLength = 3;

export interface StoreEvents {
  /** Right before these are read. */
  scanned?(ranges: readonly ScanRange[]): void;
  /** A write was carried out. */
  written(batch: WriteBatch): void;
  kill(): void;
  /** A request will never be answered. */
  hung(): void;
  powerLoss(): void;
}

export class SimStore implements Store {
  readonly exclusive = false;
  #dead = false;
  /** Of pauses that a signal may end. */
  readonly #listening = new Set<() => void>();
  /** Simulated time before which nothing of this tab goes on. */
  frozenUntilMs = 0;
  readonly #disk: MemoryDisk;
  readonly #inner: Store;
  /** Requests that may still fail with the last that did. */
  #burst = 0;
  readonly #scheduler: SeededScheduler;
  readonly #faults: Pick<Faults, 'at' | 'hears'>;
  readonly #events: StoreEvents;
  readonly #before: number;
  readonly #after: number;

  constructor(
    disk: MemoryDisk,
    scheduler: SeededScheduler,
    name: string,
    faults: Pick<Faults, 'at' | 'hears'>,
    events: StoreEvents,
  ) {
    this.#disk = disk;
    this.#inner = openMemory(disk);
    this.#scheduler = scheduler;
    this.#faults = faults;
    this.#events = events;
    this.#before = siteOf(`${name} asks`);
    this.#after = siteOf(`${name} is answered`);
  }

  /** Nothing of its tab goes on any more. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Node keeps a signal of several for as long as anybody listens to it, and a world with it. */
  end(): void {
    this.#dead = true;
    for (const forget of this.#listening) forget();
    this.#listening.clear();
  }

  /** The store was cleared: an adapter that finds another in its place answers so. */
  gone = false;

  get(space: Space, key: number): Promise<Uint8Array | undefined> {
    return this.#read(
      siteOfGet(space, key),
      () => {
        noteMeta(this.#disk);
        return this.#inner.get(space, key);
      },
      (value, flip) => {
        if (value !== undefined) flip(value);
      },
    );
  }

  scan(ranges: readonly ScanRange[]): Promise<readonly (readonly StoreRecord[])[]> {
    return this.#read(
      siteOfScan(ranges),
      () => {
        this.#events.scanned?.(ranges);
        return this.#inner.scan(ranges);
      },
      (results, flip) => {
        const records = results.flat();
        if (records.length === 0) return;
        flip((records[this.#scheduler.random.below(records.length)] as StoreRecord).value);
      },
    );
  }

  async write(batch: WriteBatch): Promise<WriteResult> {
    await this.#step(this.#before);
    const fault = this.#fault(this.#siteOf(batch));
    if (fault === undefined && !this.gone) {
      const result = await this.#carryOut(batch);
      await this.#step(this.#after);
      return result;
    }
    if (fault === 'full') return { kind: 'refused', why: 'full' };
    if (fault !== undefined) await this.#begin(fault);
    if (this.gone) return { kind: 'refused', why: 'gone' };
    const skipped = fault === 'lost' || fault === 'hang';
    const result = skipped ? undefined : await this.#carryOut(batch);
    if (fault !== undefined) await this.#end(fault);
    await this.#step(this.#after);
    if (fault === 'lost' || fault === 'lost-after') return { kind: 'unknown' };
    return result as WriteResult;
  }

  /** A pause of the tab's own, ended early by `signal`: a dead tab's never ends. */
  pause(site: number, delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal === undefined) return this.#pause(site, delayMs);
    return this.#pauseUntil(site, delayMs, signal);
  }

  #pauseUntil(site: number, delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const aborted = (): void => void this.#pause(site, 0).then(resolve);
      const forget = (): void => signal.removeEventListener('abort', aborted);
      void this.#pause(site, signal.aborted ? 0 : delayMs).then(() => {
        // A world of days has very many pauses of one signal.
        forget();
        this.#listening.delete(forget);
        resolve();
      });
      if (this.#dead) return;
      signal.addEventListener('abort', aborted);
      this.#listening.add(forget);
    });
  }

  #pause(site: number, delayMs: number): Promise<void> {
    const waitMs = Math.max(delayMs, this.frozenUntilMs - this.#scheduler.nowMs);
    return new Promise((resolve) => {
      this.#scheduler.at(site, waitMs, () => {
        if (!this.#dead) resolve();
      });
    });
  }

  async close(): Promise<void> {
    this.end();
  }

  async #read<T>(
    site: Site,
    read: () => Promise<T>,
    damage: (value: T, flip: (bytes: Uint8Array) => void) => void,
  ): Promise<T> {
    await this.#step(this.#before);
    const fault = this.#fault(site);
    if (fault === 'lost') throw new StoreFailure('lost', 'a simulated connection was lost');
    if (fault !== undefined) await this.#begin(fault);
    if (this.gone) throw new StoreFailure('gone', 'the store was cleared');
    const value = await read();
    if (fault === 'hang') await this.#end(fault);
    if (fault === 'flip') damage(value, (bytes) => flipBit(bytes, this.#scheduler.random));
    await this.#step(this.#after);
    return value;
  }

  #siteOf(batch: WriteBatch): Site {
    try {
      return siteOfWrite(batch, this.#disk);
    } catch (error) {
      this.#faults.hears?.violate(String(error));
      throw error;
    }
  }

  #fault(site: Site): RequestFault | undefined {
    const fault = this.#faults.at(site, this.#burst > 0);
    this.#burst = fault !== undefined && bursting.has(fault) ? burstLength : this.#burst - 1;
    return fault;
  }

  /** What happens before a request is carried out. */
  async #begin(fault: RequestFault): Promise<void> {
    if (fault === 'kill') this.#events.kill();
    if (fault === 'power') this.#events.powerLoss();
    if (this.dead) await never();
    if (fault === 'freeze') this.frozenUntilMs = this.#scheduler.nowMs + frozenMs;
    if (fault === 'slow') await this.#scheduler.wait(this.#before, frozenMs);
    if (fault === 'freeze') await this.#step(this.#before);
    if (this.dead) await never();
  }

  /** What happens after it. */
  async #end(fault: RequestFault): Promise<void> {
    if (fault === 'kill-after') this.#events.kill();
    if (fault === 'power-after') this.#events.powerLoss();
    if (this.dead) await never();
    if (fault !== 'hang' && fault !== 'hang-after') return;
    this.#events.hung();
    await never();
  }

  async #carryOut(batch: WriteBatch): Promise<WriteResult> {
    const result = await this.#inner.write(batch);
    if (result.kind === 'done') this.#events.written(batch);
    return result;
  }

  #step(site: number): Promise<void> {
    return this.#pause(site, 0);
  }
}

/** Turns one bit over. */
export function flipBit(bytes: Uint8Array, random: { below(bound: number): number }): void {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
}

function never(): Promise<never> {
  return new Promise(() => {});
}
