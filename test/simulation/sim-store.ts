/**
 * A store as one engine of a simulation sees it: every request waits for the scheduler before and
 * after it takes effect; a killed engine's requests never come back; outcomes may be unknown.
 */
import type { Space, Store, StoreRecord, WriteBatch, WriteResult } from '../../src/port/store.ts';
import type { ScanRange } from '../../src/port/store.ts';
import type { SeededScheduler } from './scheduler.ts';

export interface SimFaults {
  /** Share of writes whose outcome is reported as unknown. */
  readonly unknown: number;
  /** Share of writes refused for a full disk. */
  readonly full: number;
  /** Share of steps at which the engine stands still, for longer than a reservation lasts. */
  readonly frozen: number;
}

const frozenMs = 12_000;

export class SimStore implements Store {
  readonly exclusive = false;
  dead = false;
  readonly #inner: Store;
  readonly #scheduler: SeededScheduler;
  readonly #name: string;
  readonly #faults: SimFaults;
  readonly #written: (batch: WriteBatch) => void;

  constructor(
    inner: Store,
    scheduler: SeededScheduler,
    name: string,
    faults: SimFaults,
    written: (batch: WriteBatch) => void,
  ) {
    this.#inner = inner;
    this.#scheduler = scheduler;
    this.#name = name;
    this.#faults = faults;
    this.#written = written;
  }

  async get(space: Space, key: number): Promise<Uint8Array | undefined> {
    await this.#step('get');
    const value = await this.#inner.get(space, key);
    await this.#step('got');
    return value;
  }

  async scan(ranges: readonly ScanRange[]): Promise<readonly (readonly StoreRecord[])[]> {
    await this.#step('scan');
    const records = await this.#inner.scan(ranges);
    await this.#step('scanned');
    return records;
  }

  async write(batch: WriteBatch): Promise<WriteResult> {
    await this.#step('write');
    const { random } = this.#scheduler;
    if (random.chance(this.#faults.full)) return { kind: 'refused', why: 'full' };
    if (random.chance(this.#faults.unknown)) {
      if (random.chance(0.5)) await this.#carryOut(batch);
      await this.#step('unknown');
      return { kind: 'unknown' };
    }
    const result = await this.#carryOut(batch);
    await this.#step('written');
    return result;
  }

  async close(): Promise<void> {}

  async #carryOut(batch: WriteBatch): Promise<WriteResult> {
    const result = await this.#inner.write(batch);
    if (result.kind === 'done') this.#written(batch);
    return result;
  }

  async #step(site: string): Promise<void> {
    // A frozen tab goes on as if nothing had been, when others have long taken over.
    const frozen = this.#scheduler.random.chance(this.#faults.frozen);
    await this.#scheduler.wait(`${this.#name} ${site}`, frozen ? frozenMs : 0);
    if (this.dead) await new Promise(() => {});
  }
}
