/**
 * What befalls a disk as a whole in a simulated world: the hub is copied back from a backup, or
 * another one takes its place; a device's store is evicted, or its profile copied over another's; a
 * device is told of another hub. Once in a world, in worlds of their own.
 *
 * What must hold of them all: each write that a hub had taken is shown, or an ancestor of what is,
 * or in quarantine, or somebody was told of it (sync-ancestry.ts).
 */
import type { Entry } from '../../src/replica/entry.ts';
import { decodeVersion } from '../../src/replica/version.ts';
import { hexOf } from '../../src/base/bytes.ts';
import { entriesOf, type Stored } from '../support/replica.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import { Ancestry, nameOf } from './sync-ancestry.ts';
import type { SyncLedger } from './sync-ledger.ts';
import type { Station } from './sync-station.ts';

export type Fate = 'none' | 'restored' | 'another' | 'evicted' | 'cloned' | 'moved';

export const fateFaults: readonly string[] = [
  'hub restored',
  'another hub',
  'device evicted',
  'device cloned',
  'device moved',
  'row offered',
];

const fateSite = siteOf('fate');

/** Of every sixth world, and of every twelfth that has several hubs. */
export function fateOf(seed: number): Fate {
  if (seed % 12 === 8) return 'moved';
  const fates = ['restored', 'evicted', 'cloned', 'another'] as const;
  return seed % 6 === 4 ? (fates[((seed - 4) / 6) % fates.length] ?? 'none') : 'none';
}

export interface Befallen {
  readonly hubs: readonly Station[];
  readonly devices: readonly Station[];
  /** False when all is to go well from now on. */
  isActive(): boolean;
  stored(station: Station): Promise<Stored>;
  /** All that this device had acknowledged and not sent is gone with its disk. */
  excuse(device: Station): void;
}

export class Fates {
  readonly fate: Fate;
  readonly #scheduler: SeededScheduler;
  readonly #ledger: SyncLedger;
  readonly #told = new Set<string>();
  /** Times of versions that lost: a deletion has no mark. */
  readonly #toldAt = new Set<number>();

  constructor(fate: Fate, scheduler: SeededScheduler, ledger: SyncLedger) {
    this.fate = fate;
    this.#scheduler = scheduler;
    this.#ledger = ledger;
    // Of two hubs each logs what its own devices have not seen.
    if (fate !== 'none' && fate !== 'moved') ledger.ancestry = new Ancestry();
  }

  /** Whether what a hub decides it may have decided before. */
  get isOfHub(): boolean {
    return this.fate === 'restored' || this.fate === 'another' || this.fate === 'moved';
  }

  async befall(world: Befallen): Promise<void> {
    if (this.fate === 'none') return;
    const { random } = this.#scheduler;
    const wait = (mostMs: number): Promise<void> =>
      this.#scheduler.wait(fateSite, 500 + random.below(mostMs));
    await wait(6000);
    if (!world.isActive()) return;
    const [hub] = world.hubs;
    if (this.isOfHub && hub !== undefined) {
      const copy = this.fate === 'restored' ? hub.disk.copy() : undefined;
      await wait(8000);
      if (!world.isActive()) return;
      if (this.fate === 'moved') this.#move(world);
      else await this.#setBack(world, hub, copy);
      return;
    }
    const [one, other] = world.devices;
    if (one === undefined || other === undefined) return;
    this.#ledger.fire(`device ${this.fate}`);
    this.#ledger.isCloned = this.fate === 'cloned';
    world.excuse(one);
    one.isNew = true;
    one.become(this.fate === 'cloned' ? other.disk.copy() : undefined);
  }

  async #setBack(
    world: Befallen,
    hub: Station,
    copy: Parameters<Station['become']>[0],
  ): Promise<void> {
    await this.#hear(world);
    this.#ledger.fire(copy === undefined ? 'another hub' : 'hub restored');
    this.#ledger.isSetBack = true;
    hub.become(copy);
  }

  /** Its program is given another address. */
  #move({ hubs, devices }: Befallen): void {
    const [device] = devices.filter(({ home }) => home !== undefined);
    if (device === undefined) return;
    this.#ledger.fire('device moved');
    this.#ledger.isSetBack = true;
    device.home = hubs.length > 2 ? hubs.find((one) => one !== device.home) : undefined;
    device.killAll();
  }

  /** The log of conflicts goes with the hub: who was told was told. */
  async #hear({ hubs, stored }: Befallen): Promise<void> {
    for (const hub of hubs) {
      for (const { lost, lostAt } of (await stored(hub)).conflicts()) {
        this.#toldAt.add(Number(lostAt));
        const { w } = (lost ?? {}) as { readonly w?: unknown };
        if (typeof w === 'string') this.#told.add(w);
      }
    }
  }

  /** An entry in quarantine: others may have been made on it. */
  withdrawn(entry: Entry): void {
    const nothing = { items: [], held: undefined, isLate: false };
    this.#ledger.ancestry?.note(entry, entry.stamp, false, nothing);
  }

  async judge(world: Befallen, hub: Stored, quarantined: ReadonlySet<string>): Promise<void> {
    const { ancestry, acked, outcomes } = this.#ledger;
    if (ancestry === undefined) return;
    await this.#hear(world);
    const { replica } = hub.table;
    const shown = entriesOf(hub.reader, replica?.versions ?? 0).map(([key, value]) =>
      nameOf(`${replica?.global} ${hexOf(key)}`, decodeVersion(value).stamp),
    );
    const kept = new Set([...quarantined, ...this.#told]);
    const explained = ancestry.explained([...shown, ...ancestry.namesOf(kept, this.#toldAt)]);
    for (const [w, { excused, device }] of acked) {
      const isTaken = outcomes.get(w) === 'applied' || outcomes.get(w) === 'superseded';
      if (!isTaken || excused || explained.has(w) || kept.has(w)) continue;
      this.#ledger.violate(`${w} of ${device} was taken, and nothing has come of it`);
    }
  }
}
